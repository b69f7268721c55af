import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

@SuppressWarnings("restricted")
class Exercise {

    /** Calls {@code int shmget(key_t key, size_t size, int shmflg);} */
    static int shmget(int key, long size, int flags) throws Throwable {
        Linker linker = Linker.nativeLinker();
        MemorySegment address = linker.defaultLookup().find("shmget").orElseThrow();
        // TODO This works, as long as blocks are small.
        MethodHandle shmget = linker.downcallHandle(address, FunctionDescriptor.of(
                ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));
        return (int) shmget.invokeExact(key, size, flags);
        // END TODO
    }
}
