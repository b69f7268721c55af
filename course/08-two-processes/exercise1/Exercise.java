import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

class Exercise {

    static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
    static final long COUNTER = 0;

    /** Counts up while another process does the same. */
    static void count(MemorySegment block, int times) {
        for (int i = 0; i < times; i++) {
            // TODO The other process is between these two lines.
            long before = (long) LONG.getVolatile(block, COUNTER);
            LONG.setVolatile(block, COUNTER, before + 1);
            // END TODO
        }
    }
}
