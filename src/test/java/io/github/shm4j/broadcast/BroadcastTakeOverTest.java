package io.github.shm4j.broadcast;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.internal.Owner;
import io.github.shm4j.internal.ProcessIdentity;
import io.github.shm4j.ring.InstrumentedClasses;
import io.github.shm4j.ring.SimulatedProcess;
import io.github.shm4j.structure.Format;
import io.github.shm4j.support.Patient;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Takes the role of a producer that lives, before each single access that it makes to the shared memory. */
@Patient
@Isolated("other objects of this process that sign at the same time make it unsure whose signature is in the memory")
class BroadcastTakeOverTest {

    private static final int AROUND = 30;

    /** How many messages the robbed one wants to write. */
    private static final int WANTED = 3;

    /** It lives for whoever takes over. For the system it is a process that had this pid and has terminated. */
    private static final long ROBBED = Owner.of(ProcessIdentity.pid(), ProcessIdentity.startTime() - 1);

    private static final long LIVING = Owner.of(ProcessIdentity.pid(), ProcessIdentity.startTime());
    private static final long ENDED = Owner.of(ProcessIdentity.pid(), ProcessIdentity.startTime() - 2);

    /** A process that takes over. */
    private static final class Taker {

        final SimulatedProcess process;
        final Consumer<String> end;

        Taker(BroadcastSubject subject, long owner) {
            process = new SimulatedProcess(subject.memory, owner, false, pid -> false);
            end = InstrumentedClasses.end(BroadcastScript.class, subject.memory, new ArrayList<>());
        }

        void act(String commands) {
            process.run(() -> end.accept(commands));
        }
    }

    /** A process that is robbed before an access, and the one that robs it. */
    private static final class Robbery {

        final BroadcastSubject subject;
        final Taker taker;

        private final Semaphore atMoment = new Semaphore(0);
        private final Semaphore goOn = new Semaphore(0);
        private final Thread robbed;
        private Throwable failure;
        private boolean reached;

        /** Lets the process begin what it does, until it comes to an access or has done all. */
        Robbery(long written, String act, int moment) throws InterruptedException {
            subject = new BroadcastSubject(written, ROBBED, moment % 2 == 0);
            taker = new Taker(subject, LIVING);
            subject.process.run(() -> subject.end.accept("open; producer"));
            robbed = Thread.ofPlatform().unstarted(() -> {
                try {
                    subject.process.run(() -> subject.end.accept(act), access -> {
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
            robbed.start();
            atMoment.acquire();
        }

        /** Lets the process do all the rest. */
        void goOn() {
            goOn.release();
            try {
                robbed.join();
            } catch (InterruptedException interrupted) {
                throw new AssertionError(interrupted);
            }
        }

        boolean isLost() {
            return subject.notes.contains(BroadcastScript.LOST);
        }
    }

    @FunctionalInterface
    private interface Course {
        void of(Robbery robbery, String when);
    }

    private static void robAtEach(long written, String act, Course course) throws InterruptedException {
        int moment = 0;
        for (boolean reached = true; reached; moment++) {
            Robbery robbery = new Robbery(written, act, moment);
            reached = robbery.reached;
            try {
                course.of(robbery, act + ", robbed before access " + moment);
            } finally {
                robbery.goOn();
            }
        }
        assertTrue(moment > 30, moment + " moments");
    }

    /** The other process runs, so that it finishes what it has begun while the taker waits. */
    // fault 25
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 9, 12, 25})
    void shouldGoOnBehindAProducerThatRuns(long written) throws InterruptedException {
        for (String act : List.of("write " + WANTED, "write " + WANTED + "; close")) {
            robAtEach(written, act, (robbery, when) -> {
                BroadcastSubject subject = robbery.subject;
                robbery.taker.process.meanwhile(robbery::goOn);
                robbery.taker.act("open; take-over");
                robbery.goOn();
                assertNull(robbery.failure, when);
                long published = subject.published();
                // One that has not published all is told.
                assertEquals(published < written + WANTED, robbery.isLost(), when);
                subject.requireAllReadUpTo(published, when);
                robbery.taker.act("write 5");
                subject.requireAllReadUpTo(published + 5, when);
                assertLost(subject, act, when);
                subject.process.run(() -> subject.end.accept("close"));
                BroadcastRing another = BroadcastRing.open(subject.memory, Duration.ZERO);
                assertThrows(BroadcastOccupiedException.class, another::producer, when);
                robbery.taker.act("write; close");
                subject.write(AROUND);
                subject.requireAllReadUpTo(published + 6 + AROUND, when);
            });
        }
    }

    /** Each further call of the robbed one says it, and stores nothing. */
    private static void assertLost(BroadcastSubject subject, String act, String when) {
        if (!act.endsWith("close")) {
            subject.notes.clear();
            byte[] before = subject.memory.toArray(ValueLayout.JAVA_BYTE);
            subject.process.run(() -> subject.end.accept("write; write"));
            assertEquals(List.of(BroadcastScript.LOST, BroadcastScript.LOST), subject.notes, when);
            assertArrayEquals(before, subject.memory.toArray(ValueLayout.JAVA_BYTE), when);
        }
    }

    /** However long it was stopped, from its next look on it leaves the ring alone. */
    // fault 25
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 12, 25})
    void shouldStoreNothingOnceItHasLooked(long written) throws InterruptedException {
        storeNothingAtEach(written, "write 2");
        // So much that what the robbed one has read contradicts what it reads then.
        storeNothingAtEach(written, "write " + AROUND);
    }

