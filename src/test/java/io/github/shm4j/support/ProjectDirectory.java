package io.github.shm4j.support;

import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmNotFoundException;
import io.github.shm4j.ShmStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * A directory of one test, in which the commands of the documents work as in the project's own.
 *
 * <p>Programs that compute keys from their working directory get keys that nobody else has. {@link #close} removes the
 * blocks that they leave behind.
 */
public final class ProjectDirectory implements AutoCloseable {

    /** The directory of the project itself. */
    public static final Path PROJECT = Path.of(System.getProperty("shm4j.test.basedir"));

    private static final List<String> LINKS = List.of("shm4j", "examples", "peers", "target");

    private final Path directory;

    /** Makes an empty directory look like the project's. */
    public ProjectDirectory(Path directory) throws IOException {
        this.directory = directory;
        for (String name : LINKS) {
            Files.createSymbolicLink(directory.resolve(name), PROJECT.resolve(name));
        }
    }

    /** Adds a copy of the course, in which nobody has begun. */
    public ProjectDirectory withCourse() throws IOException {
        Path course = directory.resolve("course");
        try (Stream<Path> files = Files.walk(PROJECT.resolve("course"))) {
            for (Path file : files.filter(file -> !file.startsWith(PROJECT.resolve("course/my"))).toList()) {
                Files.copy(file, directory.resolve(PROJECT.relativize(file).toString()),
                        StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        // The runner finds it beside the course.
        Files.createSymbolicLink(course.resolveSibling("src"), PROJECT.resolve("src"));
        return this;
    }

    /** Adds a copy of the demonstrations, whose programs make keys of files beside them. */
    public ProjectDirectory withDemos() throws IOException {
        Path demos = PROJECT.resolve("demos");
        try (Stream<Path> files = Files.walk(demos, 2)) {
            for (Path file : files.toList()) {
                Files.copy(file, directory.resolve(PROJECT.relativize(file).toString()),
                        StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        // The scripts find it beside the demonstrations.
        Files.createSymbolicLink(directory.resolve("src"), PROJECT.resolve("src"));
        return this;
    }

    /** Prepares a shell that runs commands in the directory and ends at the first that fails. */
    public Child shell(String commands) {
        return Child.command("sh", "-euc", "cd \"$0\"\n" + commands, directory);
    }

    /** The key that {@code ftok} computes of the directory. */
    public ShmKey key(int project) throws ShmException {
        return ShmKey.ftok(directory, project);
    }

    /** The blocks that have a key which {@code ftok} computes of the directory. */
    public List<ShmStatus> blocks() throws ShmException {
        ShmKey any = key(1);
        // The keys of a file differ only in their highest byte, the project id.
        return SharedMemory.list().stream()
                .filter(block -> (block.key().value() ^ any.value()) << 8 == 0)
                .toList();
    }

    @Override
    public void close() throws IOException {
        for (ShmStatus block : blocks()) {
            try {
                SharedMemory.ofId(block.id()).remove();
            } catch (ShmNotFoundException gone) {
                // As it should be.
            }
        }
        for (String name : LINKS) {
            Files.delete(directory.resolve(name));
        }
        Files.deleteIfExists(directory.resolve("src"));
    }
}
