package io.github.shm4j.cli.system;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The command lines of processes. Each is read once. */
public final class Processes {

    private static final int LONGEST_COMMAND = 4096;

    private static final Path PROC = Path.of("/proc");

    private final Map<Long, String> commands = new HashMap<>();
    private final boolean ours = isProcOurs();

    /** {@return the command line of a process, or {@code null} if it cannot be seen} */
    public String command(long pid) {
        if (pid <= 0 || !ours) {
            return null;
        }
        String command = commands.get(pid);
        if (command == null && !commands.containsKey(pid)) {
            command = read(PROC.resolve(Long.toString(pid)));
            commands.put(pid, command);
        }
        return command;
    }

    /** In the /proc of another pid namespace, the same pids belong to other processes. */
    private static boolean isProcOurs() {
        try {
            return Files.readSymbolicLink(PROC.resolve("self"))
                    .toString()
                    .equals(Long.toString(ProcessHandle.current().pid()));
        } catch (IOException unreadable) {
            return false;
        }
    }

    private static String read(Path process) {
        try {
            byte[] line = Files.readAllBytes(process.resolve("cmdline"));
            int length = Math.min(line.length, LONGEST_COMMAND);
            while (length > 0 && line[length - 1] == 0) {
                length--;
            }
            if (length == 0) {
                // As ps shows a process without a command line.
                return "[" + new String(Files.readAllBytes(process.resolve("comm")), StandardCharsets.UTF_8).strip()
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
