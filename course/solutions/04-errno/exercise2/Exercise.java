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

    // void *shmat(int shmid, const void *shmaddr, int shmflg);
    static final MethodHandle shmat = Linker.nativeLinker().downcallHandle(
            Linker.nativeLinker().defaultLookup().find("shmat").orElseThrow(),
            FunctionDescriptor.of(
                    ValueLayout.ADDRESS, ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
            Linker.Option.captureCallState("errno"));

    /** Maps a block. Throws an exception such as "shmat(7): EINVAL (22)" if the kernel says no. */
    static MemorySegment attach(int id) throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment captured = arena.allocate(Linker.Option.captureStateLayout());
            MemorySegment mapped = (MemorySegment) shmat.invokeExact(captured, id, MemorySegment.NULL, 0);
            // TODO Is this how shmat fails? And what does the exception say?
            if (mapped.address() == -1) {
                int errno = captured.get(ValueLayout.JAVA_INT, ERRNO);
                throw new IllegalStateException("shmat(" + id + "): " + name(errno) + " (" + errno + ")");
            }
            // END TODO
            return mapped;
        }
    }

    static String name(int errno) {
        return switch (errno) {
            case 1 -> "EPERM";
            case 2 -> "ENOENT";
            case 12 -> "ENOMEM";
            case 13 -> "EACCES";
            case 17 -> "EEXIST";
            case 22 -> "EINVAL";
            case 28 -> "ENOSPC";
            case 43 -> "EIDRM";
            default -> "errno";
        };
    }
}
