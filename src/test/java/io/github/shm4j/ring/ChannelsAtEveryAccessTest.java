package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.WaitStrategy;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Patient;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Kills, stops and throws out of the writer of a stream of bytes, and its reader, at each single access to the shared memory: no
 * byte is lost, doubled or another one, and a stream that was not ended is never taken for one that was.
 */
@Patient
class ChannelsAtEveryAccessTest {

    private static final int CAPACITY = 1024;

    /** The second write takes two messages. */
    private static final String PUTS = "put 10; put 200; put 5";

    private static final int ALL = 215;
    private static final int LONGEST = CAPACITY / 8;

    private enum Outcome {
        ENDED,
        BROKEN,
        GOES_ON,
        NONE
    }

    /** One ring, a process that is observed, and the other side as everybody has it. */
    private static final class Subject {

        final MemorySegment memory;
        final RingBuffer ring;
        final List<String> notes = new ArrayList<>();
        final SimulatedProcess process;
        final Consumer<String> end;

        private RingConsumer consumer;
        private RingSourceChannel source;

        /** How many bytes of the stream were read that the source reads. */
        int got;

        /** Makes a ring whose records begin so far before its end. */
        Subject(Rings kind, int at, long owner, boolean descending) {
            memory = kind.memory(CAPACITY);
            kind.create(memory, CAPACITY).close();
            ring = RingBuffer.open(memory);
            try (RingProducer producer = ring.producer(); RingConsumer reader = ring.consumer()) {
                for (int position = 0; position < at; position += 24) {
                    assertTrue(producer.write(1, MemorySegment.ofArray(new byte[16])));
                    assertEquals(1, reader.read((type, view, offset, length) -> {
                    }, 1));
                }
            }
            process = new SimulatedProcess(memory, owner, descending);
            end = InstrumentedClasses.end(ChannelScript.class, memory, notes);
        }

        void act(String commands) {
            process.run(() -> end.accept(commands));
        }

        /** How many bytes the observed process has noted. */
        int noted() {
            return notes.stream().filter(note -> !note.equals("ended")).mapToInt(Integer::parseInt).sum();
        }

        void openSource() {
            if (consumer == null) {
                consumer = ring.consumer();
                if (consumer.records instanceof MpscRecords records) {
                    records.checkWithoutWaiting();
                }
            }
            source = RingSourceChannel.open(consumer, ChannelScript.TYPE, WaitStrategy.BUSY_SPIN, Duration.ZERO);
            got = 0;
        }

        /** Reads what is there of the stream. */
        Outcome read() {
            ByteBuffer target = ByteBuffer.allocate(70);
            try {
                while (source.read(target.clear()) >= 0) {
                    ChannelScript.requireNext(target, got);
                    got += target.position();
                }
                return Outcome.ENDED;
            } catch (StreamTimeoutException nothing) {
                return nothing.getMessage().contains("no stream has begun") ? Outcome.NONE : Outcome.GOES_ON;
            } catch (StreamBrokenException broken) {
                return Outcome.BROKEN;
            } catch (IOException failed) {
                throw new AssertionError(failed);
            }
        }

        /** Reads all that is there, once the consumer has passed over what nobody will complete: it does not look at once. */
        Outcome readAll() {
            Patience patience = Patience.withAll();
            Outcome outcome = read();
            while ((outcome == Outcome.GOES_ON || outcome == Outcome.NONE) && !consumer.isAtEnd()) {
                patience.check(() -> "a record that nobody will complete holds up the reader");
                outcome = read();
            }
            return outcome;
        }

        /** Reads all that there will be of a stream whose writer has gone: the channel does not look for that all the time. */
        Outcome readToItsEnd() {
            Patience patience = Patience.withAll();
            Outcome outcome = readAll();
            while (outcome == Outcome.GOES_ON) {
                patience.check(() -> "a writer that has gone seems to go on");
                outcome = readAll();
            }
            return outcome;
        }

        /** Writes a whole stream, as another process does. */
        void writeStream(int bytes) {
            try (RingProducer producer = ring.producer();
                    RingSinkChannel sink = RingSinkChannel.open(
                            producer, ChannelScript.TYPE, WaitStrategy.BUSY_SPIN, Duration.ZERO)) {
                ChannelScript.put(sink, 0, bytes);
            } catch (IOException failed) {
                throw new AssertionError(failed);
            }
        }

        /** What comes next is a stream, written whole. */
        void assertGoesOn(String when) {
            openSource();
            writeStream(150);
            assertEquals(Outcome.ENDED, readToItsEnd(), when);
            assertEquals(150, got, when);
        }
    }

