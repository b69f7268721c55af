import io.github.shm4j.internal.sysv.SysVShm;
import java.lang.foreign.MemorySegment;

/**
 * What generated code does not do for you. Neither is an exception:
 *
 * <ul>
 *   <li>{@code errno}: -1, and nobody knows why
 *   <li>{@code pointer}: an address that is none
 * </ul>
 */
public class Wrong {

    public static void main(String[] arguments) {
        switch (arguments.length == 0 ? "" : arguments[0]) {
            case "errno" -> errno();
            case "pointer" -> pointer();
            default -> System.out.println("say which: errno or pointer");
        }
    }

    // region errno
    static void errno() {
        int id = SysVShm.shmget((int) System.nanoTime(), 1000, 0);
        System.out.println("shmget returns " + id + ", and there is nothing more to ask");
    }
    // endregion

    // region pointer
    static void pointer() {
        MemorySegment mapped = SysVShm.shmat(-1, MemorySegment.NULL, 0);
        System.out.println("mapped at 0x%x".formatted(mapped.address()));
    }
    // endregion
}
