import java.io.File;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

@SuppressWarnings("restricted")
class Exercise {

    /** Where errno lies in what a call captures. */
    static final long ERRNO = Linker.Option.captureStateLayout().byteOffset(PathElement.groupElement("errno"));

    static final FunctionDescriptor SHMGET = FunctionDescriptor.of(
            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT);

    /** Looks for a block that is not there, logs that, and returns the errno. */
    static int errnoOfShmget(int key, long size) throws Throwable {
        Linker linker = Linker.nativeLinker();
        MemorySegment address = linker.defaultLookup().find("shmget").orElseThrow();
        // TODO Capture errno as a part of the call. Leave the line that logs where it is. The capture needs an arena.
        MethodHandle shmget = linker.downcallHandle(address, SHMGET);
        int id = (int) shmget.invokeExact(key, size, 0);
        log("shmget has returned " + id);
        return currentErrno();
        // END TODO
    }

    static void log(String message) {
        if (new File("/proc/version/log").exists()) {
            System.out.println(message);
        }
    }

    /** The errno of this thread as it is now. */
    static int currentErrno() throws Throwable {
        Linker linker = Linker.nativeLinker();
        MemorySegment address = linker.defaultLookup().find("__errno_location").orElseThrow();
        MethodHandle location = linker.downcallHandle(address, FunctionDescriptor.of(ValueLayout.ADDRESS));
        return ((MemorySegment) location.invokeExact()).reinterpret(4).get(ValueLayout.JAVA_INT, 0);
    }
}
