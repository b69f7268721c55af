package io.github.shm4j.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.support.Child;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Peers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whether other processes are alive, in all the states that a process can be in. */
class ProcessIdentityIT {

    // fault 13
    @Test
    void shouldCallARunningProcessAliveAndAKilledOneDead() {
        try (Child.Running child = waiting()) {
            assertTrue(mayBeAlive(child.pid()));
            child.kill();
            assertFalse(mayBeAlive(child.pid()));
        }
    }

    // fault 13
    @Test
    void shouldCallAStoppedProcessAlive() throws IOException {
        try (Child.Running child = waiting()) {
            child.signal("STOP");
            awaitState(child.pid(), 'T');
            assertTrue(mayBeAlive(child.pid()));
        }
    }

    // fault 13
    @Test
    void shouldCallADeadProcessDeadThatItsParentHasNotAskedAbout() throws IOException {
        // The shell starts a process and becomes another program, which knows nothing of it.
        try (Child.Running parent = Child.command(
                "sh", "-c", "sleep 1000 > /dev/null 2>&1 & echo $!; exec sleep 1000")
                .start()) {
            long pid = Long.parseLong(parent.line());
            assertTrue(mayBeAlive(pid));
            Child.command("kill", "-9", pid).run().ok();
            awaitState(pid, 'Z');
            assertTrue(ProcessHandle.of(pid).isPresent(), "a zombie still has its number");
            assertFalse(mayBeAlive(pid));
        }
    }

    // fault 13
    @Test
    void shouldReadTheStateOfAProcessWithAMisleadingName() throws IOException {
        try (Child.Running child = Child.command(
                "sh", "-c", "printf ') Z 1 (' > /proc/$$/comm; echo ready; read line")
                .start()) {
            assertEquals("ready", child.line());
            assertTrue(
                    Files.readString(stat(child.pid()), StandardCharsets.ISO_8859_1).contains("() Z 1 ()"),
                    "the name was not set");
            assertTrue(mayBeAlive(child.pid()));
        }
    }

    // fault 13
    @Test
    void shouldCallAnotherUsersProcessAlive() {
        Peers.requireOtherUser();
        try (Child.Running child = waiting()) {
            assertEquals(
                    "true", Child.java(MayBeAlive.class, child.pid()).asNobody().run().ok());
        }
        try (Child.Running child =
                Child.command("sh", "-c", "echo ready; read line").asNobody().start()) {
            assertEquals("ready", child.line());
            assertTrue(mayBeAlive(child.pid()));
        }
    }

    // fault 13
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void shouldCallAProcessAliveThatProcHides(int hidepid) {
        Peers.requireOtherUser();
        requireHidingProc();
        try (Child.Running child = waiting()) {
            assertEquals(
                    "true",
                    Child.java(MayBeAlive.class, child.pid())
                            .under("unshare", "-m", "sh", "-c", mountProc(hidepid) + "exec \"$@\"", "sh")
                            .asNobody()
                            .run()
                            .ok());
        }
    }

    // fault 13
    @ParameterizedTest
    @ValueSource(strings = {"proc", "none"})
    void shouldNotCareWhatTheHidingProcWasMountedFrom(String source) {
        Peers.requireOtherUser();
        requireHidingProc();
        assertEquals(
                "true",
                Child.java(MayBeAlive.class)
                        .under("unshare", "-m", "-p", "-f", "sh", "-c")
                        .under(
                                "mount -t proc -o hidepid=1 " + source
                                        + " /proc; sleep 1000 > /dev/null 2>&1 & exec \"$@\" $!",
                                "sh")
                        .asNobody()
                        .run()
                        .ok());
    }

    // fault 13
    @Test
    void shouldNotTakeTheNumbersOfAnotherNamespacesProcForItsOwn() {
        Peers.requireNamespaces("-p", "-f");
        // The numbers of the new namespace mean other processes, or none, in a /proc that was mounted outside of it.
        assertEquals(
                "true",
                Child.java(MayBeAlive.class)
                        .under(Child.unshare("-p", "-f", "sh", "-c"))
                        .under("sleep 1000 > /dev/null 2>&1 & exec \"$@\" $!", "sh")
                        .run()
                        .ok());
        assertEquals(
                "false",
                Child.java(MayBeAlive.class, Integer.MAX_VALUE)
                        .under(Child.unshare("-p", "-f"))
                        .run()
                        .ok());
    }

