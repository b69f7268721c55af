package io.github.shm4j.state;

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
import io.github.shm4j.structure.Header;
import io.github.shm4j.support.Patient;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Takes the role of a writer that lives, before each single access that it makes to the shared memory. */
@Patient
class LatestValueTakeOverTest {

    private static final int SIZE = 45;
    private static final int BUFFERS = LatestValueFormat.LEAST_BUFFERS;

    /** How many records the robbed one wants to write. */
    private static final int WANTED = 3;

    // Processes of these tests alone: no other test signs as one of them.
    private static final long ROBBED = Owner.of(40_031, 1);
    private static final long TAKER = Owner.of(40_032, 1);
    private static final long THIRD = Owner.of(40_033, 1);

    /** A process with the value open. */
    private static final class User {

        final List<String> notes = new ArrayList<>();
        final SimulatedProcess process;

        private final Consumer<String> script;

        User(MemorySegment memory, long owner, boolean descending, LongPredicate terminated) {
            process = new SimulatedProcess(memory, owner, descending, terminated);
            script = InstrumentedClasses.end(LatestValueScript.class, memory, notes);
            act("open");
        }

        User(MemorySegment memory, long owner) {
            this(memory, owner, false, _ -> false);
        }

        void act(String commands) {
            process.run(() -> script.accept(commands));
        }

        /** How many records it has made visible when it last did something. */
        long published() {
            return process.made().stream()
                    .filter(access -> access.how().equals("setRelease")
                            && access.offset() == LatestValueFormat.NEWEST_VERSION_OFFSET)
                    .count();
        }

        boolean isLost() {
            return notes.contains(LatestValueScript.LOST);
        }
    }

    /** A value with some records, and a reader as everybody has it. */
    private static final class Subject {

        final MemorySegment memory = Arena.ofAuto().allocate(LatestValue.sizeFor(SIZE), 128);
        final LatestValue value;

        Subject(long written) {
            Header.create(memory, LatestValueFormat.INSTANCE, BUFFERS, SIZE);
            value = LatestValue.open(memory.asReadOnly(), Duration.ZERO);
            User before = new User(memory, THIRD);
            before.act("writer");
            for (long i = 0; i < written; i++) {
                before.act("write-next");
            }
            before.act("close");
        }

        String read() {
            MemorySegment target = MemorySegment.ofArray(new byte[SIZE]);
            return LatestValueScript.describe(value.read(target), target);
        }

        /** Lets a process write once around all buffers, each record of which has to be whole. */
        void requireGoesOn(User writer, String when) {
            for (int i = 0; i <= BUFFERS; i++) {
                long next = value.version() + 1;
                writer.act("write-next");
                assertEquals(Long.toString(next), read(), when);
            }
        }
    }

    /** A process that is robbed before an access, and the one that robs it. */
    private static final class Robbery {

        final Subject subject;
        final User robbed;
        final User taker;

        private final Semaphore atMoment = new Semaphore(0);
        private final Semaphore goOn = new Semaphore(0);
        private final Thread thread;
        private Throwable failure;
        private boolean reached;

