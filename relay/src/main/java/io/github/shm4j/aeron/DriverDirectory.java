package io.github.shm4j.aeron;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A directory in which the program's media driver has its own, among those of other users.
 *
 * <p>Everybody can write to its parent, and put there what they like under whatever name. So this process creates the directory,
 * which fails where there is something, and nobody else may enter it. Aeron removes and creates its own directory by name: it
 * does that inside, where only this user can.
 *
 * <p>A process that is killed leaves its directory behind, and the next one for the same role removes it: only if it is this
 * user's and of this pid namespace, as elsewhere nobody can see here who is running. It goes by open directories and not by
 * names, and never through a symbolic link.
 */
final class DriverDirectory implements AutoCloseable {

    private static final String DRIVER = "driver";
    private static final Path PROCESSES = Path.of("/proc");

    private final Path parent;
    private final Path path;

    private DriverDirectory(Path parent, Path path) {
        this.parent = parent;
        this.path = path;
    }

    /**
     * Creates one, and removes those that killed predecessors have left behind.
     *
     * @param parent where
     * @param role the role that this process has, a part of the name
     */
    static DriverDirectory create(Path parent, String role) {
        String prefix = "shm4j-relay-" + role + "-" + namespace() + "-";
        Path path = parent.resolve(
                "%s%d-%016x".formatted(prefix, ProcessHandle.current().pid(), ThreadLocalRandom.current().nextLong()));
        try {
            Files.createDirectory(
                    path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (IOException refused) {
            throw new RelayException(
                    "the directory " + path + " for Aeron's media driver cannot be created: " + refused, refused);
        }
        DriverDirectory directory = new DriverDirectory(parent, path);
        try {
            directory.removeLeftOvers(Pattern.compile(Pattern.quote(prefix) + "([1-9][0-9]*)-[0-9a-f]{16}"));
        } catch (Throwable failed) {
            directory.close();
            throw failed;
        }
        return directory;
    }

    /** {@return the number of this process's pid namespace; 0 where there is but one, as the kernel has none} */
    static String namespace() {
        return Long.toString(Namespaces.number(PROCESSES, "pid"));
    }

    /** {@return the directory for the media driver, which is not there yet} */
    Path driver() {
        return path.resolve(DRIVER);
    }

    private void removeLeftOvers(Pattern names) {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(parent)) {
            if (!(entries instanceof SecureDirectoryStream<Path> all) || !seesItsProcesses()) {
                return;
            }
            UserPrincipal self = Files.getOwner(path, LinkOption.NOFOLLOW_LINKS);
            for (String name : names(all)) {
                Matcher matcher = names.matcher(name);
                if (matcher.matches() && Files.notExists(PROCESSES.resolve(matcher.group(1)))) {
                    remove(all, Path.of(name), self);
                }
            }
        } catch (IOException unreadable) {
            throw new RelayException(
                    "what killed predecessors have left behind in " + parent + " cannot be removed: " + unreadable,
                    unreadable);
        }
    }

    /** {@return whether /proc is that of this process's pid namespace, and not one from outside} */
    private static boolean seesItsProcesses() throws IOException {
        String self = Files.readSymbolicLink(PROCESSES.resolve("self")).toString();
        return self.equals(Long.toString(ProcessHandle.current().pid()));
    }

    /** Removes a directory, unless somebody else has put it there, or something else than a directory. */
    private static void remove(SecureDirectoryStream<Path> parent, Path name, UserPrincipal self) throws IOException {
        try {
            PosixFileAttributes found = attributes(parent, name);
            if (!found.isDirectory() || !found.owner().equals(self)) {
                return;
            }
            try (SecureDirectoryStream<Path> directory =
                    parent.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
                // What has been opened counts, and not what had the name before.
                if (!directory.getFileAttributeView(PosixFileAttributeView.class).readAttributes().owner()
                        .equals(self)) {
                    return;
                }
                empty(directory);
            }
            parent.deleteDirectory(name);
        } catch (NoSuchFileException removed) {
            // Another one that starts now was faster.
        }
    }

    private static void empty(SecureDirectoryStream<Path> directory) throws IOException {
        for (String each : names(directory)) {
            Path name = Path.of(each);
            if (attributes(directory, name).isDirectory()) {
                try (SecureDirectoryStream<Path> inner =
                        directory.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
                    empty(inner);
                }
                directory.deleteDirectory(name);
            } else {
                directory.deleteFile(name);
            }
        }
    }

    private static List<String> names(SecureDirectoryStream<Path> directory) {
        List<String> names = new ArrayList<>();
        directory.forEach(each -> names.add(each.getFileName().toString()));
        return names;
    }

    private static PosixFileAttributes attributes(SecureDirectoryStream<Path> directory, Path name) throws IOException {
        return directory.getFileAttributeView(name, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .readAttributes();
    }

    /** Removes the directory with all that is in it. */
    @Override
    public void close() {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(parent)) {
            if (entries instanceof SecureDirectoryStream<Path> all) {
                remove(all, path.getFileName(), Files.getOwner(path, LinkOption.NOFOLLOW_LINKS));
            }
        } catch (NoSuchFileException removed) {
            // Somebody has tidied up.
        } catch (IOException refused) {
            throw new RelayException("the directory " + path + " cannot be removed: " + refused, refused);
        }
    }
}
