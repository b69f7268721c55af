import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Types that are wrong. The JVM finds out about two, and nobody about the third:
 *
 * <ul>
 *   <li>{@code result}: WrongMethodTypeException
 *   <li>{@code argument}: WrongMethodTypeException
 *   <li>{@code size}: a block of 1 GiB, and no error
 * </ul>
 */
@SuppressWarnings("restricted")
public class Wrong {

    static final int SHM_NORESERVE = 010000; // Take no memory until it is used.
    static final long FIVE_GIB = 5L << 30;

    public static void main(String[] arguments) throws Throwable {
        switch (arguments.length == 0 ? "" : arguments[0]) {
            case "result" -> result();
            case "argument" -> argument();
            case "size" -> size();
            default -> System.out.println("say which: result, argument or size");
        }
    }

    static MethodHandle link(ValueLayout sizeT) {
        return Linker.nativeLinker().downcallHandle(
                Linker.nativeLinker().defaultLookup().find("shmget").orElseThrow(),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, sizeT, ValueLayout.JAVA_INT));
    }

    // region result
    static void result() throws Throwable {
        MethodHandle shmget = link(ValueLayout.JAVA_LONG);
        long id = (long) shmget.invokeExact(0, 1000L, 0600); // It returns an int.
    }
    // endregion

    // region argument
    static void argument() throws Throwable {
        MethodHandle shmget = link(ValueLayout.JAVA_LONG);
        int id = (int) shmget.invokeExact(0, 1000, 0600); // The second one is a long.
    }
    // endregion

    // region size
    static void size() throws Throwable {
        MethodHandle shmget = link(ValueLayout.JAVA_INT); // The prototype says size_t.
        int id = (int) shmget.invokeExact(0, (int) FIVE_GIB, 0600 | SHM_NORESERVE);
        for (String line : Files.readAllLines(Path.of("/proc/sysvipc/shm"))) {
            String[] columns = line.strip().split("\\s+");
            if (columns[1].equals(Integer.toString(id))) {
                System.out.println("asked for " + FIVE_GIB + " bytes, and got " + columns[3]);
            }
        }
    }
    // endregion
}
