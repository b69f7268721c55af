package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ring.Simulation.Scenario;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Patient;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Looking at the messages of a ring without a role in it. */
@Patient
class RingBrowseTest {

    private static List<String> browse(RingUser ring, int limit) {
        List<String> texts = new ArrayList<>();
        int count =
                ring.browse((type, copy, offset, length) -> texts.add(type + Rings.text(copy, offset, length)), limit);
        assertEquals(texts.size(), count);
        return texts;
    }

    @ParameterizedTest
    @EnumSource
    void shouldShowWhatWaitsAndChangeNothing(Rings kind) {
        MemorySegment memory = kind.memory(256);
        RingUser ring = kind.create(memory, 256);
        assertEquals(List.of(), browse(ring, 9));
        assertTrue(ring.write(3, Rings.message("consumed")));
        assertTrue(ring.write(4, Rings.message("")));
        assertTrue(ring.write(5, Rings.message("third")));
        assertTrue(ring.write(6, Rings.message("the fourth one")));
        assertEquals(1, ring.read((type, view, offset, length) -> {
        }, 1));
        assertEquals(1, ring.peek((type, view, offset, length) -> {
        }, 1), "peeked at, and not consumed");
        byte[] before = Rings.bytes(memory);
        RingUser other = RingUser.open(memory.asReadOnly());
        for (RingUser looking : List.of(ring, other)) {
            assertEquals(List.of("4", "5third", "6the fourth one"), browse(looking, 9));
            assertEquals(List.of("4", "5third"), browse(looking, 2));
            assertEquals(List.of(), browse(looking, 0));
            assertEquals(List.of(), browse(looking, -1));
            assertThrows(NullPointerException.class, () -> looking.browse(null, 9));
            assertThrows(NullPointerException.class, () -> looking.browse(null, 0));
        }
        assertArrayEquals(before, Rings.bytes(memory));
        ring.release();
        assertEquals(List.of("third", "the fourth one"), Rings.read(ring, 9));
        assertEquals(List.of(), browse(other, 9));
        ring.close();
        assertEquals(List.of(), browse(ring, 9), "who was closed can look");
    }

    @ParameterizedTest
    @EnumSource
    void shouldShowARingThatIsFullAndGoesAroundTheBend(Rings kind) {
        RingUser ring = kind.create(256);
        List<String> expected = new ArrayList<>();
        for (int lap = 0; lap < 40; lap++) {
            String text = "message".repeat(3).substring(lap % 20) + lap;
            while (ring.write(Rings.TYPE, Rings.message(text))) {
                expected.add(text);
            }
            assertEquals(expected.stream().map(message -> Rings.TYPE + message).toList(), browse(ring, 99));
            List<String> read = Rings.read(ring, 1 + lap % 7);
            assertEquals(expected.subList(0, read.size()), read);
            expected.subList(0, read.size()).clear();
        }
    }

    @Test
    void shouldPassOverWhatIsClaimed() {
        RingUser ring = Rings.MPSC.create(1024);
        assertTrue(ring.write(3, Rings.message("before")));
        Claim[] claims = {new Claim(), new Claim()};
        for (Claim claim : claims) {
            assertTrue(ring.tryClaim(4, 13, claim));
            claim.segment().fill((byte) 'c');
        }
        assertTrue(ring.write(5, Rings.message("behind")));
        assertEquals(List.of("3before", "5behind"), browse(ring, 9));
        claims[1].abort();
        claims[0].commit();
        assertEquals(List.of("3before", "4ccccccccccccc", "5behind"), browse(ring, 9));
    }

    @Test
    void shouldNotShowWhatIsNotPublished() {
        RingUser ring = Rings.SPSC.create(1024);
        assertTrue(ring.write(3, Rings.message("before")));
        try (SpscProducer.Batch batch = ring.beginBatch()) {
            assertTrue(ring.write(4, Rings.message("a")));
            assertTrue(ring.write(5, Rings.message("b")));
            assertEquals(List.of("3before"), browse(ring, 9));
            batch.publish();
            assertEquals(List.of("3before", "4a", "5b"), browse(ring, 9));
        }
        try (Claim claim = new Claim()) {
            assertTrue(ring.tryClaim(6, 5, claim));
            claim.segment().fill((byte) 'x');
            assertEquals(3, browse(ring, 9).size());
        }
        assertEquals(3, browse(ring, 9).size());
    }

