import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * From the address that shmat returns to a segment with three bounds.
 *
 * <p>It prints:
 *
 * <pre>
 * what comes back has 0 bytes
 * the kernel says that the block has 1000
 * in it is 'hello'
 * the arena is closed: detaching
 * </pre>
 */
@SuppressWarnings("restricted")
public class Demo {

    public static void main(String[] arguments) {
        int id = Calls.shmget(Calls.IPC_PRIVATE, 1000, 0600);
        try {
            // region raw
            MemorySegment raw = Calls.shmat(id, MemorySegment.NULL, 0);
            System.out.println("what comes back has " + raw.byteSize() + " bytes");
            // endregion

            // region status
            long size;
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment status = arena.allocate(Calls.STATUS_SIZE, 8);
                Calls.shmctl(id, Calls.IPC_STAT, status);
                size = status.get(ValueLayout.JAVA_LONG, Calls.STATUS_SEGSZ);
            }
            System.out.println("the kernel says that the block has " + size);
            // endregion

            // region reinterpret
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment bytes = raw.reinterpret(size, arena, Demo::detach);
                bytes.setString(0, "hello");
                System.out.println("in it is '" + bytes.getString(0) + "'");
            }
            // endregion
        } finally {
            Calls.remove(id);
        }
    }

    static void detach(MemorySegment mapped) {
        System.out.println("the arena is closed: detaching");
        Calls.shmdt(mapped);
    }
}