    private static void assertOutcome(Subject subject, Outcome outcome, String when) {
        int written = subject.noted();
        assertTrue(subject.got >= written && subject.got <= ALL,
                () -> when + ": " + subject.got + " bytes of those that were written, which are " + written);
        assertTrue(outcome != Outcome.ENDED || subject.got == ALL, when);
        assertTrue(outcome != Outcome.NONE || subject.got == 0 && written == 0, when);
        if (subject.notes.contains("ended")) {
            assertNotEquals(Outcome.NONE, outcome, when);
        }
    }

    @ParameterizedTest
    @CsvSource({"SPSC, 0", "SPSC, 840", "MPSC, 0", "MPSC, 840"})
    void shouldTellTheReaderOfAKilledWriterThatBytesAreMissing(Rings kind, int at) {
        int moment = 0;
        for (boolean killed = true; killed; moment++) {
            Subject subject = new Subject(kind, at, Simulation.TERMINATED, moment % 2 == 0);
            subject.act("open; producer");
            int last = moment;
            subject.process.runAndKill(() -> subject.end.accept("sink; " + PUTS + "; end"), last);
            killed = subject.process.count() > last;
            String when = "killed before access " + last;
            boolean successorFirst = moment % 3 == 0;
            if (successorFirst) {
                subject.writeStream(50);
            }
            subject.openSource();
            Outcome outcome = subject.readToItsEnd();
            if (successorFirst && outcome == Outcome.ENDED && subject.got == 50 && subject.noted() == 0) {
                // It was killed before its stream had begun.
                successorFirst = false;
            } else {
                assertOutcome(subject, outcome, when);
                assertEquals(subject.notes.contains("ended") || !killed ? Outcome.ENDED : outcome, outcome, when);
            }
            if (successorFirst) {
                subject.openSource();
                assertEquals(Outcome.ENDED, subject.readToItsEnd(), when);
                assertEquals(50, subject.got, when);
            }
            subject.assertGoesOn(when);
        }
        assertTrue(moment > 30, moment + " moments");
    }

    @ParameterizedTest
    @CsvSource({"SPSC, 0", "SPSC, 840", "MPSC, 0", "MPSC, 840"})
    void shouldReadEachByteWhereverTheWriterIsStopped(Rings kind, int at) {
        int moment = 0;
        for (boolean reached = true; reached; moment++) {
            Subject subject = new Subject(kind, at, Simulation.LIVING, moment % 2 == 0);
            subject.act("open; producer");
            subject.openSource();
            int from = moment;
            subject.process.run(() -> subject.end.accept("sink; " + PUTS + "; end; leave"), access -> {
                if (access == from || access > from && access % 5 == 0) {
                    Outcome outcome = subject.read();
                    assertOutcome(subject, outcome, "stopped before access " + access);
                    assertNotEquals(Outcome.BROKEN, outcome);
                }
            });
            reached = subject.process.count() > from;
            assertEquals(Outcome.ENDED, subject.readToItsEnd());
            assertEquals(ALL, subject.got);
            subject.assertGoesOn("stopped before access " + from);
        }
        assertTrue(moment > 30, moment + " moments");
    }

    @ParameterizedTest
    @CsvSource({"SPSC, 840", "MPSC, 0"})
    void shouldNeverEndAStreamOfWhichSomethingIsMissingAsSomethingWasThrown(Rings kind, int at) {
        for (int mode = 0; mode < 4; mode++) {
            boolean after = (mode & 1) != 0;
            boolean again = (mode & 2) != 0;
            int moment = 0;
            for (boolean reached = true; reached; moment++) {
                Subject subject = new Subject(kind, at, Simulation.LIVING, false);
                subject.act("open; producer");
                try {
                    subject.process.runAndThrow(() -> subject.end.accept("sink; " + PUTS + "; end"), moment, after,
                            again, StackOverflowError::new);
                } catch (StackOverflowError asIntended) {
                    // The channel is closed.
                }
                reached = subject.process.count() > moment;
                String when = "thrown " + (after ? "after" : "before") + " access " + moment;
                boolean wholeWritten = subject.noted() == ALL;
                subject.act("end; leave");
                subject.openSource();
                Outcome outcome = subject.readAll();
                assertOutcome(subject, outcome, when);
                if (outcome == Outcome.GOES_ON) {
                    // Where a process that lives can go on to write, only the mark could have said it.
                    assertTrue(wholeWritten || subject.got == 0, when);
                    assertEquals(Rings.MPSC, kind, when);
                } else if (!wholeWritten) {
                    assertNotEquals(Outcome.ENDED, outcome, when);
                }
                subject.openSource();
                subject.writeStream(50);
                assertEquals(Outcome.ENDED, subject.readToItsEnd(), when);
                assertEquals(50, subject.got, when);
            }
            assertTrue(moment > 30, moment + " moments");
        }
    }