    private static void storeNothingAtEach(long written, String meanwhile) throws InterruptedException {
        robAtEach(written, "write " + WANTED + "; close", (robbery, when) -> {
            robbery.taker.act("open; take-over; " + meanwhile);
            List<SimulatedProcess.Access> made = robbery.subject.process.made();
            int before = made.size();
            robbery.goOn();
            // It may expect another number than that of its message, as it has asked for it before the taker wrote.
            assertTrue(robbery.failure == null || robbery.failure.getMessage().contains(" was number "),
                    () -> when + ": " + robbery.failure);
            boolean looked = false;
            for (SimulatedProcess.Access access : made.subList(before, made.size())) {
                looked |= access.offset() == BroadcastFormat.PRODUCER_SUCCESSIONS_OFFSET
                        || access.offset() == BroadcastFormat.PRODUCER_OFFSET && access.how().equals("getAcquire");
                boolean read = access.offset() < 0 || access.how().matches("get|getAcquire|getOpaque");
                assertTrue(read || !looked, () -> when + ": " + access + " in " + made.subList(before, made.size()));
            }
            assertTrue(robbery.isLost() || robbery.subject.published() == written + WANTED, when);
        });
    }

    /** Such a copy can take longer than the taker waits. */
    @Test
    void shouldPublishNothingThatWasCopiedForTooLong() throws InterruptedException {
        int robbed = 0;
        for (int moment = 0;; moment++) {
            Robbery robbery = new Robbery(12, "write", moment);
            if (!robbery.reached) {
                robbery.goOn();
                break;
            }
            BroadcastSubject subject = robbery.subject;
            List<SimulatedProcess.Access> made = subject.process.made();
            if (made.isEmpty() || !made.getLast().how().equals("copy")) {
                robbery.goOn();
                continue;
            }
            robbed++;
            robbery.taker.act("open; take-over; write 2");
            robbery.goOn();
            assertTrue(robbery.isLost());
            assertEquals(12, subject.published());
            assertEquals(14, subject.ring.messages());
        }
        assertEquals(1, robbed);
    }

    /** Whoever takes over can be killed as everybody else. */
    @Test
    void shouldGoOnWhenTheTakerIsKilled() {
        boolean killed = true;
        int moment = 0;
        for (; killed; moment++) {
            for (boolean writes : new boolean[] {false, true}) {
                BroadcastSubject subject = new BroadcastSubject(5, ROBBED, false);
                subject.process.run(() -> subject.end.accept("open; producer; write 2"));
                Taker taker = new Taker(subject, ENDED);
                taker.act("open");
                int last = moment;
                taker.process.runAndKill(() -> taker.end.accept("take-over"), last);
                killed = taker.process.count() > last;
                if (writes) {
                    subject.process.run(() -> subject.end.accept("write"));
                }
                long before = subject.ring.messages();
                // At the latest, a successor tells the robbed one.
                subject.write(3);
                subject.notes.clear();
                subject.process.run(() -> subject.end.accept("write; close"));
                assertEquals(List.of(BroadcastScript.LOST), subject.notes, "killed before access " + last);
                subject.requireAllReadUpTo(before + 3, "killed before access " + last);
            }
        }
        assertTrue(moment > 5, moment + " moments");
    }

    /** The object of the taker goes on, whatever it has stored. */
    // B05
    @ParameterizedTest
    @ValueSource(longs = {1, 25})
    void shouldGoOnWhereverSomethingIsThrownWhenItTakesOver(long written) {
        for (int mode = 0; mode < 4; mode++) {
            boolean after = (mode & 1) != 0;
            boolean again = (mode & 2) != 0;
            int moment = 0;
            for (boolean reached = true; reached; moment++) {
                String when = "thrown " + (after ? "after" : "before") + " access " + moment;
                BroadcastSubject subject = new BroadcastSubject(written, ROBBED, false);
                subject.process.run(() -> subject.end.accept("open; producer; write 2"));
                Taker taker = new Taker(subject, LIVING);
                taker.act("open");
                try {
                    taker.process.runAndThrow(() -> taker.end.accept("take-over; write 2"), moment, after, again,
                            StackOverflowError::new);
                } catch (StackOverflowError asIntended) {
                    // It tries again.
                }
                reached = taker.process.count() > moment;
                long before = subject.ring.messages();
                taker.act("take-over; write 3");
                subject.requireAllReadUpTo(before + 3, when);
                subject.process.run(() -> subject.end.accept("write; close"));
                assertEquals(List.of(BroadcastScript.LOST), subject.notes, when);
                taker.act("close");
                subject.write(AROUND);
                subject.requireAllReadUpTo(before + 3 + AROUND, when);
            }
            assertTrue(moment > 20, moment + " moments");
        }
    }

