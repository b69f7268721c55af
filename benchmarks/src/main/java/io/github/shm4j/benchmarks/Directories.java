package io.github.shm4j.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** Where the files of the file variants lie, and how large what is copied is. */
public final class Directories {

    /** A directory on a disk: that of the benchmarks unless the property {@code shm4j.benchmarks.disk} names another. */
    public static final String DISK = "disk";

    /** A directory in memory: {@code /dev/shm} unless the property {@code shm4j.benchmarks.tmpfs} names another. */
    public static final String TMPFS = "tmpfs";

    private Directories() {}

    /** {@return the directory of a place} */
    public static Path directory(String name) {
        String property = System.getProperty("shm4j.benchmarks." + name);
        if (property != null) {
            return Path.of(property);
        }
        return name.equals(TMPFS) ? Path.of("/dev/shm") : home();
    }

    /** {@return a new file in a place, which the caller deletes} */
    public static Path newFile(String name) {
        try {
            Path file = Files.createTempFile(directory(name), "shm4j-benchmark", null);
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** {@return a new directory in a place, which the caller deletes} */
    public static Path newDirectory(String name) {
        try {
            return Files.createTempDirectory(directory(name), "shm4j-benchmark");
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Deletes a directory with all that is in it. */
    public static void delete(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** {@return what the kernel calls the file system of a place} */
    public static String fileSystem(String name) {
        try {
            return Files.getFileStore(directory(name)).type();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** The directory of the jar, {@code benchmarks/target}: a file there is on the disk that the project is on. */
    private static Path home() {
        try {
            Path code = Path.of(Directories.class.getProtectionDomain().getCodeSource().getLocation().toURI());
            return Files.isDirectory(code) ? code : code.getParent();
        } catch (URISyntaxException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
