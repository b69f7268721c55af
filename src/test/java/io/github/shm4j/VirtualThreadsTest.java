package io.github.shm4j;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.shm4j.broadcast.BroadcastReader;
import io.github.shm4j.broadcast.BroadcastRing;
import io.github.shm4j.ring.RingConsumer;
import io.github.shm4j.ring.SpscProducer;
import io.github.shm4j.ring.SpscRingBuffer;
import io.github.shm4j.state.LatestValue;
import io.github.shm4j.state.SharedLock;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Patient;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** More virtual threads wait than there are carriers, and others run all the same. */
@Patient
@Isolated("where it fails, it keeps all carriers busy")
class VirtualThreadsTest {

    private static final Duration LONG = Duration.ofDays(1);
    private static final int CAPACITY = 1024;

    @FunctionalInterface
    private interface Wait {

        void run() throws InterruptedException;
    }

    private static SpscRingBuffer ring() {
        return SpscRingBuffer.create(
                Arena.ofAuto().allocate(SpscRingBuffer.sizeFor(CAPACITY), 128), CAPACITY);
    }

    private static void shouldLetOthersRun(IntFunction<Wait> waits) throws Exception {
        int waiters = 2 * Runtime.getRuntime().availableProcessors();
        CountDownLatch begun = new CountDownLatch(waiters);
        List<Thread> threads = new ArrayList<>();
        List<String> ends = Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < waiters; i++) {
            Wait wait = waits.apply(i);
            threads.add(Thread.ofVirtual().start(() -> {
                begun.countDown();
                try {
                    wait.run();
                    ends.add("it has not waited");
                } catch (InterruptedException asIntended) {
                    ends.add("interrupted");
                } catch (Throwable failed) {
                    ends.add(failed.toString());
                }
            }));
        }
        try {
            Patience.await(begun, "all wait");
            CountDownLatch ran = new CountDownLatch(1);
            Thread.ofVirtual().start(ran::countDown);
            Patience.await(ran, "another virtual thread has run");
        } finally {
            threads.forEach(Thread::interrupt);
        }
        for (Thread thread : threads) {
            Patience.join(thread);
        }
        assertEquals(List.of("interrupted"), ends.stream().distinct().toList());
    }

    @Test
    void shouldLetOthersRunWhileTheyWaitForMessages() throws Exception {
        shouldLetOthersRun(i -> {
            RingConsumer consumer = ring().consumer();
            return () -> consumer.awaitMessage(WaitStrategy.BLOCKING, LONG);
        });
    }

    @Test
    void shouldLetOthersRunWhileTheyWaitForRoom() throws Exception {
        MemorySegment message = MemorySegment.ofArray(new byte[64]);
        shouldLetOthersRun(i -> {
            SpscRingBuffer ring = ring();
            return () -> {
                SpscProducer producer = ring.producer();
                while (producer.write(1, message)) {
                    // Until it is full.
                }
                producer.awaitRoom(64, WaitStrategy.BLOCKING, LONG);
            };
        });
    }

    @Test
    void shouldLetOthersRunWhileTheyWaitToWrite() throws Exception {
        MemorySegment message = MemorySegment.ofArray(new byte[64]);
        shouldLetOthersRun(i -> {
            SpscRingBuffer ring = ring();
            return () -> {
                SpscProducer producer = ring.producer();
                while (producer.write(1, message, WaitStrategy.BLOCKING, LONG)) {
                    // Until it is full, and then for ever.
                }
            };
        });
    }

    @Test
    void shouldLetOthersRunWhileTheyWaitForANewerValue() throws Exception {
        LatestValue value = LatestValue.create(Arena.ofAuto().allocate(LatestValue.sizeFor(8), 128), 8);
        shouldLetOthersRun(i -> () -> value.awaitNewer(0, WaitStrategy.BLOCKING, LONG));
    }

    @Test
    void shouldLetOthersRunWhileTheyWaitForABroadcast() throws Exception {
        BroadcastRing ring = BroadcastRing.create(
                Arena.ofAuto().allocate(BroadcastRing.sizeFor(CAPACITY), 128), CAPACITY);
        shouldLetOthersRun(i -> {
            BroadcastReader reader = ring.readerFromNow();
            return () -> reader.awaitMessage(WaitStrategy.BLOCKING, LONG);
        });
    }

    @Test
    void shouldLetOthersRunWhileTheyWaitForALock() throws Exception {
        SharedLock lock = SharedLock.at(Arena.ofAuto().allocate(SharedLock.BYTES, 8), 0);
        try (SharedLock.Held _ = lock.acquire()) {
            shouldLetOthersRun(i -> () -> lock.acquire().close());
        }
    }

    /** They get it in the end, whoever of them waits. */
    @Test
    void shouldPassALockBetweenVirtualAndPlatformThreads() throws Exception {
        SharedLock lock = SharedLock.at(Arena.ofAuto().allocate(SharedLock.BYTES, 8), 0);
        int[] counter = new int[1];
        List<Thread> threads = new ArrayList<>();
        Runnable counting = () -> {
            for (int i = 0; i < 500; i++) {
                try (SharedLock.Held _ = lock.acquire()) {
                    counter[0]++;
                } catch (InterruptedException never) {
                    throw new AssertionError(never);
                }
            }
        };
        for (int i = 0; i < 4; i++) {
            threads.add(i % 2 == 0 ? Thread.ofVirtual().start(counting) : Thread.ofPlatform().start(counting));
        }
        for (Thread thread : threads) {
            Patience.join(thread);
        }
        assertEquals(4 * 500, counter[0]);
    }
}