    /** It is of another pid namespace, so that the kernel's count of attachments alone says whether it is there. */
    // fault 24
    @Test
    void shouldSucceedWhoCannotBeSeenWhereNobodyElseIsAttached() {
        BroadcastSubject subject = new BroadcastSubject(5, LIVING, false);
        Format.LONG.set(subject.memory, BroadcastFormat.PRODUCER_OFFSET, ROBBED | 1L << 63);
        subject.process.run(() -> subject.end.accept("open"));
        RuntimeException refused = assertThrows(
                RuntimeException.class, () -> subject.process.run(() -> subject.end.accept("producer")));
        // It is of the class that the observed copies of the library know.
        assertEquals(BroadcastOccupiedException.class.getName(), refused.getClass().getName());
        assertTrue(refused.getMessage().contains(", or at once with takeOverProducer, if it is known that it has"),
                refused.getMessage());
        subject.process.setAlone(true);
        subject.process.run(() -> subject.end.accept("producer; write 3; close"));
        subject.requireAllReadUpTo(8, "as its successor");
    }

    /** It says of whoever has signed, and not counted yet, the same that it says when it is asked for the role anew. */
    @Test
    void shouldNameTheTakerThatHasNotCountedYet() {
        MemorySegment memory = Arena.ofAuto().allocate(BroadcastRing.sizeFor(256), 128);
        BroadcastRing ring = BroadcastRing.create(memory, 256);
        BroadcastProducer robbed = ring.producer();
        MemorySegment message = MemorySegment.ofArray(new byte[8]);
        assertEquals(1, robbed.write(1, message));
        Format.LONG.set(memory, BroadcastFormat.PRODUCER_OFFSET, ROBBED | 1L << 63);
        String taker = "process " + Owner.pid(ROBBED) + " of another namespace";
        String lost = assertThrows(BroadcastRoleLostException.class, () -> robbed.write(1, message)).getMessage();
        assertTrue(lost.contains(taker + ", has taken it over"), lost);
        String refused = assertThrows(BroadcastOccupiedException.class, ring::producer).getMessage();
        assertTrue(refused.contains(taker), refused);
        assertThrows(BroadcastRoleLostException.class, () -> robbed.write(1, message));
        try (BroadcastProducer again = ring.takeOverProducer()) {
            assertEquals(2, again.write(1, message));
            assertThrows(BroadcastRoleLostException.class, () -> robbed.write(1, message));
            robbed.close();
            assertEquals(3, again.write(1, message));
        }
    }

    /** As where a process takes back what was taken from it: the object that was robbed must not take the role for its own. */
    @Test
    void shouldTellTheRobbedOneAlsoWhereItsProcessHasTheRoleAgain() {
        MemorySegment memory = Arena.ofAuto().allocate(BroadcastRing.sizeFor(256), 128);
        BroadcastRing ring = BroadcastRing.create(memory, 256);
        BroadcastProducer robbed = ring.producer();
        MemorySegment message = MemorySegment.ofArray(new byte[8]);
        assertEquals(1, robbed.write(1, message));
        // Of another namespace, so that nobody can see what has become of it.
        Format.LONG.set(memory, BroadcastFormat.PRODUCER_OFFSET, ROBBED | 1L << 63);
        BroadcastRing other = BroadcastRing.open(memory);
        assertThrows(BroadcastOccupiedException.class, other::producer);
        BroadcastProducer taker = other.takeOverProducer();
        assertEquals(2, taker.write(1, message));
        byte[] before = memory.toArray(ValueLayout.JAVA_BYTE);
        String lost = assertThrows(BroadcastRoleLostException.class, () -> robbed.write(1, message)).getMessage();
        assertArrayEquals(before, memory.toArray(ValueLayout.JAVA_BYTE));
        assertTrue(lost.contains("another process had taken it over, and this process, " + ProcessIdentity.pid()
                + ", has it through another object"), lost);
        robbed.close();
        assertEquals(3, taker.write(1, message));
        String same = assertThrows(BroadcastOccupiedException.class, ring::takeOverProducer).getMessage();
        assertTrue(same.contains("through another object"), same);
        assertThrows(BroadcastOccupiedException.class, other::takeOverProducer);
        taker.close();
        try (BroadcastProducer next = ring.takeOverProducer()) {
            assertEquals(4, next.write(1, message));
        }
        assertEquals(1L, (long) Format.LONG.get(memory, BroadcastFormat.PRODUCER_SUCCESSIONS_OFFSET));
        BroadcastRing readable = BroadcastRing.open(memory.asReadOnly());
        assertThrows(IllegalStateException.class, readable::takeOverProducer);
    }
}
