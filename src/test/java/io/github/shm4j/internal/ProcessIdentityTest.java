package io.github.shm4j.internal;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Whether a process is alive, as far as that can be told from its number alone. */
class ProcessIdentityTest {

    private static final long PID = ProcessHandle.current().pid();

    // fault 13
    @Test
    void shouldCallThisProcessAlive() {
        assertTrue(ProcessIdentity.mayBeAlive(PID, now()));
        assertTrue(ProcessIdentity.mayBeAlive(PID, started()), "a block made in the second of the start");
        assertTrue(ProcessIdentity.mayBeAlive(PID, Long.MAX_VALUE / 2));
    }

    // fault 13
    @Test
    void shouldNotTakeALaterProcessForTheOneThatHadItsNumber() {
        assertFalse(ProcessIdentity.mayBeAlive(PID, started() - 4));
        assertFalse(ProcessIdentity.mayBeAlive(PID, started() - 86_400));
        assertFalse(ProcessIdentity.mayBeAlive(PID, 0));
    }

    // fault 13
    @Test
    void shouldCallAProcessOfAnotherNamespaceAlive() {
        assertTrue(ProcessIdentity.mayBeAlive(0, now()));
        assertTrue(ProcessIdentity.mayBeAlive(0, 0));
        assertTrue(ProcessIdentity.mayBeAlive(-1, 0));
    }

    // fault 13
    @Test
    void shouldCallTheFirstProcessAlive() {
        assertTrue(ProcessIdentity.mayBeAlive(1, now()));
    }

    // fault 13
    @Test
    void shouldCallANumberThatNobodyHasDead() throws IOException {
        // Not with readString, which reads these files in two steps, while the kernel gives them out in one only.
        long unused = Long.parseLong(
                Files.readAllLines(Path.of("/proc/sys/kernel/pid_max")).getFirst());
        assertFalse(ProcessIdentity.mayBeAlive(unused, now()), "pid_max is one more than the highest number");
        assertFalse(ProcessIdentity.mayBeAlive(Integer.MAX_VALUE, now()));
    }

    private static long now() {
        return Instant.now().getEpochSecond();
    }

    private static long started() {
        return ProcessHandle.current().info().startInstant().orElseThrow().getEpochSecond();
    }
}
