import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/*
 * Hint 1: Keep a number in front of the record, at offset 0. It is odd while somebody writes. A reader looks at it before and
 * after it reads, and believes what it has read only if both looks found the same even number.
 * Hint 2: write: number = odd; VarHandle.releaseFence(); the fields, each with setOpaque; setRelease(number + 1). tryRead:
 * getAcquire of the number; the fields, each with getOpaque; VarHandle.acquireFence(); getOpaque of the number.
 */
class Check {

    static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
    static final long STOP = 512;
    static final long WRITTEN = 520;
    static final int CHANGES = 100_000;
    static final long MOST_TRIES = 100_000_000;

    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 1) {
            try (Arena arena = Arena.ofConfined()) {
                writeOn(Calls.attach(Integer.parseInt(arguments[0]), 0, arena));
            }
            return;
        }
        int id = Calls.shmget(Calls.IPC_PRIVATE, 1000, 0600);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = Calls.attach(id, 0, arena);
            Process writer = Peer.start(Check.class, id);
            while ((long) LONG.getVolatile(block, WRITTEN) == 0 && writer.isAlive()) {
                Thread.yield();
            }
            String failure = writer.isAlive() ? read(block) : "write has ended with an exception";
            LONG.setVolatile(block, STOP, 1L);
            writer.waitFor();
            Judge.that(failure == null, failure);
        }
        Judge.passed("no record was half old and half new");
    }

    static void writeOn(MemorySegment block) {
        long[] record = new long[Exercise.FIELDS];
        for (long i = 1; (long) LONG.getVolatile(block, STOP) == 0; i++) {
            java.util.Arrays.fill(record, i);
            Exercise.write(block, record);
            LONG.setVolatile(block, WRITTEN, 1L);
            for (int pause = 0; pause < 2; pause++) {
                Thread.onSpinWait();
            }
        }
    }

    static String read(MemorySegment block) {
        long[] record = new long[Exercise.FIELDS];
        long latest = 0;
        long changes = 0;
        long good = 0;
        for (long tries = 0; changes < CHANGES && tries < MOST_TRIES; tries++) {
            if (Exercise.tryRead(block, record)) {
                good++;
                for (int i = 1; i < record.length; i++) {
                    if (record[i] != record[0]) {
                        return "a torn record: field 0 is of write %d, and field %d of write %d"
                                .formatted(record[0], i, record[i]);
                    }
                }
                if (record[0] < latest) {
                    return "a record is older than the one read before it";
                }
                changes += record[0] == latest ? 0 : 1;
                latest = record[0];
            }
        }
        if (good == 0) {
            return "tryRead never returns true: is the number even after each write?";
        }
        return latest > 0 ? null : "each record that tryRead has read is full of zeros: does write store it?";
    }
}
