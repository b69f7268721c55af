package io.github.shm4j.cli.terminal;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Finds out without writing that standard output is a pipe or a socket that nobody reads any more.
 *
 * <p>A program that writes learns it from a failed write. A program that waits for something to write has to ask poll(2),
 * which Java does not offer for the standard streams.
 */
public final class BrokenPipe {

    private static final int STANDARD_OUTPUT = 1;

    // From poll.h, the same on all architectures. The kernel reports them without being asked.
    private static final int POLLERR = 0x008;
    private static final int POLLHUP = 0x010;

    private BrokenPipe() {}

    /** {@snippet lang=c : int poll(struct pollfd *fds, nfds_t nfds, int timeout);} */
    private static final class Poll {

        /** {@snippet lang=c : struct pollfd { int fd; short events; short revents; };} */
        static final StructLayout POLLFD =
                MemoryLayout.structLayout(ValueLayout.JAVA_INT, ValueLayout.JAVA_SHORT, ValueLayout.JAVA_SHORT);

        static final long REVENTS_OFFSET = POLLFD.byteOffset(MemoryLayout.PathElement.groupElement(2));

        static final MethodHandle poll = link();

        private Poll() {}

        @SuppressWarnings("restricted")
        private static MethodHandle link() {
            Linker linker = Linker.nativeLinker();
            return linker.downcallHandle(
                    linker.defaultLookup().find("poll").orElseThrow(),
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));
        }
    }

    /** Throws what a write would throw, if nobody reads standard output any more. Never waits. */
    public static void check() throws Output.Failed {
        if (isGone()) {
            throw new Output.Failed(new IOException("Broken pipe"));
        }
    }

    private static boolean isGone() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment descriptor = arena.allocate(Poll.POLLFD);
            descriptor.set(ValueLayout.JAVA_INT, 0, STANDARD_OUTPUT);
            int ready = (int) Poll.poll.invokeExact(descriptor, 1L, 0);
            return ready == 1
                    && (descriptor.get(ValueLayout.JAVA_SHORT, Poll.REVENTS_OFFSET) & (POLLERR | POLLHUP)) != 0;
        } catch (RuntimeException | Error unexpected) {
            throw unexpected;
        } catch (Throwable impossible) {
            throw new AssertionError("a native call cannot throw a checked exception", impossible);
        }
    }
}
