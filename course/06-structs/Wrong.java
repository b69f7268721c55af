import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * Two layouts that lack padding. The JVM finds out about one:
 *
 * <ul>
 *   <li>{@code four}: IllegalArgumentException, as a long would not be aligned
 *   <li>{@code eight}: no error, and every field behind it is wrong
 * </ul>
 */
public class Wrong {

    public static void main(String[] arguments) {
        switch (arguments.length == 0 ? "" : arguments[0]) {
            case "four" -> four();
            case "eight" -> eight();
            default -> System.out.println("say which: four or eight");
        }
    }

    // region four
    static void four() {
        MemoryLayout.structLayout(
                MemoryLayout.sequenceLayout(6, ValueLayout.JAVA_INT), // key, uid, gid, cuid, cgid, mode: 24 bytes
                ValueLayout.JAVA_SHORT.withName("__seq"),
                ValueLayout.JAVA_SHORT.withName("__pad2"), // up to here 28, and a long begins at a multiple of 8
                ValueLayout.JAVA_LONG.withName("reserved"));
    }
    // endregion

    // region eight
    static void eight() {
        StructLayout forgotten = MemoryLayout.structLayout(
                MemoryLayout.paddingLayout(40).withName("shm_perm"), // It has 48.
                ValueLayout.JAVA_LONG.withName("shm_segsz"),
                MemoryLayout.paddingLayout(64));
        int id = Calls.shmget(Calls.IPC_PRIVATE, 1000, 0600);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment status = arena.allocate(forgotten);
            Calls.shmctl(id, Calls.IPC_STAT, status);
            System.out.println("1000 bytes are there, and the struct says "
                    + status.get(ValueLayout.JAVA_LONG, forgotten.byteOffset(PathElement.groupElement("shm_segsz"))));
        } finally {
            Calls.remove(id);
        }
    }
    // endregion
}
