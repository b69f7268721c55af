package io.github.shm4j.aeron;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The kernel's numbers for the namespaces of this process. */
final class Namespaces {

    private static final Pattern LINK = Pattern.compile("[a-z]+:\\[([0-9]{1,18})]");

    private Namespaces() {}

    /**
     * {@return the number of this process's namespace of a kind, or 0 if the kernel has none of this kind}
     *
     * @param proc where /proc is mounted
     * @param kind such as ipc
     * @throws RelayException if /proc is not there, or does not say
     */
    static long number(Path proc, String kind) {
        Path link = proc.resolve(Path.of("self", "ns", kind));
        try {
            String target = Files.readSymbolicLink(link).toString();
            Matcher matcher = LINK.matcher(target);
            if (matcher.matches()) {
                return Long.parseLong(matcher.group(1));
            }
            throw unreadable(kind, link, "it is '" + target + "'", null);
        } catch (NoSuchFileException none) {
            if (Files.isDirectory(proc.resolve("self"))) {
                return 0;
            }
            throw unreadable(kind, link, none.toString(), none);
        } catch (IOException refused) {
            throw unreadable(kind, link, refused.toString(), refused);
        }
    }

    private static RelayException unreadable(String kind, Path link, String why, IOException cause) {
        return new RelayException(
                "the " + kind + " namespace of this process cannot be read from " + link + ": " + why
                        + ". Mount /proc there",
                cause);
    }
}
