package io.github.shm4j.cli.terminal;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Standard input, output and error: in UTF-8 whatever the locale is, and safe where they are closed.
 *
 * <p>The kernel gives a closed descriptor to the next file that is opened. That could be a file of the JVM, which would then
 * be read as standard input, or a file of this program, into which error messages would be written. The launcher script
 * prevents this; this class does it for a JVM that was started without the script.
 */
public final class StandardStreams {

    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    /**
     * The property that the launcher script sets to its own path: a file that stays, unlike a jar, which every build makes
     * anew.
     */
    public static final String LAUNCHER = "shm4j.launcher";

    private static final String FLAGS = "flags:\t";
    private static final int ACCESS_MODE = 3;
    private static final int WRITE_ONLY = 1;

    /** The files that occupy closed descriptors, open for as long as the program runs. */
    private static final List<FileInputStream> STAND_INS = new ArrayList<>();

    private StandardStreams() {}

    /**
     * Sets {@link System#out} and {@link System#err}, and keeps closed descriptors from being given to other files.
     *
     * @throws IOException if {@code /dev/null} cannot be opened in their place
     */
    public static void prepare() throws IOException {
        for (int number = 0; System.getProperty(LAUNCHER) == null && number <= 2; number++) {
            if (!Files.exists(DESCRIPTORS.resolve(Integer.toString(number)), LinkOption.NOFOLLOW_LINKS)) {
                // The kernel assigns the lowest free descriptor. The file is read-only: writing to it fails.
                STAND_INS.add(new FileInputStream("/dev/null"));
            }
        }
        System.setOut(utf8(output()));
        System.setErr(utf8(new NonBlocking.Output(new FileOutputStream(FileDescriptor.err), 2)));
    }

    private static PrintStream utf8(OutputStream target) {
        return new PrintStream(new BufferedOutputStream(target), true, StandardCharsets.UTF_8);
    }

    /**
     * {@return standard input, which may return at once where nothing can be read yet}
     *
     * @throws IOException if it is closed, or open for writing only
     */
    public static FileInputStream inputFile() throws IOException {
        boolean launched = System.getProperty(LAUNCHER) != null;
        if ((flags(0) & ACCESS_MODE) == WRITE_ONLY || !launched && isOfTheJvm()) {
            throw new IOException("standard input is closed; there is nothing to read");
        }
        return new FileInputStream(FileDescriptor.in);
    }

    /**
     * {@return standard input, which waits where nothing can be read yet}
     *
     * @throws IOException if it is closed, or open for writing only
     */
    public static InputStream input() throws IOException {
        return new NonBlocking.Input(inputFile());
    }

    /** {@return standard output, which waits where nothing can be written yet} */
    static OutputStream output() {
        return new NonBlocking.Output(new FileOutputStream(FileDescriptor.out), 1);
    }

    /** {@return the flags with which a descriptor was opened, or which were set since} */
    private static int flags(int descriptor) throws IOException {
        String info = Files.readString(Path.of("/proc/self/fdinfo/" + descriptor), StandardCharsets.ISO_8859_1);
        int from = info.indexOf(FLAGS) + FLAGS.length();
        return Integer.parseInt(info.substring(from, info.indexOf('\n', from)).strip(), 8);
    }

    /** {@return whether descriptor 0 is the JVM's file of classes, the first file that it opens and keeps open} */
    private static boolean isOfTheJvm() throws IOException {
        Path classes = Path.of(System.getProperty("java.home"), "lib", "modules");
        if (!Files.exists(classes) || !Files.isSameFile(Path.of(Terminal.INPUT), classes)) {
            return false;
        }
        // If the user redirects that file to standard input, the JVM has it open a second time.
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