    @ParameterizedTest
    @EnumSource
    void shouldHandOutCopies(Rings kind) {
        RingUser ring = kind.create(1 << 16);
        for (int length = 7; length < 3000; length += 500) {
            assertTrue(ring.write(Rings.TYPE, Rings.message(length)));
        }
        int[] delivered = new int[1];
        ring.browse((type, copy, offset, length) -> {
            // The consumer takes all of it, and producers use its room.
            ring.read((readType, view, begin, size) -> {
            }, 99);
            for (int i = 0; i < 100; i++) {
                ring.write(Rings.TYPE, Rings.message(900));
                ring.read((readType, view, begin, size) -> {
                }, 99);
            }
            assertEquals(7 + 500 * delivered[0]++, length);
            assertEquals(-1, copy.asSlice(offset, length).mismatch(Rings.message(length)));
            assertThrows(IllegalArgumentException.class, () -> copy.fill((byte) 0));
        }, 1);
        assertEquals(1, delivered[0]);
    }

    /** Mapped by the kernel without the permission to write. */
    @ParameterizedTest
    @EnumSource
    void shouldNeedNoPermissionToWrite(Rings kind) throws Exception {
        try (Blocks blocks = new Blocks();
                Arena arena = Arena.ofConfined()) {
            SharedMemory block = SharedMemory.create(blocks.freeKey(), kind.sizeFor(4096));
            RingUser ring = kind.create(block.attach(AttachMode.READ_WRITE, arena), 4096);
            assertTrue(ring.write(3, Rings.message("a")));
            assertTrue(ring.write(4, Rings.message("b".repeat(300))));
            RingUser other = RingUser.open(block.attach(AttachMode.READ_ONLY, arena));
            assertEquals(List.of("3a", "4" + "b".repeat(300)), browse(other, 9));
        }
    }

    private static Scenario scenario(Rings kind, int at) {
        return new Scenario(kind, false, "browses", 4, Simulation.CAPACITY, at, simulation -> {
            simulation.produce("write a/5; write b/13; write d/64");
            simulation.consume("read 1");
            simulation.produce("write e/8; write f/21");
        }, "open", "browse 99");
    }

    /** At each access others read, clear and write again what is looked at: {@link RingScript} notices what is torn. */
    @ParameterizedTest
    @EnumSource
    void shouldShowNothingThatIsTornWhateverHappensMeanwhile(Rings kind) {
        List<Consumer<Simulation>> others = List.of(
                simulation -> simulation.consume("read 1"),
                simulation -> simulation.consume("read 3"),
                simulation -> simulation.consume("drain"),
                Simulation::fill,
                simulation -> {
                    for (int i = 0; i < 5; i++) {
                        simulation.fill();
                        simulation.consume("read 7; drain");
                    }
                    simulation.fill();
                },
                simulation -> simulation.beforeItIsKilled("write n/30", Simulation::claims));
        for (int at : new int[] {0, Simulation.CAPACITY - 96}) {
            for (Consumer<Simulation> other : others) {
                boolean stopped = true;
                for (int i = 0; stopped; i++) {
                    Simulation simulation = new Simulation(scenario(kind, at), Simulation.LIVING, i % 2 == 0);
                    simulation.newConsumer();
                    boolean[] reached = new boolean[1];
                    int moment = i;
                    simulation.victim.run(() -> simulation.act("browse 99"), number -> {
                        if (number == moment) {
                            reached[0] = true;
                            other.accept(simulation);
                        }
                    });
                    stopped = reached[0];
                    for (SimulatedProcess.Access access : simulation.victim.made()) {
                        assertTrue(
                                access.how().matches("get.*|copyOut|.*Fence|handle a message"),
                                () -> "looking only: " + access);
                    }
                    List<String> delivered = simulation.notesOfVictim;
                    List<String> left = new ArrayList<>(simulation.written);
                    for (String name : delivered) {
                        assertTrue(left.contains(name), () -> name + " of " + delivered + " in " + simulation.written);
                        left.subList(0, left.indexOf(name) + 1).clear();
                    }
                    if (!stopped) {
                        assertEquals(List.of("b", "d", "e", "f"), delivered);
                    }
                }
            }
        }
    }

    /** The ring is full but for 8 bytes, so that the next message ends where no room was when the browser looked for that. */
    @ParameterizedTest
    @EnumSource
    void shouldShowAMessageForWhichRoomWasMadeWhileItLooked(Rings kind) {
        Scenario almostFull = new Scenario(kind, false, "browses", 4, Simulation.CAPACITY, 64,
                simulation -> simulation.produce(
                        "write a/56; write b/56; write d/56; write e/56; write f/56; write g/56; write h/56; write i/48"),
                "open", "browse 99");
        int shown = 0;
        boolean stopped = true;
        for (int i = 0; stopped; i++) {
            Simulation simulation = new Simulation(almostFull, Simulation.LIVING, false);
            simulation.newConsumer();
            boolean[] reached = new boolean[1];
            int moment = i;
            simulation.victim.run(() -> simulation.act("browse 99"), number -> {
                if (number == moment) {
                    reached[0] = true;
                    simulation.consume("drain");
                    simulation.produce("write j/8");
                }
            });
            stopped = reached[0];
            if (simulation.notesOfVictim.contains("j")) {
                shown++;
            } else if (!stopped) {
                assertEquals(List.of("a", "b", "d", "e", "f", "g", "h", "i"), simulation.notesOfVictim);
            }
        }
        assertTrue(shown > 0, "the message was never shown");
    }

