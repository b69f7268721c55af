package io.github.shm4j.internal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What an administrator has set that the shared memory calls do not tell. */
public final class KernelSettings {

    private static final Path RMID_FORCED = Path.of("/proc/sys/kernel/shm_rmid_forced");

    private KernelSettings() {}

    /** {@return whether blocks of this IPC namespace go at their last detach; {@code false} if that cannot be read} */
    public static boolean isRmidForced() {
        try {
            // Not with readString, which reads in two steps, while the kernel gives such a file out in one only.
            return !Files.readAllLines(RMID_FORCED, StandardCharsets.US_ASCII).getFirst().strip().equals("0");
        } catch (IOException unreadable) {
            return false;
        }
    }
}