    @Test
    void shouldNotTakeAForeignProcForItsOwnWhereBothHaveTheSameNumberForThisProcess() {
        Peers.requireNamespaces("-p", "-f", "--mount-proc");
        Peers.require(Files.exists(Path.of("/proc/sys/kernel/ns_last_pid")), "ns_last_pid");
        // In a namespace A, whose /proc it is, and one within, B, the processes get these numbers:
        //   the shell A 1002, B 1; the first sleep A 1003, B 2; the second one A 1004, B 1002; the JVM A 1005, B 1005
        assertEquals(
                "1005 1005 false",
                Child.java(HasEnded.class, 1002, 1004)
                        .under(Child.unshare("-p", "-f", "--mount-proc", "sh", "-c"))
                        .under("echo 1000 > /proc/sys/kernel/ns_last_pid; \"$@\"; exit $?", "sh")
                        .under("unshare", "-p", "-f", "--kill-child", "sh", "-c")
                        .under(
                                "sleep 0.1; echo 1001 > /proc/sys/kernel/ns_last_pid; sleep 1000 > /dev/null 2>&1 &"
                                        + " echo 1004 > /proc/sys/kernel/ns_last_pid; \"$@\"; exit $?",
                                "sh")
                        .run()
                        .ok());
    }

    /** Prints this process's number here and in /proc, and whether the process has ended that has two given numbers there. */
    static final class HasEnded {

        private HasEnded() {}

        public static void main(String[] arguments) throws IOException {
            String stat = Files.readString(stat(Long.parseLong(arguments[1])), StandardCharsets.ISO_8859_1);
            long started = Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[19]);
            System.out.println(ProcessHandle.current().pid() + " " + Files.readSymbolicLink(Path.of("/proc/self")) + " "
                    + ProcessIdentity.hasTerminated(Long.parseLong(arguments[0]), started));
        }
    }

    // fault 13
    @Test
    void shouldCallAProcessAliveWhoseFirstThreadHasEnded() throws IOException {
        Path program = Peers.compile("headless", """
                #include <pthread.h>
                #include <stdio.h>
                static void *wait(void *unused) {
                    (void) unused;
                    return (void *) (long) getchar();
                }
                int main(void) {
                    pthread_t thread;
                    if (pthread_create(&thread, NULL, wait, NULL) != 0) {
                        return 1;
                    }
                    puts("ready");
                    fflush(stdout);
                    pthread_exit(NULL);
                }
                """);
        try (Child.Running child = Child.command(program).start()) {
            assertEquals("ready", child.line());
            awaitState(child.pid(), 'Z');
            assertTrue(mayBeAlive(child.pid()));
        }
    }

    // fault 13
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void shouldCallAProcessAliveThatProcHidesThoughTheFirstProcessCanBeSeen(int hidepid) {
        Peers.requireOtherUser();
        requireHidingProc();
        // As in a container whose first process is the user's own, beside somebody else's.
        assertEquals(
                "true",
                Child.java(MayBeAlive.class)
                        .under("unshare", "-m", "-p", "-f", "sh", "-c")
                        .under(mountProc(hidepid) + "sleep 1000 > /dev/null 2>&1 & exec \"$@\" $!", "sh")
                        .asNobody()
                        .run()
                        .ok());
    }

    private static String mountProc(int hidepid) {
        return "mount -t proc -o hidepid=" + hidepid + " proc /proc || exit 9; ";
    }

    private static void requireHidingProc() {
        Peers.require(
                Child.command("unshare", "-m", "-p", "-f", "sh", "-c", mountProc(2) + "true")
                        .run()
                        .exit()
                        == 0,
                "/proc that hides other users' processes");
    }

    /** Prints whether a process may be alive. */
    static final class MayBeAlive {

        private MayBeAlive() {}

        public static void main(String[] arguments) {
            long pid = Long.parseLong(arguments[0]);
            boolean one = ProcessIdentity.mayBeAlive(pid);
            boolean ofMany = ProcessTable.read().mayBeAlive(pid);
            System.out.println(one == ofMany ? one : "one by one " + one + ", of many " + ofMany);
        }
    }

    private static Child.Running waiting() {
        Child.Running child = Child.command("sh", "-c", "echo ready; read line").start();
        assertEquals("ready", child.line());
        return child;
    }

    private static void awaitState(long pid, char state) throws IOException {
        Patience patience = Patience.withAll();
        String stat;
        do {
            patience.check(() -> "the process does not get to state " + state);
            stat = Files.readString(stat(pid), StandardCharsets.ISO_8859_1);
        } while (stat.charAt(stat.lastIndexOf(')') + 2) != state);
    }

    private static Path stat(long pid) {
        return Path.of("/proc", Long.toString(pid), "stat");
    }

    /** Asks in both ways. */
    private static boolean mayBeAlive(long pid) {
        boolean mayBeAlive = ProcessIdentity.mayBeAlive(pid);
        assertEquals(mayBeAlive, ProcessTable.read().mayBeAlive(pid));
        return mayBeAlive;
    }
}
