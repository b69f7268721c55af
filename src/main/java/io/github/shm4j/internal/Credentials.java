package io.github.shm4j.internal;

import io.github.shm4j.internal.posix.Posix;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The effective user of this process, and which ids its user namespace maps. */
public final class Credentials {

    /** The line of {@code uid_map} in the initial namespace, after user_namespaces(7), with one blank between numbers. */
    private static final String ALL_IDS = "0 0 4294967295";

    private Credentials() {}

    /** {@return the effective user id, an unsigned 32-bit number} */
    public static long effectiveUid() {
        Platform.require();
        return Integer.toUnsignedLong(Posix.geteuid());
    }

    /**
     * {@return whether one of the ids may stand for a user or a group that this user namespace does not map}
     *
     * <p>The kernel shows all unmapped ids as one overflow id. A real user or group may have that id too.
     */
    public static boolean mayBeUnmapped(long uid, long gid) {
        return isOverflow(uid, "uid") || isOverflow(gid, "gid");
    }

    private static boolean isOverflow(long id, String kind) {
        try {
            return id == Long.parseLong(line("/proc/sys/kernel/overflow" + kind))
                    && !mapsAll(line("/proc/self/" + kind + "_map"));
        } catch (IOException | NumberFormatException unknown) {
            return false;
        }
    }

    /** {@return the first line, or an empty one: a user namespace has an empty {@code uid_map} until one is written} */
    private static String line(String file) throws IOException {
        List<String> lines = Files.readAllLines(Path.of(file), StandardCharsets.US_ASCII);
        return lines.isEmpty() ? "" : lines.getFirst().strip();
    }

    /** {@return whether the first line of {@code uid_map} or {@code gid_map} maps each id to itself} */
    static boolean mapsAll(String line) {
        StringBuilder words = new StringBuilder();
        for (String word : line.split(" ")) {
            if (!word.isEmpty()) {
                words.append(words.isEmpty() ? "" : " ").append(word);
            }
        }
        return words.toString().equals(ALL_IDS);
    }
}
