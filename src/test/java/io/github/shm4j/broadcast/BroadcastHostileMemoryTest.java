package io.github.shm4j.broadcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Patient;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Overwrites the memory of rings in use, which may have no other effect than wrong messages, losses that were none, and a
 * {@link BroadcastException}: nothing outside is touched, and every call returns.
 *
 * <p>The property {@code shm4j.fuzz.mutations} says how many mutations to try, {@code shm4j.fuzz.seed} where to begin.
 */
@Patient(busySeconds = 3600)
class BroadcastHostileMemoryTest {

    private static final long MUTATIONS = Long.getLong("shm4j.fuzz.mutations", 20_000);
    private static final long SEED = Long.getLong("shm4j.fuzz.seed", 20261129);

    private static final long GUARD = 256;
    private static final byte GUARD_BYTE = (byte) 0xa5;
    private static final int CAPACITY = 512;

    private static final long[] FIELDS = {0, 8, 16, 24, 32, 40, 48, 128, 128, 136, 144, 256, 256, 384};

    private static final long[] VALUES = {
        0, 1, -1, 3, 7, 8, 9, 16, 63, 64, 256, 512, 1L << 32, Integer.MAX_VALUE, Integer.MIN_VALUE, Long.MAX_VALUE,
        Long.MIN_VALUE, 1L << 62, (1L << 62) + 1, (1L << 62) - 8, 1L << 60, 0xffff_ffff_0000_0200L, 0x1_0000_0010L,
        0x1_ffff_fff8L, 0x1_8000_0000L,
    };

    private static final class Subject implements BroadcastHandler {

        final SplittableRandom random;
        final MemorySegment all;
        final MemorySegment memory;
        final MemorySegment message = MemorySegment.ofArray(new byte[CAPACITY / 8]);
        BroadcastRing ring;
        BroadcastProducer producer;
        BroadcastReader reader;
        int refused;
        int delivered;

        Subject(SplittableRandom random, Arena arena) {
            this.random = random;
            this.all = arena.allocate(BroadcastRing.sizeFor(CAPACITY) + 2 * GUARD, 128);
            this.memory = all.asSlice(GUARD, BroadcastRing.sizeFor(CAPACITY));
            all.asSlice(0, GUARD).fill(GUARD_BYTE);
            all.asSlice(GUARD + memory.byteSize()).fill(GUARD_BYTE);
            this.ring = BroadcastRing.create(memory, CAPACITY);
            this.producer = ring.producer();
            this.reader = ring.readerFromNow();
        }

        @Override
        public void onMessage(int type, MemorySegment copy, long offset, int length) {
            assertTrue(type > 0 && length >= 0 && length <= CAPACITY / 8 && offset + length <= copy.byteSize());
            delivered++;
        }

        @Override
        public void onLoss(long messages, long bytes) {
            assertTrue(messages > 0 && bytes >= 0);
        }

        void mutate(SplittableRandom by) {
            long offset = switch (by.nextInt(4)) {
                case 0 -> by.nextLong(memory.byteSize() / 8) * 8;
                // A mark.
                case 1 -> BroadcastFormat.NEWEST_MARKS + by.nextLong(64) * 8;
                // Any header, as all are at multiples of eight.
                case 2 -> BroadcastFormat.RECORDS + by.nextLong(CAPACITY / 8) * 8;
                default -> FIELDS[by.nextInt(FIELDS.length)];
            };
            long old = memory.get(ValueLayout.JAVA_LONG, offset);
            memory.set(ValueLayout.JAVA_LONG, offset, switch (by.nextInt(5)) {
                case 0 -> by.nextLong();
                case 1 -> old ^ 1L << by.nextInt(64);
                case 2 -> old + VALUES[by.nextInt(VALUES.length)];
                default -> VALUES[by.nextInt(VALUES.length)];
            });
        }

        /** Does something that is allowed, and takes a BroadcastException for an answer. */
        void act() {
            try {
                switch (random.nextInt(8)) {
                    case 0, 1, 2 -> assertTrue(producer.write(1, message, 0, random.nextInt(CAPACITY / 8 + 1)) > 0);
                    case 3, 4 -> assertTrue(reader.read(this, 1 + random.nextInt(20)) <= 20);
                    case 5 -> reader = random.nextBoolean() ? ring.readerFromNow() : ring.readerFromOldest();
                    case 6 -> assertTrue(ring.messages() >= 0);
                    default -> {
                        producer.close();
                        BroadcastRing opened = BroadcastRing.open(memory, Duration.ZERO);
                        if (opened.capacity() == CAPACITY) {
                            ring = opened;
                            reader = ring.readerFromOldest();
                        }
                    }
                }
            } catch (BroadcastRoleLostException lost) {
                refused++;
                takeRole();
            } catch (BroadcastException typed) {
                refused++;
                if (random.nextInt(4) == 0) {
                    repair();
                }
            } catch (IllegalStateException closed) {
                takeRole();
            }
        }

