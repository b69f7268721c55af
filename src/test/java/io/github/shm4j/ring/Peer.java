package io.github.shm4j.ring;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.WaitStrategy;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.CRC32C;

/** What the processes do that the tests of rings start: each is one end of a ring in a block whose id it is told. */
final class Peer {

    /** A message begins with the number of its producer, its sequence number and the checksum of all that follows. */
    private static final int PRODUCER = 0;

    private static final int SEQUENCE = 8;
    private static final int CHECKSUM = 16;
    private static final int LEAST = 24;

    /** In rings of 1 MiB, long messages are such as the C library copies. */
    private static final int MOST = 40_000;

    /** Of so many messages, the last ones all are long: what a consumer of a large ring does not clear. */
    private static final int STRETCH = 1000;

    private static final int LONG_ONES = 100;
    private static final Duration PAUSE = Duration.ofMillis(1);

    private Peer() {}

    public static void main(String[] arguments) throws Exception {
        int id = Integer.parseInt(arguments[1]);
        if (arguments[arguments.length - 1].equals("told")) {
            System.in.read();
        }
        MemorySegment memory = SharedMemory.ofId(id).attach(AttachMode.READ_WRITE, Arena.global());
        switch (arguments[0]) {
            case "produce" -> {
                long producer = Long.parseLong(arguments[3]);
                MemorySegment notes = notes(block(arguments[2]), producer);
                produce(memory, notes, producer, Long.parseLong(arguments[4]), () -> System.out.println("ready"));
                if (arguments[arguments.length - 1].equals("stay")) {
                    System.in.read();
                }
            }
            case "consume" -> consume(RingUser.open(memory), block(arguments[2]));
            case "claim" -> {
                Claim claim = claim(RingUser.open(memory), arguments[2]);
                System.in.read();
                claim.segment().copyFrom(Rings.message(arguments[2]));
                claim.commit();
                System.out.println("committed");
                System.in.read();
            }
            case "abandon" -> {
                claim(RingUser.open(memory), arguments[2]);
                sleep();
            }
            case "hold" -> hold(RingUser.open(memory));
            case "create" -> {
                System.out.println("ready");
                Rings.MPSC.create(memory, Long.parseLong(arguments[2]));
            }
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static MemorySegment block(String id) throws Exception {
        return SharedMemory.ofId(Integer.parseInt(id)).attach(AttachMode.READ_WRITE, Arena.global());
    }

    /** Where a producer notes how many of its messages can have been delivered at most, and at least. */
    static MemorySegment notes(MemorySegment all, long producer) {
        return all.asSlice(16 * producer, 16);
    }

    static long intended(MemorySegment all, long producer) {
        return (long) RingLayout.LONG.getAcquire(all, 16 * producer);
    }

    static long done(MemorySegment all, long producer) {
        return (long) RingLayout.LONG.getAcquire(all, 16 * producer + 8);
    }

    /** Writes messages with ascending numbers, in every way there is, until there are enough or for ever. */
    static void produce(MemorySegment memory, MemorySegment notes, long producer, long count, Runnable atTen) {
        RingUser ring = RingUser.open(memory);
        SplittableRandom random = new SplittableRandom(producer);
        MemorySegment message = Arena.global().allocate(ring.maxMessageLength(), 8);
        Claim claim = new Claim();
        CRC32C checksum = new CRC32C();
        SpscProducer.Batch batch = null;
        for (long sequence = 0; sequence < count; sequence++) {
            if (ring.isSpsc() && random.nextInt(8) == 0) {
                if (batch == null) {
                    batch = ring.beginBatch();
                } else {
                    batch.close();
                    batch = null;
                    RingLayout.LONG.setRelease(notes, 8, sequence);
                }
            }
            // Mostly short ones, or the few long ones would be all that is seen of a stream.
            boolean longOnes = random.nextInt(20) == 0 || sequence % STRETCH >= STRETCH - LONG_ONES;
            int most = Math.min(ring.maxMessageLength(), longOnes ? MOST : 600);
            int length = LEAST + random.nextInt(most - LEAST);
            if (batch == null && random.nextInt(4) == 0) {
                length = exactLength(memory, ring, length);
            }
            // In a batch that may happen as soon as there is no room, and later.
            RingLayout.LONG.setRelease(notes, 0, sequence + 1);
            switch (random.nextInt(4)) {
                case 0 -> {
                    while (!ring.tryClaim(1, length, claim)) {
                        awaitRoom(ring, length);
                    }
                    fill(claim.segment(), producer, sequence, checksum);
                    claim.commit();
                }
                case 1 -> {
                    if (ring.tryClaim(1, length, claim)) {
                        claim.segment().fill((byte) 0x66);
                        claim.abort();
                    }
                    sequence--;
                }
                default -> {
                    MemorySegment part = message.asSlice(0, length);
                    fill(part, producer, sequence, checksum);
                    while (!ring.write(1, part)) {
                        awaitRoom(ring, length);
                    }
                }
            }
            if (batch == null) {
                RingLayout.LONG.setRelease(notes, 8, sequence + 1);
            }
            if (sequence == 10) {
                atTen.run();
            }
        }
        ring.close();
        RingLayout.LONG.setRelease(notes, 8, count);
    }

    /** Returns the length of a message that fills the ring exactly, or what lies in one piece of it, or else another length. */
    private static int exactLength(MemorySegment memory, RingUser ring, int otherwise) {
        long position = ring.producerPosition();
        long free = (long) RingLayout.LONG.getAcquire(memory, RingLayout.FREE_POSITION_OFFSET);
        long room = Math.min(free + ring.capacity() - position, ring.capacity() - position % ring.capacity());
        long length = room - RingLayout.RECORD_HEADER;
        return length < LEAST || length > ring.maxMessageLength() ? otherwise : (int) length;
    }

    private static void awaitRoom(RingUser ring, int length) {
        try {
            ring.awaitRoom(length, WaitStrategy.BLOCKING, PAUSE);
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    private static void fill(MemorySegment message, long producer, long sequence, CRC32C checksum) {
        message.set(ValueLayout.JAVA_LONG, PRODUCER, producer);
        message.set(ValueLayout.JAVA_LONG, SEQUENCE, sequence);
        for (long i = LEAST; i < message.byteSize(); i++) {
            message.set(ValueLayout.JAVA_BYTE, i, (byte) (i + sequence));
        }
        message.set(ValueLayout.JAVA_LONG, CHECKSUM, checksum(message, checksum));
    }

    private static long checksum(MemorySegment message, CRC32C checksum) {
        checksum.reset();
        checksum.update(message.asSlice(0, CHECKSUM).asByteBuffer());
        checksum.update(message.asSlice(LEAST).asByteBuffer());
        return message.byteSize() << 32 | checksum.getValue();
    }

    /** Notes the last message of each producer, and throws at the first one that is torn, doubled or out of order. */
    static final class Journal implements MessageHandler {

        private final MemorySegment last;
        private final CRC32C checksum = new CRC32C();

        /** Whether the next message is the first one after a consumer was killed, which may come once more. */
        private boolean first = true;

        volatile long messages;
        volatile long again;

        /**
         * Makes a journal.
         *
         * @param last one long for each producer: the number of its last message and 1; survives the consumer
         */
        Journal(MemorySegment last) {
            this.last = last;
        }

        @Override
        public void onMessage(int type, MemorySegment memory, long offset, int length) {
            MemorySegment message = memory.asSlice(offset, length);
            if (length < LEAST || message.get(ValueLayout.JAVA_LONG, CHECKSUM) != checksum(message, checksum)) {
                throw new AssertionError("torn: " + type + ", " + length + " bytes at " + offset);
            }
            long producer = message.get(ValueLayout.JAVA_LONG, PRODUCER);
            long sequence = message.get(ValueLayout.JAVA_LONG, SEQUENCE);
            long expected = last.getAtIndex(ValueLayout.JAVA_LONG, producer);
            if (sequence == expected - 1 && first) {
                again++;
            } else if (sequence != expected) {
                throw new AssertionError("producer " + producer + ": " + sequence + " instead of " + expected);
            }
            first = false;
            last.setAtIndex(ValueLayout.JAVA_LONG, producer, sequence + 1);
            messages++;
        }

        long count(long producer) {
            return last.getAtIndex(ValueLayout.JAVA_LONG, producer);
        }
    }

    /** Reads for ever. */
    private static void consume(RingUser ring, MemorySegment last) throws InterruptedException {
        Journal journal = new Journal(last);
        SplittableRandom random = new SplittableRandom();
        if (random.nextBoolean()) {
            ring.clearAsInLargeRings();
        }
        boolean ready = false;
        while (true) {
            int count = switch (random.nextInt(3)) {
                case 0 -> ring.read(journal, 1 + random.nextInt(20));
                case 1 -> ring.controlledRead((type, memory, offset, length) -> {
                    ControlledMessageHandler.Action[] actions = ControlledMessageHandler.Action.values();
                    ControlledMessageHandler.Action action = actions[random.nextInt(actions.length)];
                    if (action != ControlledMessageHandler.Action.ABORT) {
                        journal.onMessage(type, memory, offset, length);
                    }
                    return action;
                }, 10);
                default -> {
                    int peeked = ring.peek(journal, 1);
                    if (peeked == 1) {
                        ring.release();
                    }
                    yield peeked;
                }
            };
            if (count == 0) {
                ring.awaitMessage(WaitStrategy.BLOCKING, PAUSE);
            }
            if (!ready && journal.messages > 100) {
                ready = true;
                System.out.println("ready " + journal.again);
            }
        }
    }

    private static Claim claim(RingUser ring, String text) {
        Claim claim = new Claim();
        if (!ring.tryClaim(Rings.TYPE, text.length(), claim)) {
            throw new AssertionError("no room");
        }
        System.out.println("claimed");
        return claim;
    }

    private static void sleep() {
        while (true) {
            LockSupport.park();
        }
    }

    /** Reads one message and never comes back from its handler. */
    private static void hold(RingUser ring) {
        while (true) {
            ring.read((type, memory, offset, length) -> {
                System.out.println("handling " + Rings.text(memory, offset, length));
                sleep();
            }, 1);
        }
    }
}
