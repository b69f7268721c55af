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
        MemorySegment.copy(record, 0, block, ValueLayout.JAVA_LONG, RECORD, FIELDS);
        // END TODO
    }

    /** Reads the record; returns false if it may be half old and half new. */
    static boolean tryRead(MemorySegment block, long[] record) {
        // TODO Return false if you came at a bad time.
        MemorySegment.copy(block, ValueLayout.JAVA_LONG, RECORD, record, 0, FIELDS);
        return true;
        // END TODO
    }
}