        /** Makes the ring empty again, so that not all that follows is refused at once. */
        private void repair() {
            memory.asSlice(BroadcastFormat.MESSAGES_OFFSET, 8).fill((byte) 0);
            memory.asSlice(BroadcastFormat.TRIMS_OFFSET, 8).fill((byte) 0);
            memory.asSlice(BroadcastFormat.NEWEST_MARKS, 512).fill((byte) 0);
            try {
                reader = ring.readerFromOldest();
            } catch (BroadcastException changedMeanwhile) {
                refused++;
            }
        }

        private void takeRole() {
            try {
                producer.close();
                producer = ring.producer();
            } catch (BroadcastOccupiedException somebodyElse) {
                memory.set(ValueLayout.JAVA_LONG, BroadcastFormat.PRODUCER_OFFSET, 0);
            } catch (BroadcastException typed) {
                refused++;
            }
        }

        void assertGuardsUntouched() {
            for (long i = 0; i < GUARD; i++) {
                assertEquals(GUARD_BYTE, all.get(ValueLayout.JAVA_BYTE, i));
                assertEquals(GUARD_BYTE, all.get(ValueLayout.JAVA_BYTE, all.byteSize() - 1 - i));
            }
        }
    }

    // B06
    @Test
    void shouldSurviveAnyChangeOfAnyByte() {
        int perRing = 10;
        int refused = 0;
        int delivered = 0;
        for (long round = 0; round < MUTATIONS / perRing; round++) {
            long seed = SEED + round;
            try (Arena arena = Arena.ofConfined()) {
                Subject subject = new Subject(new SplittableRandom(seed), arena);
                int before = subject.random.nextInt(30);
                for (int i = 0; i < before; i++) {
                    subject.act();
                }
                for (int i = 0; i < perRing; i++) {
                    subject.mutate(subject.random);
                    for (int j = 0; j < 4; j++) {
                        subject.act();
                    }
                }
                subject.assertGuardsUntouched();
                refused += subject.refused;
                delivered += subject.delivered;
            } catch (Throwable failure) {
                throw new AssertionError("with -Dshm4j.fuzz.seed=" + seed, failure);
            }
        }
        assertTrue(refused > MUTATIONS / 100, refused + " were refused");
        assertTrue(delivered > MUTATIONS / 10, delivered + " were delivered");
    }

    // B06
    @Test
    void shouldSurviveChangesAtTheSameTime() throws InterruptedException {
        SplittableRandom random = new SplittableRandom(SEED);
        for (int round = 0; round < 10; round++) {
            try (Arena arena = Arena.ofShared()) {
                Subject subject = new Subject(random.split(), arena);
                SplittableRandom ofAttacker = random.split();
                AtomicBoolean done = new AtomicBoolean();
                Thread attacker = Thread.ofPlatform().start(() -> {
                    while (!done.get()) {
                        subject.mutate(ofAttacker);
                    }
                });
                try {
                    for (long i = 0; i < MUTATIONS / 20; i++) {
                        subject.act();
                    }
                } finally {
                    done.set(true);
                    Patience.join(attacker);
                }
                subject.assertGuardsUntouched();
            }
        }
    }

    /** A header that no message has, in a record that nobody has given up. */
    // B06
    @ParameterizedTest
    @ValueSource(longs = {
        0, 0x1_0000_0000L, 0x1_0000_0007L, 0x1_0000_0049L, 0x1_7fff_ffffL, 0x1_8000_0000L, 0x1_ffff_ffffL,
        0xffff_fffe_0000_0010L, 0xffff_ffff_0000_0010L, 0x0000_0000_0000_0010L, -1L,
    })
    void shouldNameTheRecordThatCannotBe(long header) {
        MemorySegment memory = Arena.ofAuto().allocate(BroadcastRing.sizeFor(CAPACITY), 128);
        BroadcastRing ring = BroadcastRing.create(memory, CAPACITY);
        BroadcastReader reader = ring.readerFromNow();
        try (BroadcastProducer producer = ring.producer()) {
            producer.write(1, MemorySegment.ofArray(new byte[8]));
            producer.write(2, MemorySegment.ofArray(new byte[8]));
            memory.set(ValueLayout.JAVA_LONG, BroadcastFormat.RECORDS + 16, header);
            int[] types = new int[1];
            String message = assertThrows(BroadcastCorruptedException.class,
                    () -> reader.read((type, copy, offset, length) -> types[0] = type, 9)).getMessage();
            assertTrue(message.contains("at position 16 has type " + (int) (header >> 32) + " and length "
                    + (int) header), message);
            assertEquals(1, types[0]);
            // And again: nothing was changed.
            assertThrows(BroadcastCorruptedException.class, () -> reader.read((type, copy, offset, length) -> {
            }, 9));
        }
        // A successor goes over the records that it has to give up.
        try (BroadcastProducer successor = ring.producer()) {
            assertThrows(BroadcastCorruptedException.class, () -> {
                for (int i = 0; i < 100; i++) {
                    successor.write(1, MemorySegment.ofArray(new byte[8]));
                }
            });
        }
    }

