import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

@SuppressWarnings("restricted")
class Exercise {

    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    static final int SETVAL = 16;

    /** Calls {@code int semctl(int semid, int semnum, int cmd, ...);} to give a semaphore a value. */
    static int set(int semaphore, int value) throws Throwable {
        Linker linker = Linker.nativeLinker();
        MemorySegment address = linker.defaultLookup().find("semctl").orElseThrow();
        // TODO The value is not passed yet. And what does the linker have to know of the three dots?
        MethodHandle semctl = linker.downcallHandle(address, FunctionDescriptor.of(INT, INT, INT, INT, INT),
                Linker.Option.firstVariadicArg(3));
        return (int) semctl.invokeExact(semaphore, 0, SETVAL, value);
        // END TODO
    }
}
