package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.WaitStrategy;
import io.github.shm4j.internal.Owner;
import io.github.shm4j.ring.ControlledMessageHandler.Action;
import io.github.shm4j.support.Patient;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Overwrites the memory of rings in use, which may have no other effect than wrong messages and a {@link RingException}:
 * nothing outside the ring is touched, and every call returns.
 *
 * <p>The property {@code shm4j.fuzz.mutations} says how many mutations to try, {@code shm4j.fuzz.seed} where to begin.
 */
@Patient(busySeconds = 3600)
class HostileMemoryTest {

    private static final long MUTATIONS = Long.getLong("shm4j.fuzz.mutations", 20_000);
    private static final long SEED = Long.getLong("shm4j.fuzz.seed", 20261101);

    private static final long GUARD = 256;
    private static final byte GUARD_BYTE = (byte) 0xa5;

    private static final long[] FIELDS = {
        RingLayout.MAGIC_OFFSET,
        RingLayout.VERSION_OFFSET,
        RingLayout.CAPACITY_OFFSET,
        RingLayout.SLOTS_OFFSET,
        RingLayout.PID_NAMESPACE_OFFSET,
        RingLayout.CREATOR_OFFSET,
        RingLayout.PRODUCER_POSITION_OFFSET,
        RingLayout.FREE_POSITION_OFFSET,
        RingLayout.CLEARED_FROM_OFFSET,
        RingLayout.CONSUMER_OFFSET,
        RingLayout.CONSUMER_POSITION_OFFSET,
        RingLayout.MESSAGES_READ_OFFSET,
        RingLayout.CONSUMER_SLEEP_OFFSET,
        RingLayout.PRODUCER_SLEEP_OFFSET,
        RingLayout.SLOTS_BEGIN + RingLayout.SLOT_OWNER,
        RingLayout.SLOTS_BEGIN + RingLayout.SLOT_CLAIM,
        RingLayout.SLOTS_BEGIN + RingLayout.SLOT_FAILED,
    };

    private static final long[] VALUES = {
        0, 1, -1, 7, 8, -8, 64, 4096, Integer.MAX_VALUE, Integer.MIN_VALUE, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 62,
        RingLayout.committed(7, 8), RingLayout.committed(7, 9), RingLayout.committed(7, 0), RingLayout.committed(0, 16),
        RingLayout.committed(-1, 8), RingLayout.committed(-1, 64), RingLayout.committed(7, Integer.MAX_VALUE),
        RingLayout.committed(-1, Integer.MAX_VALUE - 7), RingLayout.committed(-2, 8), RingLayout.claimed(0, 8),
        RingLayout.claimed(0, 24), RingLayout.claimed(1, 8), RingLayout.claimed(0, Integer.MAX_VALUE),
        RingLayout.claimed(0, Integer.MIN_VALUE),
    };

    /** A ring between two guards, and what uses it. */
    private static final class Subject {

        final SplittableRandom random;
        final MemorySegment all;
        final MemorySegment memory;
        final Rings kind;
        final long capacity;
        final MemorySegment source = MemorySegment.ofArray(new byte[1 << 16]);
        final Claim claim = new Claim();
        RingUser producer;
        RingUser consumer;
        long sum;

        /** Only changes the memory of another one. */
        Subject(Rings kind, SplittableRandom random, MemorySegment memory, long capacity) {
            this.kind = kind;
            this.random = random;
            this.capacity = capacity;
            this.all = memory;
            this.memory = memory;
        }

        Subject(Rings kind, SplittableRandom random, Arena arena) {
            this.kind = kind;
            this.random = random;
            this.capacity = 64L << random.nextInt(5);
            this.all = arena.allocate(kind.sizeFor(capacity) + 2 * GUARD, 8);
            this.memory = all.asSlice(GUARD, kind.sizeFor(capacity));
            all.asSlice(0, GUARD).fill(GUARD_BYTE);
            all.asSlice(GUARD + memory.byteSize()).fill(GUARD_BYTE);
            this.producer = kind.create(memory, capacity);
            this.consumer = kind.open(memory);
        }

        void mutate() {
            long words = memory.byteSize() / 8;
            long records = capacity / 8;
            long word = switch (random.nextInt(4)) {
                case 0 -> FIELDS[random.nextInt(FIELDS.length)] / 8;
                case 1, 2 -> words - 1 - random.nextLong(records);
                default -> random.nextLong(words);
            };
            long old = Rings.getLong(memory, word * 8);
            long value = switch (random.nextInt(6)) {
                case 0 -> random.nextLong();
                case 1 -> old ^ 1L << random.nextInt(64);
                case 2 -> old + VALUES[random.nextInt(VALUES.length)];
                case 3 -> old & 0xffff_ffffL | random.nextLong() << 32;
                default -> VALUES[random.nextInt(VALUES.length)];
            };
            Rings.setLong(memory, word * 8, value);
        }

