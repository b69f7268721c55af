package io.github.shm4j.cli.system;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which processes have mapped which blocks, as far as this user may read their mappings.
 *
 * <p>The kernel counts attachments without telling whose they are. {@code /proc/PID/maps} tells: a mapping of a block has
 * the block's id as its inode number. The kernel's count is that of these lines, of which a process can have several.
 */
public final class Attachments {

    private static final byte[] NAME = " /SYSV".getBytes(StandardCharsets.ISO_8859_1);
    private static final Path PROC = Path.of("/proc");
    private static final Path NAMESPACE = Path.of("ns", "ipc");

    private final Map<Integer, Map<Long, Integer>> lines = new HashMap<>();
    private final String namespace;

    /** {@return the number of attachments, in words that name the kernel: it counts pieces of one mapping separately} */
    public static String counted(long attachCount) {
        return "the kernel counts " + attachCount + (attachCount == 1 ? " attachment" : " attachments");
    }

    /** Looks at all processes now. */
    public Attachments() {
        namespace = namespace(PROC.resolve("self"));
        String[] entries = new File("/proc").list();
        for (String entry : entries == null || namespace == null ? new String[0] : entries) {
            if (entry.charAt(0) >= '1' && entry.charAt(0) <= '9') {
                look(Long.parseLong(entry));
            }
        }
    }

    private void look(long pid) {
        Path process = PROC.resolve(Long.toString(pid));
        byte[] maps;
        try {
            maps = Files.readAllBytes(process.resolve("maps"));
        } catch (IOException notForUs) {
            return;
        }
        boolean sameNamespace = false;
        for (int at = find(maps, 0); at >= 0; at = find(maps, at + 1)) {
            // In another IPC namespace, the same ids belong to other blocks.
            if (!sameNamespace && !namespace.equals(namespace(process))) {
                return;
            }
            sameNamespace = true;
            count(line(maps, at), pid);
        }
    }

    private static String namespace(Path process) {
        try {
            return Files.readSymbolicLink(process.resolve(NAMESPACE)).toString();
        } catch (IOException notForUs) {
            return null;
        }
    }

    private static int find(byte[] maps, int from) {
        for (int at = from; at <= maps.length - NAME.length; at++) {
            int matching = 0;
            while (matching < NAME.length && maps[at + matching] == NAME[matching]) {
                matching++;
            }
            if (matching == NAME.length) {
                return at;
            }
        }
        return -1;
    }

    /** {@return the line up to the name} */
    private static String line(byte[] maps, int nameAt) {
        int start = nameAt;
        while (start > 0 && maps[start - 1] != '\n') {
            start--;
        }
        return new String(maps, start, nameAt - start, StandardCharsets.ISO_8859_1);
    }

    /** Counts a line such as {@code 7f5a1c000000-7f5a1c001000 rw-s 00000000 00:01 17}. */
    private void count(String line, long pid) {
        String[] fields = line.strip().split(" +");
        // An ordinary file may have such a name, but not device 00.
        if (fields.length == 5 && fields[1].endsWith("s") && fields[3].startsWith("00:")) {
            try {
                lines.computeIfAbsent(Integer.parseInt(fields[4]), id -> new TreeMap<>()).merge(pid, 1, Integer::sum);
            } catch (NumberFormatException other) {
                // No block has such an inode number.
            }
        }
    }

    /** {@return the processes that have mapped a block, in ascending order} */
    public List<Long> pids(int id) {
        return List.copyOf(lines.getOrDefault(id, Map.of()).keySet());
    }

    /** {@return the number of attachments of processes that cannot be seen, out of all that the kernel counts} */
    public long unseen(int id, long attachCount) {
        long seen = 0;
        for (int count : lines.getOrDefault(id, Map.of()).values()) {
            seen += count;
        }
        return Math.max(0, attachCount - seen);
    }
}
