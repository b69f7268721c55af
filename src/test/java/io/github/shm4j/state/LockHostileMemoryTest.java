package io.github.shm4j.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.ring.InstrumentedClasses;
import io.github.shm4j.ring.SimulatedProcess;
import io.github.shm4j.support.Patient;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * Overwrites a lock before any access of a process that uses it: the calls end, throw nothing else than what they declare, and
 * change nothing beside the lock.
 *
 * <p>{@code shm4j.lock.mutations} says how often, {@code shm4j.lock.seed} with which number to begin.
 */
@Patient
class LockHostileMemoryTest {

    private static final int MUTATIONS = Integer.getInteger("shm4j.lock.mutations", 3000);
    private static final long SEED = Long.getLong("shm4j.lock.seed", System.nanoTime());

    private static final int AROUND = 64;
    private static final byte GUARD = 0x5a;
    private static final List<String> ACTS =
            List.of("try; close", "acquire 0; close", "try; consistent; close; try; close", "open; try; close");

    @Test
    void shouldEndWithWhatItDeclares() {
        SplittableRandom seeds = new SplittableRandom(SEED);
        int refused = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            SplittableRandom random = seeds.split();
            MemorySegment all = Arena.ofAuto().allocate(LockWords.BYTES + 2 * AROUND, 64).fill(GUARD);
            MemorySegment memory = all.asSlice(AROUND, LockWords.BYTES).fill((byte) 0);
            SimulatedProcess process = new SimulatedProcess(memory, Processes.LIVING, false);
            Consumer<String> script = InstrumentedClasses.end(LockScript.class, memory, new ArrayList<>());
            process.run(() -> script.accept("open"));
            String act = ACTS.get(random.nextInt(ACTS.size()));
            int moment = random.nextInt(12);
            boolean again = random.nextBoolean();
            try {
                process.run(() -> script.accept(act), number -> {
                    if (number == moment || again && number > moment) {
                        overwrite(memory, random);
                    }
                });
            } catch (Throwable failure) {
                // By name: the process has a copy of the class.
                String name = failure.getClass().getName();
                if (!name.equals(LockCorruptedException.class.getName())
                        && !name.equals(LockLostException.class.getName())) {
                    throw new AssertionError("seed " + SEED + ", mutation " + i + ": " + act, failure);
                }
                refused++;
            }
            assertEquals(-1, all.asSlice(0, AROUND).mismatch(all.asSlice(AROUND + LockWords.BYTES, AROUND)));
            assertEquals(GUARD, all.get(ValueLayout.JAVA_BYTE, AROUND - 1));
            memory.fill((byte) 0);
            try (SharedLock.Held held = SharedLock.at(memory, 0).tryAcquire()) {
                assertNotNull(held, "made anew, it is free");
            }
        }
        assertTrue(refused > MUTATIONS / 20, refused + " times refused");
    }

    private static void overwrite(MemorySegment memory, SplittableRandom random) {
        long[] words = {0, 1, 2, -1, random.nextLong(), Processes.ENDED, Processes.LIVING, Processes.LIVING | 1L << 63,
            Long.MIN_VALUE, LockWords.MARK};
        // The holder half of the time.
        long offset = random.nextBoolean() ? LockWords.OWNER_OFFSET : 8 * random.nextInt(LockWords.BYTES / 8);
        memory.set(ValueLayout.JAVA_LONG, offset, words[random.nextInt(words.length)]);
    }
}
