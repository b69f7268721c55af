import java.io.File;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Two ways to another errno than the call's. Neither ends in an exception:
 *
 * <ul>
 *   <li>{@code too-late}: 20, and not 2, as the JVM makes a call of its own before errno is read
 *   <li>{@code one-buffer}: sometimes the other thread's, if two run at the same time
 * </ul>
 */
@SuppressWarnings("restricted")
public class Wrong {

    static final FunctionDescriptor SHMGET = FunctionDescriptor.of(
            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT);

    public static void main(String[] arguments) throws Throwable {
        switch (arguments.length == 0 ? "" : arguments[0]) {
            case "too-late" -> tooLate();
            case "one-buffer" -> oneBuffer();
            default -> System.out.println("say which: too-late or one-buffer");
        }
    }

    static MethodHandle link(String function, FunctionDescriptor descriptor, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().find(function).orElseThrow(), descriptor, options);
    }

    // region too-late
    static void tooLate() throws Throwable {
        MethodHandle shmget = link("shmget", SHMGET);
        MethodHandle errnoLocation = link("__errno_location", FunctionDescriptor.of(ValueLayout.ADDRESS));
        int id = (int) shmget.invokeExact((int) System.nanoTime(), 0L, 0); // There is none: ENOENT, 2.
        boolean logging = new File("/proc/version/log").exists(); // A harmless line.
        MemorySegment errno = (MemorySegment) errnoLocation.invokeExact();
        System.out.println("errno is " + errno.reinterpret(4).get(ValueLayout.JAVA_INT, 0));
    }
    // endregion

    // region one-buffer
    static final MemorySegment CAPTURED = Arena.global().allocate(Linker.Option.captureStateLayout());
    static volatile long others;

    static void oneBuffer() throws Throwable {
        Thread absent = Thread.ofPlatform().daemon().start(() -> fail(0x7fffabcd, 0L, 2)); // ENOENT
        Thread bad = Thread.ofPlatform().daemon().start(() -> fail(0, 0L, 22)); // A size of 0: EINVAL
        absent.join();
        bad.join();
        System.out.println(others > 0 ? "some errors were the other thread's" : "this time, none was the other thread's");
    }

    static void fail(int key, long size, int expected) {
        MethodHandle shmget = link("shmget", SHMGET, Linker.Option.captureCallState("errno"));
        for (int i = 0; i < 1_000_000 && others == 0; i++) {
            try {
                int id = (int) shmget.invokeExact(CAPTURED, key, size, 0);
            } catch (Throwable impossible) {
                throw new AssertionError(impossible);
            }
            if (CAPTURED.get(ValueLayout.JAVA_INT, 0) != expected) {
                others = i + 1;
            }
        }
    }
    // endregion
}
