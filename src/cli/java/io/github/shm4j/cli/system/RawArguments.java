package io.github.shm4j.cli.system;

import io.github.shm4j.cli.terminal.Printable;
import io.github.shm4j.cli.terminal.Text;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The arguments of the program, decoded as UTF-8 whatever the locale is.
 *
 * <p>The JVM decodes them by the locale and silently replaces each byte that the locale's encoding does not have. The kernel
 * has the bytes.
 */
public final class RawArguments {

    private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");

    private RawArguments() {}

    /** An argument is not text. */
    public static final class Unreadable extends IOException {

        private static final long serialVersionUID = 1L;

        Unreadable(String message) {
            super(message);
        }
    }

    /**
     * Decodes the arguments anew, unless all of them are ASCII.
     *
     * @param decoded the arguments as the JVM has decoded them
     * @throws Unreadable if one is not valid UTF-8
     */
    public static String[] of(String[] decoded) throws IOException {
        for (String argument : decoded) {
            if (!isAscii(argument)) {
                return of(decoded, Files.readAllBytes(COMMAND_LINE), localeCharset());
            }
        }
        return decoded;
    }

    /** Decodes the arguments: the last words of the kernel's command line, where a zero ends each word. */
    public static String[] of(String[] decoded, byte[] commandLine, Charset charset) throws Unreadable {
        List<byte[]> words = words(commandLine);
        int before = words.size() - decoded.length;
        String[] arguments = decoded.clone();
        for (int i = 0; i < decoded.length; i++) {
            if (isAscii(decoded[i])) {
                continue;
            }
            // Arguments that java has read from an @file are not on the command line.
            if (before < 0 || !new String(words.get(before + i), charset).equals(decoded[i])) {
                throw new Unreadable("argument " + (i + 1) + ", \"" + Printable.escape(decoded[i])
                        + "\", cannot be told from the command line of this JVM; set LC_ALL=C.UTF-8");
            }
            arguments[i] = decode(words.get(before + i), i + 1);
        }
        return arguments;
    }

    private static List<byte[]> words(byte[] commandLine) {
        List<byte[]> words = new ArrayList<>();
        int begin = 0;
        for (int at = 0; at < commandLine.length; at++) {
            if (commandLine[at] == 0) {
                words.add(Arrays.copyOfRange(commandLine, begin, at));
                begin = at + 1;
            }
        }
        return words;
    }

    private static String decode(byte[] word, int number) throws Unreadable {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(word)).toString();
        } catch (CharacterCodingException malformed) {
            throw new Unreadable("argument " + number + ", \"" + Text.escape(word)
                    + "\", is not valid UTF-8; give data of this kind on standard input");
        }
    }

    /**
     * Converts an argument to the path with this name in UTF-8.
     *
     * @throws IllegalArgumentException if the name is empty, or if the encoding of the JVM's locale would make it another path,
     *     or none
     */
    public static Path path(String name) {
        if (name.isEmpty()) {
            // Java takes it for the current directory.
            throw new IllegalArgumentException("the name of a file is empty");
        }
        if (!isAscii(name) && !localeCharset().equals(StandardCharsets.UTF_8)) {
            throw new IllegalArgumentException(
                    "this JVM cannot name the file \"" + name + "\", as its locale's encoding is "
                            + localeCharset() + "; set LC_ALL=C.UTF-8, or use the script shm4j, which does so");
        }
        return Path.of(name);
    }

    private static Charset localeCharset() {
        return Charset.forName(System.getProperty("sun.jnu.encoding"), StandardCharsets.UTF_8);
    }

    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }
}
