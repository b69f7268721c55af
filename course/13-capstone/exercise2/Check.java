import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/*
 * Hint 1: Only the producer stores TAIL, and only the consumer stores HEAD. Both only ever grow. The slot of number n is
 * n % SLOTS. The ring is full if TAIL - HEAD is SLOTS, and empty if it is 0.
 * Hint 2: offer: load TAIL plainly and HEAD with acquire; write the length and the bytes; then TAIL + 1 with setRelease. poll:
 * load HEAD plainly and TAIL with acquire; read; then HEAD + 1 with setRelease, which gives the slot back.
 */
class Check {

    static final int MESSAGES = 100_000;

    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 1) {
            try (Arena arena = Arena.ofConfined()) {
                produce(new Exercise.Ring(Calls.attach(Integer.parseInt(arguments[0]), 0, arena)));
            }
            return;
        }
        int id = Calls.shmget(Calls.IPC_PRIVATE, Exercise.Ring.SIZE, 0600);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = Calls.attach(id, 0, arena);
            alone(new Exercise.Ring(block));
            block.fill((byte) 0);
            together(new Exercise.Ring(block), Peer.start(Check.class, id));
        }
        Judge.passed("100,000 messages have come from another process, each once, whole and in order");
    }

    static void alone(Exercise.Ring ring) {
        Judge.that(ring.poll() == null, "an empty ring has a message");
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < Exercise.Ring.SLOTS; i++) {
                Judge.that(ring.offer(message(i)), "a ring with " + i + " of 16 messages in it takes no more");
            }
            Judge.that(!ring.offer(message(0)), "a full ring takes a message: which one is lost?");
            for (int i = 0; i < Exercise.Ring.SLOTS; i++) {
                Judge.that(isMessage(i, ring.poll()), "message " + i + " of round " + round + " is not what was put in");
            }
            Judge.that(ring.poll() == null, "a ring that was emptied has a message");
        }
        Judge.that(ring.offer(new byte[Exercise.Ring.LONGEST]) && ring.poll().length == Exercise.Ring.LONGEST,
                "a message that just fits into a slot does not come through");
        Judge.that(ring.offer(new byte[0]) && ring.poll().length == 0, "a message of no bytes does not come through");
        try {
            ring.offer(new byte[Exercise.Ring.LONGEST + 1]);
            Judge.notYet("a message that is longer than a slot was taken");
        } catch (IllegalArgumentException asItShould) {
            Judge.that(ring.poll() == null, "a message was refused, and is in the ring all the same");
        }
    }

    static void together(Exercise.Ring ring, Process producer) throws InterruptedException {
        for (int i = 0; i < MESSAGES; i++) {
            byte[] message = ring.poll();
            while (message == null) {
                Judge.that(producer.isAlive() || (message = ring.poll()) != null, "message " + i + " never came");
                Thread.yield();
                message = message == null ? ring.poll() : message;
            }
            Judge.that(isMessage(i, message), "message " + i + " is torn, or another one: is TAIL stored last, with release?");
        }
        producer.waitFor();
    }

    static void produce(Exercise.Ring ring) {
        for (int i = 0; i < MESSAGES; i++) {
            while (!ring.offer(message(i))) {
                Thread.yield();
            }
        }
    }

    /** A message that tells its number, in a length that depends on it. */
    static byte[] message(int number) {
        MemorySegment message = MemorySegment.ofArray(new byte[4 + number % 50]);
        message.fill((byte) number);
        message.set(ValueLayout.JAVA_INT_UNALIGNED, 0, number);
        return message.toArray(ValueLayout.JAVA_BYTE);
    }

    static boolean isMessage(int number, byte[] message) {
        return java.util.Arrays.equals(message(number), message);
    }
}
