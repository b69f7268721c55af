package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.internal.Owner;
import io.github.shm4j.support.Patient;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Robs a process of a role that it has not finished to take, before each single access. */
@Patient
class RobbedTakerTest {

    /** Processes of these tests alone: no other test signs as one of them at the same time. */
    private static final long FIRST = Owner.of(40_001, 1);

    private static final long SECOND = Owner.of(40_002, 1);
    private static final long THIRD = Owner.of(40_003, 1);

    /** One of the processes that take a role in a ring of their own, one after the other. */
    private static final class Taker {

        final List<String> notes = new ArrayList<>();
        final SimulatedProcess process;
        final Consumer<String> end;

        Taker(MemorySegment memory, long owner) {
            process = new SimulatedProcess(memory, owner, false, pid -> pid == Owner.pid(Simulation.TERMINATED));
            end = InstrumentedClasses.end(memory, notes);
            act("open");
        }

        /** Another object of the same process. */
        Taker(MemorySegment memory, Taker other) {
            process = other.process;
            end = InstrumentedClasses.end(memory, notes);
            act("open");
        }

        void act(String commands) {
            process.run(() -> end.accept(commands));
        }

        /** Returns whether it was thrown. */
        boolean throwOutOf(String commands, int moment, boolean after) {
            try {
                process.runAndThrow(() -> end.accept(commands), moment, after, false, StackOverflowError::new);
                return false;
            } catch (StackOverflowError asIntended) {
                return true;
            }
        }
    }

    /** A role in a new ring with three messages, which a process has left that has terminated. */
    private record Left(MemorySegment memory, boolean producing) {

        static List<Left> all() {
            List<Left> all = new ArrayList<>();
            for (Rings kind : Rings.values()) {
                for (boolean producing : new boolean[] {false, true}) {
                    if (producing && kind == Rings.MPSC) {
                        continue;
                    }
                    MemorySegment memory = kind.memory(1024);
                    kind.create(memory, 1024).close();
                    new RingScript(memory, new ArrayList<>())
                            .accept("open; write a/5; write b/13; write c/5; close");
                    all.add(new Left(memory, producing));
                }
            }
            return all;
        }

        /** Where the role's owner stands. */
        long field() {
            return producing ? RingLayout.SLOTS_BEGIN + RingLayout.SLOT_OWNER : RingLayout.CONSUMER_OFFSET;
        }

        long owner() {
            return Rings.getLong(memory, field());
        }

        String take() {
            return "take " + role();
        }

        String takeOver() {
            return "take-over " + role();
        }

        private String role() {
            return producing ? "producer" : "consumer";
        }

        String act() {
            return producing ? "write y/5" : "read 1";
        }

        @Override
        public String toString() {
            return role() + " of " + (RingBuffer.open(memory) instanceof SpscRingBuffer ? "one" : "many");
        }
    }

    /** One that is robbed before it has counted, counts when it goes on. That robs nobody. */
    @Test
    void shouldGoOnWhenARobbedOneCountsLate() throws InterruptedException {
        int late = 0;
        boolean reached = true;
        for (int i = 0; reached; i++) {
            reached = false;
            for (Left left : Left.all()) {
                Rings.setLong(left.memory(), left.field(), Simulation.TERMINATED);
                Taker first = new Taker(left.memory(), FIRST);
                Taker second = new Taker(left.memory(), SECOND);
                Semaphore atMoment = new Semaphore(0);
                Semaphore goOn = new Semaphore(0);
                int moment = i;
                Thread thread = Thread.ofPlatform().unstarted(() -> {
                    try {
                        first.process.run(() -> first.end.accept(left.take()), access -> {
                            if (access == moment) {
                                atMoment.release();
                                goOn.acquireUninterruptibly();
                            }
                        });
                    } finally {
                        atMoment.release();
                    }
                });
                thread.start();
                atMoment.acquire();
                reached |= thread.isAlive() && atMoment.availablePermits() == 0;
                boolean robbed = left.owner() == FIRST;
                second.act(left.takeOver() + "; " + left.act());
                goOn.release();
                thread.join();
                second.act(left.act());
                String when = "before access " + i + " of the " + left;
                assertTrue(!second.notes.contains(RingScript.LOST), when + ": " + second.notes);
                assertEquals(SECOND, left.owner(), when);
                first.notes.clear();
                first.act(left.act());
                assertEquals(1, first.notes.size(), when);
                assertTrue(List.of(RingScript.LOST, RingScript.OCCUPIED).containsAll(first.notes), when + first.notes);
                second.act("close");
                assertEquals(0, left.owner(), when + ", given back");
                late += robbed && first.notes.contains(RingScript.OCCUPIED) ? 1 : 0;
            }
        }
        assertTrue(late > 0, "none has counted late");
    }

