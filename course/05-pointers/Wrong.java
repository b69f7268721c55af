import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What becomes of a pointer without its bounds:
 *
 * <ul>
 *   <li>{@code no-size}: IndexOutOfBoundsException
 *   <li>{@code believed-size}: the JVM ends with 134, or a store goes into whatever is there
 *   <li>{@code after-detach}: the JVM ends with 134
 * </ul>
 */
@SuppressWarnings("restricted")
public class Wrong {

    public static void main(String[] arguments) {
        int id = Calls.shmget(Calls.IPC_PRIVATE, 1000, 0600);
        MemorySegment raw = Calls.shmat(id, MemorySegment.NULL, 0);
        Calls.remove(id); // It stays for as long as it is attached.
        switch (arguments.length == 0 ? "" : arguments[0]) {
            case "no-size" -> noSize(raw);
            case "believed-size" -> believedSize(raw);
            case "after-detach" -> afterDetach(raw);
            default -> System.out.println("say which: no-size, believed-size or after-detach");
        }
    }

    // region no-size
    static void noSize(MemorySegment raw) {
        raw.set(ValueLayout.JAVA_INT, 0, 1);
    }
    // endregion

    // region believed-size
    static void believedSize(MemorySegment raw) {
        MemorySegment bytes = raw.reinterpret(100L << 40); // It has 1000 bytes, and this says 100 TiB.
        bytes.set(ValueLayout.JAVA_INT, 99L << 40, 1);
    }
    // endregion

    // region after-detach
    static void afterDetach(MemorySegment raw) {
        MemorySegment bytes = raw.reinterpret(1000, Arena.global(), null); // For ever, it says.
        Calls.shmdt(raw);
        bytes.get(ValueLayout.JAVA_INT, 0);
    }
    // endregion
}
