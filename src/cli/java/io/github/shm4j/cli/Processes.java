package io.github.shm4j.cli;

import io.github.shm4j.ShmStatus;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The processes that created blocks: whether they are dead, and what they run. Every answer is remembered. */
final class Processes {

    private static final int LONGEST_COMMAND = 4096;

    private final Map<Long, Boolean> alive = new HashMap<>();
    private final Map<Long, String> commands = new HashMap<>();
    private final Set<Long> visible = new HashSet<>();
    private final boolean allVisible;
    private ShmStatus lastBlock;
    private boolean lastAnswer;

    /** Looks at what is there now. Blocks have to be listed before, or their creators may be newer than this. */
    Processes() {
        String[] entries = new File("/proc").list();
        if (entries != null) {
            for (String entry : entries) {
                if (entry.charAt(0) >= '1' && entry.charAt(0) <= '9') {
                    visible.add(Long.parseLong(entry));
                }
            }
        }
        // Where other users' processes are hidden, process 1 is too, and what is not seen may be there all the same.
        allVisible = visible.contains(1L);
    }

    /** {@return {@link ShmStatus#creatorMayBeAlive()}, quickly for thousands of blocks} */
    boolean creatorMayBeAlive(ShmStatus block) {
        // Several columns ask about the same block, one after the other.
        if (block != lastBlock) {
            lastAnswer = answer(block);
            lastBlock = block;
        }
        return lastAnswer;
    }

    private boolean answer(ShmStatus block) {
        long pid = block.creatorPid();
        if (pid > 0 && allVisible && !visible.contains(pid)) {
            return false;
        }
        // The answer depends on these two: process ids have at most 22 bits.
        Long question = block.changeSeconds() << 22 | pid;
        Boolean known = alive.get(question);
        if (known == null) {
            known = block.creatorMayBeAlive();
            alive.put(question, known);
        }
        return known;
    }

    /** {@return the command line of a process, or {@code null} if it cannot be seen} */
    String command(long pid) {
        if (pid <= 0) {
            return null;
        }
        String command = commands.get(pid);
        if (command == null && !commands.containsKey(pid)) {
            command = read(pid);
            commands.put(pid, command);
        }
        return command;
    }

    private static String read(long pid) {
        try {
            byte[] line = Files.readAllBytes(Path.of("/proc/" + pid + "/cmdline"));
            int length = Math.min(line.length, LONGEST_COMMAND);
            while (length > 0 && line[length - 1] == 0) {
                length--;
            }
            if (length == 0) {
                // A process without a command line, as ps shows it.
                return "[" + new String(Files.readAllBytes(Path.of("/proc/" + pid + "/comm")), StandardCharsets.UTF_8)
                        .strip()
                        + "]";
            }
            for (int i = 0; i < length; i++) {
                line[i] = line[i] == 0 ? (byte) ' ' : line[i];
            }
            return new String(line, 0, length, StandardCharsets.UTF_8);
        } catch (IOException gone) {
            return null;
        }
    }
}
