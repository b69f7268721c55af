import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/** A record of eight longs, which one process writes again and again, and others read. */
class Exercise {

    static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
    static final int FIELDS = 8;
    static final long NUMBER = 0;
    static final long RECORD = 64;

    static void write(MemorySegment block, long[] record) {
        // TODO Let a reader see that it comes at a bad time.
        long odd = (long) LONG.getOpaque(block, NUMBER) | 1;
        LONG.setOpaque(block, NUMBER, odd);
        VarHandle.releaseFence();
        for (int i = 0; i < FIELDS; i++) {
            LONG.setOpaque(block, RECORD + i * Long.BYTES, record[i]);
        }
        LONG.setRelease(block, NUMBER, odd + 1);
        // END TODO
    }

    /** Reads the record; returns false if it may be half old and half new. */
    static boolean tryRead(MemorySegment block, long[] record) {
        // TODO Return false if you came at a bad time.
        long number = (long) LONG.getAcquire(block, NUMBER);
        for (int i = 0; i < FIELDS; i++) {
            record[i] = (long) LONG.getOpaque(block, RECORD + i * Long.BYTES);
        }
        VarHandle.acquireFence();
        return (number & 1) == 0 && number == (long) LONG.getOpaque(block, NUMBER);
        // END TODO
    }
}
