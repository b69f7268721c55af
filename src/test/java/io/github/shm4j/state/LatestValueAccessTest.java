package io.github.shm4j.state;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
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
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Kills a writer at each of its accesses to shared memory, stops a writer or a reader there, and throws out of each: what the
 * others get is always the newest whole record.
 *
 * <p>There are as few buffers as there can be, so that few records go around.
 */
@Patient
@Isolated("other objects of this process that sign at the same time make it unsure whose signature is in the memory")
class LatestValueAccessTest {

    private static final int SIZE = 45;
    private static final int BUFFERS = LatestValueFormat.LEAST_BUFFERS;

    /** A process that had the pid of this one and has terminated. */
    private static final long ENDED = Owner.of(ProcessIdentity.pid(), ProcessIdentity.startTime() - 1);

    private static final long LIVING = Owner.of(ProcessIdentity.pid(), ProcessIdentity.startTime());

    /** One value, a writer that is observed, and a reader as everybody has it. */
    private static final class Subject {

        final MemorySegment memory = Arena.ofAuto().allocate(LatestValue.sizeFor(SIZE), 128);
        final List<String> notes = new ArrayList<>();
        final LatestValue value;
        final SimulatedProcess process;
        final Consumer<String> end;
        final long written;

        Subject(long written, long owner, boolean descending) {
            this.written = written;
            Header.create(memory, LatestValueFormat.INSTANCE, BUFFERS, SIZE);
            value = LatestValue.open(memory, Duration.ZERO);
            write(written);
            process = new SimulatedProcess(memory, owner, descending);
            end = InstrumentedClasses.end(LatestValueScript.class, memory, notes);
        }

        /** Writes some records, as a writer that comes and goes. */
        void write(long records) {
            try (LatestValueWriter writer = value.writer()) {
                for (long i = 0; i < records; i++) {
                    writer.write(LatestValueScript.record(SIZE, value.version() + 1));
                }
            }
        }

        String read() {
            MemorySegment target = MemorySegment.ofArray(new byte[SIZE]);
            return LatestValueScript.describe(value.read(target), target);
        }

        /** What the observed process has made visible. */
        long published() {
            return written
                    + process.made().stream()
                            .filter(access -> access.how().equals("setRelease")
                                    && access.offset() == LatestValueFormat.NEWEST_VERSION_OFFSET)
                            .count();
        }

        String actOfWriter() {
            return "open; writer; write " + (written + 1) + "; write " + (written + 2) + "; close";
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 3, 4, 5, 6, 7})
    void shouldShowTheNewestWholeRecordWhereverTheWriterIsKilled(long written) {
        for (boolean descending : new boolean[] {false, true}) {
            int moment = 0;
            for (boolean killed = true; killed; moment++) {
                Subject subject = new Subject(written, ENDED, descending);
                int last = moment;
                subject.process.runAndKill(() -> subject.end.accept(subject.actOfWriter()), last);
                killed = subject.process.count() > last;
                long published = subject.published();
                assertEquals("" + published, subject.read(), () -> "killed before access " + last);
                // A successor finds its way, goes around once, and each record of it is there.
                for (long i = 1; i <= BUFFERS + 1; i++) {
                    subject.write(1);
                    assertEquals("" + (published + i), subject.read(), () -> "after a kill before access " + last);
                }
            }
            assertTrue(moment > 20, moment + " moments");
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 3, 4, 5, 6, 7})
    void shouldNotHoldUpReadersWhereverTheWriterIsStopped(long written) {
        for (boolean descending : new boolean[] {false, true}) {
            Subject subject = new Subject(written, LIVING, descending);
            subject.process.run(() -> subject.end.accept(subject.actOfWriter()), moment -> {
                assertEquals("" + subject.published(), subject.read(), () -> "stopped before access " + moment);
                if ((long) Format.LONG.getAcquire(subject.memory, LatestValueFormat.WRITER_OFFSET) == LIVING) {
                    assertThrows(ValueOccupiedException.class, subject.value::writer);
                }
            });
            assertEquals("" + (written + 2), subject.read());
        }
    }

