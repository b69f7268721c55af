package io.github.shm4j.cli;

import java.io.IOException;
import java.util.List;
import org.jline.terminal.Attributes;
import org.jline.terminal.Attributes.ControlChar;
import org.jline.terminal.Terminal.Signal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.InfoCmp.Capability;
import org.jline.utils.NonBlockingReader;
import org.jline.utils.ShutdownHooks;

/**
 * The whole screen of a terminal, which gets back its former contents and settings however the program ends, unless by
 * SIGKILL.
 */
final class Screen implements AutoCloseable {

    /**
     * What sets the terminal: {@code stty}. JLine's native providers forget the speed of the line when they set its other
     * attributes, which hangs up a serial one.
     */
    private static final String PROVIDER = "exec";

    private static final int SLICE_MILLIS = 100;

    private final org.jline.terminal.Terminal terminal;
    private final Attributes before;
    /**
     * Restores the terminal when the JVM is told to end. JLine does so too: its own hooks run one after the other, while a
     * hook of the JVM would let two {@code stty} work on the terminal at the same time.
     */
    private final ShutdownHooks.Task hook = this::restore;
    private boolean restored;
    private volatile boolean interrupted;
    private volatile boolean resized;

    /**
     * Takes over the terminal.
     *
     * @throws IOException if there is none, or one that cannot do what is needed
     */
    Screen() throws IOException {
        terminal = TerminalBuilder.builder().system(true).dumb(false).provider(PROVIDER).build();
        if (terminal.getStringCapability(Capability.cursor_home) == null
                || terminal.getStringCapability(Capability.clr_eol) == null
                || terminal.getStringCapability(Capability.clr_eos) == null) {
            terminal.close();
            throw new IOException("this terminal (" + terminal.getType() + ") cannot move its cursor; use --once");
        }
        before = terminal.enterRawMode();
        Attributes attributes = terminal.getAttributes();
        // Being stopped would leave the terminal as it is now to the shell.
        attributes.setControlChar(ControlChar.VSUSP, 0);
        terminal.setAttributes(attributes);
        ShutdownHooks.add(hook);
        terminal.handle(Signal.INT, signal -> interrupted = true);
        terminal.handle(Signal.WINCH, signal -> resized = true);
        terminal.puts(Capability.enter_ca_mode);
        terminal.puts(Capability.cursor_invisible);
        terminal.flush();
    }

    int width() {
        int columns = terminal.getSize().getColumns();
        return columns > 0 ? columns : 80;
    }

    int height() {
        int rows = terminal.getSize().getRows();
        return rows > 0 ? rows : 24;
    }

    /** Shows lines, of which there must be no more than the screen has, and none that is wider. */
    synchronized void show(List<String> lines) {
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
     * Waits for the time to pass or the screen to change its size.
     *
     * @return whether the user wants to go on
     */
    boolean await(long millis) throws IOException {
        long end = System.nanoTime() + millis * 1_000_000;
        resized = false;
        while (!interrupted && !resized) {
            long left = (end - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                return true;
            }
            int key = terminal.reader().read(Math.min(SLICE_MILLIS, left));
            if (key == 'q' || key == 'Q' || key == NonBlockingReader.EOF) {
                return false;
            }
        }
        return !interrupted;
    }

    @Override
    public void close() throws IOException {
        // Waits for the hook if the JVM is ending. The JVM itself waits for the hook, but not for an stty started here,
        // which could set the terminal when it is another program's already.
        ShutdownHooks.remove(hook);
        if (restore()) {
            terminal.close();
        }
    }

    /** {@return whether this call has done it} */
    private synchronized boolean restore() {
        if (restored) {
            return false;
        }
        restored = true;
        terminal.puts(Capability.cursor_visible);
        terminal.puts(Capability.exit_ca_mode);
        terminal.flush();
        terminal.setAttributes(before);
        return true;
    }
}