    /** Writes the stream that the observed process reads. */
    private static void writeFor(Subject subject) {
        try (RingProducer producer = subject.ring.producer();
                RingSinkChannel sink = RingSinkChannel.open(
                        producer, ChannelScript.TYPE, WaitStrategy.BUSY_SPIN, Duration.ZERO)) {
            ChannelScript.put(sink, 0, 10);
            ChannelScript.put(sink, 10, 200);
            ChannelScript.put(sink, 210, 5);
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
    }

    private static final String GETS = "get 7; get 100; get 100; get 100; get 9; get 1";

    @ParameterizedTest
    @CsvSource({"SPSC, 0", "SPSC, 840", "MPSC, 840"})
    void shouldLeaveToTheSuccessorOfAKilledReaderWhatThatHadNotRead(Rings kind, int at) throws IOException {
        int moment = 0;
        for (boolean killed = true; killed; moment++) {
            Subject subject = new Subject(kind, at, Simulation.TERMINATED, moment % 2 == 0);
            writeFor(subject);
            subject.act("open; consumer; source");
            int last = moment;
            subject.process.runAndKill(() -> subject.end.accept(GETS), last);
            killed = subject.process.count() > last;
            String when = "killed before access " + last;
            int read = subject.noted();
            subject.openSource();
            Outcome outcome = subject.read();
            if (outcome == Outcome.ENDED) {
                // Not even the mark at the beginning was consumed.
                assertEquals(ALL, subject.got, when);
                assertTrue(read <= LONGEST, when);
            } else if (outcome == Outcome.BROKEN) {
                subject.openSource();
                long left = subject.source.skipRest();
                assertTrue(left >= ALL - read, () -> when + ": lost, " + read + " were read, " + left + " are left");
                assertTrue(left - (ALL - read) <= LONGEST, () -> when + ": more than the message that was being read");
            } else {
                assertEquals(Outcome.NONE, outcome, when);
                assertEquals(ALL, read, when);
            }
            subject.assertGoesOn(when);
        }
        assertTrue(moment > 15, moment + " moments");
    }

    @ParameterizedTest
    @CsvSource({"SPSC, 0", "SPSC, 840", "MPSC, 840"})
    void shouldReadEachByteOnceWhereverTheReaderIsStopped(Rings kind, int at) throws IOException {
        int moment = 0;
        for (boolean reached = true; reached; moment++) {
            Subject subject = new Subject(kind, at, Simulation.LIVING, moment % 2 == 0);
            subject.act("open; consumer; source");
            int stopped = moment;
            try (RingProducer producer = subject.ring.producer();
                    RingSinkChannel sink = RingSinkChannel.open(
                            producer, ChannelScript.TYPE, WaitStrategy.BUSY_SPIN, Duration.ZERO)) {
                ChannelScript.put(sink, 0, 180);
                subject.process.run(() -> subject.end.accept("get 7; get 100; get 100"), access -> {
                    if (access == stopped) {
                        try {
                            ChannelScript.put(sink, 180, 35);
                        } catch (IOException failed) {
                            throw new AssertionError(failed);
                        }
                        assertThrows(RingOccupiedException.class, subject.ring::consumer);
                    }
                });
                reached = subject.process.count() > stopped;
                if (!reached) {
                    ChannelScript.put(sink, 180, 35);
                }
            }
            subject.act("get 100; get 100; get 100; get 1");
            assertEquals(ALL, subject.noted(), "stopped before access " + stopped);
            assertTrue(subject.notes.contains("ended"), subject.notes::toString);
            subject.act("leave");
            subject.assertGoesOn("stopped before access " + stopped);
        }
        assertTrue(moment > 10, moment + " moments");
    }

    @ParameterizedTest
    @CsvSource({"SPSC, 0", "MPSC, 840"})
    void shouldReadEachByteOnceWhereverSomethingIsThrown(Rings kind, int at) {
        for (int mode = 0; mode < 4; mode++) {
            boolean after = (mode & 1) != 0;
            boolean again = (mode & 2) != 0;
            int moment = 0;
            for (boolean reached = true; reached; moment++) {
                Subject subject = new Subject(kind, at, Simulation.LIVING, false);
                writeFor(subject);
                subject.act("open; consumer; source");
                try {
                    subject.process.runAndThrow(
                            () -> subject.end.accept(GETS), moment, after, again, StackOverflowError::new);
                } catch (StackOverflowError asIntended) {
                    // The channel goes on.
                }
                reached = subject.process.count() > moment;
                String when = "thrown " + (after ? "after" : "before") + " access " + moment;
                subject.act("get 100; get 100; get 100; get 100; get 9; get 1");
                assertEquals(ALL, subject.noted(), when);
                assertTrue(subject.notes.contains("ended"), when);
                subject.act("leave");
                subject.assertGoesOn(when);
            }
            assertTrue(moment > 15, moment + " moments");
        }
    }
}
