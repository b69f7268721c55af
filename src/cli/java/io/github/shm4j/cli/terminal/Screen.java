package io.github.shm4j.cli.terminal;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jline.utils.Signals;

/**
 * The whole screen of a terminal. Whatever terminates the program, except SIGKILL, restores the terminal's former contents and
 * settings.
 */
public final class Screen implements AutoCloseable {

    private static final String TAKE = "\033[?1049h\033[?25l";
    private static final String GIVE_BACK = "\033[?25h\033[?1049l";
    private static final String CURSOR_HOME = "\033[H";
    private static final String CLEAR_TO_END_OF_LINE = "\033[K";
    private static final String CLEAR_TO_END_OF_SCREEN = "\033[J";

    private static final int SLICE_MILLIS = 100;
    private static final int MOST_SLICES_FOR_THE_FOREGROUND = 20;

    /** The numbers of columns and rows. */
    public record Size(int columns, int rows) {}

    /** Restores the terminal when the JVM is told to end. */
    private final Thread hook = new Thread(this::end, "shm4j-terminal");

    private final Tty terminal = new Tty();
    private MemorySegment before;
    private MemorySegment raw;
    private boolean taken;
    private boolean restored;
    private Size shown;
    private volatile boolean ending;
    private volatile boolean hungUp;
    private volatile boolean continued;

    /**
     * Takes over the terminal.
     *
     * @throws IOException if there is no terminal, or if it cannot move its cursor
     */
    public Screen() throws IOException {
        String type = System.getenv("TERM");
        if (type == null || type.isEmpty() || type.equals("dumb") || type.equals("unknown")) {
            throw new IOException("this terminal (" + (type == null || type.isEmpty() ? "TERM is not set" : type)
                    + ") cannot move its cursor; use --once");
        }
        try {
            Runtime.getRuntime().addShutdownHook(hook);
        } catch (IllegalStateException alreadyEnding) {
            ending = true;
            return;
        }
        try {
            awaitForeground();
            takeOver();
        } catch (IOException refused) {
            close();
            throw refused;
        }
        // While this program was stopped, the shell or another program has changed the settings and the contents.
        Signals.register("CONT", () -> continued = true);
    }

    /**
     * In the background, stops this process as the kernel would, and returns in the foreground. The kernel would stop it
     * again and again, and it could never react to a signal that tells it to end.
     */
    private void awaitForeground() throws IOException {
        if (!Terminal.isInBackground()) {
            return;
        }
        terminal.stopInBackground();
        for (int slice = 0; Terminal.isInBackground() && !ending; slice++) {
            if (slice == MOST_SLICES_FOR_THE_FOREGROUND) {
                throw new IOException(
                        "cannot use the terminal: this runs in the background: bring it to the foreground,"
                                + " as \"timeout --foreground\" does, or use --once");
            }
            pause();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(SLICE_MILLIS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void takeOver() throws IOException {
        if (restored) {
            return;
        }
        try {
            if (before == null) {
                before = terminal.settings();
                raw = terminal.raw(before);
            }
            terminal.set(raw);
            taken = true;
        } catch (IOException refused) {
            throw new IOException("cannot use the terminal: " + refused.getMessage(), refused);
        }
        write(TAKE);
    }

    private void write(String text) {
        try {
            terminal.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException gone) {
            hungUp = true;
        }
    }

    /** {@return the size that lines shown next must fit} */
    public synchronized Size size() {
        shown = terminal.size();
        return shown;
    }

    /** Shows lines, which must fit the screen. */
    public synchronized void show(List<String> lines) {
        if (restored) {
            return;
        }
        StringBuilder text = new StringBuilder(CURSOR_HOME);
        for (int i = 0; i < lines.size(); i++) {
            text.append(i == 0 ? "" : "\r\n").append(lines.get(i)).append(CLEAR_TO_END_OF_LINE);
        }
        write(text.append(CLEAR_TO_END_OF_SCREEN).toString());
    }

    /**
     * Waits for a key, a new size of the screen, or the timeout.
     *
     * @return the key, {@link Key#QUIT} also if the program is to end
     */
    public Key await(long millis) throws IOException {
        long end = System.nanoTime() + millis * 1_000_000;
        while (!ending && !hungUp) {
            if (isOtherwise()) {
                return Key.REDRAW;
            }
            long left = (end - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                return Key.NONE;
            }
            int first = read(Math.min(SLICE_MILLIS, left));
            Key key = first == Tty.EOF ? Key.QUIT : Key.of(first, this::read);
            if (key != Key.NONE) {
                return key;
            }
        }
        return Key.QUIT;
    }

    /** {@return whether the screen has a new size, or has become this program's again} */
    private boolean isOtherwise() throws IOException {
        if (continued) {
            continued = false;
            // In the background, another program has the terminal.
            while (Terminal.isInBackground() && !ending) {
                pause();
            }
            takeOver();
            return true;
        }
        Size before = shown;
        return !size().equals(before);
    }

    private synchronized int read(long millis) {
        return restored ? Tty.EOF : terminal.read(millis);
    }

    @Override
    public void close() {
        restore();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException itHasNothingLeftToDo) {
            // The JVM is ending already.
        }
    }

    private void end() {
        // Set first: the loop that reads could otherwise release the lock and acquire it again before this thread does.
        ending = true;
        restore();
    }

    private synchronized void restore() {
        if (restored) {
            return;
        }
        restored = true;
        if (!taken) {
            return;
        }
        write(GIVE_BACK);
        // In the background, another program has the terminal, and the kernel would stop this one for setting it.
        if (!Terminal.isInBackground()) {
            try {
                terminal.set(before);
            } catch (IOException gone) {
                // The terminal has been hung up.
            }
        }
    }
}
