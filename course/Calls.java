import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The four functions of System V shared memory, as lessons 3 to 5 bind them. From lesson 5 on, programs use this class, so
 * that each shows what is new in it.
 */
@SuppressWarnings("restricted")
class Calls {

    static final int IPC_PRIVATE = 0;
    static final int IPC_CREAT = 01000;
    static final int IPC_EXCL = 02000;
    static final int IPC_RMID = 0;
    static final int IPC_SET = 1;
    static final int IPC_STAT = 2;
    static final int SHM_RDONLY = 010000;
    static final int SHM_NORESERVE = 010000;

    /** The bytes of a {@code struct shmid_ds} on a 64-bit Linux, and where its {@code shm_segsz} lies. */
    static final long STATUS_SIZE = 112;
    static final long STATUS_SEGSZ = 48;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong SIZE_T = ValueLayout.JAVA_LONG;
    private static final long ERRNO = Linker.Option.captureStateLayout().byteOffset(PathElement.groupElement("errno"));

    // int shmget(key_t key, size_t size, int shmflg);
    private static final MethodHandle shmget = link("shmget", FunctionDescriptor.of(INT, INT, SIZE_T, INT));

    // void *shmat(int shmid, const void *shmaddr, int shmflg);
    private static final MethodHandle shmat =
            link("shmat", FunctionDescriptor.of(ValueLayout.ADDRESS, INT, ValueLayout.ADDRESS, INT));

    // int shmdt(const void *shmaddr);
    private static final MethodHandle shmdt = link("shmdt", FunctionDescriptor.of(INT, ValueLayout.ADDRESS));

    // int shmctl(int shmid, int cmd, struct shmid_ds *buf);
    private static final MethodHandle shmctl = link("shmctl", FunctionDescriptor.of(INT, INT, INT, ValueLayout.ADDRESS));

    private Calls() {}

    private static MethodHandle link(String function, FunctionDescriptor descriptor) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().find(function).orElseThrow(), descriptor,
                Linker.Option.captureCallState("errno"));
    }

    /** Makes or finds a block, and returns its id. */
    static int shmget(int key, long size, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment captured = arena.allocate(Linker.Option.captureStateLayout());
            int id = (int) shmget.invokeExact(captured, key, size, flags);
            return id != -1 ? id : fail("shmget", captured);
        } catch (Throwable failure) {
            throw rethrown(failure);
        }
    }

    /** Maps a block at an address, or at one of the kernel's choice if that is NULL. Returns a segment without a size. */
    static MemorySegment shmat(int id, MemorySegment address, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment captured = arena.allocate(Linker.Option.captureStateLayout());
            MemorySegment mapped = (MemorySegment) shmat.invokeExact(captured, id, address, flags);
            if (mapped.address() == -1) {
                fail("shmat", captured);
            }
            return mapped;
        } catch (Throwable failure) {
            throw rethrown(failure);
        }
    }

    /** Unmaps what is mapped at an address. */
    static void shmdt(MemorySegment mapped) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment captured = arena.allocate(Linker.Option.captureStateLayout());
            int result = (int) shmdt.invokeExact(captured, mapped);
            if (result == -1) {
                fail("shmdt", captured);
            }
        } catch (Throwable failure) {
            throw rethrown(failure);
        }
    }

    /** Asks about a block, changes it or removes it. */
    static void shmctl(int id, int command, MemorySegment struct) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment captured = arena.allocate(Linker.Option.captureStateLayout());
            int result = (int) shmctl.invokeExact(captured, id, command, struct);
            if (result == -1) {
                fail("shmctl", captured);
            }
        } catch (Throwable failure) {
            throw rethrown(failure);
        }
    }

    /** Removes a block. */
    static void remove(int id) {
        shmctl(id, IPC_RMID, MemorySegment.NULL);
    }

    /** Maps a block with the size that the kernel states, until the arena ends. */
    static MemorySegment attach(int id, int flags, Arena arena) {
        MemorySegment mapped = shmat(id, MemorySegment.NULL, flags);
        try {
            return mapped.reinterpret(size(id), arena, Calls::shmdt);
        } catch (RuntimeException failure) {
            shmdt(mapped);
            throw failure;
        }
    }

    /** The size of a block. */
    static long size(int id) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment status = arena.allocate(STATUS_SIZE, 8);
            shmctl(id, IPC_STAT, status);
            return status.get(SIZE_T, STATUS_SEGSZ);
        }
    }

    private static int fail(String function, MemorySegment captured) {
        throw new IllegalStateException(function + " failed with errno " + captured.get(INT, ERRNO));
    }

    private static RuntimeException rethrown(Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        return (RuntimeException) failure;
    }
}
