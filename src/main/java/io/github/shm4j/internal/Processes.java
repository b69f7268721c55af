package io.github.shm4j.internal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/** Answers whether the process that a number named at some moment is still there. */
public final class Processes {

    private static final Path PROC = Path.of("/proc");

    private Processes() {}

    /**
     * {@return whether a process may still be alive}
     *
     * <p>The answer is {@code false} only if it is certain: nothing has the number, or only a zombie has it, or the
     * process that has it now was started after the moment. A process that cannot be seen from here (pid 0 stands for
     * one of another pid namespace; {@code /proc} may hide those of other users) counts as alive.
     *
     * @param pid the number, as the kernel gave it
     * @param startedBy a moment, in seconds since the epoch, by which that process was certainly started
     */
    public static boolean mayBeAlive(long pid, long startedBy) {
        if (pid <= 0) {
            return true;
        }
        Optional<ProcessHandle> found = ProcessHandle.of(pid);
        if (found.isEmpty()) {
            return mayHide();
        }
        if (isZombie(pid)) {
            return false;
        }
        Optional<Instant> started = found.get().info().startInstant();
        // Start times count in hundredths of seconds from a boot time known to the second: allow for both roundings.
        return started.isEmpty() || started.get().getEpochSecond() <= startedBy + 2;
    }

    /** {@return whether {@code /proc} may lack processes of other users, as its mount option {@code hidepid} makes it} */
    private static boolean mayHide() {
        try {
            if (!Files.exists(PROC.resolve("1"))) {
                return true;
            }
            if (System.getProperty("user.name").equals("root")) {
                return false;
            }
            for (String mount : Files.readAllLines(PROC.resolve("self/mounts"), StandardCharsets.ISO_8859_1)) {
                if (mount.startsWith("proc /proc ") && mount.contains("hidepid=") && !mount.contains("hidepid=off")) {
                    return true;
                }
            }
            return false;
        } catch (IOException unreadable) {
            return true;
        }
    }

    private static boolean isZombie(long pid) {
        try {
            String stat = Files.readString(
                    PROC.resolve(Long.toString(pid)).resolve("stat"), StandardCharsets.ISO_8859_1);
            // The name in the second field may hold anything, even parentheses: the state follows the last one.
            int state = stat.lastIndexOf(')') + 2;
            return state < stat.length() && (stat.charAt(state) == 'Z' || stat.charAt(state) == 'X');
        } catch (IOException gone) {
            return Files.notExists(PROC.resolve(Long.toString(pid)));
        }
    }
}
