package io.github.shm4j.internal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Kernel settings that the shared memory calls do not report. */
public final class KernelSettings {

    private static final Path RMID_FORCED = Path.of("/proc/sys/kernel/shm_rmid_forced");

    private KernelSettings() {}

    /** {@return whether the kernel removes blocks at their last detach; {@code false} if that cannot be read} */
    public static boolean isRmidForced() {
        try {
            // readString makes several read calls. The kernel answers only the first one for such a file.
            List<String> lines = Files.readAllLines(RMID_FORCED, StandardCharsets.US_ASCII);
            return !lines.isEmpty() && !lines.getFirst().strip().equals("0");
        } catch (IOException unreadable) {
            return false;
        }
    }
}
