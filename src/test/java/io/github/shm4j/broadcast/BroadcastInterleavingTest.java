package io.github.shm4j.broadcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.internal.Owner;
import io.github.shm4j.ring.InstrumentedClasses;
import io.github.shm4j.ring.SimulatedProcess;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Patient;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * A producer and two readers, each a simulated process, one access at a time in random orders. Producers are killed now and then
 * and have successors. A reader fails by itself where what it gets is not the next message, or what it is told it has lost is not
 * exactly that.
 *
 * <p>{@code shm4j.broadcast.interleavings} says how many orders to try, {@code shm4j.broadcast.seed} with which to begin.
 */
@Patient
class BroadcastInterleavingTest {

    private static final int RUNS = Integer.getInteger("shm4j.broadcast.interleavings", 10);
    private static final long SEED = Long.getLong("shm4j.broadcast.seed", System.nanoTime());

    private static final int READERS = 2;
    private static final int STEPS = 1500;
    private static final int KILL_ONE_IN = 150;
    private static final int CAPACITY = (int) BroadcastFormat.LEAST_CAPACITY;

    private static final class World {

        final SplittableRandom random;
        final MemorySegment memory = Arena.ofAuto().allocate(BroadcastRing.sizeFor(CAPACITY), 128);
        final BroadcastRing ring = BroadcastRing.create(memory, CAPACITY);
        final Set<Long> ended = new HashSet<>();
        int pids = 1000;

        World(long seed) {
            random = new SplittableRandom(seed);
        }
    }

    /** A simulated process on a thread of its own, which waits before each access. */
    private static final class Worker {

        final long owner;
        final List<String> notes = new ArrayList<>();
        private final Semaphore mayGoOn = new Semaphore(0);
        private final Semaphore hasStopped = new Semaphore(0);
        private final Thread thread;
        private boolean ends;
        private Throwable failure;

        Worker(World world, String begin, List<String> acts) {
            int pid = world.pids++;
            owner = Owner.of(pid, 1);
            SplittableRandom random = world.random.split();
            SimulatedProcess process =
                    new SimulatedProcess(world.memory, owner, random.nextBoolean(), world.ended::contains);
            Consumer<String> script = InstrumentedClasses.end(BroadcastScript.class, world.memory, notes);
            thread = Thread.ofPlatform().start(() -> {
                try {
                    process.run(() -> script.accept("open"));
                    process.run(() -> script.accept(begin), number -> stop());
                    while (true) {
                        String act = acts.get(random.nextInt(acts.size()));
                        process.run(() -> script.accept(act), number -> stop());
                    }
                } catch (SimulatedProcess.Killed asIntended) {
                    // What it has done stays.
                } catch (Throwable thrown) {
                    failure = thrown;
                } finally {
                    hasStopped.release();
                }
            });
            hasStopped.acquireUninterruptibly();
        }

        static Worker producer(World world) {
            return new Worker(world, "producer", List.of("write", "write 3", "close; producer"));
        }

        static Worker reader(World world) {
            return new Worker(world, world.random.nextBoolean() ? "oldest" : "now", List.of("read 1", "read 5",
                    "await"));
        }

        private void stop() {
            hasStopped.release();
            mayGoOn.acquireUninterruptibly();
            if (ends) {
                throw new SimulatedProcess.Killed();
            }
        }

        /** Lets it make some accesses. */
        void step(int count) {
            for (int i = 0; i < count; i++) {
                requireNoFailure();
                mayGoOn.release();
                hasStopped.acquireUninterruptibly();
            }
            requireNoFailure();
        }

        private void requireNoFailure() {
            if (failure != null) {
                throw new AssertionError(failure);
            }
        }

        void kill() throws InterruptedException {
            ends = true;
            // However often it stops on its way out.
            mayGoOn.release(Integer.MAX_VALUE / 2);
            Patience.join(thread);
        }
    }

    // B01
    @Test
    void shouldLetReadersAccountForEachMessage() throws InterruptedException {
        long written = 0;
        long killed = 0;
        for (int run = 0; run < RUNS; run++) {
            long seed = SEED + run;
            World world = new World(seed);
            BroadcastReader last = world.ring.readerFromNow();
            BroadcastScript.Account account = new BroadcastScript.Account(CAPACITY / 8, last);
            List<Worker> workers = new ArrayList<>();
            try {
                workers.add(Worker.producer(world));
                for (int i = 0; i < READERS; i++) {
                    workers.add(Worker.reader(world));
                }
                // So that now the readers are faster, and now the producer.
                int[] weights = {1, 1, 1};
                for (int step = 0; step < STEPS; step++) {
                    if (step % 100 == 0) {
                        weights[world.random.nextInt(weights.length)] = 1 + world.random.nextInt(20);
                    }
                    int index = world.random.nextInt(workers.size());
                    Worker worker = workers.get(index);
                    if (world.random.nextInt(KILL_ONE_IN) == 0) {
                        worker.kill();
                        world.ended.add(Owner.pid(worker.owner));
                        workers.set(index, index == 0 ? Worker.producer(world) : Worker.reader(world));
                        killed += index == 0 ? 1 : 0;
                    } else {
                        worker.step(weights[index]);
                    }
                }
            } catch (Throwable failure) {
                throw new AssertionError("seed " + seed, failure);
            } finally {
                for (Worker worker : workers) {
                    worker.kill();
                }
            }
            last.read(account, Integer.MAX_VALUE);
            account.compareWith(last);
            assertEquals(world.ring.messages(), account.passed);
            written += account.passed;
        }
        assertTrue(written > 100L * RUNS && killed > RUNS, written + " messages, " + killed + " kills");
    }
}