        /** Does something that is allowed, and takes a RingException for an answer. */
        void act() {
            try {
                switch (random.nextInt(20)) {
                    case 0, 1, 2, 3 -> producer.write(7, source, 0, random.nextInt(producer.maxMessageLength() + 1));
                    case 4, 5 -> claim();
                    case 6, 7, 8, 9 -> {
                        consumer.release();
                        consumer.read(this::look, 1 + random.nextInt(20));
                    }
                    case 10 -> {
                        consumer.release();
                        consumer.controlledRead(this::control, 1 + random.nextInt(20));
                    }
                    case 11 -> consumer.peek(this::look, 1 + random.nextInt(20));
                    case 12 -> {
                        // Empty reads are what makes the consumer look for producers that have terminated.
                        consumer.release();
                        consumer.checkWithoutWaiting();
                        for (int i = 0; i < 40; i++) {
                            consumer.read(this::look, 3);
                        }
                    }
                    case 13 -> consumer.browse(this::lookAtCopy, 1 + random.nextInt(20));
                    case 14 -> sum += producer.statistics().bytesRead() + consumer.backlog();
                    case 15 ->
                        sum += producer.producer().positionAfter(random.nextInt(producer.maxMessageLength() + 1));
                    case 16, 17 -> {
                        RingConsumer in = consumer.consumer();
                        long known = in.peekPosition();
                        in.peek(this::look, 1 + random.nextInt(20));
                        in.releaseUpTo(random.nextBoolean() ? known : in.peekPosition());
                    }
                    case 18 -> {
                        consumer.close();
                        consumer = RingUser.open(memory, Duration.ZERO);
                    }
                    default -> {
                        producer.close();
                        producer = RingUser.open(memory, Duration.ZERO);
                    }
                }
            } catch (RingException typed) {
                // As promised.
            }
            if (producer.isClosed()) {
                producer = reopened(producer);
            }
            if (consumer.isClosed()) {
                consumer = reopened(consumer);
            }
        }

        private RingUser reopened(RingUser closed) {
            try {
                return RingUser.open(memory, Duration.ZERO);
            } catch (RingException typed) {
                // Once the header is gone nobody can open the ring, but those who have it open can use it.
                return new Subject(kind, random, Arena.ofAuto()).producer;
            }
        }

        private void claim() {
            try (claim) {
                if (producer.tryClaim(7, random.nextInt(producer.maxMessageLength() + 1), claim)) {
                    assertWithin(claim.memory(), claim.offset(), claim.length());
                    claim.segment().fill((byte) 0x77);
                    if (random.nextBoolean()) {
                        claim.commit();
                    }
                }
            }
        }

        private Action control(int type, MemorySegment view, long offset, int length) {
            look(type, view, offset, length);
            return Action.values()[random.nextInt(4)];
        }

        private void look(int type, MemorySegment view, long offset, int length) {
            assertTrue(type > 0);
            assertWithin(view, offset, length);
            for (int i = 0; i < length; i++) {
                sum += view.get(ValueLayout.JAVA_BYTE, offset + i);
            }
        }

        private void lookAtCopy(int type, MemorySegment copy, long offset, int length) {
            assertTrue(type > 0);
            for (int i = 0; i < length; i++) {
                sum += copy.get(ValueLayout.JAVA_BYTE, offset + i);
            }
        }

        /** The header may have been overwritten before the ring was opened, so the ring may have any size that fits. */
        private static void assertWithin(MemorySegment view, long offset, int length) {
            assertTrue(
                    offset >= RingLayout.dataOffset(1) && length >= 0 && offset + length <= view.byteSize(),
                    () -> offset + ", " + length);
        }

