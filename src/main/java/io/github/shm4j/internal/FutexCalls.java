package io.github.shm4j.internal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * futex(2): sleeps until another process changes an {@code int} in shared memory, and wakes waiters.
 *
 * <p>The C library has no function for futex(2), so the call goes through syscall(2) by its number. The operations are
 * used without {@code FUTEX_PRIVATE_FLAG}: the kernel then identifies the word by its page of memory, which processes
 * share, and not by its address, which they do not.
 */
public final class FutexCalls {

    private static final int FUTEX_WAIT = 0;
    private static final int FUTEX_WAKE = 1;

    private static final long NANOS_PER_SECOND = 1_000_000_000;

    /** The number of futex(2), or -1 where it is not known. */
    static final long SYS_FUTEX = number(System.getProperty("os.arch"));

    private static final boolean AVAILABLE = SYS_FUTEX >= 0 && Platform.isUsable();

    private FutexCalls() {}

    /** {@snippet lang=c : long syscall(long number, ...);} */
    private static final class Syscall {
        // long syscall(long number, uint32_t *uaddr, int op, uint32_t val, const struct timespec *timeout)
        private static final MethodHandle futex = Restricted.linkVariadic(
                "syscall",
                FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS),
                1);

        private Syscall() {}

        static void load() {}
    }

    /** Links the call now: a class that could not be initialized, on an exhausted stack for one, is of no use for ever. */
    public static void prepare() {
        if (AVAILABLE) {
            CallBuffers.prepare();
            Syscall.load();
        }
    }

    static long number(String arch) {
        return switch (arch) {
            case "amd64", "x86_64" -> 202;
            case "aarch64", "riscv64" -> 98;
            case "s390x" -> 238;
            case "ppc64le" -> 221;
            default -> -1;
        };
    }

    /** {@return whether the calls can be made: the system has them, and the JVM allows native calls} */
    public static boolean isAvailable() {
        return AVAILABLE;
    }

    /**
     * Sleeps until woken, if a word still has a value.
     *
     * @param word four bytes of native memory, aligned to four
     * @param value the value that the word must have
     * @param nanos the timeout
     * @return 0 if woken, or a negated {@code errno}: {@code EAGAIN} if the word has another value, {@code ETIMEDOUT},
     *     {@code EINTR}
     */
    public static int sleep(MemorySegment word, int value, long nanos) {
        MemorySegment timespec = CallBuffers.struct();
        timespec.set(JAVA_LONG, 0, nanos / NANOS_PER_SECOND);
        timespec.set(JAVA_LONG, Long.BYTES, nanos % NANOS_PER_SECOND);
        return futex(word, FUTEX_WAIT, value, timespec);
    }

    /**
     * Wakes waiters of a word.
     *
     * @param word four bytes of native memory, aligned to four
     * @param count the largest number of waiters to wake
     * @return the number of waiters woken, or a negated {@code errno}
     */
    public static int wake(MemorySegment word, int count) {
        return futex(word, FUTEX_WAKE, count, MemorySegment.NULL);
    }

    private static int futex(MemorySegment word, int operation, int value, MemorySegment timeout) {
        MemorySegment captured = CallBuffers.captured();
        try {
            long result = (long) Syscall.futex.invokeExact(captured, SYS_FUTEX, word, operation, value, timeout);
            return result != -1 ? (int) result : -CallBuffers.errno(captured);
        } catch (Throwable failure) {
            throw Restricted.unexpected(failure);
        }
    }
}
