package io.github.shm4j.support;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmNotFoundException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What tests rely on when they wait for processes. */
class PatienceIT {

    /** Some tenths of a second of work. */
    private static final String WORK = "i=0; while [ $i -lt 200000 ]; do i=$((i + 1)); done; echo done";

    private static Patience impatient(Child.Running child, int idleMillis, int busyMillis) {
        List<Long> process = List.of(child.pid());
        return new Patience(() -> process, idleMillis, busyMillis);
    }

    @Test
    void shouldGiveUpWhereNothingHappens() {
        try (Child.Running sleeping = Child.command("sh", "-c", "sleep 1000").start()) {
            Patience patience = impatient(sleeping, 1500, 60_000);
            AssertionError given = assertThrows(AssertionError.class, () -> {
                while (true) {
                    patience.pause(() -> "nothing comes");
                }
            });
            assertEquals("nothing comes (idle for 1500 ms)", given.getMessage());
        }
    }

    /** A process that looks at something now and then hangs as well as one that sleeps. */
    @Test
    void shouldGiveUpWhereAProcessOnlyLooksNowAndThen() {
        try (Child.Running polling = Child.command("sh", "-c", "while :; do sleep 0.2; done").start()) {
            Patience patience = impatient(polling, 3000, 60_000);
            String end = patience.end();
            while (end == null) {
                pause();
                end = patience.end();
            }
            assertEquals("idle for 3000 ms", end);
        }
    }

    @Test
    void shouldGiveUpWhereAProcessGoesRoundInCircles() {
        try (Child.Running spinning = Child.command("sh", "-c", "sh -c 'while :; do :; done'; :").start()) {
            Patience patience = impatient(spinning, 60_000, 1000);
            AssertionError given = assertThrows(AssertionError.class, () -> {
                while (true) {
                    patience.pause(() -> "nothing comes");
                }
            });
            assertEquals("nothing comes (busy for 1000 ms of processor time)", given.getMessage());
        }
    }

    /** A process that hardly ever gets a processor may take many times as long as it may be idle. */
    @Test
    void shouldWaitForAProcessThatHasToShareTheProcessor() throws Exception {
        List<Child.Running> others = new ArrayList<>();
        try {
            for (int i = 0; i < 8; i++) {
                others.add(Child.command("sh", "-c", "while :; do :; done").under("taskset", "-c", "0").start());
            }
            try (Child.Running working =
                    Child.command("sh", "-c", WORK).under("taskset", "-c", "0").start()) {
                Patience patience = impatient(working, 1500, 600_000);
                while (working.isAlive()) {
                    patience.pause(() -> "given up");
                }
                assertEquals("done", working.await().ok());
            }
        } finally {
            others.forEach(Child.Running::close);
        }
    }

    @Test
    void shouldStartAnewWhenSomethingHasHappened() {
        try (Child.Running sleeping = Child.command("sleep", "1000").start()) {
            Patience patience = impatient(sleeping, 1500, 60_000);
            for (int i = 0; i < 6; i++) {
                long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(600);
                while (System.nanoTime() - end < 0) {
                    pause();
                }
                patience.renewIfChanged(i);
                assertNull(patience.end());
            }
            patience.renewIfChanged(5);
            while (patience.end() == null) {
                pause();
            }
        }
    }

    /** As in the background, or after nohup. */
    @ParameterizedTest
    @ValueSource(strings = {"INT, 130", "HUP, 129", "QUIT, 131", "PIPE, 141"})
    void shouldStartProcessesWithDefaultSignals(String signalAndExit) {
        String[] words = signalAndExit.split(", ");
        Child.Result result = Child.java(Parent.class, "kill -" + words[0] + " $$; echo alive")
                .under("sh", "-c", "trap '' INT HUP QUIT PIPE; exec \"$@\"", "sh")
                .run();
        assertEquals(words[1], result.ok());
    }

    /** Says how a command ends. */
    static final class Parent {
        public static void main(String... arguments) {
            System.out.println(Child.command("sh", "-c", arguments[0]).run().exit());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT", "HUP", "KILL"})
    void shouldLeaveNoProcessBehindWhenTheTestsAreEnded(String signal) throws Exception {
        try (Child.Running tests = Child.java(Abandoning.class).start()) {
            long grandchild = Long.parseLong(tests.line());
            Path proc = Path.of("/proc", Long.toString(grandchild));
            assertTrue(Files.exists(proc));
            tests.signal(signal);
            tests.await();
            Patience.await("the grandchild has ended", () -> !Files.exists(proc));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT", "HUP"})
    void shouldLeaveNoBlockBehindWhenTheTestsAreEnded(String signal) throws ShmException {
        try (Blocks blocks = new Blocks();
                Child.Running tests = Child.java(Making.class, "all")
                        .jvm("-Dshm4j.test.classes=" + System.getProperty("shm4j.test.classes"),
                                "-Dshm4j.test.testClasses=" + System.getProperty("shm4j.test.testClasses"))
                        .start()) {
            List<SharedMemory> made = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                made.add(blocks.adopt(SharedMemory.ofId(Integer.parseInt(tests.line()))));
                assertEquals(100, made.get(i).status().size());
            }
            tests.signal(signal);
            tests.await();
            for (SharedMemory memory : made) {
                assertThrows(ShmNotFoundException.class, memory::status);
            }
        }
    }

    /** Makes a block in the way of tests, another one with a key that was promised, and lets a child make a third. */
    static final class Making {
        public static void main(String... arguments) throws Exception {
            Blocks blocks = new Blocks();
            if (arguments[0].equals("all")) {
                System.out.println(blocks.create(100).id());
                System.out.println(SharedMemory.create(blocks.freeKey(), 100).id());
                System.out.println(Child.java(Making.class, "one").start().line());
            } else {
                System.out.println(SharedMemory.createPrivate(100).id());
            }
            System.in.read();
        }
    }

    /** Starts a process that starts another one, and waits. */
    static final class Abandoning {
        public static void main(String... arguments) throws Exception {
            System.out.println(Child.command("sh", "-c", "sleep 1000 & echo $!; wait").start().line());
            System.in.read();
        }
    }

    @Test
    void shouldEndAWholeTree() throws Exception {
        Path proc;
        try (Child.Running tree = Child.command("sh", "-c", "sh -c 'sleep 1000 & echo $!; wait'; :").start()) {
            proc = Path.of("/proc", tree.line());
            assertTrue(Files.exists(proc));
        }
        Patience.await("the grandchild has ended", () -> !Files.exists(proc));
    }

    @Test
    void shouldReadNothingBeforeTheEnd() throws Exception {
        try (Child.Running talking = Child.command("yes").start()) {
            FutureTask<Child.Result> result = new FutureTask<>(talking::awaitWithoutReading);
            Thread.ofPlatform().daemon().start(result);
            Path stat = Path.of("/proc", Long.toString(talking.pid()), "stat");
            Patience.await("the pipe is full", () -> Files.readString(stat).contains(") S "));
            talking.signal("TERM");
            int length = Patience.get(result).out().length();
            assertTrue(length > 0 && length <= 1 << 16, () -> length + " characters");
        }
    }

    @Test
    void shouldNameTheThreadThatCalls() {
        String thread = Activity.ownThread();
        assertTrue(thread.startsWith(ProcessHandle.current().pid() + "/task/"), thread);
        assertFalse(Activity.millisOfThread(thread) < 0);
    }

    private static void pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }
}
