package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.internal.Owner;
import io.github.shm4j.support.Patient;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Simulated processes of which one at a time makes a few accesses to the shared memory, and any may be killed at any of
 * them: a random order, but the same one for the same seed.
 *
 * <p>The property {@code shm4j.ring.interleavings} says how many orders to try, {@code shm4j.ring.seed} where to begin.
 */
@Patient(busySeconds = 3600)
class InterleavingTest {

    private static final int INTERLEAVINGS = Integer.getInteger("shm4j.ring.interleavings", 400);
    private static final long SEED = Long.getLong("shm4j.ring.seed", 20261123);

    private static final int MESSAGES = 12;
    private static final int MOST_KILLED = 6;

    // R15
    @ParameterizedTest
    @EnumSource
    void shouldDeliverEachMessageInAnyOrderOfSteps(Rings kind) throws InterruptedException {
        for (int i = 0; i < INTERLEAVINGS; i++) {
            try {
                new Play(kind, SEED + i).run();
            } catch (Throwable failure) {
                throw new AssertionError("with -Dshm4j.ring.interleavings=1 -Dshm4j.ring.seed=" + (SEED + i), failure);
            }
        }
    }

    private static final class Play {

        private final Rings kind;
        private final SplittableRandom random;
        private final MemorySegment memory;
        private final int capacity;
        private final List<Actor> acting = new ArrayList<>();
        private final List<Actor> all = new ArrayList<>();
        private final Semaphore over = new Semaphore(0);
        private final double switches;
        private final double kills;
        private final List<String> delivered = new ArrayList<>();

        private int killed;
        private int killedProducers;
        private int killedConsumers;
        private Throwable failure;

        Play(Rings kind, long seed) {
            this.kind = kind;
            random = new SplittableRandom(seed);
            // The smaller the ring, the more often it is full, and goes around.
            capacity = random.nextInt(4) == 0 ? 1 << 14 + random.nextInt(2) : 128 << random.nextInt(3);
            switches = 1.0 / (1 << random.nextInt(1, 5));
            kills = random.nextInt(3) == 0 ? 0 : 0.02;
            int slots = kind == Rings.SPSC ? 1 : 2 + random.nextInt(3);
            memory = Arena.ofAuto().allocate(RingLayout.dataOffset(slots) + capacity, 128);
            MemorySegment header = kind.memory(capacity);
            kind.create(header, capacity);
            MemorySegment.copy(header, 0, memory, 0, RingLayout.PRODUCER_POSITION_OFFSET);
            memory.set(ValueLayout.JAVA_INT, RingLayout.SLOTS_OFFSET, slots);
        }

        void run() throws InterruptedException {
            int producers = kind == Rings.SPSC ? 1 : 1 + random.nextInt(3);
            for (int i = 0; i < producers; i++) {
                add(true);
            }
            add(false);
            acting.get(random.nextInt(acting.size())).turn.release();
            over.acquire();
            for (Actor actor : all) {
                actor.thread.join();
            }
            if (failure != null) {
                throw new AssertionError(failure);
            }
            check();
        }

        private void check() {
            int again = 0;
            for (Actor actor : all) {
                if (!actor.producing) {
                    continue;
                }
                String prefix = "p" + actor.number + "x";
                int next = 0;
                for (String name : delivered) {
                    if (name.startsWith(prefix)) {
                        int sequence = Integer.parseInt(name.substring(prefix.length()));
                        if (sequence == next - 1) {
                            again++;
                        } else {
                            assertEquals(next++, sequence, () -> prefix + " in " + delivered);
                        }
                    }
                }
                // Of the last attempt of one that was killed, either is right. A batch comes as a whole.
                assertTrue(
                        next == actor.written || actor.killed && next == actor.written + actor.attempted,
                        () -> prefix + ", " + actor.written + " written: " + delivered);
            }
            assertTrue(again <= killedConsumers, again + " messages came again");
            RingUser ring = RingUser.open(memory);
            RingStatistics statistics = ring.statistics();
            assertEquals(statistics.producerPosition(), statistics.consumerPosition());
            if (killedConsumers == 0) {
                assertTrue(statistics.recordsSkipped() <= killedProducers);
                assertEquals(delivered.size(), statistics.messagesRead());
            }
        }

        private void add(boolean producing) {
            Actor actor = new Actor(producing, all.size() + 1);
            all.add(actor);
            acting.add(actor);
            actor.thread.start();
        }

        private boolean isFinished() {
            return acting.stream().noneMatch(actor -> actor.producing);
        }