        /** Lets the process begin what it does, until it comes to an access or has done all. */
        Robbery(long written, String act, int moment) throws InterruptedException {
            subject = new Subject(written);
            robbed = new User(subject.memory, ROBBED, moment % 2 == 0, _ -> false);
            taker = new User(subject.memory, TAKER);
            robbed.act("writer");
            thread = Thread.ofPlatform().unstarted(() -> {
                try {
                    robbed.process.run(() -> robbed.script.accept(act), access -> {
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

    private static final String WRITES = "write-next; write-next; write-next";

    /** The other process runs, so that it finishes what it has begun while the taker waits. */
    // fault 25
    @ParameterizedTest
    @ValueSource(longs = {0, 3})
    void shouldGoOnBehindAWriterThatRuns(long written) throws InterruptedException {
        for (String act : List.of(WRITES, WRITES + "; close")) {
            robAtEach(written, act, (robbery, when) -> {
                Subject subject = robbery.subject;
                robbery.taker.process.meanwhile(robbery::goOn);
                robbery.taker.act("take-over");
                robbery.goOn();
                assertNull(robbery.failure, when);
                long published = robbery.robbed.published();
                // One that has not published all is told.
                assertEquals(published < WANTED, robbery.robbed.isLost(), when);
                assertEquals(Long.toString(written + published), subject.read(), when);
                subject.requireGoesOn(robbery.taker, when);
                if (!act.endsWith("close")) {
                    assertTold(subject, robbery.robbed, when);
                }
                robbery.robbed.act("close");
                assertRefused(new User(subject.memory, THIRD), when);
                robbery.taker.act("write-next; close");
                User next = new User(subject.memory, THIRD);
                next.act("writer");
                subject.requireGoesOn(next, when);
            });
        }
    }

    /** Each further call of the robbed one says it, and stores nothing. */
    private static void assertTold(Subject subject, User robbed, String when) {
        robbed.notes.clear();
        byte[] before = subject.memory.toArray(ValueLayout.JAVA_BYTE);
        robbed.act("write-next; write-next");
        assertEquals(List.of(LatestValueScript.LOST, LatestValueScript.LOST), robbed.notes, when);
        assertArrayEquals(before, subject.memory.toArray(ValueLayout.JAVA_BYTE), when);
    }

    private static void assertRefused(User user, String when) {
        // It is of the class that the observed copies of the library know.
        String refused = assertThrows(RuntimeException.class, () -> user.act("writer"), when).getClass().getName();
        assertEquals(ValueOccupiedException.class.getName(), refused, when);
    }

    /** However long it was stopped, from its next look on it leaves the value alone. */
    // fault 25
    @ParameterizedTest
    @ValueSource(longs = {0, 2})
    void shouldStoreNothingOnceItHasLooked(long written) throws InterruptedException {
        for (String meanwhile : List.of("write-next", WRITES + "; " + WRITES)) {
            robAtEach(written, WRITES + "; close", (robbery, when) -> {
                robbery.taker.act("take-over; " + meanwhile);
                List<SimulatedProcess.Access> made = robbery.robbed.process.made();
                int before = made.size();
                robbery.goOn();
                assertNull(robbery.failure, when);
                boolean looked = false;
                for (SimulatedProcess.Access access : made.subList(before, made.size())) {
                    looked |= access.offset() == LatestValueFormat.WRITER_SUCCESSIONS_OFFSET;
                    boolean read = access.offset() < 0 || access.how().matches("get|getAcquire|getOpaque");
                    assertTrue(read || !looked,
                            () -> when + ": " + access + " in " + made.subList(before, made.size()));
                }
                assertTrue(robbery.robbed.isLost() || robbery.robbed.published() == WANTED, when);
            });
        }
    }

    /** Such a copy can take longer than the taker waits. */
    @Test
    void shouldPublishNothingThatWasCopiedForTooLong() throws InterruptedException {
        int robbed = 0;
        boolean reached = true;
        for (int moment = 0; reached; moment++) {
            Robbery robbery = new Robbery(2, "write-next", moment);
            reached = robbery.reached;
            List<SimulatedProcess.Access> made = robbery.robbed.process.made();
            boolean copied = reached && !made.isEmpty() && made.getLast().how().equals("copy");
            if (copied) {
                robbed++;
                robbery.taker.act("take-over; write-next; write-next");
            }
            robbery.goOn();
            assertEquals(copied, robbery.robbed.isLost());
            assertEquals(copied ? 4 : 3, robbery.subject.value.version());
            assertEquals(copied ? 0 : 1, robbery.robbed.published());
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
                Subject subject = new Subject(2);
                User robbed = new User(subject.memory, ROBBED);
                robbed.act("writer; write-next");
                User taker = new User(subject.memory, TAKER);
                int last = moment;
                taker.process.runAndKill(() -> taker.script.accept("take-over"), last);
                killed = taker.process.count() > last;
                String when = "killed before access " + last;
                if (writes) {
                    robbed.act("write-next");
                }
                boolean robs =
                        (long) Format.LONG.getAcquire(subject.memory, LatestValueFormat.WRITER_OFFSET) == TAKER;
                User third = new User(subject.memory, THIRD, false, pid -> pid == Owner.pid(TAKER));
                if (!robs) {
                    assertRefused(third, when);
                    robbed.act("close");
                }
                third.act("writer");
                subject.requireGoesOn(third, when);
                // At the latest, a successor tells the robbed one.
                if (robs) {
                    assertTold(subject, robbed, when);
                }
            }
        }
        assertTrue(moment > 4, moment + " moments");
    }

    /** The object of the taker goes on, whatever it has stored. */
    @ParameterizedTest
    @ValueSource(longs = {0, 3})
    void shouldGoOnWhereverSomethingIsThrownWhenItTakesOver(long written) {
        for (int mode = 0; mode < 4; mode++) {
            boolean after = (mode & 1) != 0;
            boolean again = (mode & 2) != 0;
            int moment = 0;
            for (boolean reached = true; reached; moment++) {
                String when = "thrown " + (after ? "after" : "before") + " access " + moment;
                Subject subject = new Subject(written);
                User robbed = new User(subject.memory, ROBBED);
                robbed.act("writer; write-next");
                User taker = new User(subject.memory, TAKER);
                try {
                    taker.process.runAndThrow(() -> taker.script.accept("take-over; write-next; write-next"), moment,
                            after, again, StackOverflowError::new);
                } catch (StackOverflowError asIntended) {
                    // It tries again.
                }
                reached = taker.process.count() > moment;
                assertEquals(Long.toString(subject.value.version()), subject.read(), when);
                taker.act("take-over");
                subject.requireGoesOn(taker, when);
                assertTold(subject, robbed, when);
                taker.act("close");
                User next = new User(subject.memory, THIRD);
                next.act("writer");
                subject.requireGoesOn(next, when);
            }
            assertTrue(moment > 20, moment + " moments");
        }
    }

    /** It is of another pid namespace, so that the kernel's count of attachments alone says whether it is there. */
    // fault 24
    @Test
    void shouldSucceedWhoCannotBeSeenWhereNobodyElseIsAttached() {
        Subject subject = new Subject(2);
        Format.LONG.set(subject.memory, LatestValueFormat.WRITER_OFFSET, ROBBED | 1L << 63);
        User user = new User(subject.memory, TAKER);
        assertRefused(user, "others are attached");
        user.process.setAlone(true);
        user.act("writer");
        subject.requireGoesOn(user, "as its successor");
    }

    /** As where a process takes back what was taken from it: the object that was robbed must not take the role for its own. */
    @Test
    void shouldTellTheRobbedOneAlsoWhereItsProcessHasTheRoleAgain() {
        MemorySegment memory = Arena.ofAuto().allocate(LatestValue.sizeFor(SIZE), 128);
        LatestValue value = LatestValue.create(memory, SIZE);
        LatestValueWriter robbed = value.writer();
        MemorySegment record = MemorySegment.ofArray(new byte[SIZE]);
        assertEquals(1, robbed.write(record));
        // Of another namespace, so that nobody can see what has become of it.
        Format.LONG.set(memory, LatestValueFormat.WRITER_OFFSET, ROBBED | 1L << 63);
        LatestValue other = LatestValue.open(memory);
        assertThrows(ValueOccupiedException.class, other::writer);
        LatestValueWriter taker = other.takeOverWriter();
        assertEquals(2, taker.write(record));
        byte[] before = memory.toArray(ValueLayout.JAVA_BYTE);
        String lost = assertThrows(ValueRoleLostException.class, () -> robbed.write(record)).getMessage();
        assertArrayEquals(before, memory.toArray(ValueLayout.JAVA_BYTE));
        assertTrue(lost.contains("another process had taken it over, and this process, " + ProcessIdentity.pid()
                + ", has it through another object"), lost);
        robbed.close();
        assertEquals(3, taker.write(record));
        String same = assertThrows(ValueOccupiedException.class, value::takeOverWriter).getMessage();
        assertTrue(same.contains("through another object"), same);
        assertThrows(ValueOccupiedException.class, other::takeOverWriter);
        taker.close();
        try (LatestValueWriter next = value.takeOverWriter()) {
            assertEquals(4, next.write(record));
        }
        assertEquals(1L, (long) Format.LONG.get(memory, LatestValueFormat.WRITER_SUCCESSIONS_OFFSET));
        LatestValue readable = LatestValue.open(memory.asReadOnly());
        assertThrows(IllegalStateException.class, readable::takeOverWriter);
    }
}
