package io.github.shm4j.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.support.Child;
import io.github.shm4j.support.Patience;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
        assertTrue(ProcessIdentity.hasTerminated(1, ProcessIdentity.startTime() + 1), "it was started earlier");
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

    @Test
    void shouldKnowItself() throws IOException {
        assertEquals(PID, ProcessIdentity.pid());
        assertEquals(inode("pid"), ProcessIdentity.pidNamespace());
        assertEquals(inode("time"), ProcessIdentity.timeNamespace());
    }

    private static long inode(String namespace) throws IOException {
        Path link = Path.of("/proc/self/ns", namespace);
        return Files.exists(link) ? (long) Files.getAttribute(link, "unix:ino") : 0;
    }

    @Test
    void shouldKnowNoNamespaceWhereThereIsNoLink() {
        assertEquals(4026531836L, ProcessIdentity.inode("pid:[4026531836]"));
        assertEquals(0, ProcessIdentity.inode(""));
    }

    /** A process that was killed, and whose parent has not asked about it, has its pid and its start time still. */
    // fault 13
    @Test
    void shouldCallAZombieTerminated() throws IOException {
        // The shell starts a process and becomes another program, which knows nothing of it.
        try (Child.Running parent = Child.command(
                "sh", "-c", "sleep 1000 > /dev/null 2>&1 & echo $!; exec sleep 1000")
                .start()) {
            long pid = Long.parseLong(parent.line());
            long started = ProcessIdentity.startTime(
                    Files.readString(Path.of("/proc", "" + pid, "task", "" + pid, "stat"),
                            StandardCharsets.ISO_8859_1));
            assertFalse(ProcessIdentity.hasTerminated(pid, started));
            assertTrue(ProcessIdentity.mayBeAlive(pid));
            Child.command("kill", "-9", pid).run().ok();
            Patience patience = Patience.withAll();
            while (!ProcessIdentity.isZombie(pid)) {
                patience.check(() -> "no zombie");
            }
            assertTrue(ProcessIdentity.hasTerminated(pid, started));
            assertFalse(ProcessIdentity.mayBeAlive(pid));
        }
    }

    /** A state, how many threads there are, and whether the process has ended. */
    // fault 13
    @ParameterizedTest
    @CsvSource({"R, 1, false", "S, 7, false", "Z, 1, true", "Z, 0, true", "X, 1, true", "X, 0, true", "Z, 2, false",
        "X, 2, false", "S, 1, false"})
    void shouldTakeAZombieWithoutThreadsForEnded(String state, int threads, boolean ended) {
        for (String name : new String[] {"java", "a b", ") Z 1 (", ") R"}) {
            String stat = "42 (" + name + ") " + state + " 1 42 42 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 " + threads
                    + " 0 123456 0 0";
            assertEquals(ended, ProcessIdentity.isZombie(stat), stat);
            assertEquals(123456, ProcessIdentity.startTime(stat), stat);
        }
    }

    @Test
    void shouldKnowNoStartTimeOfAProcessThatIsNotShown() {
        assertEquals(0, ProcessIdentity.startTime(null));
    }

    // fault 13
    @Test
    void shouldSeeThatProcIsThatOfAnOuterNamespace() {
        assertTrue(ProcessIdentity.hasOneNumber(List.of("Name:\tjava", "NSpid:\t42", "NSpgid:\t1\t2")));
        assertFalse(ProcessIdentity.hasOneNumber(List.of("Name:\tjava", "NSpid:\t42\t42")));
        assertFalse(ProcessIdentity.hasOneNumber(List.of("NSpid:\t1\t42\t1")));
        assertTrue(ProcessIdentity.hasOneNumber(List.of("Name:\tNSpid:\t1\t2")), "a kernel without that line");
    }

    /** What is mounted in this order, and whether that hides processes. */
    // fault 13
    @ParameterizedTest
    @CsvSource({
        "'proc /proc proc rw,nosuid 0 0', false",
        "'proc /proc proc rw,hidepid=off 0 0', false",
        "'proc /proc proc rw,hidepid=1 0 0', true",
        "'proc /proc proc rw,hidepid=invisible,gid=4 0 0', true",
        "tmpfs /proc tmpfs rw 0 0, true",
        "proc /mnt/proc proc rw 0 0, true",
        "'proc /proc proc rw 0 0;proc /mnt proc rw,hidepid=2 0 0', false",
        "proc /proc proc rw 0 0;tmpfs /proc tmpfs rw 0 0, true",
        "tmpfs /proc tmpfs rw 0 0;proc /proc proc rw 0 0, false"
    })
    void shouldSeeThatProcHidesProcesses(String mounts, boolean hides) {
        assertEquals(hides, ProcessIdentity.hidesProcesses(List.of(mounts.split(";"))));
    }
}
