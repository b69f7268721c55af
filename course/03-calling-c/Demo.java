import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Two C functions, called from Java.
 *
 * <p>It prints:
 *
 * <pre>
 * the process that you know: true
 * strlen counts bytes: 4
 * int has 4 bytes
 * long has 8 bytes
 * size_t has 8 bytes
 * void* has 8 bytes
 * </pre>
 */
@SuppressWarnings("restricted")
public class Demo {

    // region link
    static final Linker LINKER = Linker.nativeLinker();

    // pid_t getpid(void);
    static final MethodHandle getpid = LINKER.downcallHandle(
            LINKER.defaultLookup().find("getpid").orElseThrow(), FunctionDescriptor.of(ValueLayout.JAVA_INT));

    // size_t strlen(const char *s);
    static final MethodHandle strlen = LINKER.downcallHandle(
            LINKER.defaultLookup().find("strlen").orElseThrow(),
            FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS));
    // endregion

    public static void main(String[] arguments) throws Throwable {
        // region call
        int pid = (int) getpid.invokeExact();
        System.out.println("the process that you know: " + (pid == ProcessHandle.current().pid()));

        try (Arena arena = Arena.ofConfined()) {
            long length = (long) strlen.invokeExact(arena.allocateFrom("Zoë"));
            System.out.println("strlen counts bytes: " + length);
        }
        // endregion

        // region canonical
        for (String type : new String[] {"int", "long", "size_t", "void*"}) {
            System.out.println(type + " has " + LINKER.canonicalLayouts().get(type).byteSize() + " bytes");
        }
        // endregion
    }
}
