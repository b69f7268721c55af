package io.github.shm4j.shmop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmNotFoundException;
import io.github.shm4j.ShmPermissions;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Outcome;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Patient;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One instance in the hands of several threads. */
@Patient
class ShmopThreadsTest {

    private static final ShmPermissions MODE = ShmPermissions.OWNER_ONLY;

    private final Blocks blocks = new Blocks();

    @AfterEach
    void removeBlocks() throws ShmException {
        blocks.close();
    }

    private static <T> Future<T> start(boolean virtual, Callable<T> task) {
        FutureTask<T> future = new FutureTask<>(task);
        (virtual ? Thread.ofVirtual() : Thread.ofPlatform().daemon()).start(future);
        return future;
    }

    @Test
    void shouldBeUsedByAnyThread() throws Exception {
        int threads = 6;
        int share = 1003;
        try (Shmop block = Shmop.open(blocks.freeKey(), "n", MODE, (long) threads * share)) {
            List<Future<Integer>> written = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                byte[] bytes = new byte[share];
                Arrays.fill(bytes, (byte) (t + 1));
                long offset = (long) t * share;
                written.add(start(t % 2 == 0, () -> {
                    int count = 0;
                    for (int round = 0; round < 50; round++) {
                        count += block.write(bytes, offset);
                        byte[] back = block.read(offset, share);
                        for (byte b : back) {
                            assertEquals(bytes[0], b);
                        }
                    }
                    return count;
                }));
            }
            for (Future<Integer> count : written) {
                assertEquals(50 * share, Patience.get(count));
            }
            byte[] all = block.read(0, 0);
            for (int i = 0; i < all.length; i++) {
                assertEquals(i / share + 1, all[i]);
            }
        }
    }

    // J07
    @Test
    void shouldFailWithIllegalStateOnlyWhenClosedWhileOthersUseIt() throws Exception {
        ShmKey key = blocks.freeKey();
        for (int round = 0; round < 25; round++) {
            Shmop block = Shmop.open(key, "c", MODE, 100_003);
            CountDownLatch running = new CountDownLatch(5);
            // One virtual thread only: more than there are carriers would never let each other run.
            List<Future<Throwable>> ends = new ArrayList<>();
            byte[] bytes = new byte[100_003];
            ends.add(start(false, () -> useUntilItFails(running, () -> block.read(0, 0))));
            ends.add(start(true, () -> useUntilItFails(running, () -> block.read(5, 1))));
            ends.add(start(false, () -> useUntilItFails(running, block::size)));
            ends.add(start(false, () -> useUntilItFails(running, () -> block.write(bytes, 0))));
            byte[] target = new byte[1003];
            ends.add(start(false, () -> useUntilItFails(running, () -> {
                block.read(7, target, 0, target.length);
                return null;
            })));
            Patience.await(running, "all use it");
            block.close();
            for (Future<Throwable> end : ends) {
                Throwable failure = Patience.get(end);
                assertNotNull(failure);
                assertEquals(IllegalStateException.class, failure.getClass(), failure::toString);
            }
            assertEquals(0, SharedMemory.open(key).status().attachCount());
        }
    }

    private static Throwable useUntilItFails(CountDownLatch running, Callable<?> use) {
        boolean first = true;
        while (true) {
            try {
                use.call();
            } catch (Throwable failure) {
                return failure;
            } finally {
                if (first) {
                    running.countDown();
                    first = false;
                }
            }
        }
    }

    @Test
    void shouldDetachOnceHoweverManyThreadsClose() throws Exception {
        ShmKey key = blocks.freeKey();
        try (Shmop witness = Shmop.open(key, "n", MODE, 1003)) {
            witness.write(new byte[] {42}, 1002);
            for (int round = 0; round < 100; round++) {
                Shmop block = Shmop.open(key, "w");
                CountDownLatch go = new CountDownLatch(1);
                List<Future<String>> closed = new ArrayList<>();
                for (int t = 0; t < 4; t++) {
                    closed.add(start(t % 2 == 0, () -> {
                        go.await();
                        block.close();
                        // Whoever has returned from close can rely on it.
                        return block.toString();
                    }));
                }
                go.countDown();
                for (Future<String> text : closed) {
                    assertTrue(Patience.get(text).endsWith(", closed]"), text.get());
                }
                assertEquals(1, SharedMemory.open(key).status().attachCount());
            }
            assertEquals(42, witness.read(1002, 1)[0]);
        }
    }

    @Test
    void shouldOpenOrCreateWhileOthersDelete() throws Exception {
        ShmKey key = blocks.freeKey();
        List<Future<String>> ends = new ArrayList<>();
        for (int t = 0; t < 3; t++) {
            ends.add(start(false, () -> {
                String end = "ok";
                for (int round = 0; round < 2000 && end.equals("ok"); round++) {
                    end = Outcome.of(() -> {
                        try (Shmop block = Shmop.open(key, "c", MODE, 1003)) {
                            block.delete();
                            return block;
                        }
                    });
                }
                return end;
            }));
        }
        List<String> results = new ArrayList<>();
        for (Future<String> end : ends) {
            results.add(Patience.get(end));
        }
        assertEquals(List.of("ok", "ok", "ok"), results);
        assertThrows(ShmNotFoundException.class, () -> SharedMemory.open(key));
    }
}
