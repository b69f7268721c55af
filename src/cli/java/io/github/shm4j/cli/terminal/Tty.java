package io.github.shm4j.cli.terminal;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * The terminal that standard input and output are connected to: its settings, its size, its input and output.
 *
 * <p>The C library's calls set it, not the program {@code stty}: Ctrl-C terminates all programs in the foreground, also a
 * {@code stty} that is just setting or restoring the terminal.
 */
final class Tty {

    static final int EOF = -1;
    static final int NOTHING = -2;

    /** More than the size of any C library's {@code struct termios}. Only the C library looks into it. */
    private static final long ROOM_FOR_TERMIOS = 1024;

    private static final int STANDARD_INPUT = 0;
    private static final int STANDARD_OUTPUT = 1;

    private static final long TIOCGWINSZ = windowSizeRequest(System.getProperty("os.arch"));

    // From signal.h, errno.h and termios.h, the same on all architectures that are supported.
    private static final int SIGTTOU = 22;
    private static final int EINTR = 4;
    private static final int EIO = 5;
    private static final int TCSANOW = 0;

    private static final StructLayout ERRNO = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO_VALUE = ERRNO.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private final Arena arena = Arena.ofAuto();
    private final MemorySegment errno = arena.allocate(ERRNO);
    private final MemorySegment winsize = arena.allocate(ValueLayout.JAVA_SHORT, 4);
    private final FileChannel keys = new FileInputStream(FileDescriptor.in).getChannel();
    private final ByteBuffer key = ByteBuffer.allocate(1);
    private final OutputStream screen = StandardStreams.output();

    /** {@snippet lang=c : int tcgetattr(int fd, struct termios *termios_p);} */
    private static final MethodHandle tcgetattr = link("tcgetattr", ValueLayout.JAVA_INT, ValueLayout.ADDRESS);

    /** {@snippet lang=c : int tcsetattr(int fd, int optional_actions, const struct termios *termios_p);} */
    private static final MethodHandle tcsetattr =
            link("tcsetattr", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS);

    /** {@snippet lang=c : int kill(pid_t pid, int sig);} */
    private static final MethodHandle kill = link("kill", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);

    private static final MethodHandle cfmakeraw = linkCfmakeraw();
    private static final MethodHandle ioctl = linkIoctl();

    /** {@return {@code TIOCGWINSZ} of {@code asm/ioctls.h}, for which ppc64le has a number of its own} */
    static long windowSizeRequest(String arch) {
        return arch.equals("ppc64le") ? 0x4008_7468 : 0x5413;
    }

    private static MethodHandle link(String name, MemoryLayout... parameters) {
        return link(name, FunctionDescriptor.of(ValueLayout.JAVA_INT, parameters),
                Linker.Option.captureCallState("errno"));
    }

    /** {@snippet lang=c : void cfmakeraw(struct termios *termios_p);} */
    private static MethodHandle linkCfmakeraw() {
        return link("cfmakeraw", FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));
    }

    /** {@snippet lang=c : int ioctl(int fd, unsigned long request, ...);} */
    private static MethodHandle linkIoctl() {
        return link("ioctl", FunctionDescriptor.of(
                ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS),
                Linker.Option.captureCallState("errno"), Linker.Option.firstVariadicArg(2));
    }

    @SuppressWarnings("restricted")
    private static MethodHandle link(String name, FunctionDescriptor descriptor, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().find(name).orElseThrow(), descriptor, options);
    }

    /** A call that fails with -1 and an errno. */
    @FunctionalInterface
    private interface Call {
        int run() throws Throwable;
    }

    private int call(Call call) {
        try {
            return call.run();
        } catch (RuntimeException | Error unexpected) {
            throw unexpected;
        } catch (Throwable impossible) {
            throw new AssertionError("a native call cannot throw a checked exception", impossible);
        }
    }

    private void require(String name, Call call) throws IOException {
        while (call(call) != 0) {
            int number = (int) ERRNO_VALUE.get(errno, 0L);
            if (number != EINTR) {
                throw new IOException(name + " failed: " + (number == EIO ? "EIO" : "errno " + number));
            }
        }
    }

    /** {@return the settings, opaque} */
    MemorySegment settings() throws IOException {
        MemorySegment settings = arena.allocate(ROOM_FOR_TERMIOS, Long.BYTES);
        require("tcgetattr", () -> (int) tcgetattr.invokeExact(errno, STANDARD_INPUT, settings));
        return settings;
    }

    void set(MemorySegment settings) throws IOException {
        require("tcsetattr", () -> (int) tcsetattr.invokeExact(errno, STANDARD_INPUT, TCSANOW, settings));
    }

    /** {@return the same settings in raw mode: each key arrives at once and unchanged, Ctrl-C and Ctrl-Z too} */
    MemorySegment raw(MemorySegment settings) {
        MemorySegment raw = arena.allocate(ROOM_FOR_TERMIOS, Long.BYTES).copyFrom(settings);
        call(() -> {
            cfmakeraw.invokeExact(raw);
            return 0;
        });
        return raw;
    }

    /** {@return the size, or 80 by 24 if the terminal does not say} */
    Screen.Size size() {
        winsize.fill((byte) 0);
        call(() -> (int) ioctl.invokeExact(errno, STANDARD_OUTPUT, TIOCGWINSZ, winsize));
        int rows = Short.toUnsignedInt(winsize.getAtIndex(ValueLayout.JAVA_SHORT, 0));
        int columns = Short.toUnsignedInt(winsize.getAtIndex(ValueLayout.JAVA_SHORT, 1));
        return new Screen.Size(columns > 0 ? columns : 80, rows > 0 ? rows : 24);
    }

    /**
     * Stops this process and all of its group, as the kernel stops a process that uses the terminal from the background.
     * Returns when it is continued, or at once if SIGTTOU is ignored.
     */
    void stopInBackground() {
        call(() -> (int) kill.invokeExact(errno, 0, SIGTTOU));
    }

    /** {@return the next byte of input, {@link #NOTHING} at the timeout, {@link #EOF} at the end} */
    int read(long millis) {
        if (Poll.events(STANDARD_INPUT, Poll.POLLIN, millis) == 0) {
            return NOTHING;
        }
        try {
            return switch (keys.read(key.clear())) {
                case -1 -> EOF;
                // Another process has made the terminal non-blocking, and one has been faster.
                case 0 -> NOTHING;
                default -> Byte.toUnsignedInt(key.get(0));
            };
        } catch (IOException hungUp) {
            return EOF;
        }
    }

    void write(byte[] text) throws IOException {
        screen.write(text);
    }
}
