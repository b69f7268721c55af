import io.github.shm4j.internal.sysv.SysVShm;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

@SuppressWarnings("restricted")
class Exercise {

    /** Calls {@code shmget} so that it fails, and returns the errno. */
    static int errnoOfShmget(int key, long size) throws Throwable {
        // TODO Take address and descriptor from the generated class, and link them as it does not.
        MethodHandle shmget = Linker.nativeLinker().downcallHandle(SysVShm.shmget$address(), SysVShm.shmget$descriptor(),
                Linker.Option.captureCallState("errno"));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment captured = arena.allocate(Linker.Option.captureStateLayout());
            int id = (int) shmget.invokeExact(captured, key, size, 0);
            return captured.get(ValueLayout.JAVA_INT, 0);
        }
        // END TODO
    }
}