    /** A mark or a number that cannot be, for a producer that begins and for a reader that does. */
    // B06
    @ParameterizedTest
    @ValueSource(strings = {
        "128=-1", "128=4611686018427387905", "256=-1", "256=4611686018427387905", "608=4", "608=-8",
        "608=4611686018427387912",
        "616=2", "616=4", "624=-1", "624=25", "616=-1", "608=52", "776=-1",
    })
    void shouldNameTheMarkOrNumberThatCannotBe(String change) {
        MemorySegment memory = Arena.ofAuto().allocate(BroadcastRing.sizeFor(CAPACITY), 128);
        BroadcastRing ring = BroadcastRing.create(memory, CAPACITY);
        BroadcastProducer producer = ring.producer();
        for (int i = 0; i < 3; i++) {
            producer.write(1, MemorySegment.ofArray(new byte[8]));
        }
        producer.close();
        String[] parts = change.split("=");
        memory.set(ValueLayout.JAVA_LONG, Long.parseLong(parts[0]), Long.parseLong(parts[1]));
        BroadcastProducer next = ring.producer();
        String message = assertThrows(BroadcastCorruptedException.class, () -> next.write(1, MemorySegment.ofArray(
                new byte[8]))).getMessage();
        assertTrue(message.contains(parts[1]) && message.contains("overwritten"), message);
        next.close();
        assertThrows(BroadcastCorruptedException.class, ring::readerFromNow);
    }

    /** Each number may be right, but not all of them together: for a producer that begins or that gives up messages. */
    // B06
    @ParameterizedTest
    @CsvSource({
        "31, 768=496 776=32, 32 messages of 0 bytes",
        "31, 768=496 784=400, 0 messages of 400 bytes",
        "31, 752=0, bytes; there were 31 of 0 bytes",
        "31, 128=1 544=496 552=1 560=400, bytes; there were 1 of 400 bytes",
        "31, 736=1032, the newest one ends at position 1032",
        "31, 1024=-4294966784, the records up to position 512 are 0 messages",
    })
    void shouldNameWhatContradictsSomethingElse(int written, String changes, String expected) {
        MemorySegment memory = Arena.ofAuto().allocate(BroadcastRing.sizeFor(CAPACITY), 128);
        BroadcastRing ring = BroadcastRing.create(memory, CAPACITY);
        try (BroadcastProducer producer = ring.producer()) {
            for (int i = 0; i < written; i++) {
                producer.write(1, MemorySegment.ofArray(new byte[8]));
            }
        }
        change(memory, changes);
        try (BroadcastProducer next = ring.producer()) {
            String message = assertThrows(BroadcastCorruptedException.class,
                    () -> next.write(1, MemorySegment.ofArray(new byte[24]))).getMessage();
            assertTrue(message.contains(expected), message);
        }
    }

    private static void change(MemorySegment memory, String changes) {
        for (String change : changes.split(" ")) {
            String[] parts = change.split("=");
            memory.set(ValueLayout.JAVA_LONG, Long.parseLong(parts[0]), Long.parseLong(parts[1]));
        }
    }

    /** Numbers that go back, for a reader that knows what they were. */
    // B06
    @ParameterizedTest
    @CsvSource({
        "128=69, the number of messages is 69 and was 70",
        "256=0, and then is 0",
        "256=100 896=1200 904=1 912=560, before position 1200 there were 1 messages",
        "256=100 896=1200 904=75 912=0, before position 1200 there were 75 messages of 0 bytes",
    })
    void shouldNameWhatGoesBack(String changes, String expected) {
        MemorySegment memory = Arena.ofAuto().allocate(BroadcastRing.sizeFor(CAPACITY), 128);
        BroadcastRing ring = BroadcastRing.create(memory, CAPACITY);
        BroadcastHandler ignore = (type, copy, offset, length) -> {
        };
        try (BroadcastProducer producer = ring.producer()) {
            BroadcastReader reader = ring.readerFromNow();
            for (int i = 0; i < 70; i++) {
                producer.write(1, MemorySegment.ofArray(new byte[8]));
                assertEquals(1, reader.read(ignore, 9));
            }
            if (!changes.startsWith("128=")) {
                producer.write(1, MemorySegment.ofArray(new byte[8]));
            }
            change(memory, changes);
            String message =
                    assertThrows(BroadcastCorruptedException.class, () -> reader.read(ignore, 9)).getMessage();
            assertTrue(message.contains(expected), message);
        }
    }
}
