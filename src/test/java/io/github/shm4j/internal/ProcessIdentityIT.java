package io.github.shm4j.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.support.Child;
import io.github.shm4j.support.Peers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whether other processes are alive, in all the states that a process can be in. */
class ProcessIdentityIT {

    private static final long PATIENCE_SECONDS = 60;

    // fault 13
    @Test
    void shouldCallARunningProcessAliveAndAKilledOneDead() {
        try (Child.Running child = waiting()) {
            assertTrue(ProcessIdentity.mayBeAlive(child.pid(), now()));
            assertFalse(ProcessIdentity.mayBeAlive(child.pid(), now() - 3600), "another process had the number then");
            child.kill();
            assertFalse(ProcessIdentity.mayBeAlive(child.pid(), now()));
        }
    }

    // fault 13
    @Test
    void shouldCallAStoppedProcessAlive() throws IOException {
        try (Child.Running child = waiting()) {
            child.signal("STOP");
            awaitState(child.pid(), 'T');
            assertTrue(ProcessIdentity.mayBeAlive(child.pid(), now()));
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
            assertTrue(ProcessIdentity.mayBeAlive(pid, now()));
            Child.command("kill", "-9", pid).run().ok();
            awaitState(pid, 'Z');
            assertTrue(ProcessHandle.of(pid).isPresent(), "a zombie still has its number");
            assertFalse(ProcessIdentity.mayBeAlive(pid, now()));
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
            assertTrue(ProcessIdentity.mayBeAlive(child.pid(), now()));
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
            assertTrue(ProcessIdentity.mayBeAlive(child.pid(), now()));
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
    void shouldCallEveryProcessAliveWhereProcBelongsToAnotherNamespace() {
        Peers.requireOtherUser();
        // The numbers of the new namespace mean other processes, or none, in a /proc that was mounted outside of it.
        assertEquals(
                "true",
                Child.java(MayBeAlive.class)
                        .under("unshare", "-p", "-f", "sh", "-c")
                        .under("sleep 1000 > /dev/null 2>&1 & exec \"$@\" $!", "sh")
                        .run()
                        .ok());
        assertEquals(
                "true",
                Child.java(MayBeAlive.class, Integer.MAX_VALUE)
                        .under("unshare", "-p", "-f")
                        .run()
                        .ok());
    }

    // fault 13
    @Test
    void shouldCallAProcessAliveWhoseFirstThreadHasEnded(@TempDir Path directory) throws IOException {
        Path program = Peers.compile(directory, "headless", """
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
            assertTrue(ProcessIdentity.mayBeAlive(child.pid(), now()));
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
            System.out.println(ProcessIdentity.mayBeAlive(Long.parseLong(arguments[0]), now()));
        }
    }

    private static Child.Running waiting() {
        Child.Running child = Child.command("sh", "-c", "echo ready; read line").start();
        assertEquals("ready", child.line());
        return child;
    }

    private static void awaitState(long pid, char state) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        String stat;
        do {
            assertTrue(System.nanoTime() - deadline < 0, "the process does not get to state " + state);
            stat = Files.readString(stat(pid), StandardCharsets.ISO_8859_1);
        } while (stat.charAt(stat.lastIndexOf(')') + 2) != state);
    }

    private static Path stat(long pid) {
        return Path.of("/proc", Long.toString(pid), "stat");
    }

    private static long now() {
        return Instant.now().getEpochSecond();
    }
}
