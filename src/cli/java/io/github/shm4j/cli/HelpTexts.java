package io.github.shm4j.cli;

import io.github.shm4j.cli.ring.RingCommand;
import io.github.shm4j.cli.terminal.Terminal;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * How the commands are used: texts that the build has made of the commands themselves, with {@link WriteHelpTexts}.
 *
 * <p>To make one when somebody asks for it would take the parser, whose classes the archive of classes cannot hold.
 */
final class HelpTexts {

    /** Where the texts are, seen from this class. */
    static final String DIRECTORY = "help";

    private static final char ESCAPE = '\033';
    private static final char END_OF_STYLE = 'm';

    private HelpTexts() {}

    /** {@return the words of the command whose help these arguments ask for, or {@code null} if they do not, or less plainly} */
    static String[] wanted(String... arguments) {
        int last = arguments.length - 1;
        String[] words = null;
        if (last >= 0 && (arguments[last].equals("--help") || arguments[last].equals("-h"))) {
            words = Arrays.copyOf(arguments, last);
        } else if (last >= 0 && arguments[0].equals("help")) {
            words = Arrays.copyOfRange(arguments, 1, arguments.length);
        }
        return words != null && isCommand(words) ? words : null;
    }

    private static boolean isCommand(String... words) {
        return switch (words.length) {
            case 0 -> true;
            case 1 -> Arrays.asList(Main.SUBCOMMANDS).contains(words[0]);
            case 2 -> words[0].equals("ring") && Arrays.asList(RingCommand.SUBCOMMANDS).contains(words[1]);
            default -> false;
        };
    }

    /** {@return whether these arguments name a command that does nothing without a subcommand} */
    static boolean lackCommand(String... arguments) {
        return arguments.length == 0 || arguments.length == 1 && arguments[0].equals("ring");
    }

    /** {@return the name of the file with the text of a command} */
    static String file(String... words) {
        return words.length == 0 ? "shm4j" : String.join("-", words);
    }

    /**
     * {@return how a command is used, with colours if that stream is a terminal that has some; {@code null} if the build has made
     * no text}
     */
    static String of(String stream, String... words) throws IOException {
        byte[] text = read(file(words));
        if (text == null) {
            return null;
        }
        String styled = new String(text, StandardCharsets.UTF_8);
        return Terminal.hasColours(stream) ? styled : withoutStyles(styled);
    }

    private static byte[] read(String name) throws IOException {
        byte[] text = readFromJar(name);
        if (text != null) {
            return text;
        }
        try (InputStream resource = HelpTexts.class.getResourceAsStream(DIRECTORY + "/" + name)) {
            return resource == null ? null : resource.readAllBytes();
        }
    }

    /**
     * Reads a text from the jar that this program is, which the JVM has open. A class loader looks for it in the JDK first, which
     * loads two hundred classes.
     *
     * @return {@code null} if the program is no jar, or the jar does not have the text
     */
    private static byte[] readFromJar(String name) {
        String program = System.getProperty("java.class.path");
        if (!program.endsWith(".jar")) {
            return null;
        }
        String path = HelpTexts.class.getPackageName().replace('.', '/') + "/" + DIRECTORY + "/" + name;
        try (ZipFile jar = new ZipFile(program)) {
            ZipEntry entry = jar.getEntry(path);
            return entry == null ? null : jar.getInputStream(entry).readAllBytes();
        } catch (IOException notOneJar) {
            return null;
        }
    }

    static String withoutStyles(String styled) {
        StringBuilder plain = new StringBuilder(styled.length());
        boolean inStyle = false;
        for (int i = 0; i < styled.length(); i++) {
            char character = styled.charAt(i);
            inStyle |= character == ESCAPE;
            if (!inStyle) {
                plain.append(character);
            }
            inStyle &= character != END_OF_STYLE;
        }
        return plain.toString();
    }
}
