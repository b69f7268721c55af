package io.github.shm4j.internal;

import static io.github.shm4j.internal.posix.Posix.C_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Asks the kernel whether a process exists, with kill(2).
 *
 * <p>The kernel answers for the pid namespace of the caller, whatever {@code /proc} is mounted and whatever that hides.
 */
final class ProcessCalls {

    private static final boolean AVAILABLE = Platform.isUsable();

    private static final int NO_SIGNAL = 0;

    private ProcessCalls() {}

    /** {@snippet lang=c : int kill(pid_t pid, int sig);} */
    static final class Kill {
        static final FunctionDescriptor DESCRIPTOR = FunctionDescriptor.of(C_INT, C_INT, C_INT);
        private static final MethodHandle kill = Restricted.link("kill", DESCRIPTOR);

        private Kill() {}

        static void load() {}
    }

    /** Links the call now: a class that could not be initialized, on an exhausted stack for one, is of no use for ever. */
    static void prepare() {
        if (AVAILABLE) {
            CallBuffers.prepare();
            Errno.ESRCH.number();
            Kill.load();
        }
    }

    /** {@return whether the calls can be made: the system has them, and the JVM allows native calls} */
    static boolean isAvailable() {
        return AVAILABLE;
    }

    /**
     * {@return whether no process and no thread has a pid}
     *
     * <p>A process that the caller may not signal exists, and so does a zombie.
     *
     * @param pid the pid, greater than 0: the others stand for process groups
     */
    static boolean isMissing(int pid) {
        MemorySegment captured = CallBuffers.captured();
        try {
            int result = (int) Kill.kill.invokeExact(captured, pid, NO_SIGNAL);
            return result == -1 && CallBuffers.errno(captured) == Errno.ESRCH.number();
        } catch (Throwable failure) {
            throw Restricted.unexpected(failure);
        }
    }
}
