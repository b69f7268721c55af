package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.WaitStrategy;
import io.github.shm4j.internal.FutexWaiters;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Patient;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** How threads wait for the other side of a ring. */
@Patient
class RingWaitTest {

    private static final int TYPE = Rings.TYPE;
    private static final Duration LONG = Duration.ofDays(200_000);
    private static final Duration SHORT = Duration.ofMillis(3);

    private static int sleepWord(MemorySegment memory, long offset) {
        return (int) RingLayout.INT.getVolatile(memory, offset);
    }

    private static void awaitSleep(MemorySegment memory, long offset) throws InterruptedException {
        while (sleepWord(memory, offset) != FutexWaiters.ASLEEP) {
            Thread.sleep(1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "SPSC, BUSY_SPIN", "SPSC, YIELD", "SPSC, PARK", "SPSC, BLOCKING",
        "MPSC, BUSY_SPIN", "MPSC, YIELD", "MPSC, PARK", "MPSC, BLOCKING"})
    void shouldWaitForAMessageAndForRoom(Rings kind, WaitStrategy strategy) throws Exception {
        RingUser ring = kind.create(128);
        CompletableFuture<Integer> consumer = CompletableFuture.supplyAsync(() -> {
            int read = 0;
            try {
                while (read < 1000 && ring.awaitMessage(strategy, LONG)) {
                    List<String> texts = Rings.read(ring, 3);
                    assertFalse(texts.isEmpty());
                    for (String text : texts) {
                        assertEquals("number " + read++, text);
                    }
                }
            } catch (InterruptedException impossible) {
                throw new AssertionError(impossible);
            }
            return read;
        });
        for (int i = 0; i < 1000; i++) {
            MemorySegment message = Rings.message("number " + i);
            assertTrue(ring.awaitRoom((int) message.byteSize(), strategy, LONG));
            assertTrue(ring.write(TYPE, message));
        }
        assertEquals(1000, consumer.get());
    }

    /** A producer publishes padding before it has written what follows. */
    @ParameterizedTest
    @EnumSource
    void shouldNotTakePaddingForAMessageWhileOthersArePeekedAt(Rings kind) throws InterruptedException {
        RingUser ring = kind.create(128);
        for (int i = 0; i < 6; i++) {
            assertTrue(ring.write(TYPE, Rings.message("" + i)));
            assertEquals(1, Rings.read(ring, 1).size());
        }
        assertTrue(ring.write(TYPE, Rings.message("peeked")));
        MessageHandler ignore = (type, memory, offset, length) -> {
        };
        assertEquals(1, ring.peek(ignore, 9));
        Claim claim = new Claim();
        assertTrue(ring.tryClaim(TYPE, 16, claim));
        assertFalse(ring.awaitMessage(WaitStrategy.BUSY_SPIN, Duration.ZERO));
        assertEquals(0, ring.peek(ignore, 9));
        claim.commit();
        assertTrue(ring.awaitMessage(WaitStrategy.BUSY_SPIN, Duration.ZERO));
        assertEquals(1, ring.peek(ignore, 9));
        ring.release();
        assertEquals(128 + 24, ring.consumerPosition());
        assertEquals(128 + 24, ring.producerPosition());
        assertTrue(ring.awaitRoom(16, WaitStrategy.BUSY_SPIN, Duration.ZERO));
    }

    @ParameterizedTest
    @EnumSource
    void shouldGiveUpWhenTheTimeIsOver(WaitStrategy strategy) throws Exception {
        for (Rings kind : Rings.values()) {
            RingUser ring = kind.create(64);
            for (Duration timeout : List.of(SHORT, Duration.ZERO, Duration.ofSeconds(-1))) {
                assertFalse(ring.awaitMessage(strategy, timeout));
                assertTrue(ring.awaitRoom(8, strategy, timeout));
            }
            while (ring.write(TYPE, Rings.message(""))) {
                assertTrue(ring.backlog() > 0);
            }
            for (Duration timeout : List.of(SHORT, Duration.ZERO, Duration.ofSeconds(-1))) {
                assertTrue(ring.awaitMessage(strategy, timeout));
                assertFalse(ring.awaitRoom(0, strategy, timeout));
            }
            assertThrows(IllegalArgumentException.class, () -> ring.awaitRoom(9, strategy, LONG));
            assertThrows(NullPointerException.class, () -> ring.awaitMessage(strategy, null));
            assertThrows(NullPointerException.class, () -> ring.awaitRoom(1, null, LONG));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldBeInterruptible(WaitStrategy strategy) throws Exception {
        for (Rings kind : Rings.values()) {
            RingUser ring = kind.create(64);
            Thread.currentThread().interrupt();
            assertThrows(InterruptedException.class, () -> ring.awaitMessage(strategy, LONG));
            assertFalse(Thread.interrupted());
            CompletableFuture<Class<?>> thrown = new CompletableFuture<>();
            CountDownLatch started = new CountDownLatch(1);
            Thread waiter = Thread.ofPlatform().start(() -> {
                started.countDown();
                try {
                    ring.awaitMessage(strategy, LONG);
                    thrown.complete(null);
                } catch (Throwable failure) {
                    thrown.complete(failure.getClass());
                }
            });
            started.await();
            Thread.sleep(5);
            waiter.interrupt();
            assertEquals(InterruptedException.class, thrown.get());
            waiter.join();
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldMakeNoSystemCallAsLongAsNobodySleeps(Rings kind) throws Exception {
        MemorySegment memory = kind.memory(1024);
        RingUser producer = kind.create(memory, 1024);
        RingUser consumer = kind.open(memory);
        for (int word : new int[] {FutexWaiters.NONE, FutexWaiters.AWAKE}) {
            memory.set(ValueLayout.JAVA_INT, RingLayout.CONSUMER_SLEEP_OFFSET, word);
            memory.set(ValueLayout.JAVA_INT, RingLayout.PRODUCER_SLEEP_OFFSET, word);
            for (int i = 0; i < 10_000; i++) {
                assertTrue(producer.write(TYPE, Rings.message("x")));
                assertEquals(1, Rings.read(consumer, 9).size());
            }
        }
        assertEquals(0, producer.ring().sleepingConsumer.wakeCalls());
        assertEquals(0, consumer.ring().sleepingProducers.wakeCalls());
        memory.set(ValueLayout.JAVA_INT, RingLayout.CONSUMER_SLEEP_OFFSET, FutexWaiters.ASLEEP);
        memory.set(ValueLayout.JAVA_INT, RingLayout.PRODUCER_SLEEP_OFFSET, FutexWaiters.ASLEEP);
        for (int i = 0; i < 100; i++) {
            assertTrue(producer.write(TYPE, Rings.message("x")));
            while (Rings.read(consumer, 9).size() > 0) {
                assertEquals(1, producer.ring().sleepingConsumer.wakeCalls());
            }
        }
        assertEquals(1, producer.ring().sleepingConsumer.wakeCalls());
        assertEquals(1, consumer.ring().sleepingProducers.wakeCalls());
    }

    @ParameterizedTest
    @EnumSource
    void shouldWakeASleepingConsumerThroughAnotherMapping(Rings kind) throws Exception {
        try (Blocks blocks = new Blocks();
                Arena arena = Arena.ofShared()) {
            SharedMemory block = blocks.create(kind.sizeFor(1024));
            MemorySegment memory = block.attach(AttachMode.READ_WRITE, arena);
            RingUser consumer = kind.create(memory, 1024);
            RingUser producer = kind.open(block.attach(AttachMode.READ_WRITE, arena));
            for (int i = 0; i < 20; i++) {
                CompletableFuture<Boolean> woken = CompletableFuture.supplyAsync(() -> {
                    try {
                        return consumer.awaitMessage(WaitStrategy.BLOCKING, LONG);
                    } catch (InterruptedException impossible) {
                        throw new AssertionError(impossible);
                    }
                });
                awaitSleep(memory, RingLayout.CONSUMER_SLEEP_OFFSET);
                assertTrue(producer.write(TYPE, Rings.message("wake up")));
                assertTrue(woken.get());
                assertEquals(List.of("wake up"), Rings.read(consumer, 9));
                assertEquals(FutexWaiters.AWAKE, sleepWord(memory, RingLayout.CONSUMER_SLEEP_OFFSET));
            }
            assertTrue(producer.ring().sleepingConsumer.wakeCalls() > 0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldWakeASleepingProducer(Rings kind) throws Exception {
        MemorySegment memory = kind.memory(64);
        RingUser producer = kind.create(memory, 64);
        RingUser consumer = kind.open(memory);
        for (int i = 0; i < 10; i++) {
            while (producer.write(TYPE, Rings.message("full"))) {
                assertTrue(producer.backlog() > 0);
            }
            CompletableFuture<Boolean> woken = CompletableFuture.supplyAsync(() -> {
                try {
                    return producer.awaitRoom(8, WaitStrategy.BLOCKING, LONG);
                } catch (InterruptedException impossible) {
                    throw new AssertionError(impossible);
                }
            });
            awaitSleep(memory, RingLayout.PRODUCER_SLEEP_OFFSET);
            assertEquals(4, Rings.read(consumer, 9).size());
            assertTrue(woken.get());
        }
        assertTrue(consumer.ring().sleepingProducers.wakeCalls() > 0);
    }

    /** Whoever was to wake the thread may have terminated before it did. */
    @ParameterizedTest
    @EnumSource
    void shouldLookForItselfIfNobodyWakesIt(Rings kind) throws Exception {
        MemorySegment memory = kind.memory(1024);
        RingUser consumer = kind.create(memory, 1024);
        RingUser producer = kind.open(memory);
        CompletableFuture<Boolean> woken = CompletableFuture.supplyAsync(() -> {
            try {
                return consumer.awaitMessage(WaitStrategy.BLOCKING, LONG);
            } catch (InterruptedException impossible) {
                throw new AssertionError(impossible);
            }
        });
        awaitSleep(memory, RingLayout.CONSUMER_SLEEP_OFFSET);
        while (sleepWord(memory, RingLayout.CONSUMER_SLEEP_OFFSET) == FutexWaiters.ASLEEP) {
            RingLayout.INT.setVolatile(memory, RingLayout.CONSUMER_SLEEP_OFFSET, FutexWaiters.AWAKE);
        }
        assertTrue(producer.write(TYPE, Rings.message("silently")));
        assertTrue(woken.get());
    }

    @ParameterizedTest
    @EnumSource
    void shouldNoticeAProducerThatHasTerminatedWhileWaiting(WaitStrategy strategy) throws Exception {
        MemorySegment memory = Rings.MPSC.memory(1024);
        RingUser consumer = Rings.MPSC.create(memory, 1024);
        RingUser producer = Rings.MPSC.open(memory);
        long slot = RingLayout.SLOTS_BEGIN + 50 * RingLayout.SLOT_LENGTH;
        Rings.setLong(memory, slot + RingLayout.SLOT_OWNER, Rings.terminatedOwner());
        Rings.setLong(memory, slot + RingLayout.SLOT_CLAIM, 1);
        Rings.setLong(memory, RingLayout.PRODUCER_POSITION_OFFSET, 48);
        assertTrue(producer.write(TYPE, Rings.message("behind")));
        assertTrue(consumer.awaitMessage(strategy, LONG));
        assertEquals(List.of("behind"), Rings.read(consumer, 9));
        assertEquals(1, consumer.statistics().recordsSkipped());
    }

    @Test
    void shouldParkWhereTheKernelCannotBeAsked() throws Exception {
        RingUser ring = Rings.SPSC.create(MemorySegment.ofArray(new long[(int) Rings.SPSC.sizeFor(64) / 8]), 64);
        assertFalse(ring.awaitMessage(WaitStrategy.BLOCKING, SHORT));
        assertFalse(ring.ring().sleepingConsumer.exist(ring.ring().memory));
        ring.write(TYPE, Rings.message("x"));
        assertTrue(ring.awaitMessage(WaitStrategy.BLOCKING, LONG));
    }

    @ParameterizedTest
    @EnumSource
    void shouldNotTakePaddingForAMessage(Rings kind) throws Exception {
        RingUser ring = kind.create(128);
        for (int i = 0; i < 7; i++) {
            assertTrue(ring.write(TYPE, Rings.message("" + i)));
            assertEquals(1, Rings.read(ring, 1).size());
        }
        Claim claim = new Claim();
        assertTrue(ring.tryClaim(TYPE, 16, claim));
        assertFalse(ring.awaitMessage(WaitStrategy.PARK, SHORT));
        claim.abort();
        assertFalse(ring.awaitMessage(WaitStrategy.PARK, SHORT));
    }
}
