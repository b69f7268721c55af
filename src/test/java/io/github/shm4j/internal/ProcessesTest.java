package io.github.shm4j.internal;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Whether a process is alive, as far as that can be told from its number alone. */
class ProcessesTest {

    private static final long PID = ProcessHandle.current().pid();

    // fault 13
    @Test
    void shouldCallThisProcessAlive() {
        assertTrue(Processes.mayBeAlive(PID, now()));
        assertTrue(Processes.mayBeAlive(PID, started()), "a block made in the second of the start");
        assertTrue(Processes.mayBeAlive(PID, Long.MAX_VALUE / 2));
    }

    // fault 13
    @Test
    void shouldNotTakeALaterProcessForTheOneThatHadItsNumber() {
        assertFalse(Processes.mayBeAlive(PID, started() - 4));
        assertFalse(Processes.mayBeAlive(PID, started() - 86_400));
        assertFalse(Processes.mayBeAlive(PID, 0));
    }

    // fault 13
    @Test
    void shouldCallAProcessOfAnotherNamespaceAlive() {
        assertTrue(Processes.mayBeAlive(0, now()));
        assertTrue(Processes.mayBeAlive(0, 0));
        assertTrue(Processes.mayBeAlive(-1, 0));
    }

    // fault 13
    @Test
    void shouldCallTheFirstProcessAlive() {
        assertTrue(Processes.mayBeAlive(1, now()));
    }

    // fault 13
    @Test
    void shouldCallANumberThatNobodyHasDead() throws IOException {
        // Not with readString, which reads these files in two steps, while the kernel gives them out in one only.
        long unused = Long.parseLong(
                Files.readAllLines(Path.of("/proc/sys/kernel/pid_max")).getFirst());
        assertFalse(Processes.mayBeAlive(unused, now()), "pid_max is one more than the highest number");
        assertFalse(Processes.mayBeAlive(Integer.MAX_VALUE, now()));
    }

    private static long now() {
        return Instant.now().getEpochSecond();
    }

    private static long started() {
        return ProcessHandle.current().info().startInstant().orElseThrow().getEpochSecond();
    }
}
