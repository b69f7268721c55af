import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * A call that fails, and its errno.
 *
 * <p>It prints:
 *
 * <pre>
 * shmget returns -1
 * errno is 2, ENOENT: there is no such block
 * what is captured: [i4(errno)]
 * </pre>
 */
@SuppressWarnings("restricted")
public class Demo {

    // region link
    static final Linker LINKER = Linker.nativeLinker();

    // int shmget(key_t key, size_t size, int shmflg);
    static final MethodHandle shmget = LINKER.downcallHandle(
            LINKER.defaultLookup().find("shmget").orElseThrow(),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT),
            Linker.Option.captureCallState("errno"));
    // endregion

    // region layout
    static final StructLayout CAPTURED = Linker.Option.captureStateLayout();
    static final long ERRNO = CAPTURED.byteOffset(PathElement.groupElement("errno"));
    // endregion

    public static void main(String[] arguments) throws Throwable {
        // region call
        int key = (int) System.nanoTime(); // Nobody has a block with it.
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment captured = arena.allocate(CAPTURED);
            int id = (int) shmget.invokeExact(captured, key, 0L, 0);
            System.out.println("shmget returns " + id);
            if (id == -1) {
                int errno = captured.get(ValueLayout.JAVA_INT, ERRNO);
                System.out.println("errno is " + errno + (errno == 2 ? ", ENOENT: there is no such block" : ""));
            }
        }
        // endregion
        System.out.println("what is captured: " + CAPTURED);
    }
}
