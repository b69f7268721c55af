import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.Locale;

/*
 * Hint 1: Between the load and the store, the other process stores. The two have to be one operation.
 * Hint 2: A VarHandle of JAVA_LONG has getAndAdd(segment, offset, 1L). The offset is a long, and so is the 1.
 */
class Check {

    static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
    static final int ROUNDS = 100;
    static final int TIMES = 50_000;

    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 1) {
            try (Arena arena = Arena.ofConfined()) {
                count(Calls.attach(Integer.parseInt(arguments[0]), 0, arena));
            }
            return;
        }
        int id = Calls.shmget(Calls.IPC_PRIVATE, 1000, 0600);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = Calls.attach(id, 0, arena);
            Process other = Peer.start(Check.class, id);
            count(block);
            other.waitFor();
            long found = block.get(ValueLayout.JAVA_LONG, Exercise.COUNTER);
            long expected = 2L * ROUNDS * TIMES;
            Judge.that(found <= expected, String.format(Locale.ROOT,
                    "the counter is at %,d, and should be at %,d: each time it grew by more than 1", found, expected));
            Judge.that(found == expected, String.format(Locale.ROOT,
                    "the counter is at %,d, and should be at %,d: updates were lost", found, expected));
        }
        Judge.passed("two processes count, and nothing is lost");
    }

    static void count(MemorySegment block) {
        for (int round = 1; round <= ROUNDS; round++) {
            // Each round begins when both are there, so that they run at the same time.
            INT.getAndAdd(block, 512L, 1);
            while ((int) INT.getVolatile(block, 512L) < 2 * round) {
                Thread.yield();
            }
            Exercise.count(block, TIMES);
        }
    }
}