        /** Called by the one whose turn it is. */
        private void passOn(Actor from) {
            if (acting.isEmpty()) {
                over.release();
                return;
            }
            Actor next = acting.get(random.nextInt(acting.size()));
            if (next != from) {
                next.turn.release();
                if (acting.contains(from)) {
                    from.turn.acquireUninterruptibly();
                }
            }
        }

        private final class Actor {

            private final boolean producing;
            private final int number;
            private final SimulatedProcess accesses;
            private final Semaphore turn = new Semaphore(0);
            private final Thread thread;
            private int written;
            private int attempted;
            private boolean killed;
            private boolean terminated;

            Actor(boolean producing, int number) {
                this.producing = producing;
                this.number = number;
                this.accesses =
                        new SimulatedProcess(memory, Owner.of(number, 1), number % 2 == 0, Play.this::hasTerminated);
                this.thread = Thread.ofPlatform().unstarted(this::live);
            }

            private void live() {
                turn.acquireUninterruptibly();
                try {
                    accesses.run(producing ? this::produce : this::consume, this::before);
                } catch (SimulatedProcess.Killed asIntended) {
                    // What it has done stays.
                } catch (Throwable thrown) {
                    if (failure == null) {
                        failure = thrown;
                    }
                }
                terminated = true;
                acting.remove(this);
                if (killed && failure == null) {
                    add(producing);
                }
                passOn(this);
            }

            private void before(int access) {
                if (killed || failure != null) {
                    throw new SimulatedProcess.Killed();
                }
                if (random.nextDouble() < kills && Play.this.killed < MOST_KILLED) {
                    killed = true;
                    Play.this.killed++;
                    if (producing) {
                        killedProducers++;
                    } else {
                        killedConsumers++;
                    }
                    throw new SimulatedProcess.Killed();
                }
                if (random.nextDouble() < switches) {
                    passOn(this);
                    if (killed || failure != null) {
                        throw new SimulatedProcess.Killed();
                    }
                }
            }

            private void produce() {
                List<String> notes = new ArrayList<>();
                Consumer<String> end = InstrumentedClasses.end(memory, notes);
                end.accept("open");
                while (written < MESSAGES) {
                    if (random.nextInt(4) == 0) {
                        abortOne(end);
                        notes.clear();
                    }
                    if (kind == Rings.SPSC && random.nextInt(3) == 0) {
                        produceBatch(end, notes);
                        continue;
                    }
                    attempted = 1;
                    produceOne(end, written);
                    if (notes.isEmpty()) {
                        written++;
                    } else if (notes.contains(RingScript.OCCUPIED)) {
                        // Only until those who were killed are known to be.
                        assertTrue(kind == Rings.MPSC, "the only producer");
                    }
                    attempted = 0;
                    notes.clear();
                }
                end.accept("close");
            }

            private void produceOne(Consumer<String> end, int sequence) {
                String message = "p" + number + "x" + sequence + "/" + (10 + random.nextInt(capacity / 8 - 9));
                end.accept(
                        random.nextBoolean() ? "write " + message : "claim " + message + "; commit " + message);
            }

            /** Leaves anything where a shorter message ends next. */
            private void abortOne(Consumer<String> end) {
                String message = "n/" + (10 + random.nextInt(capacity / 8 - 9));
                end.accept("claim " + message + "; abort " + message);
            }

            private void produceBatch(Consumer<String> end, List<String> notes) {
                end.accept("batch");
                int most = Math.min(1 + random.nextInt(5), MESSAGES - written);
                for (int i = 0; i < most; i++) {
                    if (random.nextInt(8) == 0) {
                        abortOne(end);
                    } else {
                        produceOne(end, written + attempted);
                        attempted += notes.isEmpty() ? 1 : 0;
                    }
                    if (!notes.isEmpty()) {
                        // It was published, so that the consumer can make room.
                        written += attempted;
                        attempted = 0;
                        notes.clear();
                    }
                }
                end.accept("end");
                written += attempted;
                attempted = 0;
            }

            private void consume() {
                Consumer<String> end = InstrumentedClasses.end(memory, delivered);
                end.accept("open");
                boolean last;
                do {
                    last = isFinished();
                    switch (random.nextInt(4)) {
                        case 0 -> end.accept("read " + (1 + random.nextInt(4)));
                        case 1 -> end.accept("control 9");
                        case 2 -> end.accept("peek 1; free");
                        default -> end.accept("drain");
                    }
                } while (!last);
                end.accept("drain; close");
            }
        }

        private boolean hasTerminated(long number) {
            return all.get((int) number - 1).terminated;
        }
    }
}
