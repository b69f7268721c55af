package io.github.shm4j.cli;

import io.github.shm4j.support.Child;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** Starts the command line as users do: as a program of its own, from its jar. */
public final class Cli {

    // A copy that every user can read, wherever the project lies.
    private static final Path JAR = copy();

    /** The options that let it start from an archive of its classes, as behind the launcher; none if there is no archive. */
    private static final List<String> ARCHIVE = archive();

    private Cli() {}

    static Path jar() {
        return JAR;
    }

    static String javaHome() {
        return System.getProperty("java.home");
    }

    /** The words that start it. */
    public static List<String> words(Object... arguments) {
        List<String> words = new ArrayList<>(List.of(
                Path.of(javaHome(), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx256m"));
        words.addAll(ARCHIVE);
        words.addAll(List.of("-jar", JAR.toString()));
        for (Object argument : arguments) {
            words.add(argument.toString());
        }
        return words;
    }

    /** Prepares it, to be changed and started. */
    public static Child child(Object... arguments) {
        return Child.command(words(arguments).toArray());
    }

    public static Child.Result run(Object... arguments) {
        return child(arguments).run();
    }

    /** Runs a shell script in which {@code "$@"} is the command line. */
    public static Child.Result shell(String script) {
        return shellChild(script).run();
    }

    public static Child shellChild(String script) {
        List<String> words = new ArrayList<>(List.of("sh", "-c", script, "sh"));
        words.addAll(words());
        return Child.command(words.toArray());
    }

    private static Path copy() {
        try {
            Path directory = Files.createTempDirectory("shm4j-test-cli");
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
            Path copy = directory.resolve("cli.jar");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(copy, archiveOf(copy), directory)));
            Files.copy(Path.of(System.getProperty("shm4j.test.cliJar")), copy, StandardCopyOption.REPLACE_EXISTING);
            Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rw-r--r--"));
            return copy;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static Path archiveOf(Path jar) {
        return jar.resolveSibling("cli.jsa");
    }

    private static List<String> archive() {
        Path archive = archiveOf(JAR);
        try {
            int exit = new ProcessBuilder(
                    Path.of(javaHome(), "bin", "java").toString(), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
                    "-XX:ArchiveClassesAtExit=" + archive, "-cp", JAR.toString(), ArchiveTraining.class.getName())
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
            if (exit != 0 || !Files.exists(archive)) {
                return List.of();
            }
            Files.setPosixFilePermissions(archive, PosixFilePermissions.fromString("rw-r--r--"));
            return List.of("-XX:SharedArchiveFile=" + archive, "-Xshare:auto");
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    private static void delete(Path... paths) {
        for (Path path : paths) {
            try {
                Files.deleteIfExists(path);
            } catch (IOException leftForTheSystemToClean) {
                System.err.println("could not delete " + path);
            }
        }
    }
}
