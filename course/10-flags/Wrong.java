import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Stores where only reading is allowed:
 *
 * <ul>
 *   <li>{@code segment}: IllegalArgumentException, as the segment is read-only
 *   <li>{@code mapping}: the JVM ends with 134, as only the mapping is
 * </ul>
 */
public class Wrong {

    public static void main(String[] arguments) {
        int id = Calls.shmget(Calls.IPC_PRIVATE, 1000, 0600);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mapped = Calls.attach(id, Calls.SHM_RDONLY, arena);
            Calls.remove(id);
            switch (arguments.length == 0 ? "" : arguments[0]) {
                case "segment" -> segment(mapped);
                case "mapping" -> mapping(mapped);
                default -> System.out.println("say which: segment or mapping");
            }
        }
    }

    // region segment
    static void segment(MemorySegment mapped) {
        mapped.asReadOnly().set(ValueLayout.JAVA_INT, 0, 1);
    }
    // endregion

    // region mapping
    static void mapping(MemorySegment mapped) {
        mapped.set(ValueLayout.JAVA_INT, 0, 1);
    }
    // endregion
}
