package io.github.shm4j.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
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

/**
 * Overwrites the memory of values in use, which may have no other effect than wrong records and a {@link ValueException}:
 * nothing outside is touched, and every call returns.
 *
 * <p>The property {@code shm4j.fuzz.mutations} says how many mutations to try, {@code shm4j.fuzz.seed} where to begin.
 */
@Patient(busySeconds = 3600)
class LatestValueHostileMemoryTest {

    private static final long MUTATIONS = Long.getLong("shm4j.fuzz.mutations", 20_000);
    private static final long SEED = Long.getLong("shm4j.fuzz.seed", 20261128);

    private static final long GUARD = 256;
    private static final byte GUARD_BYTE = (byte) 0xa5;
    private static final int SIZE = 40;

    private static final long[] FIELDS = {0, 8, 16, 24, 32, 40, 48, 128, 136};

    private static final long[] VALUES = {
        0, 1, -1, 3, 4, 63, 64, 1L << 32, Integer.MAX_VALUE, Integer.MIN_VALUE, Long.MAX_VALUE, Long.MIN_VALUE,
        1L << 62,
        (1L << 62) + 1, 1L << 48,
    };

    private static final class Subject {

        final SplittableRandom random;
        final MemorySegment all;
        final MemorySegment memory;
        final MemorySegment record = MemorySegment.ofArray(new byte[SIZE]);
        LatestValue value;
        LatestValueWriter writer;
        int refused;

        Subject(SplittableRandom random, Arena arena) {
            this.random = random;
            this.all = arena.allocate(LatestValue.sizeFor(SIZE) + 2 * GUARD, 128);
            this.memory = all.asSlice(GUARD, LatestValue.sizeFor(SIZE));
            all.asSlice(0, GUARD).fill(GUARD_BYTE);
            all.asSlice(GUARD + memory.byteSize()).fill(GUARD_BYTE);
            this.value = LatestValue.create(memory, SIZE);
            this.writer = value.writer();
        }

        void mutate(SplittableRandom by) {
            long offset = by.nextInt(4) == 0
                    ? by.nextLong(memory.byteSize() / 8) * 8
                    : FIELDS[by.nextInt(FIELDS.length)];
            long old = memory.get(ValueLayout.JAVA_LONG, offset);
            memory.set(ValueLayout.JAVA_LONG, offset, switch (by.nextInt(5)) {
                case 0 -> by.nextLong();
                case 1 -> old ^ 1L << by.nextInt(64);
                case 2 -> old + VALUES[by.nextInt(VALUES.length)];
                default -> VALUES[by.nextInt(VALUES.length)];
            });
        }

        /** Does something that is allowed, and takes a ValueException for an answer. */
        void act() {
            try {
                switch (random.nextInt(6)) {
                    case 0, 1 -> assertTrue(writer.write(record) > 0);
                    case 2, 3 -> {
                        // A header that was overwritten may speak of a larger record.
                        if (value.size() <= SIZE) {
                            assertTrue(value.read(record) >= 0);
                        }
                    }
                    case 4 -> assertTrue(value.version() >= 0);
                    default -> {
                        writer.close();
                        LatestValue opened = LatestValue.open(memory, Duration.ZERO);
                        if (opened.size() == SIZE) {
                            value = opened;
                        }
                    }
                }
            } catch (ValueException typed) {
                refused++;
            } catch (IllegalStateException closed) {
                takeRole();
            }
        }

        private void takeRole() {
            try {
                writer = value.writer();
            } catch (ValueOccupiedException somebodyElse) {
                memory.set(ValueLayout.JAVA_LONG, LatestValueFormat.WRITER_OFFSET, 0);
            } catch (ValueException typed) {
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

    @Test
    void shouldSurviveAnyChangeOfAnyByte() {
        int perValue = 10;
        int refused = 0;
        for (long round = 0; round < MUTATIONS / perValue; round++) {
            long seed = SEED + round;
            try (Arena arena = Arena.ofConfined()) {
                Subject subject = new Subject(new SplittableRandom(seed), arena);
                for (int i = 0; i < perValue; i++) {
                    subject.mutate(subject.random);
                    subject.act();
                    subject.act();
                    subject.act();
                }
                subject.assertGuardsUntouched();
                refused += subject.refused;
            } catch (Throwable failure) {
                throw new AssertionError("with -Dshm4j.fuzz.seed=" + seed, failure);
            }
        }
        assertTrue(refused > 0 || MUTATIONS < 1000, "nothing was refused");
    }

    @Test
    void shouldSurviveRandomBytesInPlaceOfAValue() {
        SplittableRandom random = new SplittableRandom(SEED);
        byte[] bytes = new byte[1024];
        for (int i = 0; i < MUTATIONS / 10; i++) {
            random.nextBytes(bytes);
            MemorySegment memory = Arena.ofAuto().allocate(bytes.length, 128).copyFrom(MemorySegment.ofArray(bytes));
            if (i % 2 == 0) {
                memory.set(ValueLayout.JAVA_LONG, 0, LatestValueFormat.MAGIC);
                memory.set(ValueLayout.JAVA_INT, 8, LatestValueFormat.VERSION);
            }
            try {
                LatestValue value = LatestValue.open(memory, Duration.ZERO);
                value.read(MemorySegment.ofArray(new byte[1024]));
            } catch (ValueException typed) {
                // As promised.
            }
        }
    }

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
}
