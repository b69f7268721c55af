package io.github.shm4j.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.ring.InstrumentedClasses;
import io.github.shm4j.ring.SimulatedProcess;
import io.github.shm4j.support.Garbage;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Patient;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Kills, stops, and throws out of, each single access that a process makes to the memory of a lock. */
@Patient
class LockAtEveryAccessTest {

    /** What the process does, and what stood in the lock before. */
    private record Scenario(String name, long before, int sleepers, String prepared, String act) {

        Scenario(String name, long before, String act) {
            this(name, before, 0, "open", act);
        }

        boolean isToldOfEarlierOnes() {
            return before != LockWords.FREE;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static List<Scenario> scenarios() {
        int asleep = 2;
        long free = LockWords.FREE;
        long inconsistent = LockWords.INCONSISTENT;
        // Not the process that is observed, which may have terminated, too.
        long dead = Processes.ENDED - 1;
        return List.of(
                new Scenario("acquires and releases", free, "try; close"),
                new Scenario("acquires with a timeout", free, "acquire 0; close"),
                new Scenario("begins to use the lock", free, 0, "", "open; try; close"),
                new Scenario("comes twice", free, "try; close; try; close"),
                new Scenario("wakes a sleeper", free, asleep, "open", "try; close"),
                new Scenario("succeeds one that died", dead, "try; close"),
                new Scenario("succeeds one that died while it waits", dead, "acquire 0; close"),
                new Scenario("repairs", dead, "try; consistent; close"),
                new Scenario("repairs and comes again", dead, "try; consistent; close; try; close"),
                new Scenario("repairs and wakes a sleeper", dead, asleep, "open", "try; consistent; close"),
                new Scenario("finds what is not consistent", inconsistent, "try; close"),
                new Scenario("makes consistent what it finds", inconsistent, "acquire 0; consistent; close"),
                new Scenario("begins to use a lock whose holder died", dead, 0, "", "open; try; consistent; close"));
    }

    /** One lock, the process that is observed, and another one. */
    private static final class World {

        final MemorySegment memory = Arena.ofAuto().allocate(LockWords.BYTES, 64);
        final List<String> notes = new ArrayList<>();
        final SimulatedProcess victim;
        final Consumer<String> script;
        final SharedLock other;
        final long owner;

        World(Scenario scenario, long owner) {
            this.owner = owner;
            victim = new SimulatedProcess(memory, owner, false);
            script = InstrumentedClasses.end(LockScript.class, memory, notes);
            memory.set(ValueLayout.JAVA_LONG, LockWords.OWNER_OFFSET, scenario.before());
            memory.set(ValueLayout.JAVA_INT, LockWords.SLEEP_OFFSET, scenario.sleepers());
            if (!scenario.prepared().isEmpty()) {
                victim.run(() -> script.accept(scenario.prepared()));
                other = SharedLock.at(memory, 0);
            } else {
                other = null;
            }
        }

        SharedLock other() {
            return other != null ? other : SharedLock.at(memory, 0);
        }

        long holder() {
            return (long) LockWords.LONG.getVolatile(memory, LockWords.OWNER_OFFSET);
        }

        /** What the process has left in the word, as its own accesses say: 0 or 1, or the process; -1 if it has written nothing. */
        long left() {
            long left = -1;
            for (SimulatedProcess.Access access : victim.made()) {
                if (access.offset() == LockWords.OWNER_OFFSET) {
                    if (access.how().equals("compareAndExchange")
                            && access.result().equals(access.values().getFirst())) {
                        left = ((Number) access.values().get(1)).longValue();
                    }
                }
            }
            return left;
        }

        /** Has another process take the lock, which has to be told of one that died or not, and repair the data. */
        void succeed(boolean told) {
            try (SharedLock.Held held = other().tryAcquire()) {
                assertNotNull(held, () -> "cannot be had: " + other());
                assertEquals(told, held.previousOwnerDied(), "told");
                held.markConsistent();
            }
            try (SharedLock.Held held = other().tryAcquire()) {
                assertFalse(held.previousOwnerDied(), "repaired");
            }
        }
    }

    private static AssertionError wrong(String what, World world, Throwable failure) {
        return new AssertionError(what + ", having made " + world.victim.made() + " and noted " + world.notes, failure);
    }

    /** It is of another pid namespace, so that the kernel's count of attachments alone says whether it is there. */
    @Test
    void shouldLeaveTheLockToAnOwnerThatComesBackBeforeItIsTaken() {
        long unseen = Processes.ENDED | 1L << 63;
        Scenario scenario = new Scenario("succeeds one that cannot be seen", unseen, "try");
        int left = 0;
        boolean reached = true;
        for (int i = 0; reached; i++) {
            World world = new World(scenario, Processes.LIVING);
            boolean[] back = new boolean[1];
            world.victim.runAlone(() -> world.script.accept(scenario.act()), i,
                    () -> back[0] = world.holder() == unseen);
            reached = world.victim.count() > i;
            if (back[0]) {
                left++;
                assertEquals(unseen, world.holder(), "robbed before access " + i);
                assertEquals(List.of("busy"), world.notes);
            }
            if (!reached) {
                assertEquals(List.of("told"), world.notes, "nobody else came");
            }
        }
        assertTrue(left > 1, left + " moments");
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void shouldTellTheNextOneExactlyIfTheKilledOneWasInside(Scenario scenario) {
        int accesses = Integer.MAX_VALUE;
        int inside = 0;
        for (int last = 0; last <= accesses; last++) {
            World world = new World(scenario, Processes.ENDED);
            int moment = last;
            world.victim.runAndKill(() -> world.script.accept(scenario.act()), moment);
            if (world.victim.count() <= last) {
                accesses = last;
            }
            try {
                long left = world.left();
                boolean told = left == world.owner || left == LockWords.INCONSISTENT
                        || left == -1 && scenario.isToldOfEarlierOnes();
                inside += left == world.owner ? 1 : 0;
                // Between what it notes, the accesses decide; what it notes must agree with them.
                if (!world.notes.isEmpty() && world.notes.getLast().equals("closed")) {
                    assertTrue(left != world.owner || scenario.act().contains("close; try"), "closed, and left inside");
                } else if (!world.notes.isEmpty()) {
                    assertTrue(left == world.owner || left == 0 || left == 1, "inside, and not named");
                }
                world.succeed(told);
            } catch (Throwable failure) {
                throw wrong("killed before access " + last, world, failure);
            }
        }
        assertTrue(accesses > 2 && inside > 1, accesses + " accesses, " + inside + " of them inside");
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void shouldExcludeOthersFromAStoppedHolderAndNobodyElse(Scenario scenario) {
        for (boolean keeping : new boolean[] {false, true}) {
            int accesses = Integer.MAX_VALUE;
            for (int moment = 0; moment < accesses; moment++) {
                World world = new World(scenario, Processes.LIVING);
                SharedLock.Held[] kept = new SharedLock.Held[1];
                int stop = moment;
                try {
                    world.victim.run(() -> world.script.accept(scenario.act()), number -> {
                        if (number == stop) {
                            boolean inside = world.left() == world.owner;
                            SharedLock.Held held = world.other().tryAcquire();
                            assertEquals(inside, held == null, "busy");
                            if (held != null && keeping) {
                                kept[0] = held;
                                world.notes.add("kept");
                            } else if (held != null) {
                                held.close();
                            }
                        }
                    });
                    if (kept[0] != null) {
                        List<String> after = world.notes.subList(world.notes.indexOf("kept"), world.notes.size());
                        assertFalse(after.contains("acquired") || after.contains("told"), "two holders");
                        kept[0].close();
                    } else {
                        assertFalse(world.notes.contains("busy"), "refused for nobody");
                    }
                    assertTrue(world.holder() == LockWords.FREE || world.holder() == LockWords.INCONSISTENT,
                            () -> "left behind: " + world.other());
                } catch (Throwable failure) {
                    throw wrong("stopped before access " + moment, world, failure);
                }
                accesses = world.victim.count();
            }
            assertTrue(accesses > 2);
        }
    }

    /** What happens behind what was thrown. */
    private enum Then {
        GOES_ON,
        ANOTHER_THREAD_COMES,
        ANOTHER_PROCESS_COMES,
        ENDS
    }

    @ParameterizedTest
    @EnumSource
    void shouldFindTheTruthBehindWhatWasThrown(Then then) throws InterruptedException {
        List<Scenario> all = new ArrayList<>(scenarios());
        // As a try statement closes: once.
        scenarios().forEach(each -> all.add(new Scenario(
                each.name() + " and leaves", each.before(), each.sleepers(), each.prepared(),
                each.act().replace("close", "leave"))));
        for (Scenario scenario : all) {
            for (int mode = 0; mode < 4; mode++) {
                boolean after = (mode & 1) != 0;
                boolean again = (mode & 2) != 0;
                boolean thrown = true;
                for (int moment = 0; thrown; moment++) {
                    World world = new World(scenario, then == Then.ENDS ? Processes.ENDED : Processes.LIVING);
                    String failed = actAndThrow(scenario, world, moment, after, again);
                    thrown = failed != null;
                    try {
                        check(scenario, world, then, failed, again);
                    } catch (Throwable failure) {
                        throw wrong(scenario + ": thrown " + (after ? "after" : "before") + " access " + moment
                                + (again ? " and all that follow" : "") + " out of " + failed + "; then " + then,
                                world, failure);
                    }
                }
            }
        }
    }

    /** Lets the process act one command at a time; returns the one out of which was thrown, or null. */
    private static String actAndThrow(Scenario scenario, World world, int moment, boolean after, boolean again) {
        int before = 0;
        for (String command : scenario.act().split("; ")) {
            try {
                world.victim.runAndThrow(
                        () -> world.script.accept(command), moment - before, after, again, StackOverflowError::new);
            } catch (StackOverflowError asIntended) {
                return command;
            }
            before += world.victim.count();
        }
        return null;
    }

    private static void check(Scenario scenario, World world, Then then, String failed, boolean again)
            throws InterruptedException {
        boolean repaired = scenario.act().contains("consistent") && world.notes.contains("told")
                && !"try".equals(failed) && !"acquire 0".equals(failed)
                || scenario.act().contains("consistent") && world.notes.contains("closed");
        boolean told = scenario.isToldOfEarlierOnes() && !repaired;
        if ("open".equals(failed)) {
            world.victim.run(() -> world.script.accept("open"));
            failed = null;
        }
        boolean closing = "close".equals(failed);
        switch (then) {
            case GOES_ON -> {
                if (closing) {
                    world.victim.run(() -> world.script.accept("close"));
                }
                world.victim.run(() -> world.script.accept("try; consistent"));
                assertEquals(told ? "told" : "acquired", world.notes.getLast());
                assertNull(world.other().tryAcquire());
                world.victim.run(() -> world.script.accept("close"));
                world.succeed(false);
            }
            case ANOTHER_THREAD_COMES -> {
                if (closing) {
                    world.victim.run(() -> world.script.accept("close"));
                }
                List<String> notes = new ArrayList<>();
                Throwable[] failure = new Throwable[1];
                Thread thread = Thread.ofPlatform().start(() -> {
                    try {
                        SimulatedProcess same = new SimulatedProcess(world.memory, world.owner, false);
                        Consumer<String> script = InstrumentedClasses.end(LockScript.class, world.memory, notes);
                        same.run(() -> script.accept("open; try; consistent; close"));
                    } catch (Throwable thrown) {
                        failure[0] = thrown;
                    }
                });
                Patience.join(thread);
                assertNull(failure[0]);
                assertEquals(List.of(told ? "told" : "acquired", "closed"), notes);
                world.succeed(false);
            }
            case ANOTHER_PROCESS_COMES -> {
                if (closing) {
                    world.victim.run(() -> world.script.accept("close"));
                } else if (again && failed != null) {
                    // What it could not undo, it does in its next call.
                    world.victim.run(() -> world.script.accept("try; close"));
                    assertEquals(told ? "told" : "acquired", world.notes.get(world.notes.size() - 2));
                }
                world.succeed(told);
            }
            case ENDS -> {
                long left = world.holder();
                boolean inside = left == world.owner;
                world.succeed(inside || left == LockWords.INCONSISTENT || left == scenario.before() && told);
            }
        }
    }

    /** A lock that a thread was thrown out of is found by the next one, though nothing is left of the first one's objects. */
    @Test
    void shouldFindWhatWasThrownThoughAllObjectsAreGone() {
        MemorySegment memory = Arena.ofAuto().allocate(LockWords.BYTES, 64);
        throwOutAndForget(memory);
        Garbage.collect();
        List<String> notes = new ArrayList<>();
        Consumer<String> script = InstrumentedClasses.end(LockScript.class, memory, notes);
        new SimulatedProcess(memory, Processes.LIVING, false).run(() -> script.accept("open; try; close"));
        assertEquals(List.of("acquired", "closed"), notes);
    }

    private static void throwOutAndForget(MemorySegment memory) {
        SimulatedProcess victim = new SimulatedProcess(memory, Processes.LIVING, false);
        Consumer<String> script = InstrumentedClasses.end(LockScript.class, memory, new ArrayList<>());
        victim.run(() -> script.accept("open"));
        assertThrows(StackOverflowError.class,
                () -> victim.runAndThrow(() -> script.accept("try"), 0, true, true, StackOverflowError::new));
        assertEquals(Processes.LIVING, (long) LockWords.LONG.getVolatile(memory, LockWords.OWNER_OFFSET));
    }

    /** While one thread of a process asks whether the holder is alive, the holder releases, and another thread comes. */
    @Test
    void shouldNotRefuseWhatIsFreeWhileAnotherThreadAsksForTheHolder() throws InterruptedException {
        MemorySegment memory = Arena.ofAuto().allocate(LockWords.BYTES, 64);
        memory.set(ValueLayout.JAVA_LONG, LockWords.OWNER_OFFSET, Processes.LIVING);
        long self = Processes.owner(Processes.start());
        List<String> notes = new ArrayList<>();
        SimulatedProcess asking = new SimulatedProcess(memory, self, false);
        Consumer<String> script = InstrumentedClasses.end(LockScript.class, memory, notes);
        asking.run(() -> script.accept("open"));
        List<String> others = new ArrayList<>();
        int[] questions = new int[1];
        asking.run(() -> script.accept("try"), number -> {
            if (number == 1) {
                questions[0]++;
                memory.set(ValueLayout.JAVA_LONG, LockWords.OWNER_OFFSET, LockWords.FREE);
                join(inAnotherThread(memory, self, others, "open; try; close"));
            }
        });
        assertEquals(1, questions[0]);
        assertEquals(List.of("acquired", "closed"), others);
        assertEquals(List.of("busy"), notes);
    }

    /** One thread is about to take the lock, and is thrown out; another one that has come meanwhile gets the lock. */
    @Test
    void shouldNotRefuseWhatNobodyHasWhileAnotherThreadIsInside() throws InterruptedException {
        MemorySegment memory = Arena.ofAuto().allocate(LockWords.BYTES, 64);
        SimulatedProcess first = new SimulatedProcess(memory, Processes.LIVING, false);
        Consumer<String> script = InstrumentedClasses.end(LockScript.class, memory, new ArrayList<>());
        first.run(() -> script.accept("open"));
        List<String> others = Collections.synchronizedList(new ArrayList<>());
        Thread[] other = new Thread[1];
        StackOverflowError thrown = new StackOverflowError("for the test");
        assertSame(thrown,
                assertThrows(StackOverflowError.class, () -> first.run(() -> script.accept("try"), number -> {
                    if (other[0] == null) {
                        other[0] = inAnotherThread(memory, Processes.LIVING, others, "open; try; close");
                        // Long enough for it to come to its end, if it does not wait.
                        for (int i = 0; i < 100 && other[0].isAlive(); i++) {
                            LockSupport.parkNanos(1_000_000);
                        }
                        throw thrown;
                    }
                })));
        join(other[0]);
        assertEquals(List.of("acquired", "closed"), others);
    }

    private static Thread inAnotherThread(MemorySegment memory, long self, List<String> notes, String commands) {
        return Thread.ofPlatform().start(() -> {
            try {
                SimulatedProcess same = new SimulatedProcess(memory, self, false);
                Consumer<String> script = InstrumentedClasses.end(LockScript.class, memory, notes);
                same.run(() -> script.accept(commands));
            } catch (Throwable failure) {
                notes.add(failure.toString());
            }
        });
    }

    private static void join(Thread thread) {
        try {
            Patience.join(thread);
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    /** Of those who sleep one is woken: if it is interrupted at that moment, it takes the lock or wakes the next one. */
    @Test
    void shouldNotLeaveOthersAsleepWhenTheOneThatWasWokenIsInterrupted() {
        World world = new World(new Scenario("waits", LockWords.FREE, "acquire 60000; close"), Processes.LIVING);
        SharedLock.Held held = world.other().tryAcquire();
        boolean[] released = new boolean[1];
        world.victim.run(() -> world.script.accept("acquire 60000"), number -> {
            List<SimulatedProcess.Access> made = world.victim.made();
            long slept = made.stream()
                    .filter(access -> access.how().equals("setVolatile") && access.offset() == LockWords.SLEEP_OFFSET)
                    .count();
            boolean awake = slept == 1 && !made.getLast().how().equals("fullFence")
                    && made.getLast().offset() == LockWords.OWNER_OFFSET;
            if (awake && !released[0]) {
                released[0] = true;
                held.close();
                Thread.currentThread().interrupt();
            }
        });
        assertTrue(Thread.interrupted());
        assertTrue(released[0]);
        assertEquals(List.of("acquired"), world.notes);
        world.victim.run(() -> world.script.accept("close"));
        assertEquals(1, world.memory.get(ValueLayout.JAVA_INT, LockWords.SLEEP_OFFSET), "who sleeps is woken");
    }

    /** A waiter makes some hundred accesses, most of them the same; it gets the lock whenever the holder goes. */
    @Test
    void shouldGetTheLockWhileItWaits() {
        int accesses = Integer.MAX_VALUE;
        int acquired = 0;
        for (int moment = 0; moment < accesses; moment = moment < 4 || moment > 95 ? moment + 1 : moment + 13) {
            World world = new World(new Scenario("waits", LockWords.FREE, "acquire 2; close"), Processes.LIVING);
            SharedLock.Held held = world.other().tryAcquire();
            int stop = moment;
            world.victim.run(() -> world.script.accept("acquire 2; close"), number -> {
                if (number == stop) {
                    held.close();
                }
            });
            accesses = world.victim.count();
            if (world.notes.equals(List.of("acquired", "closed"))) {
                acquired++;
            } else {
                assertEquals(List.of("busy"), world.notes);
                held.close();
            }
            assertEquals(LockWords.FREE, world.holder());
            world.succeed(false);
        }
        assertTrue(acquired > 3, acquired + " times acquired");
    }

    @Test
    void shouldTellTheNextOneOfAWaiterThatWasKilled() {
        int accesses = Integer.MAX_VALUE;
        for (int moment = 0; moment < accesses; moment = moment < 4 || moment > 95 ? moment + 1 : moment + 13) {
            World world = new World(new Scenario("waits", LockWords.FREE, "acquire 2; close"), Processes.ENDED);
            SharedLock.Held held = world.other().tryAcquire();
            world.victim.runAndKill(() -> world.script.accept("acquire 2; close"), moment);
            accesses = world.victim.count() <= moment ? moment : Integer.MAX_VALUE;
            held.close();
            world.succeed(false);
        }
    }
}
