import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Two processes: one publishes a text and the other waits for it; then both count.
 *
 * <p>It prints:
 *
 * <pre>
 * the other process wrote 'complete'
 * both have counted to 2000000
 * </pre>
 */
public class Demo {

    // region handles
    static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
    static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

    static final long READY = 0; // An int: 1 if the text is complete.
    static final long COUNTER = 64; // A long.
    static final long TEXT = 128;
    // endregion

    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 1) {
            child(Integer.parseInt(arguments[0]));
            return;
        }
        int id = Calls.shmget(Calls.IPC_PRIVATE, 1000, 0600);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = Calls.attach(id, 0, arena);
            Process child = Peer.start(Demo.class, id);
            // region publish
            block.setString(TEXT, "complete"); // Plain stores.
            INT.setRelease(block, READY, 1); // No store above comes later.
            // endregion
            count(block);
            child.waitFor();
            System.out.println("both have counted to " + (long) LONG.getVolatile(block, COUNTER));
        } finally {
            Calls.remove(id);
        }
    }

    static void child(int id) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = Calls.attach(id, 0, arena);
            // region wait
            while ((int) INT.getAcquire(block, READY) == 0) { // No load below comes earlier.
                Thread.onSpinWait();
            }
            System.out.println("the other process wrote '" + block.getString(TEXT) + "'");
            // endregion
            count(block);
        }
    }

    // region count
    static void count(MemorySegment block) {
        for (int i = 0; i < 1_000_000; i++) {
            long before = (long) LONG.getAndAdd(block, COUNTER, 1L);
        }
    }
    // endregion
}
