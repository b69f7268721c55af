package io.github.shm4j.cli.terminal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Tells whether the standard streams are terminals, and how wide.
 *
 * <p>{@link System#console()} tells too, but it loads a line editor or links native calls, which takes longer than all of
 * {@code shm4j list}.
 */
public final class Terminal {

    public static final String INPUT = "/proc/self/fd/0";
    public static final String OUTPUT = "/proc/self/fd/1";
    public static final String ERROR = "/proc/self/fd/2";

    /** The property with the width that the launcher script has found. */
    private static final String COLUMNS = "shm4j.columns";

    private static final String[] PLAIN = {"dumb", "vt", "ansi", "cons", "sun", "unknown"};

    private static final int USUAL_WIDTH = 80;

    private Terminal() {}

    /** {@return whether a standard stream is connected to a terminal} */
    public static boolean is(String stream) {
        try {
            String target = Files.readSymbolicLink(Path.of(stream)).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException closed) {
            return false;
        }
    }

    /** {@return whether standard output shall be coloured} See <a href="https://no-color.org">no-color.org</a>. */
    public static boolean hasColours() {
        return hasColours(OUTPUT);
    }

    /** {@return whether what goes to a standard stream shall be coloured} */
    public static boolean hasColours(String stream) {
        String noColour = System.getenv("NO_COLOR");
        return (noColour == null || noColour.isEmpty()) && hasManyColours() && is(stream);
    }

    /** {@return whether the terminal has 256 colours} All but some old types have. */
    private static boolean hasManyColours() {
        String type = System.getenv("TERM");
        if (type == null) {
            return false;
        }
        for (String plain : PLAIN) {
            if (type.startsWith(plain)) {
                return false;
            }
        }
        return true;
    }

    /** {@return whether another process group is in the foreground of the terminal} */
    public static boolean isInBackground() {
        try {
            // For "self" in place of "thread-self" qemu-user answers itself, without these numbers.
            String stat = Files.readString(Path.of("/proc/thread-self/stat"), StandardCharsets.ISO_8859_1);
            // After the name, which may hold anything: state, parent, group, session, terminal, foreground group.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return !fields[5].equals(fields[2]) && !fields[5].equals("-1");
        } catch (IOException unknown) {
            return false;
        }
    }

    /** {@return the width of the terminal that standard output is} */
    public static int width() {
        int width = positive(System.getenv("COLUMNS"));
        if (width == 0) {
            width = positive(System.getProperty(COLUMNS));
        }
        if (width == 0) {
            width = ask();
        }
        return width == 0 ? USUAL_WIDTH : width;
    }

    private static int positive(String number) {
        try {
            return number == null ? 0 : Math.max(0, Integer.parseInt(number));
        } catch (NumberFormatException malformed) {
            return 0;
        }
    }

    private static int ask() {
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(Path.of("/dev/tty").toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String size = new String(stty.getInputStream().readAllBytes()).strip();
            stty.waitFor(1, TimeUnit.SECONDS);
            return positive(size.substring(size.indexOf(' ') + 1));
        } catch (IOException none) {
            return 0;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }
}
