package io.github.shm4j.cli.terminal;

import java.io.IOError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jline.terminal.Attributes;
import org.jline.terminal.Attributes.ControlChar;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal.Signal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.InfoCmp.Capability;
import org.jline.utils.NonBlockingReader;
import org.jline.utils.ShutdownHooks;

/**
 * The whole screen of a terminal, which gets back its former contents and settings however the program ends, unless by
 * SIGKILL.
 */
public final class Screen implements AutoCloseable {

    /**
     * What sets the terminal: {@code stty}. JLine's native providers forget the speed of the line when they set its other
     * attributes, which hangs up a serial one.
     */
    private static final String PROVIDER = "exec";

    private static final int SLICE_MILLIS = 100;

    /**
     * Restores the terminal when the JVM is told to end.
     *
     * <p>JLine does so too, by running {@code stty}, and its way of reading runs {@code stty} as well. One that is late works
     * on a terminal that is another program's already. So this hook is one of JLine's, which run one after the other, it is
     * the first, and it waits until the terminal is not in use, and then nothing here uses it any more.
     */
    private final ShutdownHooks.Task hook = ShutdownHooks.add(this::end);

    private final org.jline.terminal.Terminal terminal;
    private Attributes before;
    private boolean restored;
    private volatile boolean ending;
    private volatile boolean interrupted;
    private volatile boolean redraw;

    /**
     * Takes over the terminal.
     *
     * @throws IOException if there is none, or one that cannot do what is needed
     */
    public Screen() throws IOException {
        // Not under the lock: JLine registers a hook of its own here, which waits while hooks run.
        terminal = TerminalBuilder.builder().system(true).dumb(false).provider(PROVIDER)
                .encoding(StandardCharsets.UTF_8).build();
        if (terminal.getStringCapability(Capability.cursor_home) == null
                || terminal.getStringCapability(Capability.clr_eol) == null
                || terminal.getStringCapability(Capability.clr_eos) == null) {
            close();
            throw new IOException("this terminal (" + terminal.getType() + ") cannot move its cursor; use --once");
        }
        terminal.handle(Signal.INT, signal -> interrupted = true);
        terminal.handle(Signal.WINCH, signal -> redraw = true);
        try {
            takeOver();
        } catch (IOError refused) {
            close();
            throw refused;
        }
    }

    private synchronized void takeOver() {
        if (restored) {
            return;
        }
        before = terminal.enterRawMode();
        Attributes attributes = terminal.getAttributes();
        // Being stopped would leave the terminal as it is now to the shell.
        attributes.setControlChar(ControlChar.VSUSP, 0);
        terminal.setAttributes(attributes);
        terminal.puts(Capability.enter_ca_mode);
        terminal.puts(Capability.cursor_invisible);
        terminal.flush();
    }

    /** {@return the numbers of columns and rows} */
    public synchronized Size size() {
        Size size = restored ? new Size() : terminal.getSize();
        return new Size(size.getColumns() > 0 ? size.getColumns() : 80, size.getRows() > 0 ? size.getRows() : 24);
    }

    /** Shows lines, of which there must be no more than the screen has, and none that is wider. */
    public synchronized void show(List<String> lines) {
        if (restored) {
            return;
        }
        terminal.puts(Capability.cursor_home);
        for (int i = 0; i < lines.size(); i++) {
            terminal.writer().write(i == 0 ? "" : "\r\n");
            terminal.writer().write(lines.get(i));
            terminal.puts(Capability.clr_eol);
        }
        terminal.puts(Capability.clr_eos);
        terminal.flush();
    }

    /**
     * Waits for the time to pass, a key, or that the screen has to be drawn anew.
     *
     * @return the key, {@link Key#QUIT} also if the program is to end
     */
    public Key await(long millis) throws IOException {
        long end = System.nanoTime() + millis * 1_000_000;
        while (!ending && !interrupted) {
            if (redraw) {
                redraw = false;
                return Key.REDRAW;
            }
            long left = (end - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                return Key.NONE;
            }
            int first = read(Math.min(SLICE_MILLIS, left));
            Key key = first == NonBlockingReader.EOF ? Key.QUIT : Key.of(first, this::read);
            if (key != Key.NONE) {
                return key;
            }
        }
        return Key.QUIT;
    }

    private synchronized int read(long millis) throws IOException {
        return restored ? NonBlockingReader.EOF : terminal.reader().read(millis);
    }

    @Override
    public void close() throws IOException {
        // Waits for the hook if the JVM is ending.
        ShutdownHooks.remove(hook);
        if (restore()) {
            terminal.close();
        }
    }

    private void end() {
        // Or the loop that reads would let go of the lock and take it again before this gets it.
        ending = true;
        restore();
    }

    /** {@return whether this call has done it} */
    private synchronized boolean restore() {
        if (restored) {
            return false;
        }
        restored = true;
        if (before != null) {
            try {
                terminal.puts(Capability.cursor_visible);
                terminal.puts(Capability.exit_ca_mode);
                terminal.flush();
                terminal.setAttributes(before);
            } catch (IOError notOurs) {
                // The terminal is gone, or belongs to a process group that this one is not in any more.
            }
        }
        return true;
    }
}
