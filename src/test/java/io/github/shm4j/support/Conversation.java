package io.github.shm4j.support;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import java.util.function.UnaryOperator;

/**
 * A process in another language that evaluates one expression after the other, so that a test class needs one process
 * only.
 *
 * <p>Code and answers are hexadecimal lines, so that they may contain any byte. An exception of the other language is an
 * answer too: its class, a colon and its message.
 */
public final class Conversation implements AutoCloseable {

    private static final HexFormat HEX = HexFormat.of();

    private final Child.Running process;

    private Conversation(Child child) {
        process = child.start();
    }

    /**
     * Starts a PHP that answers with the value of an expression; a warning follows it in parentheses.
     *
     * @param how what to do to the process before it starts, such as {@code Child::asNobody}
     */
    public static Conversation php(UnaryOperator<Child> how) {
        return new Conversation(
                how.apply(Child.command(Peers.php(), "-d", "display_errors=stderr", "-r", resource("peer.php"))));
    }

    /** Starts a PHP as the same user. */
    public static Conversation php() {
        return php(UnaryOperator.identity());
    }

    /** Starts a Perl with IPC::SysV that answers with the value of an expression, or "failed: " and the text of errno. */
    public static Conversation perl(UnaryOperator<Child> how) {
        return new Conversation(how.apply(Child.command(Peers.perl(), "-e", resource("peer.pl"))));
    }

    /** Starts a Perl as the same user. */
    public static Conversation perl() {
        return perl(UnaryOperator.identity());
    }

    /** Starts a Python with sysv_ipc that answers with the value of an expression. */
    public static Conversation python() {
        return new Conversation(Child.command(Peers.python(), "-c", resource("peer.py")));
    }

    /** Compiles and starts a C program that answers to a few commands; see its source. */
    public static Conversation c() {
        return new Conversation(Child.command(Peers.compile("peer", resource("peer.c"))));
    }

    /** Sends code and returns the answer to it. */
    public String ask(String code) {
        process.send(HEX.formatHex(code.getBytes(StandardCharsets.UTF_8)));
        String line = process.line();
        try {
            return new String(HEX.parseHex(line), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException notAnAnswer) {
            throw new AssertionError("\"" + code + "\" was answered with \"" + line + "\"", notAnAnswer);
        }
    }

    /** Sends code made of a format and arguments. */
    public String ask(String format, Object... arguments) {
        return ask(String.format(Locale.ROOT, format, arguments));
    }

    /** Ends the process. */
    @Override
    public void close() {
        process.close();
    }

    private static String resource(String name) {
        try (InputStream stream = Conversation.class.getResourceAsStream(name)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
