package io.github.shm4j.state;

import io.github.shm4j.internal.Owner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Real processes, so that it is the system which says what has become of them. */
final class Processes {

    static final long ENDED = ended();

    /** Lives as long as this process. */
    static final long LIVING = owner(start());

    private Processes() {}

    /** Starts a process that ends when this one closes its input, at the latest when it ends itself. */
    static Process start() {
        try {
            return new ProcessBuilder("cat").start();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** {@return how a process signs} */
    static long owner(Process process) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
            return Owner.of(process.pid(), Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[19]));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static long ended() {
        Process process = start();
        long owner = owner(process);
        process.destroyForcibly();
        process.onExit().join();
        return owner;
    }
}