    /** Real threads, as fast as they are: what is delivered is whole, in order, and no call goes on for ever. */
    @ParameterizedTest
    @EnumSource
    void shouldShowWholeMessagesOfARingInUse(Rings kind) throws InterruptedException {
        MemorySegment memory = kind.memory(1 << 12);
        RingUser ring = kind.create(memory, 1 << 12);
        AtomicBoolean done = new AtomicBoolean();
        Thread producer = Thread.ofPlatform().start(() -> {
            MemorySegment message = Arena.ofAuto().allocate(480, 8);
            for (long i = 0; !done.get(); i++) {
                long length = 8 + i * 8 % 472;
                for (long offset = 0; offset < length; offset += 8) {
                    message.set(ValueLayout.JAVA_LONG, offset, i);
                }
                while (!ring.write(Rings.TYPE, message, 0, length) && !done.get()) {
                    Thread.onSpinWait();
                }
            }
        });
        Thread consumer = Thread.ofPlatform().start(() -> {
            RingUser reading = kind.open(memory);
            while (!done.get()) {
                reading.read((type, view, offset, length) -> {
                }, 3);
            }
        });
        try {
            RingUser looking = RingUser.open(memory.asReadOnly());
            long[] seen = new long[2];
            while (seen[1] < 20_000) {
                seen[0] = -1;
                looking.browse((type, copy, offset, length) -> {
                    long number = copy.get(ValueLayout.JAVA_LONG, offset);
                    assertTrue(number > seen[0], () -> number + " after " + seen[0]);
                    assertEquals(8 + number * 8 % 472, length);
                    for (long at = 8; at < length; at += 8) {
                        assertEquals(number, copy.get(ValueLayout.JAVA_LONG, offset + at), "torn");
                    }
                    seen[0] = number;
                    seen[1]++;
                }, Integer.MAX_VALUE);
            }
        } finally {
            done.set(true);
            producer.join();
            consumer.join();
        }
    }

    /** The consumer goes on as fast as it is looked at: the call ends after one lap. */
    @ParameterizedTest
    @EnumSource
    void shouldEndAfterOneLap(Rings kind) {
        RingUser ring = kind.create(1024);
        while (ring.write(Rings.TYPE, Rings.message(24))) {
            // Until it is full.
        }
        int[] delivered = new int[1];
        ring.browse((type, copy, offset, length) -> {
            assertTrue(delivered[0]++ < 1000, "endless");
            Rings.read(ring, 1);
            ring.write(Rings.TYPE, Rings.message(24));
        }, Integer.MAX_VALUE);
        assertEquals(1024 / 32, delivered[0]);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, -8, 4, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 63 | 8})
    void shouldNameWhatIsWrongWithAPosition(long value) {
        for (Rings kind : Rings.values()) {
            for (long field : new long[] {RingLayout.FREE_POSITION_OFFSET, RingLayout.CONSUMER_POSITION_OFFSET}) {
                MemorySegment memory = kind.memory(256);
                RingUser ring = kind.create(memory, 256);
                assertTrue(ring.write(Rings.TYPE, Rings.message("x")));
                Rings.setLong(memory, field, value);
                RingCorruptedException corrupted =
                        assertThrows(RingCorruptedException.class, () -> browse(ring, 9));
                assertTrue(corrupted.getMessage().contains(Long.toString(value)), corrupted.getMessage());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldNameWhatIsWrongWithARecord(Rings kind) {
        for (long header : new long[] {
            RingLayout.committed(7, 1), RingLayout.committed(7, 7), RingLayout.committed(0, 16),
            RingLayout.committed(-2, 16),
            RingLayout.committed(7, 41), RingLayout.committed(-1, 264), RingLayout.committed(7, Integer.MAX_VALUE),
            RingLayout.committed(-1, Integer.MAX_VALUE), RingLayout.claimed(0, 264),
            RingLayout.claimed(0, Integer.MIN_VALUE)}) {
            MemorySegment memory = kind.memory(256);
            RingUser ring = kind.create(memory, 256);
            Rings.setLong(memory, kind.data(), header);
            RingCorruptedException corrupted = assertThrows(
                    RingCorruptedException.class, () -> browse(ring, 9), () -> Long.toHexString(header));
            assertTrue(corrupted.getMessage().contains("position 0"), corrupted.getMessage());
        }
    }
}