    /** Others write any number of records while the reader is stopped. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 3, 4, 5})
    void shouldReadAWholeRecordWhereverTheReaderIsStopped(long written) {
        for (boolean descending : new boolean[] {false, true}) {
            for (int records = 0; records <= 2 * BUFFERS + 1; records++) {
                int moment = 0;
                for (boolean stopped = true; stopped; moment++) {
                    Subject subject = new Subject(written, LIVING, descending);
                    subject.process.run(() -> subject.end.accept("open"));
                    int at = moment;
                    int count = records;
                    byte[][] after = new byte[1][];
                    subject.process.run(() -> subject.end.accept("read"), number -> {
                        if (number == at) {
                            subject.write(count);
                            after[0] = subject.memory.toArray(ValueLayout.JAVA_BYTE);
                        }
                    });
                    stopped = after[0] != null;
                    if (stopped) {
                        assertArrayEquals(after[0], subject.memory.toArray(ValueLayout.JAVA_BYTE),
                                "a reader has stored");
                        // What was the newest when the reader looked for it last.
                        long version = Long.parseLong(subject.notes.getFirst());
                        assertTrue(version == written || version == written + count,
                                () -> subject.notes + ", stopped before "
                                        + at + ", " + count + " records");
                    } else {
                        assertEquals(List.of("" + written), subject.notes);
                    }
                }
                assertTrue(moment > (written == 0 ? 1 : 8), moment + " moments");
            }
        }
    }

    @Test
    void shouldCopyAgainOnlyIfTheWriterCameBackToTheSameBuffer() {
        for (int records = 0; records <= BUFFERS; records++) {
            Subject subject = new Subject(5, LIVING, false);
            subject.process.run(() -> subject.end.accept("open"));
            int count = records;
            subject.process.run(() -> subject.end.accept("read"), number -> {
                // In the middle of copying.
                if (number == 4) {
                    subject.write(count);
                }
            });
            assertEquals(List.of(records < BUFFERS - 1 ? "5" : "" + (5 + records)), subject.notes);
            long copies = subject.process.made().stream().filter(access -> access.how().equals("copyOut")).count();
            assertEquals(records < BUFFERS - 1 ? 1 : 2, copies, () -> count + " records meanwhile");
        }
    }

    @Test
    void shouldGiveUpWhereTheWriterGoesAroundAllTheTime() {
        Subject subject = new Subject(1, LIVING, false);
        subject.process.run(() -> subject.end.accept("open"));
        // It is of the class that the observed copies of the library know.
        Throwable overtaken = assertThrows(
                Throwable.class,
                () -> subject.process.run(() -> subject.end.accept("read"), number -> subject.write(BUFFERS)));
        assertEquals(ValueOvertakenException.class.getName(), overtaken.getClass().getName());
        assertEquals(
                LatestValue.MOST_ROUNDS,
                subject.process.made().stream().filter(access -> access.how().equals("copyOut")).count());
        assertEquals("" + subject.value.version(), subject.read());
    }

    /** What is done with the object behind what was thrown. */
    private enum Then {
        GOES_ON,
        CLOSES,
        ENDS
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 3, 4, 5})
    void shouldFindWhatWasWrittenWhereverSomethingIsThrown(long written) {
        for (Then then : Then.values()) {
            for (int mode = 0; mode < 4; mode++) {
                boolean after = (mode & 1) != 0;
                boolean again = (mode & 2) != 0;
                int moment = 0;
                for (boolean thrown = true; thrown; moment++) {
                    Subject subject = new Subject(written, then == Then.ENDS ? ENDED : LIVING, false);
                    subject.process.run(() -> subject.end.accept("open"));
                    int at = moment;
                    String act = "writer; write " + (written + 1) + "; write " + (written + 2) + "; close";
                    thrown = throwOnce(subject, act, at, after, again);
                    String when =
                            "thrown " + (after ? "after" : "before") + " access " + at + (again ? " and later" : "");
                    long published = subject.value.version();
                    assertEquals("" + published, subject.read(), when);
                    boolean closing = published == written + 2;
                    if (thrown && then == Then.GOES_ON && !closing) {
                        subject.process.run(() -> subject.end.accept("write-next"));
                        assertEquals("" + (published + 1), subject.read(), when);
                    }
                    if (thrown && then != Then.ENDS) {
                        subject.process.run(() -> subject.end.accept("leave"));
                    }
                    long before = subject.value.version();
                    subject.write(BUFFERS);
                    assertEquals("" + (before + BUFFERS), subject.read(), when);
                }
                assertTrue(moment > 8, moment + " moments");
            }
        }
    }

    /** Returns whether it was thrown. */
    private static boolean throwOnce(Subject subject, String act, int moment, boolean after, boolean again) {
        try {
            subject.process.runAndThrow(
                    () -> subject.end.accept(act), moment, after, again, StackOverflowError::new);
            return false;
        } catch (StackOverflowError asIntended) {
            return true;
        }
    }

    @Test
    void shouldSayWhoHasNotFinishedTheValue() {
        boolean complete = false;
        int incomplete = 0;
        for (int last = 0; !complete; last++) {
            MemorySegment memory = Arena.ofAuto().allocate(LatestValue.sizeFor(SIZE), 128);
            SimulatedProcess creator = new SimulatedProcess(memory, ENDED, false);
            int moment = last;
            creator.runAndKill(
                    () -> InstrumentedClasses.end(LatestValueScript.class, memory, new ArrayList<>())
                            .accept("create " + SIZE),
                    moment);
            complete = creator.count() <= moment;
            if ((long) Format.LONG.get(memory, Format.CREATOR_OFFSET) == Owner.NOBODY) {
                assertThrows(ValueFormatException.class, () -> LatestValue.open(memory, Duration.ZERO));
                LatestValue.create(memory, SIZE);
            } else if ((int) Format.INT.get(memory, Format.VERSION_OFFSET) == 0) {
                incomplete++;
                String message = assertThrows(
                        ValueFormatException.class, () -> LatestValue.open(memory, Duration.ZERO))
                        .getMessage();
                boolean known = (long) Format.LONG.get(memory, Format.TIME_NAMESPACE_OFFSET) != 0;
                assertTrue(
                        message.contains("process " + Owner.pid(ENDED) + ", which has terminated"
                                + (known ? ";" : " if it is of this process's namespaces;")),
                        message);
                String again = assertThrows(ValueFormatException.class, () -> LatestValue.create(memory, SIZE))
                        .getMessage();
                assertTrue(again.contains("not complete"), again);
            } else {
                assertEquals(0, LatestValue.open(memory, Duration.ZERO).version());
            }
        }
        assertNotEquals(0, incomplete);
    }

    @Test
    void shouldLeaveTheMemoryToTheNextCreatorWhereverSomethingIsThrown() {
        int moments = 0;
        for (boolean after : new boolean[] {false, true}) {
            for (int moment = 1;; moment++) {
                MemorySegment memory = Arena.ofAuto().allocate(LatestValue.sizeFor(SIZE), 128);
                SimulatedProcess creator = new SimulatedProcess(memory, LIVING, false);
                try {
                    creator.runAndThrow(
                            () -> InstrumentedClasses.end(LatestValueScript.class, memory, new ArrayList<>())
                                    .accept("create " + SIZE),
                            moment, after, false, StackOverflowError::new);
                    break;
                } catch (StackOverflowError asIntended) {
                    moments++;
                }
                boolean complete = (int) Format.INT.get(memory, Format.VERSION_OFFSET) != 0;
                LatestValue value = complete ? LatestValue.open(memory) : LatestValue.create(memory, SIZE);
                try (LatestValueWriter writer = value.writer()) {
                    assertEquals(1, writer.write(LatestValueScript.record(SIZE, 1)));
                }
            }
        }
        assertTrue(moments > 20, moments + " moments");
    }

    private static List<String> hows(Subject subject, String commands) {
        subject.process.run(() -> subject.end.accept(commands));
        return subject.process.made().stream()
                .map(access -> access.how() + (access.offset() < 0 ? "" : " " + access.offset()))
                .toList();
    }

    @Test
    void shouldAccessTheMemoryInThisOrder() {
        Subject subject = new Subject(2, LIVING, false);
        long third = LatestValueFormat.BUFFERS_BEGIN + 3 * LatestValueFormat.stride(SIZE);
        hows(subject, "open");
        assertEquals(
                List.of("getAcquire 136", "compareAndExchange 136", "getAcquire 144", "getAcquire 136"),
                hows(subject, "writer"));
        assertEquals(
                List.of(
                        "get 144",
                        "getAcquire 128",
                        "releaseFence",
                        "copy " + third,
                        "get 144",
                        "setRelease 128"),
                hows(subject, "write 3"));
        assertEquals(
                List.of("getAcquire 128", "copyOut " + third, "acquireFence", "getAcquire 128"), hows(subject, "read"));
        assertEquals(List.of("getAcquire 128"), hows(subject, "version"));
        assertEquals(List.of("getAcquire 144", "compareAndExchangeRelease 136"), hows(subject, "close"));
    }
}
