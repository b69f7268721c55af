package io.github.shm4j.internal;

import static io.github.shm4j.internal.sysv.SysVShm.C_INT;
import static io.github.shm4j.internal.sysv.SysVShm.C_LONG;
import static io.github.shm4j.internal.sysv.SysVShm.C_POINTER;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The System V shared memory calls, each returning what the C function returns or, if it failed, the negated
 * {@code errno}.
 *
 * <p>jextract binds these functions too, but its handles lose {@code errno}: by the time they return to Java, the JVM may
 * have made system calls of its own. The handles here capture {@code errno} as part of the call. Returning it negated, as
 * the kernel itself does, keeps a failure that the caller expects (a key that exists already, say) free of exceptions and
 * allocation.
 *
 * <p>Every handle stands in a class of its own, which the JVM initialises on first use: linking costs milliseconds, and a
 * program that only looks up a block should not pay for mapping one. For the same reason the descriptors are stated here. To
 * read them from the generated classes would link each function once more, without {@code errno}. A test holds them equal to
 * the generated ones.
 */
public final class ShmCalls {

    /** The largest {@code errno}: negated, all of them are addresses in the last page, where nothing is ever mapped. */
    private static final long LARGEST_ERRNO = 4095;

    private ShmCalls() {}

    /** {@snippet lang=c : key_t ftok(const char *pathname, int proj_id);} */
    static final class Ftok {
        static final FunctionDescriptor DESCRIPTOR = FunctionDescriptor.of(C_INT, C_POINTER, C_INT);
        private static final MethodHandle ftok = Restricted.link("ftok", DESCRIPTOR);

        private Ftok() {}
    }

    /** {@snippet lang=c : int shmget(key_t key, size_t size, int shmflg);} */
    static final class Shmget {
        static final FunctionDescriptor DESCRIPTOR = FunctionDescriptor.of(C_INT, C_INT, C_LONG, C_INT);
        private static final MethodHandle shmget = Restricted.link("shmget", DESCRIPTOR);

        private Shmget() {}
    }

    /** {@snippet lang=c : void *shmat(int shmid, const void *shmaddr, int shmflg);} */
    static final class Shmat {
        static final FunctionDescriptor DESCRIPTOR = FunctionDescriptor.of(C_POINTER, C_INT, C_POINTER, C_INT);
        private static final MethodHandle shmat = Restricted.link("shmat", DESCRIPTOR);

        private Shmat() {}
    }

    /** {@snippet lang=c : int shmdt(const void *shmaddr);} */
    static final class Shmdt {
        static final FunctionDescriptor DESCRIPTOR = FunctionDescriptor.of(C_INT, C_POINTER);
        private static final MethodHandle shmdt = Restricted.link("shmdt", DESCRIPTOR);

        private Shmdt() {}
    }

    /** {@snippet lang=c : int shmctl(int shmid, int cmd, struct shmid_ds *buf);} */
    static final class Shmctl {
        static final FunctionDescriptor DESCRIPTOR = FunctionDescriptor.of(C_INT, C_INT, C_INT, C_POINTER);
        private static final MethodHandle shmctl = Restricted.link("shmctl", DESCRIPTOR);

        private Shmctl() {}
    }

    /** {@snippet lang=c : int madvise(void *addr, size_t length, int advice);} */
    static final class Madvise {
        static final FunctionDescriptor DESCRIPTOR = FunctionDescriptor.of(C_INT, C_POINTER, C_LONG, C_INT);
        private static final MethodHandle madvise = Restricted.link("madvise", DESCRIPTOR);

        private Madvise() {}
    }

    /**
     * Calls {@code ftok}. A key may be any 32-bit number but -1, so the result is a {@code long}: the key as an unsigned
     * 32-bit number, or the negated {@code errno}.
     */
    public static long ftok(MemorySegment path, int projectId) {
        Platform.require();
        MemorySegment captured = CallBuffers.captured();
        try {
            int key = (int) Ftok.ftok.invokeExact(captured, path, projectId);
            return key != -1 ? Integer.toUnsignedLong(key) : -CallBuffers.errno(captured);
        } catch (Throwable failure) {
            throw Restricted.unexpected(failure);
        }
    }

    /** Calls {@code shmget}: the id, which may be 0, or the negated {@code errno}. */
    public static int shmget(int key, long size, int flags) {
        Platform.require();
        MemorySegment captured = CallBuffers.captured();
        try {
            int id = (int) Shmget.shmget.invokeExact(captured, key, size, flags);
            return id != -1 ? id : -CallBuffers.errno(captured);
        } catch (Throwable failure) {
            throw Restricted.unexpected(failure);
        }
    }

    /**
     * Calls {@code shmat} at an address of the kernel's choice: the address, or the negated {@code errno}, which
     * {@link #isError(long)} tells apart.
     */
    public static long shmat(int id, int flags) {
        Platform.require();
        MemorySegment captured = CallBuffers.captured();
        try {
            MemorySegment mapped =
                    (MemorySegment) Shmat.shmat.invokeExact(captured, id, MemorySegment.NULL, flags);
            // Failure is (void *) -1, not NULL.
            return mapped.address() != -1L ? mapped.address() : -CallBuffers.errno(captured);
        } catch (Throwable failure) {
            throw Restricted.unexpected(failure);
        }
    }

    /** Calls {@code shmdt}: 0, or the negated {@code errno}. */
    public static int shmdt(long address) {
        Platform.require();
        MemorySegment captured = CallBuffers.captured();
        try {
            int result = (int) Shmdt.shmdt.invokeExact(captured, MemorySegment.ofAddress(address));
            return result != -1 ? result : -CallBuffers.errno(captured);
        } catch (Throwable failure) {
            throw Restricted.unexpected(failure);
        }
    }

    /** Calls {@code shmctl}: what the command returns, or the negated {@code errno}. */
    public static int shmctl(int id, int command, MemorySegment struct) {
        Platform.require();
        MemorySegment captured = CallBuffers.captured();
        try {
            int result = (int) Shmctl.shmctl.invokeExact(captured, id, command, struct);
            return result != -1 ? result : -CallBuffers.errno(captured);
        } catch (Throwable failure) {
            throw Restricted.unexpected(failure);
        }
    }

    /** Calls {@code madvise}: 0, or the negated {@code errno}. */
    public static int madvise(long address, long length, int advice) {
        Platform.require();
        MemorySegment captured = CallBuffers.captured();
        try {
            int result = (int) Madvise.madvise.invokeExact(captured, MemorySegment.ofAddress(address), length,
                    advice);
            return result != -1 ? result : -CallBuffers.errno(captured);
        } catch (Throwable failure) {
            throw Restricted.unexpected(failure);
        }
    }

    /** {@return whether a result of {@link #shmat} is a negated {@code errno}} */
    public static boolean isError(long addressOrError) {
        return addressOrError < 0 && addressOrError >= -LARGEST_ERRNO;
    }
}
