package io.github.shm4j.cli;

import io.github.shm4j.support.Child;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Peers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** A terminal with a shell in it, that a test types into and looks at. */
public final class Tmux implements AutoCloseable {

    private final Path directory;

    private Tmux(Path directory) {
        this.directory = directory;
    }

    /**
     * Starts a terminal.
     *
     * @param directory where its socket is put
     */
    public static Tmux start(Path directory, int width, int height) {
        Peers.require(Child.exists("tmux"), "tmux");
        Tmux tmux = new Tmux(directory);
        tmux.command("new-session", "-d", "-x", Integer.toString(width), "-y", Integer.toString(height),
                "PS1='$ ' ENV= exec sh");
        tmux.await("a prompt", screen -> screen.startsWith("$"));
        return tmux;
    }

    private String command(String... words) {
        List<Object> all = new ArrayList<>(List.of(
                "env", "TMUX_TMPDIR=" + directory, "LC_ALL=C.UTF-8", "TERM=xterm-256color", "tmux", "-u", "-f",
                "/dev/null"));
        all.addAll(List.of(words));
        return Child.command(all.toArray()).run().ok();
    }

    /** Types a line of the shell, in which {@code shm4j} is the command line. */
    public void type(String line) {
        StringBuilder words = new StringBuilder();
        for (String word : Cli.words()) {
            words.append('\'').append(word).append("' ");
        }
        command("send-keys", "-l", line.replace("shm4j ", words));
        command("send-keys", "Enter");
    }

    /** Types text as it is, without a new line. */
    void write(String text) {
        command("send-keys", "-l", text);
    }

    /** Presses a key by its name in tmux, such as {@code "q"} or {@code "C-c"}. */
    public void press(String key) {
        command("send-keys", key);
    }

    public void resize(int width, int height) {
        command("resize-window", "-x", Integer.toString(width), "-y", Integer.toString(height));
    }

    /** The text on the screen. */
    public String screen() {
        return command("capture-pane", "-p");
    }

    /** The text on the screen with the escape sequences of its colours. */
    public String colours() {
        return command("capture-pane", "-p", "-e");
    }

    /** How the terminal is set, as {@code stty} says, seen from outside. */
    public String settings() {
        String tty = command("display-message", "-p", "#{pane_tty}");
        return Child.command("stty", "-a", "-F", tty).run().ok();
    }

    public boolean isAlternateScreen() {
        return command("display-message", "-p", "#{alternate_on}").equals("1");
    }

    /** Waits for what happens in this terminal. */
    public Patience patience() {
        // Not a child of this process, as it has put itself into the background.
        return Patience.with(Long.parseLong(command("display-message", "-p", "#{pid}")));
    }

    public String await(String text) {
        return await("\"" + text + "\"", screen -> screen.contains(text));
    }

    public String await(String what, Predicate<String> condition) {
        Patience patience = patience();
        while (true) {
            String screen = screen();
            if (condition.test(screen)) {
                return screen;
            }
            patience.pause(() -> "the screen does not show " + what + ":\n" + screen);
        }
    }

    @Override
    public void close() {
        command("kill-server");
    }
}
