package io.github.shm4j.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.internal.Owner;
import io.github.shm4j.ring.InstrumentedClasses;
import io.github.shm4j.ring.SimulatedProcess;
import io.github.shm4j.support.Patient;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Takes a lock from a process that lives, before each single access that it makes to the shared memory. */
@Patient
class LockTakeOverTest {

    // Processes of these tests alone: no other test signs as one of them.
    private static final long ROBBED = Owner.of(40_011, 1);
    private static final long TAKER = Owner.of(40_012, 1);
    private static final long THIRD = Owner.of(40_013, 1);

    private static final List<String> ACTS =
            List.of("try; close", "acquire 0; close", "try; consistent; close", "try; ask; close; try; close");

    /** One that uses the lock. */
    private static final class User {

        final List<String> notes = new ArrayList<>();
        final SimulatedProcess process;

        private final Consumer<String> script;

        User(MemorySegment memory, long owner, LongPredicate terminated) {
            process = new SimulatedProcess(memory, owner, false, terminated);
            script = InstrumentedClasses.end(LockScript.class, memory, notes);
            act("open");
        }

        User(MemorySegment memory, long owner) {
            this(memory, owner, _ -> false);
        }

        void act(String commands) {
            process.run(() -> script.accept(commands));
        }

        String last() {
            return notes.getLast();
        }
    }

    private static MemorySegment memory(long before) {
        MemorySegment memory = Arena.ofAuto().allocate(LockWords.BYTES, 64);
        memory.set(ValueLayout.JAVA_LONG, LockWords.OWNER_OFFSET, before);
        return memory;
    }

    private static long owner(MemorySegment memory) {
        return (long) LockWords.LONG.getVolatile(memory, LockWords.OWNER_OFFSET);
    }

    /** A process that comes to an access, and waits there. */
    private static final class Stopped {

        final User user;

        private final Semaphore atMoment = new Semaphore(0);
        private final Semaphore goOn = new Semaphore(0);
        private final Thread thread;
        private Throwable failure;
        private boolean reached;

        Stopped(MemorySegment memory, String act, int moment) throws InterruptedException {
            user = new User(memory, ROBBED);
            thread = Thread.ofPlatform().unstarted(() -> {
                try {
                    user.process.run(() -> user.script.accept(act), access -> {
                        if (access == moment) {
                            reached = true;
                            atMoment.release();
                            goOn.acquireUninterruptibly();
                        }
                    });
                } catch (Throwable thrown) {
                    failure = thrown;
                } finally {
                    atMoment.release();
                }
            });
            thread.start();
            atMoment.acquire();
        }

        /** Lets the process do all the rest. */
        void goOn() {
            goOn.release();
            try {
                thread.join();
            } catch (InterruptedException interrupted) {
                throw new AssertionError(interrupted);
            }
        }
    }

    /** When a robbed one goes on. */
    private enum GoesOn {
        WHILE_THE_TAKER_WAITS,
        WHILE_THE_TAKER_HOLDS,
        WHEN_THE_TAKER_HAS_RELEASED,
        WHILE_ANOTHER_ONE_HOLDS
    }

    // fault 25
    @ParameterizedTest
    @EnumSource
    void shouldTellTheRobbedOneAndLeaveTheLockToOthers(GoesOn when) throws InterruptedException {
        for (long before : new long[] {LockWords.FREE, LockWords.INCONSISTENT}) {
            for (String act : ACTS) {
                int robbed = 0;
                boolean reached = true;
                for (int moment = 0; reached; moment++) {
                    MemorySegment memory = memory(before);
                    Stopped stopped = new Stopped(memory, act, moment);
                    reached = stopped.reached;
                    try {
                        robbed += rob(memory, stopped, when) ? 1 : 0;
                    } catch (Throwable failure) {
                        throw new AssertionError(act + " robbed before access " + moment + ", having made "
                                + stopped.user.process.made() + " and noted " + stopped.user.notes, failure);
                    } finally {
                        stopped.goOn();
                    }
                    assertNull(stopped.failure, act + " robbed before access " + moment);
                }
                assertTrue(robbed > 1, robbed + " moments");
            }
        }
    }

    /** Returns whether the process was robbed, and did not only come too late. */
    private static boolean rob(MemorySegment memory, Stopped stopped, GoesOn when) {
        boolean inside = owner(memory) == ROBBED;
        boolean told = inside || owner(memory) == LockWords.INCONSISTENT;
        User taker = new User(memory, TAKER);
        User third = new User(memory, THIRD);
        int[] waited = new int[1];
        taker.process.meanwhile(() -> {
            waited[0]++;
            if (when == GoesOn.WHILE_THE_TAKER_WAITS) {
                stopped.goOn();
            }
        });
        taker.act("take-over");
        assertEquals(told ? "told" : "acquired", taker.last());
        assertEquals(inside ? 1 : 0, waited[0], "waits for an owner only");
        if (when == GoesOn.WHILE_THE_TAKER_HOLDS) {
            stopped.goOn();
        }
        if (!inside && when.compareTo(GoesOn.WHILE_THE_TAKER_HOLDS) > 0) {
            // It is free to acquire the lock when it goes on.
            taker.act("close");
            stopped.goOn();
            assertFalse(stopped.user.notes.contains(LockScript.LOST));
            third.act("try; close");
            assertEquals("closed", third.last());
            return false;
        }
        assertEquals(TAKER, owner(memory));
        third.act("try; close");
        assertEquals("busy", third.last());
        taker.act("ask; close");
        assertEquals(List.of("false", "closed"), taker.notes.subList(1, 3));
        if (when == GoesOn.WHEN_THE_TAKER_HAS_RELEASED) {
            stopped.goOn();
        }
        if (when == GoesOn.WHILE_ANOTHER_ONE_HOLDS) {
            third.act("try");
            assertEquals(told ? "told" : "acquired", third.last());
            stopped.goOn();
            assertEquals(THIRD, owner(memory));
            third.act("close");
        }
        assertEquals(inside, stopped.user.notes.contains(LockScript.LOST));
        third.act("try; consistent; close");
        assertEquals("closed", third.last());
        assertEquals(LockWords.FREE, owner(memory));
        return inside;
    }

