package io.github.shm4j.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
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
 * Several simulated processes that come and go, one access at a time in random orders, and of which some are killed, beside a
 * model of the lock.
 *
 * <p>{@code shm4j.lock.interleavings} says how many orders to try, {@code shm4j.lock.seed} with which to begin.
 */
@Patient
class LockInterleavingTest {

    private static final int RUNS = Integer.getInteger("shm4j.lock.interleavings", 100);
    private static final long SEED = Long.getLong("shm4j.lock.seed", System.nanoTime());

    private static final int PROCESSES = 3;
    private static final int STEPS = 400;
    private static final int KILL_ONE_IN = 60;
    private static final List<String> ACTS = List.of("try; close", "try; consistent; close", "acquire 0; close");

    /** What all simulated processes share, and what the model says of it. */
    private static final class World {

        final SplittableRandom random;
        final MemorySegment memory = Arena.ofAuto().allocate(LockWords.BYTES, 64);
        final Set<Long> ended = new HashSet<>();
        int pids = 1000;

        /** Who has the lock, or null. */
        Worker holder;

        /** Whether somebody has died inside, and nobody has repaired the data since. */
        boolean inconsistent;

        int acquired;
        int told;

        World(long seed) {
            random = new SplittableRandom(seed);
        }

        long word() {
            return (long) LockWords.LONG.getVolatile(memory, LockWords.OWNER_OFFSET);
        }

        /** Compares with the model what one access of a process has changed. */
        void check(Worker worker, long before) {
            long now = word();
            if (now != before && now == worker.owner) {
                assertNull(holder, "two holders");
                assertEquals(inconsistent, before != LockWords.FREE, "what the word says of the data");
                holder = worker;
            } else if (now != before) {
                assertEquals(worker, holder, "released by another one");
                assertTrue(now == LockWords.FREE || now == LockWords.INCONSISTENT && inconsistent);
                inconsistent = now == LockWords.INCONSISTENT;
                holder = null;
            }
            for (String note : worker.notes) {
                if (note.equals("acquired") || note.equals("told")) {
                    assertEquals(worker, holder, note);
                    assertEquals(inconsistent ? "told" : "acquired", note);
                    acquired++;
                    told += inconsistent ? 1 : 0;
                } else if (note.equals("busy")) {
                    assertTrue(worker.hasSeenAnotherHolder, "refused for nobody");
                }
            }
            if (!worker.notes.isEmpty()) {
                worker.hasSeenAnotherHolder = false;
                worker.notes.clear();
            }
        }
    }

    /** A simulated process on a thread of its own, which waits before each access. */
    private static final class Worker {

        final long owner;
        final List<String> notes = new ArrayList<>();
        boolean hasSeenAnotherHolder;
        private final Semaphore mayGoOn = new Semaphore(0);
        private final Semaphore hasStopped = new Semaphore(0);
        private final Thread thread;
        private boolean ends;
        private Throwable failure;

        Worker(World world) {
            int pid = world.pids++;
            owner = Owner.of(pid, 1);
            SimulatedProcess process = new SimulatedProcess(world.memory, owner, false, world.ended::contains);
            Consumer<String> script = InstrumentedClasses.end(LockScript.class, world.memory, notes);
            SplittableRandom random = world.random.split();
            thread = Thread.ofPlatform().start(() -> {
                try {
                    process.run(() -> script.accept("open"), number -> stop());
                    while (true) {
                        String act = ACTS.get(random.nextInt(ACTS.size()));
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

        private void stop() {
            hasStopped.release();
            mayGoOn.acquireUninterruptibly();
            if (ends) {
                throw new SimulatedProcess.Killed();
            }
        }

        /** Lets it make one access. */
        void step() {
            mayGoOn.release();
            hasStopped.acquireUninterruptibly();
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

    @Test
    void shouldExcludeAndTellAsTheModelSays() throws InterruptedException {
        int acquired = 0;
        int told = 0;
        for (int run = 0; run < RUNS; run++) {
            long seed = SEED + run;
            World world = new World(seed);
            List<Worker> workers = new ArrayList<>();
            try {
                for (int i = 0; i < PROCESSES; i++) {
                    workers.add(new Worker(world));
                }
                for (int step = 0; step < STEPS; step++) {
                    int index = world.random.nextInt(PROCESSES);
                    Worker worker = workers.get(index);
                    if (world.random.nextInt(KILL_ONE_IN) == 0) {
                        worker.kill();
                        world.ended.add(Owner.pid(worker.owner));
                        if (world.word() == worker.owner) {
                            world.inconsistent = true;
                            world.holder = null;
                        }
                        workers.set(index, new Worker(world));
                    } else {
                        long before = world.word();
                        boolean occupied = world.holder != null && world.holder != worker;
                        worker.hasSeenAnotherHolder |= occupied;
                        worker.step();
                        world.check(worker, before);
                    }
                }
            } catch (Throwable failure) {
                throw new AssertionError("seed " + seed, failure);
            } finally {
                for (Worker worker : workers) {
                    worker.kill();
                }
            }
            acquired += world.acquired;
            told += world.told;
        }
        assertTrue(acquired > RUNS && told > RUNS / 4, acquired + " times acquired, " + told + " times told");
    }
}
