package io.github.shm4j.cli.terminal;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Standard input, output and error: UTF-8 whatever the locale is, and an error where they are closed.
 *
 * <p>A closed descriptor goes to whatever is opened next. Without care that is one of the JVM's own files, which would then
 * be read as standard input, or a file of this program, into which error messages would be written. The launcher script sees
 * to it; this is for a JVM that was started without it.
 */
public final class StandardStreams {

    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    /** What the launcher script sets. */
    private static final String LAUNCHER = "shm4j.launcher";

    private static final String FLAGS = "flags:\t";
    private static final int ACCESS_MODE = 3;
    private static final int WRITE_ONLY = 1;

    /** They take the places of closed descriptors for as long as the program runs. */
    private static final List<FileInputStream> STAND_INS = new ArrayList<>();

    private StandardStreams() {}

    /**
     * Sets {@link System#out} and {@link System#err}, and keeps closed descriptors from being given to other files.
     *
     * @throws IOException if what stands in for them cannot be opened
     */
    public static void prepare() throws IOException {
        for (int number = 0; System.getProperty(LAUNCHER) == null && number <= 2; number++) {
            if (!Files.exists(DESCRIPTORS.resolve(Integer.toString(number)), LinkOption.NOFOLLOW_LINKS)) {
                // The kernel gives it the lowest number that is free. Nothing can be written to it.
                STAND_INS.add(new FileInputStream("/dev/null"));
            }
        }
        System.setOut(utf8(FileDescriptor.out));
        System.setErr(utf8(FileDescriptor.err));
    }

    private static PrintStream utf8(FileDescriptor descriptor) {
        return new PrintStream(
                new BufferedOutputStream(new FileOutputStream(descriptor)), true, StandardCharsets.UTF_8);
    }

    /**
     * {@return standard input}
     *
     * @throws IOException if it is closed, or open for writing only
     */
    public static FileInputStream input() throws IOException {
        boolean launched = System.getProperty(LAUNCHER) != null;
        if (!isReadable() || !launched && isOfTheJvm()) {
            throw new IOException("standard input is closed; there is nothing to read");
        }
        return new FileInputStream(FileDescriptor.in);
    }

    private static boolean isReadable() throws IOException {
        String info = Files.readString(Path.of("/proc/self/fdinfo/0"), StandardCharsets.ISO_8859_1);
        int from = info.indexOf(FLAGS) + FLAGS.length();
        int flags = Integer.parseInt(info.substring(from, info.indexOf('\n', from)).strip(), 8);
        return (flags & ACCESS_MODE) != WRITE_ONLY;
    }

    /** Whether the JVM has opened descriptor 0 itself: as its file of classes, the first that it opens and keeps open. */
    private static boolean isOfTheJvm() throws IOException {
        Path classes = Path.of(System.getProperty("java.home"), "lib", "modules");
        if (!Files.exists(classes) || !Files.isSameFile(Path.of(Terminal.INPUT), classes)) {
            return false;
        }
        // If it is the user who wants to send that file, the JVM has it a second time.
        Path target = Files.readSymbolicLink(Path.of(Terminal.INPUT));
        try (var descriptors = Files.newDirectoryStream(DESCRIPTORS)) {
            int count = 0;
            for (Path descriptor : descriptors) {
                if (Files.isSymbolicLink(descriptor) && Files.readSymbolicLink(descriptor).equals(target)) {
                    count++;
                }
            }
            return count == 1;
        }
    }
}