    /** Whoever cannot take over leaves the lock to the one that has it, or has to be told of it. */
    @Test
    void shouldLeaveTheLockToItsHolderOrFreeWhereverSomethingIsThrown() {
        int waits = 0;
        for (int mode = 0; mode < 4; mode++) {
            boolean after = (mode & 1) != 0;
            boolean again = (mode & 2) != 0;
            boolean thrown = true;
            for (int moment = 0; thrown; moment++) {
                String when =
                        "thrown " + (after ? "after" : "before") + " access " + moment + (again ? " and later" : "");
                MemorySegment memory = memory(LockWords.FREE);
                User robbed = new User(memory, ROBBED);
                robbed.act("try");
                User taker = new User(memory, TAKER);
                int[] waited = new int[1];
                taker.process.meanwhile(() -> waited[0]++);
                thrown = throwOutOfTakeOver(taker, moment, after, again);
                if (again && thrown) {
                    // What it could not undo, its next call does.
                    taker.act("try; close");
                    assertEquals(waited[0] > 0 ? "closed" : "busy", taker.last(), when);
                }
                waits += waited[0];
                if (thrown) {
                    assertEquals(waited[0] > 0 ? LockWords.INCONSISTENT : ROBBED, owner(memory), when);
                    robbed.act("close");
                    assertEquals(waited[0] > 0 ? LockScript.LOST : "closed", robbed.last(), when);
                } else {
                    assertEquals(1, waited[0]);
                    taker.act("close");
                }
                User third = new User(memory, THIRD);
                third.act("try");
                assertEquals(waited[0] > 0 ? "told" : "acquired", third.last(), when);
                third.act("close");
                taker.act("take-over; consistent; close");
                assertEquals("closed", taker.last(), when);
                assertEquals(LockWords.FREE, owner(memory), when);
            }
        }
        assertTrue(waits > 5, waits + " times waited");
    }

    /** Returns whether it was thrown. */
    private static boolean throwOutOfTakeOver(User taker, int moment, boolean after, boolean again) {
        try {
            taker.process.runAndThrow(
                    () -> taker.script.accept("take-over"), moment, after, again, StackOverflowError::new);
            return false;
        } catch (StackOverflowError asIntended) {
            return true;
        }
    }

    /** Whoever takes over can be killed as everybody else. */
    @Test
    void shouldTellTheNextOneWhenTheTakerIsKilled() {
        int signed = 0;
        boolean killed = true;
        for (int moment = 0; killed; moment++) {
            MemorySegment memory = memory(LockWords.FREE);
            User robbed = new User(memory, ROBBED);
            robbed.act("try");
            User taker = new User(memory, TAKER);
            int last = moment;
            taker.process.runAndKill(() -> taker.script.accept("take-over"), last);
            killed = taker.process.count() > last;
            boolean robs = owner(memory) == TAKER;
            signed += robs ? 1 : 0;
            User third = new User(memory, THIRD, pid -> pid == Owner.pid(TAKER));
            third.act("try; ask");
            assertEquals(robs ? List.of("told", "false") : List.of("busy"), third.notes,
                    "killed before access " + last);
            robbed.act("ask; close");
            assertEquals(robs ? List.of("true", LockScript.LOST) : List.of("false", "closed"),
                    robbed.notes.subList(1, 3), "killed before access " + last);
            assertEquals(robs ? THIRD : LockWords.FREE, owner(memory));
        }
        assertTrue(signed > 1, signed + " moments");
    }

    /** Of two that take over from the same owner, the first one finds out before it has the lock. */
    @Test
    void shouldLetTheLastOfTwoTakersGoOn() {
        MemorySegment memory = memory(LockWords.FREE);
        User robbed = new User(memory, ROBBED);
        robbed.act("try");
        User first = new User(memory, TAKER);
        User second = new User(memory, THIRD);
        first.process.meanwhile(() -> second.act("take-over"));
        String lost = assertThrows(RuntimeException.class, () -> first.act("take-over")).getClass().getName();
        // It is of the class that the observed copies of the library know.
        assertEquals(LockLostException.class.getName(), lost);
        assertEquals(THIRD, owner(memory));
        first.act("try");
        assertEquals("busy", first.last());
        second.act("close");
        robbed.act("close");
        assertEquals(List.of("told", "closed"), second.notes);
        assertEquals(LockScript.LOST, robbed.last());
        first.act("try; consistent; close");
        assertEquals(List.of("busy", "told", "closed"), first.notes);
    }
}
