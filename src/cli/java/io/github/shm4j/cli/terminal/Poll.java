package io.github.shm4j.cli.terminal;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** poll(2) for one descriptor, which Java does not offer for the standard streams. */
final class Poll {

    // From poll.h, the same on all architectures. The kernel reports the last two without being asked.
    static final short POLLIN = 0x001;
    static final short POLLOUT = 0x004;
    static final short POLLERR = 0x008;
    static final short POLLHUP = 0x010;

    /** {@snippet lang=c : struct pollfd { int fd; short events; short revents; };} */
    private static final StructLayout POLLFD = MemoryLayout.structLayout(
            ValueLayout.JAVA_INT.withName("fd"),
            ValueLayout.JAVA_SHORT.withName("events"),
            ValueLayout.JAVA_SHORT.withName("revents"));

    private static final long FD = offset("fd");
    private static final long EVENTS = offset("events");
    private static final long REVENTS = offset("revents");

    /** {@snippet lang=c : int poll(struct pollfd *fds, nfds_t nfds, int timeout);} */
    private static final MethodHandle poll = link();

    private Poll() {}

    private static long offset(String field) {
        return POLLFD.byteOffset(MemoryLayout.PathElement.groupElement(field));
    }

    @SuppressWarnings("restricted")
    private static MethodHandle link() {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().find("poll").orElseThrow(),
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));
    }

    /** {@return the events of a descriptor; 0 if there are none before the timeout or a signal} */
    static int events(int descriptor, short wanted, long millis) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pollfd = arena.allocate(POLLFD);
            pollfd.set(ValueLayout.JAVA_INT, FD, descriptor);
            pollfd.set(ValueLayout.JAVA_SHORT, EVENTS, wanted);
            int ready = (int) poll.invokeExact(pollfd, 1L, (int) millis);
            return ready == 1 ? pollfd.get(ValueLayout.JAVA_SHORT, REVENTS) : 0;
        } catch (RuntimeException | Error unexpected) {
            throw unexpected;
        } catch (Throwable impossible) {
            throw new AssertionError("a native call cannot throw a checked exception", impossible);
        }
    }
}