    /** It is told apart from another object of its process, which signs in the same way. */
    @Test
    void shouldLeaveTheRoleToAnotherObjectOfTheProcessWhenARobbedOneGoesOn() {
        int tried = 0;
        for (boolean after : new boolean[] {false, true}) {
            boolean thrown = true;
            for (int i = 0; thrown; i++) {
                thrown = false;
                for (Left left : Left.all()) {
                    for (String then : List.of(left.act(), "detach")) {
                        Rings.setLong(left.memory(), left.field(), Simulation.TERMINATED);
                        Taker first = new Taker(left.memory(), FIRST);
                        boolean thrownNow = first.throwOutOf(left.take(), i, after);
                        thrown |= thrownNow;
                        Taker robber = new Taker(left.memory(), SECOND);
                        robber.act(left.takeOver() + "; close");
                        Taker other = new Taker(left.memory(), first);
                        other.act(left.act());
                        first.notes.clear();
                        first.act(then);
                        String when =
                                "thrown " + (after ? "after" : "before") + " access " + i + " of the " + left + ", "
                                        + then;
                        assertEquals(FIRST, left.owner(), when);
                        assertTrue(then.equals("detach") || List.of(RingScript.LOST, RingScript.OCCUPIED)
                                .containsAll(first.notes) && first.notes.size() == 1, when + ": " + first.notes);
                        other.act(left.act());
                        assertTrue(!other.notes.contains(RingScript.LOST), when + ": " + other.notes);
                        assertTrue(!other.notes.contains(RingScript.OCCUPIED), when + ": " + other.notes);
                        other.act("close");
                        assertEquals(0, left.owner(), when);
                        tried += thrownNow ? 1 : 0;
                    }
                }
            }
        }
        assertTrue(tried > 0);
    }

    /** The robbed one finds out, and is waited for, also if the one who gives the role back has never used it. */
    @Test
    void shouldTellTheRobbedOneWhenTheTakerGivesTheRoleBackUnused() {
        int taken = 0;
        for (boolean after : new boolean[] {false, true}) {
            boolean thrown = true;
            for (int i = 0; thrown; i++) {
                thrown = false;
                for (Left left : Left.all()) {
                    Taker robbed = new Taker(left.memory(), FIRST);
                    robbed.act(left.act());
                    Taker taker = new Taker(left.memory(), SECOND);
                    int[] waited = new int[1];
                    taker.process.meanwhile(() -> waited[0]++);
                    boolean thrownNow = taker.throwOutOf(left.takeOver(), i, after);
                    thrown |= thrownNow;
                    boolean signed = left.owner() != FIRST;
                    taker.act("detach");
                    String when = "thrown " + (after ? "after" : "before") + " access " + i + " of the " + left;
                    if (signed) {
                        assertEquals(0, left.owner(), when);
                        assertTrue(waited[0] > 0, when + ", waited");
                        Taker next = new Taker(left.memory(), THIRD);
                        next.act(left.act());
                        assertTrue(!next.notes.contains(RingScript.OCCUPIED), when + ": " + next.notes);
                        taken += thrownNow ? 1 : 0;
                    }
                    robbed.notes.clear();
                    robbed.act(left.act());
                    assertEquals(signed, robbed.notes.contains(RingScript.LOST), when + ": " + robbed.notes);
                }
            }
        }
        assertTrue(taken > 0);
    }
}