        void assertGuardsUntouched() {
            for (long i = 0; i < GUARD; i++) {
                assertEquals(GUARD_BYTE, all.get(ValueLayout.JAVA_BYTE, i));
                assertEquals(GUARD_BYTE, all.get(ValueLayout.JAVA_BYTE, all.byteSize() - 1 - i));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldSurviveAnyChangeOfAnyByte(Rings kind) {
        int perRing = 10;
        for (long round = 0; round < MUTATIONS / 2 / perRing; round++) {
            long seed = SEED + round;
            try (Arena arena = Arena.ofConfined()) {
                Subject subject = new Subject(kind, new SplittableRandom(seed), arena);
                for (int i = 0; i < 10; i++) {
                    subject.act();
                }
                for (int i = 0; i < perRing; i++) {
                    subject.mutate();
                    subject.act();
                    subject.act();
                    subject.act();
                }
                subject.assertGuardsUntouched();
            } catch (Throwable failure) {
                throw new AssertionError("with -Dshm4j.fuzz.seed=" + seed, failure);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldSurviveChangesAtTheSameTime(Rings kind) throws InterruptedException {
        SplittableRandom random = new SplittableRandom(SEED);
        for (int round = 0; round < 20; round++) {
            try (Arena arena = Arena.ofShared()) {
                Subject subject = new Subject(kind, random.split(), arena);
                Subject attacker = new Subject(kind, random.split(), subject.memory, subject.capacity);
                AtomicBoolean done = new AtomicBoolean();
                Thread thread = Thread.ofPlatform().start(() -> {
                    while (!done.get()) {
                        attacker.mutate();
                    }
                });
                try {
                    for (long i = 0; i < MUTATIONS / 20; i++) {
                        subject.act();
                    }
                } finally {
                    done.set(true);
                    thread.join();
                }
                subject.assertGuardsUntouched();
            }
        }
    }

    private static final long[] BAD_POSITIONS = {-1, -8, 4, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE};

    /** The fields one by one, with the values that break most programs. */
    // fault 7
    @ParameterizedTest
    @EnumSource
    void shouldNameWhatIsWrongWithAPosition(Rings kind) {
        for (long field : new long[] {RingLayout.PRODUCER_POSITION_OFFSET, RingLayout.FREE_POSITION_OFFSET,
            RingLayout.CONSUMER_POSITION_OFFSET}) {
            for (long value : BAD_POSITIONS) {
                MemorySegment memory = kind.memory(256);
                RingUser ring = kind.create(memory, 256);
                assertTrue(ring.write(7, Rings.message("x")));
                Rings.setLong(memory, field, value);
                RingCorruptedException corrupted = assertThrows(RingCorruptedException.class, () -> Rings.read(ring,
                        1), () -> Long.toString(value));
                assertTrue(corrupted.getMessage().contains(Long.toString(value)), corrupted.getMessage());
                assertThrows(RingCorruptedException.class, () -> Rings.read(ring, 1), "again");
                assertEquals(Owner.NOBODY, Rings.getLong(memory, RingLayout.CONSUMER_OFFSET));
                assertNoNonsense(ring);
                if (field != RingLayout.CONSUMER_POSITION_OFFSET) {
                    assertThrows(RingCorruptedException.class, () -> {
                        RingUser late = kind.open(memory);
                        ring.close();
                        for (int i = 0; i < 100; i++) {
                            late.write(7, Rings.message("x"));
                        }
                    });
                }
            }
        }
    }

    /**
     * Padding of which none ends where the consumer frees, which is at cache lines: so long that it is not cleared, it would
     * be met again in each lap, and never count as a message.
     */
    @ParameterizedTest
    @ValueSource(strings = {"read", "controlledRead", "awaitMessage"})
    void shouldNotGoAroundForEverWhereThereIsNothingButPadding(String call) throws InterruptedException {
        long capacity = 1 << 20;
        MemorySegment memory = Rings.SPSC.memory(capacity);
        RingUser ring = Rings.SPSC.create(memory, capacity);
        for (int i = 0; i < 43; i++) {
            assertTrue(ring.write(7, Rings.message(16)));
        }
        assertEquals(43, Rings.read(ring, 99).size());
        assertEquals(1024, Rings.getLong(memory, RingLayout.FREE_POSITION_OFFSET));
        assertEquals(1032, ring.consumerPosition());
        long data = Rings.SPSC.data();
        for (long begin = 0, end = 100_024; begin < capacity; begin = end, end = Math.min(end + 70_016, capacity)) {
            Rings.setLong(memory, data + begin, RingLayout.committed(-1, (int) (end - begin)));
            if (begin == 0) {
                Rings.setLong(memory, data + 1032, RingLayout.committed(-1, (int) (end - 1032)));
            }
        }
        Thread consumer = Thread.ofPlatform().daemon().start(() -> {
            try {
                switch (call) {
                    case "read" -> ring.read((type, view, offset, length) -> {
                    }, 1);
                    case "controlledRead" -> ring.controlledRead((type, view, offset, length) -> Action.CONTINUE, 1);
                    default -> ring.awaitMessage(WaitStrategy.YIELD, Duration.ZERO);
                }
            } catch (RingCorruptedException | InterruptedException asItMay) {
                // It has noticed.
            }
        });
        while (consumer.isAlive() && ring.consumerPosition() < 9 * capacity) {
            Thread.onSpinWait();
        }
        boolean endless = ring.consumerPosition() >= 9 * capacity;
        memory.asSlice(data).fill((byte) 0);
        consumer.join();
        assertFalse(endless, "nobody has written, and it goes on");
    }

    /** Once they have begun, both sides of a ring for one know for themselves where they are. */
    @Test
    void shouldNotNeedTheProducerPositionToGoOn() {
        for (long value : BAD_POSITIONS) {
            MemorySegment memory = Rings.SPSC.memory(256);
            RingUser ring = Rings.SPSC.create(memory, 256);
            assertTrue(ring.write(7, Rings.message("first")));
            assertEquals(List.of("first"), Rings.read(ring, 9));
            for (int i = 0; i < 100; i++) {
                String text = "number " + i % 10;
                assertTrue(ring.write(7, Rings.message(text)));
                assertEquals(16 * (i + 2), ring.producerPosition(), "the producer stores its own");
                Rings.setLong(memory, RingLayout.PRODUCER_POSITION_OFFSET, value);
                assertEquals(List.of(text), Rings.read(ring, 9));
            }
            assertEquals(101, Rings.getLong(memory, RingLayout.MESSAGES_READ_OFFSET));
            assertTrue(Rings.getLong(memory, RingLayout.LONGEST_BACKLOG_OFFSET) <= 256);
            assertNoNonsense(ring);
        }
    }

    /** Statistics of a ring whose positions were overwritten are refused, unless the records say what is true. */
    private static void assertNoNonsense(RingUser ring) {
        try {
            RingStatistics statistics = ring.statistics();
            long backlog = statistics.producerPosition() - statistics.consumerPosition();
            assertTrue(statistics.consumerPosition() >= 0 && backlog >= 0 && backlog <= 256, statistics::toString);
            assertTrue(statistics.longestBacklog() >= backlog && statistics.longestBacklog() <= 256,
                    statistics::toString);
            assertTrue(statistics.messagesWritten() >= statistics.messagesRead(), statistics::toString);
        } catch (RingCorruptedException refused) {
            assertTrue(refused.getMessage().contains("the ring was overwritten"), refused.getMessage());
        }
    }

    /** The one producer reads the free position when it needs to, at any time of its life. */
    @ParameterizedTest
    @EnumSource
    void shouldNameWhatIsWrongWithTheFreePositionInALaterLap(Rings kind) {
        for (int laps = 0; laps < 4; laps++) {
            for (long value : BAD_POSITIONS) {
                MemorySegment memory = kind.memory(256);
                RingUser ring = kind.create(memory, 256);
                for (int i = 0; i < 16 * laps; i++) {
                    assertTrue(ring.write(7, Rings.message("sixteen.")));
                    assertEquals(1, Rings.read(ring, 1).size());
                }
                for (int i = 0; i < 16; i++) {
                    assertTrue(ring.write(7, Rings.message("sixteen.")));
                }
                Rings.setLong(memory, RingLayout.FREE_POSITION_OFFSET, value);
                for (int i = 0; i < 3; i++) {
                    RingCorruptedException corrupted = assertThrows(
                            RingCorruptedException.class,
                            () -> ring.write(7, Rings.message("longer than sixteen")),
                            () -> Long.toString(value));
                    assertTrue(corrupted.getMessage().contains(Long.toString(value)), corrupted.getMessage());
                }
            }
        }
    }

    // fault 7
    @ParameterizedTest
    @EnumSource
    void shouldNameWhatIsWrongWithARecord(Rings kind) {
        for (long header : new long[] {
            RingLayout.committed(7, 7), RingLayout.committed(0, 16), RingLayout.committed(-2, 16),
            RingLayout.committed(7, 41),
            RingLayout.committed(-1, 264), RingLayout.committed(7, Integer.MAX_VALUE), RingLayout.committed(-1,
                    Integer.MAX_VALUE)}) {
            MemorySegment memory = kind.memory(256);
            RingUser ring = kind.create(memory, 256);
            assertTrue(ring.write(7, Rings.message("x")));
            Rings.setLong(memory, kind.data(), header);
            for (int i = 0; i < 3; i++) {
                RingCorruptedException corrupted = assertThrows(
                        RingCorruptedException.class, () -> Rings.read(ring, 1), () -> Long.toHexString(header));
                assertTrue(corrupted.getMessage().contains("position 0"), corrupted.getMessage());
                assertEquals(0, ring.consumerPosition());
            }
        }
    }

    @Test
    void shouldNotBeKeptFromWritingByWhatOthersPutIntoItsSlots() {
        MemorySegment memory = Rings.MPSC.memory(256);
        RingUser ring = Rings.MPSC.create(memory, 256);
        for (int i = 0; i < 100; i++) {
            assertTrue(ring.write(7, Rings.message("x")));
            assertEquals(1, Rings.readAll(ring, 1).size());
            for (long slot = RingLayout.SLOTS_BEGIN; slot < Rings.MPSC.data(); slot += RingLayout.SLOT_LENGTH) {
                Rings.setLong(memory, slot + RingLayout.SLOT_CLAIM, 1);
            }
        }
    }
}
