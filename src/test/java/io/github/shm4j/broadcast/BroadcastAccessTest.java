package io.github.shm4j.broadcast;

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
import io.github.shm4j.support.Patient;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Kills a producer at each of its accesses to shared memory, stops a producer or a reader there, and throws out of each: readers
 * get whole messages in their order, each once, and are told exactly of those that they do not get.
 */
@Patient
@Isolated("other objects of this process that sign at the same time make it unsure whose signature is in the memory")
class BroadcastAccessTest {

    /** More than the ring holds. */
    private static final int AROUND = 30;

    /** A process that had the pid of this one and has terminated. */
    private static final long ENDED = Owner.of(ProcessIdentity.pid(), ProcessIdentity.startTime() - 1);

    private static final long LIVING = Owner.of(ProcessIdentity.pid(), ProcessIdentity.startTime());

    // B02
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 6, 7, 8, 9, 12, 16, 25})
    void shouldLeaveWholeMessagesWhereverTheProducerIsKilled(long written) {
        for (boolean descending : new boolean[] {false, true}) {
            int moment = 0;
            for (boolean killed = true; killed; moment++) {
                BroadcastSubject subject = new BroadcastSubject(written, ENDED, descending);
                int last = moment;
                String when = "killed before access " + last;
                subject.process.runAndKill(() -> subject.end.accept("open; producer; write 3; close"), last);
                killed = subject.process.count() > last;
                long published = subject.published();
                if (moment % 2 == 0) {
                    subject.requireAllReadUpTo(published, when);
                }
                // A successor finds its way, goes around, and each message of it is there.
                for (long i = 1; i <= AROUND; i++) {
                    subject.write(1);
                    if (i % 5 != 0) {
                        assertEquals(published + i, subject.readers.get((int) (i % 2)).readAll(), when);
                    }
                }
                subject.requireAllReadUpTo(published + AROUND, when);
            }
            assertTrue(moment > 30, moment + " moments");
        }
    }

    // B03
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2, 6, 7, 8, 9, 12, 16, 25})
    void shouldNotHoldUpReadersWhereverTheProducerIsStopped(long written) {
        for (boolean descending : new boolean[] {false, true}) {
            for (boolean all : new boolean[] {false, true}) {
                BroadcastSubject subject = new BroadcastSubject(written, LIVING, descending);
                subject.process.run(() -> subject.end.accept("open; producer; write 5; close"), moment -> {
                    String when = "stopped before access " + moment;
                    if (all) {
                        subject.requireAllReadUpTo(subject.published(), when);
                    } else {
                        // One message at each moment or so.
                        BroadcastSubject.Reading reading = subject.readers.get(1);
                        reading.reader.read(reading.account, moment % 3);
                        reading.account.compareWith(reading.reader);
                    }
                    if ((long) Format.LONG.getAcquire(subject.memory, BroadcastFormat.PRODUCER_OFFSET) == LIVING) {
                        BroadcastRing another = BroadcastRing.open(subject.memory, Duration.ZERO);
                        assertThrows(BroadcastOccupiedException.class, another::producer);
                    }
                });
                subject.requireAllReadUpTo(written + 5, "at the end");
            }
        }
    }

    /** Others write any number of messages while the reader is stopped. */
    // B04
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 3, 7, 9, 12, 16, 25})
    void shouldReadWholeMessagesWhereverTheReaderIsStopped(long written) {
        for (String begin : List.of("oldest", "now")) {
            for (int count : new int[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 14, 17, AROUND, 2 * AROUND}) {
                int moment = 0;
                for (boolean stopped = true; stopped; moment++) {
                    BroadcastSubject subject = new BroadcastSubject(written, LIVING, moment % 2 == 0);
                    int at = moment;
                    byte[][] after = new byte[1][];
                    String act = begin.equals("now") ? "read 2; await; read 9" : "read 3; read 9";
                    subject.process.run(() -> subject.end.accept("open"));
                    subject.process.run(() -> subject.end.accept(begin + "; " + act), number -> {
                        if (number == at) {
                            subject.write(count);
                            after[0] = subject.memory.toArray(ValueLayout.JAVA_BYTE);
                        }
                    });
                    stopped = after[0] != null;
                    if (stopped) {
                        assertArrayEquals(after[0], subject.memory.toArray(ValueLayout.JAVA_BYTE),
                                "a reader has stored");
                        subject.process.run(() -> subject.end.accept("read 100"));
                        assertEquals("" + (written + count), subject.notes.getLast(), "stopped before access " + at);
                    }
                }
                assertTrue(moment > 6, moment + " moments");
            }
        }
    }

    /** Whether a reader is between the copy of a record and the look at the number of trims. */
    private static boolean hasCopied(BroadcastSubject subject) {
        List<SimulatedProcess.Access> made = subject.process.made();
        return made.size() > 1
                && made.getLast().how().equals("acquireFence")
                && made.get(made.size() - 2).offset() >= BroadcastFormat.RECORDS;
    }

    @Test
    void shouldGoOnWithTheNewestMessagesWhereItIsOvertakenAtTheOldestAgain() {
        BroadcastSubject subject = new BroadcastSubject(AROUND, LIVING, false);
        subject.process.run(() -> subject.end.accept("open; oldest"));
        int[] overtaken = new int[1];
        subject.process.run(() -> subject.end.accept("read 1"), number -> {
            if (overtaken[0] < 2 && hasCopied(subject)) {
                overtaken[0]++;
                subject.write(AROUND);
            }
        });
        assertEquals(2, overtaken[0]);
        // It gets the first of the last four.
        assertEquals("" + (subject.ring.messages() - 3), subject.notes.getLast());
    }

    /** It was overtaken in the same call before, but has got a message since. */
    @Test
    void shouldGoOnWithTheOldestMessageWhereItIsOvertakenAfterItHasGotOne() {
        BroadcastSubject subject = new BroadcastSubject(AROUND, LIVING, false);
        subject.process.run(() -> subject.end.accept("open; oldest"));
        int[] copied = new int[1];
        long[] oldest = new long[1];
        subject.process.run(() -> subject.end.accept("read 2"), number -> {
            // Not the second one, which is the message that it gets.
            if (hasCopied(subject) && ++copied[0] % 2 == 1 && copied[0] < 4) {
                subject.write(AROUND);
                oldest[0] = subject.ring.readerFromOldest().passed();
            }
        });
        assertEquals(4, copied[0]);
        assertEquals("" + (oldest[0] + 1), subject.notes.getLast());
        assertTrue(oldest[0] + 1 < subject.ring.messages() - 3, "that is another one than the first of the last four");
    }

    @Test
    void shouldReturnWhereTheProducerOvertakesItAllTheTime() {
        BroadcastSubject subject = new BroadcastSubject(5, LIVING, false);
        subject.process.run(() -> subject.end.accept("open; oldest"));
        int[] rounds = new int[1];
        subject.process.run(() -> subject.end.accept("read 1"), number -> {
            if (hasCopied(subject)) {
                rounds[0]++;
                subject.write(AROUND);
            }
        });
        assertEquals(BroadcastReader.MOST_ROUNDS, rounds[0]);
        subject.process.run(() -> subject.end.accept("read 100"));
        assertEquals("" + subject.ring.messages(), subject.notes.getLast());
    }

    /** What is done with the object behind what was thrown. */
    private enum Then {
        GOES_ON,
        CLOSES,
        ENDS
    }

    // B05
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 3, 7, 9, 12, 16, 25})
    void shouldFindWhatWasWrittenWhereverSomethingIsThrown(long written) {
        for (Then then : Then.values()) {
            for (int mode = 0; mode < 4; mode++) {
                boolean after = (mode & 1) != 0;
                boolean again = (mode & 2) != 0;
                int moment = 0;
                for (boolean thrown = true; thrown; moment++) {
                    BroadcastSubject subject = new BroadcastSubject(written, then == Then.ENDS ? ENDED : LIVING, false);
                    subject.process.run(() -> subject.end.accept("open"));
                    int at = moment;
                    thrown = throwOnce(subject, "producer; write 3; close", at, after, again);
                    String when =
                            "thrown " + (after ? "after" : "before") + " access " + at + (again ? " and later" : "");
                    long published = subject.ring.messages();
                    subject.requireAllReadUpTo(published, when);
                    if (thrown && then == Then.GOES_ON && published != written + 3) {
                        subject.process.run(() -> subject.end.accept("write-next"));
                        subject.requireAllReadUpTo(published + 1, when);
                    }
                    if (thrown && then != Then.ENDS) {
                        subject.process.run(() -> subject.end.accept("leave"));
                    }
                    long before = subject.ring.messages();
                    subject.write(AROUND);
                    subject.requireAllReadUpTo(before + AROUND, when);
                }
                assertTrue(moment > 20, moment + " moments");
            }
        }
    }

    /** Also where a handler is called: the message is then delivered again. */
    // B05
    @ParameterizedTest
    @ValueSource(longs = {0, 1, 7, 12, 25})
    void shouldReadEachMessageOnceWhereverSomethingIsThrown(long written) {
        for (int mode = 0; mode < 4; mode++) {
            boolean after = (mode & 1) != 0;
            boolean again = (mode & 2) != 0;
            int moment = 0;
            for (boolean thrown = true; thrown; moment++) {
                BroadcastSubject subject = new BroadcastSubject(written, LIVING, false);
                subject.process.run(() -> subject.end.accept("open; oldest; read 1"));
                subject.write(AROUND);
                thrown = throwOnce(subject, "read 4; await; read 2", moment, after, again);
                subject.process.run(() -> subject.end.accept("read 100"));
                assertEquals("" + (written + AROUND), subject.notes.getLast());
            }
            assertTrue(moment > 8, moment + " moments");
        }
    }

    /** It then knows what was given up, and has not gone on behind that yet. */
    // B05
    @Test
    void shouldTakeNothingThatWasGivenUpWhereSomethingIsThrownWhenItIsOvertaken() {
        boolean thrown = true;
        for (int moment = 0; thrown; moment++) {
            BroadcastSubject subject = new BroadcastSubject(AROUND, LIVING, false);
            subject.process.run(() -> subject.end.accept("open; oldest"));
            int at = moment;
            boolean[] done = new boolean[1];
            int[] rounds = new int[1];
            try {
                subject.process.run(() -> subject.end.accept("read 2"), number -> {
                    if (rounds[0] < 3 && hasCopied(subject)) {
                        rounds[0]++;
                        // Fewer than go around: bytes of old messages and of new ones.
                        subject.write(5);
                    }
                    if (number == at) {
                        done[0] = true;
                        throw new StackOverflowError("for the test");
                    }
                });
            } catch (StackOverflowError asIntended) {
                // The reader goes on.
            }
            thrown = done[0];
            subject.process.run(() -> subject.end.accept("read 100"));
            assertEquals("" + subject.ring.messages(), subject.notes.getLast(), "thrown before access " + at);
            assertTrue(moment < 1000);
        }
    }

    /** Returns whether it was thrown. */
    private static boolean throwOnce(BroadcastSubject subject, String act, int moment, boolean after, boolean again) {
        try {
            subject.process.runAndThrow(
                    () -> subject.end.accept(act), moment, after, again, StackOverflowError::new);
            return false;
        } catch (StackOverflowError asIntended) {
            return true;
        }
    }

    @Test
    void shouldSayWhoHasNotFinishedTheRing() {
        boolean complete = false;
        int incomplete = 0;
        for (int last = 0; !complete; last++) {
            MemorySegment memory = Arena.ofAuto().allocate(BroadcastRing.sizeFor(BroadcastSubject.CAPACITY), 128);
            SimulatedProcess creator = new SimulatedProcess(memory, ENDED, false);
            int moment = last;
            creator.runAndKill(
                    () -> InstrumentedClasses.end(BroadcastScript.class, memory, new ArrayList<>())
                            .accept("create " + BroadcastSubject.CAPACITY),
                    moment);
            complete = creator.count() <= moment;
            if ((long) Format.LONG.get(memory, Format.CREATOR_OFFSET) == Owner.NOBODY) {
                BroadcastRing.create(memory, BroadcastSubject.CAPACITY);
            } else if ((int) Format.INT.get(memory, Format.VERSION_OFFSET) == 0) {
                incomplete++;
                String message = assertThrows(
                        BroadcastFormatException.class, () -> BroadcastRing.open(memory, Duration.ZERO))
                        .getMessage();
                assertTrue(message.contains("process " + Owner.pid(ENDED)), message);
            } else {
                assertEquals(0, BroadcastRing.open(memory, Duration.ZERO).messages());
            }
        }
        assertNotEquals(0, incomplete);
    }

    private static List<String> hows(BroadcastSubject subject, String commands) {
        subject.process.run(() -> subject.end.accept(commands));
        return subject.process.made().stream()
                .map(access -> access.how() + (access.offset() < 0 ? "" : " " + access.offset()))
                .toList();
    }

    @Test
    void shouldAccessTheMemoryInThisOrder() {
        BroadcastSubject subject = new BroadcastSubject(0, LIVING, false);
        hows(subject, "open");
        assertEquals(
                List.of("getAcquire 136", "compareAndExchange 136", "getAcquire 144", "getAcquire 136"),
                hows(subject, "producer"));
        // The first one finds out where the ring is.
        assertEquals(
                List.of("getAcquire 136", "get 144", "getAcquire 128", "getOpaque 512", "getOpaque 520",
                        "getOpaque 528",
                        "acquireFence", "getAcquire 128", "getAcquire 256", "getOpaque 768", "getOpaque 776",
                        "getOpaque 784", "acquireFence", "getAcquire 256"),
                hows(subject, "write").subList(1, 15));
        int length = BroadcastScript.length(2, BroadcastSubject.CAPACITY / 8);
        long second = BroadcastFormat.RECORDS + 8 + (BroadcastScript.length(1, BroadcastSubject.CAPACITY / 8) + 7 & -8);
        assertEquals(
                List.of("getAcquire 128", "getAcquire 136", "get 144", "releaseFence", "copy " + (second + 8),
                        "get 144", "set " + second, "set 576", "set 584", "set 592", "setRelease 128", "get 384"),
                hows(subject, "write"));
        assertTrue(length > 0);
        hows(subject, "oldest");
        assertEquals(
                List.of("getAcquire 128", "getOpaque 1024", "copyOut 1032", "acquireFence", "getAcquire 256"),
                hows(subject, "read 1"));
        assertEquals(
                List.of("getOpaque " + second, "copyOut " + (second + 8), "acquireFence", "getAcquire 256",
                        "getAcquire 128"),
                hows(subject, "read 9"));
        assertEquals(List.of("getAcquire 144", "compareAndExchangeRelease 136"), hows(subject, "close"));
    }

    @Test
    void shouldGiveUpTheOldestMessagesBeforeItOverwritesThem() {
        for (int written = 0; written < AROUND; written++) {
            BroadcastSubject subject = new BroadcastSubject(written, LIVING, false);
            hows(subject, "open; producer; write");
            List<String> made = hows(subject, "write");
            int trim = made.indexOf("setRelease 256");
            if (written > 20 && trim >= 0) {
                assertEquals("fullFence", made.get(trim + 1), made::toString);
                assertEquals("releaseFence", made.get(trim + 2), made::toString);
                assertTrue(made.subList(0, trim).stream().noneMatch(access -> access.startsWith("copy")),
                        made::toString);
                // It has gone over records, which can take long.
                assertTrue(made.get(trim - 5).startsWith("getOpaque "), made::toString);
                assertEquals("get 144", made.get(trim - 4), made::toString);
                return;
            }
        }
        throw new AssertionError("nothing was given up");
    }
}
