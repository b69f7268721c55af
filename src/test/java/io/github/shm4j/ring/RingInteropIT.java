package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.internal.FutexWaiters;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Patient;
import io.github.shm4j.support.Peers;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Producers in other languages, written from the description of the protocol. */
@Patient
class RingInteropIT {

    private static final int CAPACITY = 1024;

    private final Blocks blocks = new Blocks();
    private Arena arena;
    private SharedMemory block;
    private MemorySegment memory;

    @BeforeEach
    void open() {
        arena = Arena.ofShared();
    }

    @AfterEach
    void cleanUp() throws ShmException {
        arena.close();
        blocks.close();
    }

    private RingUser create(Rings kind) throws ShmException {
        return create(kind, CAPACITY);
    }

    private RingUser create(Rings kind, int capacity) throws ShmException {
        block = blocks.create(kind.sizeFor(capacity));
        memory = block.attach(AttachMode.READ_WRITE, arena);
        return kind.create(memory, capacity);
    }

    static String resource(String name) throws IOException {
        try (InputStream in = RingInteropIT.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static List<String> numbered(String prefix, int count) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            texts.add(prefix + i);
        }
        return texts;
    }

    @Test
    void shouldReadWhatPerlWrites() throws Exception {
        RingUser ring = create(Rings.SPSC);
        try (Child.Running perl =
                Child.command(Peers.perl(), "-e", resource("producer.pl"), block.id(), 1000).start()) {
            Patience patience = Patience.with(perl);
            while (ring.producerPosition() < CAPACITY) {
                assertTrue(perl.isAlive(), () -> perl.await().err());
                patience.pause(() -> "the ring is not filled");
            }
            // The ring is full to the last byte, so nothing says where the records end but the free position.
            assertEquals(numbered("perl ", 1000), Rings.readAll(ring, 1000));
            perl.await().ok();
        }
        assertTrue(ring.write(Rings.TYPE, Rings.message("and then Java")));
        assertEquals(List.of("and then Java"), Rings.read(ring, 9));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 5})
    void shouldGoOnAfterPerlWasKilledAtAnyStep(int step) throws Exception {
        RingUser ring = create(Rings.SPSC);
        for (int round = 0; round < 5; round++) {
            Child.Result killed = Child.command(Peers.perl(), "-e", resource("producer.pl"), block.id(), 2, step).run();
            assertEquals(128 + 9, killed.exit(), killed.err());
            try (RingUser successor = RingUser.open(memory)) {
                assertTrue(successor.write(Rings.TYPE, Rings.message("behind")));
            }
            List<String> expected = new ArrayList<>(List.of("perl 0", "perl 1"));
            if (step >= 4) {
                expected.add("the last one");
            }
            expected.add("behind");
            assertEquals(expected, Rings.read(ring, 9));
        }
    }

    /** What one end in C does, and dies. */
    private void dieInC(Path peer, SharedMemory notes, int number, int count, int length, int batch, int step) {
        Child.Result killed = Child.command(
                peer, "produce", block.id(), notes.id(), number, count, length, batch, step)
                .run();
        assertEquals(128 + 9, killed.exit(), killed.err());
    }

    /** How many of the messages of a peer are delivered, which have to be whole and in order. */
    private static int read(RingUser ring, Peer.Journal journal, int limit) {
        int messages = 0;
        // The free position follows when nothing has come for a while.
        for (int empty = 0; empty < 20 && messages < limit; empty++) {
            messages += ring.read(journal, limit - messages);
        }
        return messages;
    }

    static Stream<Arguments> deaths() {
        return IntStream.rangeClosed(1, 5).boxed().flatMap(step -> Stream.of(
                // So large that the consumer leaves the rest as it is.
                Arguments.of(step, 1 << 16, 8000),
                Arguments.of(step, 1 << 16, 100),
                Arguments.of(step, CAPACITY, 121),
                Arguments.of(step, CAPACITY, 24)));
    }

    /** Behind the one that has died, Java and C go on in turn; the consumer has read nothing, some, or all before. */
    @ParameterizedTest
    @MethodSource("deaths")
    void shouldGoOnAfterTheOnlyProducerInCWasKilledAtAnyStep(int step, int capacity, int length) throws Exception {
        RingUser ring = create(Rings.SPSC, capacity);
        ring.clearAsInLargeRings();
        Path peer = Peers.compile("peer", resource("peer.c"));
        int rounds = 36;
        SharedMemory notes = blocks.create(16L * 2 * rounds);
        MemorySegment noted = notes.attach(AttachMode.READ_WRITE, arena);
        Peer.Journal journal = new Peer.Journal(arena.allocate(8L * 2 * rounds, 8));
        for (int round = 0; round < rounds; round++) {
            int count = round % 2;
            int batch = round % 3 == 0 ? 1 : 4;
            int published = count + (step < 4 ? 0 : batch);
            dieInC(peer, notes, 2 * round, count, length, batch, step);
            int early = round % 4 == 0 ? 0 : round % 4 == 1 ? published : published / 2;
            assertEquals(early, read(ring, journal, early));
            if (round % 12 < 6) {
                Peer.produce(memory, Peer.notes(noted, 2 * round + 1), 2 * round + 1, 1, () -> {
                });
            } else {
                Child.command(peer, "produce", block.id(), notes.id(), 2 * round + 1, 0, length, 1, 0).run().ok();
            }
            assertEquals(published + 1 - early, read(ring, journal, Integer.MAX_VALUE), () -> ring.statistics() + "");
            assertEquals(published, journal.count(2 * round));
            assertEquals(1, journal.count(2 * round + 1));
            assertEquals(ring.producerPosition(), ring.consumerPosition());
        }
    }

    /** There is no 0 behind the last record then. */
    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5})
    void shouldFindTheEndOfARingThatAKilledProducerInCHasFilled(int step) throws Exception {
        RingUser ring = create(Rings.SPSC);
        Path peer = Peers.compile("peer", resource("peer.c"));
        int record = 64;
        int records = CAPACITY / record;
        int rounds = 2 * records;
        SharedMemory notes = blocks.create(16L * 2 * rounds);
        Peer.Journal journal = new Peer.Journal(arena.allocate(8L * 2 * rounds, 8));
        for (int round = 0; round < rounds; round++) {
            long begin = ring.producerPosition();
            assertEquals(begin, Rings.getLong(memory, RingLayout.FREE_POSITION_OFFSET));
            int batch = round % 3 == 0 ? records : round % 3;
            int published = step < 4 ? records - batch : records;
            dieInC(peer, notes, 2 * round, records - batch, record - RingLayout.RECORD_HEADER, batch, step);
            try (RingUser successor = Rings.SPSC.open(memory)) {
                successor.beginBatch();
                assertEquals(begin + (long) published * record, successor.producerPosition());
                MemorySegment message = Rings.message(record - RingLayout.RECORD_HEADER);
                assertEquals(published < records, successor.write(Rings.TYPE, message));
            }
            int rest = published < records ? 1 : 0;
            int[] ofJava = new int[1];
            MessageHandler handler = (type, view, offset, size) -> {
                if (type == Rings.TYPE) {
                    ofJava[0]++;
                } else {
                    journal.onMessage(type, view, offset, size);
                }
            };
            for (int i = 0; i < records; i++) {
                ring.read(handler, 1);
            }
            assertEquals(0, ring.read(handler, 9));
            assertEquals(published, journal.count(2 * round));
            assertEquals(rest, ofJava[0]);
            // From another place in the next round.
            Child.command(peer, "produce", block.id(), notes.id(), 2 * round + 1, 0, record - RingLayout.RECORD_HEADER,
                    1,
                    0)
                    .run()
                    .ok();
            assertEquals(1, ring.read(journal, 9));
        }
    }

    /** The consumer clears what the successor is looking at. */
    @ParameterizedTest
    @CsvSource({"1024, 100", "65536, 8000"})
    void shouldFindTheEndInCWhileTheConsumerGoesOn(int capacity, int length) throws Exception {
        RingUser ring = create(Rings.SPSC, capacity);
        Path peer = Peers.compile("peer", resource("peer.c"));
        int rounds = 10;
        SharedMemory notes = blocks.create(16L * 2 * rounds);
        Peer.Journal journal = new Peer.Journal(arena.allocate(8L * 2 * rounds, 8));
        for (int round = 0; round < rounds; round++) {
            dieInC(peer, notes, 2 * round, 1, length, 4, 4);
            int early = round % 5;
            assertEquals(early, read(ring, journal, early));
            Child command = Child.command(peer, "produce", block.id(), notes.id(), 2 * round + 1, 0, length, 1, -1);
            try (Child.Running successor = command.start()) {
                Path stat = Path.of("/proc", "" + successor.pid(), "stat");
                Patience patience = Patience.with(successor);
                while (!Files.readString(stat).contains(") T ")) {
                    assertTrue(successor.isAlive(), () -> successor.await().err());
                    patience.check(() -> "the successor does not stop");
                }
                assertEquals(5 - early, read(ring, journal, Integer.MAX_VALUE));
                successor.signal("CONT");
                successor.await().ok();
            }
            assertEquals(1, read(ring, journal, Integer.MAX_VALUE));
            assertEquals(5, journal.count(2 * round));
            assertEquals(1, journal.count(2 * round + 1));
        }
    }

    @Test
    void shouldLetPerlGoOnWhereAProducerInCWasKilled() throws Exception {
        // The consumer does not clear records that are as long, so there are no zeros but those that a producer writes.
        RingUser ring = create(Rings.SPSC, 1 << 16);
        ring.clearAsInLargeRings();
        Path peer = Peers.compile("peer", resource("peer.c"));
        SharedMemory notes = blocks.create(16);
        for (int round = 0; round < 5; round++) {
            // Its header is there, its position is not.
            dieInC(peer, notes, 0, 1, 8000, 4, 4);
            Peer.Journal journal = new Peer.Journal(arena.allocate(8, 8));
            assertEquals(round % 3, ring.read(journal, round % 3));
            Child.command(Peers.perl(), "-e", resource("producer.pl"), block.id(), 2).run().ok();
            assertEquals(5 - round % 3, ring.read(journal, 5 - round % 3));
            assertEquals(5, journal.count(0));
            assertEquals(List.of("perl 0", "perl 1"), Rings.read(ring, 9));
        }
    }

    @Test
    void shouldReadWhatCAndJavaWriteAtTheSameTime() throws Exception {
        RingUser ring = create(Rings.MPSC);
        Path producer = Peers.compile("producer", resource("producer.c"));
        try (Child.Running c = Child.command(producer, block.id(), 50_000).start()) {
            List<String> ofC = new ArrayList<>();
            int written = 0;
            int ofJava = 0;
            while (ofC.size() < 50_001 || ofJava < written) {
                if (written < 50_000 && ring.write(Rings.TYPE, Rings.message("j " + written))) {
                    written++;
                }
                for (String text : Rings.read(ring, 10)) {
                    if (text.startsWith("j")) {
                        assertEquals("j " + ofJava++, text);
                    } else {
                        ofC.add(text);
                    }
                }
            }
            c.await().ok();
            assertEquals("the last one", ofC.remove(50_000));
            assertEquals(numbered("c ", 50_000), ofC);
        }
        assertEquals(0, ring.statistics().recordsSkipped());
    }

    /** A real process that dies in each state that the protocol knows. */
    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5, 6, 7})
    void shouldGoOnAfterCWasKilledAtAnyStep(int step) throws Exception {
        RingUser ring = create(Rings.MPSC);
        Path producer = Peers.compile("producer", resource("producer.c"));
        // So often that the last step also comes with padding before it.
        for (int round = 0; round < 60; round++) {
            Child.Result killed = Child.command(producer, block.id(), 2, step).run();
            assertEquals(128 + 9, killed.exit(), killed.err());
            assertTrue(ring.write(Rings.TYPE, Rings.message("behind")));
            List<String> expected = new ArrayList<>(List.of("c 0", "c 1"));
            if (step == 7) {
                expected.add("the last one");
            }
            expected.add("behind");
            assertEquals(expected, Rings.readAll(ring, expected.size()));
            assertEquals(List.of(), Rings.read(ring, 9));
        }
        // Killed while it still claims the padding, it is behind the bend that the step comes later.
        assertEquals(step == 3 || step == 7 ? 0 : 60, ring.statistics().recordsSkipped());
    }

    private Child.Running asleep(Path sleeper, String until, long word) throws Exception {
        Child.Running child = Child.command(sleeper, until, block.id()).start();
        Path stat = Path.of("/proc", "" + child.pid(), "stat");
        Patience patience = Patience.with(child);
        while (memory.get(ValueLayout.JAVA_INT, word) != FutexWaiters.ASLEEP
                || !Files.readString(stat).contains(") S ")) {
            assertTrue(child.isAlive(), () -> child.await().err());
            patience.check(() -> "it does not sleep");
        }
        return child;
    }

    /** It sleeps without a bound: if nobody wakes it, it never ends. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldWakeAConsumerInC(boolean byJava) throws Exception {
        RingUser ring = create(Rings.SPSC);
        Path sleeper = Peers.compile("sleeper", resource("sleeper.c"));
        for (int round = 0; round < 3; round++) {
            try (Child.Running consumer = asleep(sleeper, "message", RingLayout.CONSUMER_SLEEP_OFFSET)) {
                if (byJava) {
                    assertTrue(ring.write(Rings.TYPE, Rings.message("woken")));
                } else {
                    // Published by somebody who was killed before waking.
                    memory.set(ValueLayout.JAVA_INT, RingLayout.CONSUMER_SLEEP_OFFSET, FutexWaiters.NONE);
                    assertTrue(ring.write(Rings.TYPE, Rings.message("woken")));
                    memory.set(ValueLayout.JAVA_INT, RingLayout.CONSUMER_SLEEP_OFFSET, FutexWaiters.ASLEEP);
                    Child.Result woken =
                            Child.command(sleeper, "wake", block.id(), RingLayout.CONSUMER_SLEEP_OFFSET).run();
                    woken.ok();
                    assertEquals("1", woken.out());
                }
                consumer.await().ok();
            }
            assertEquals(FutexWaiters.AWAKE, memory.get(ValueLayout.JAVA_INT, RingLayout.CONSUMER_SLEEP_OFFSET));
            assertEquals(List.of("woken"), Rings.read(ring, 9));
        }
    }

    @Test
    void shouldWakeProducersInC() throws Exception {
        RingUser ring = create(Rings.SPSC);
        Path sleeper = Peers.compile("sleeper", resource("sleeper.c"));
        for (int round = 0; round < 3; round++) {
            while (ring.write(Rings.TYPE, Rings.message(""))) {
                // Until it is full.
            }
            try (Child.Running one = asleep(sleeper, "room", RingLayout.PRODUCER_SLEEP_OFFSET);
                    Child.Running other = asleep(sleeper, "room", RingLayout.PRODUCER_SLEEP_OFFSET)) {
                assertTrue(Rings.read(ring, 1000).size() > 10);
                one.await().ok();
                other.await().ok();
            }
            assertEquals(FutexWaiters.AWAKE, memory.get(ValueLayout.JAVA_INT, RingLayout.PRODUCER_SLEEP_OFFSET));
        }
    }

    /** The numbers that the ring's sleeping uses are the system's. */
    @Test
    void shouldKnowTheFutexCallAsCDoes() throws Exception {
        Path program = Peers.compile(
                "futex",
                """
                #include <linux/futex.h>
                #include <stdio.h>
                #include <sys/syscall.h>
                int main(void) { printf("%d %d %d", (int) SYS_futex, FUTEX_WAIT, FUTEX_WAKE); }
                """);
        String number = switch (System.getProperty("os.arch")) {
            case "amd64" -> "202";
            case "s390x" -> "238";
            case "ppc64le" -> "221";
            default -> "98";
        };
        assertEquals(number + " 0 1", Child.command(program).run().ok());
    }
}
