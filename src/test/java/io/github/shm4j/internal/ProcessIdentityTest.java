package io.github.shm4j.internal;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Whether a process is alive, as far as that can be told from its number alone. */
class ProcessIdentityTest {

    private static final long PID = ProcessHandle.current().pid();

    // fault 13
    @Test
    void shouldCallThisProcessAlive() {
        assertTrue(ProcessIdentity.mayBeAlive(PID));
        assertTrue(ProcessTable.read().mayBeAlive(PID));
        assertFalse(ProcessIdentity.hasTerminated(PID, ProcessIdentity.startTime()));
    }

    // fault 13
    @Test
    void shouldNotTakeALaterProcessForTheOneThatHadItsNumber() {
        assertTrue(ProcessIdentity.hasTerminated(PID, ProcessIdentity.startTime() - 1));
        assertTrue(ProcessIdentity.hasTerminated(PID, ProcessIdentity.startTime() + 1));
        assertFalse(ProcessIdentity.hasTerminated(PID, 0), "a start time that is not known");
    }

    // fault 13
    @Test
    void shouldCallAProcessOfAnotherNamespaceAlive() {
        for (long pid : new long[] {0, -1, Integer.MIN_VALUE, 1L << 31, 1L << 32 | PID}) {
            assertTrue(ProcessIdentity.mayBeAlive(pid), () -> "pid " + pid);
            assertFalse(ProcessIdentity.hasTerminated(pid, 1), () -> "pid " + pid);
        }
        assertTrue(ProcessTable.read().mayBeAlive(0));
        assertTrue(ProcessTable.read().mayBeAlive(-1));
    }

    // fault 13
    @Test
    void shouldCallTheFirstProcessAlive() {
        assertTrue(ProcessIdentity.mayBeAlive(1));
        assertTrue(ProcessTable.read().mayBeAlive(1));
    }

    // fault 13
    @Test
    void shouldCallANumberThatNobodyHasDead() throws IOException {
        // Not with readString, which reads these files in two steps, while the kernel gives them out in one only.
        long unused = Long.parseLong(
                Files.readAllLines(Path.of("/proc/sys/kernel/pid_max")).getFirst());
        for (long pid : new long[] {unused, Integer.MAX_VALUE}) {
            assertFalse(ProcessIdentity.mayBeAlive(pid), "pid_max is one more than the highest number");
            assertTrue(ProcessIdentity.hasTerminated(pid, 1));
            assertFalse(ProcessTable.read().mayBeAlive(pid));
        }
    }
}
