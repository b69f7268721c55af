package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.WaitStrategy;
import io.github.shm4j.support.Patient;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who may have a role, for how long, and what that one may do. */
@Patient
class RingRolesTest {

    private static final MessageHandler NONE = (type, memory, offset, length) -> {};

    private static Throwable thrownByAnotherThread(Executable action) throws InterruptedException {
        Throwable[] thrown = new Throwable[1];
        Thread thread = Thread.ofPlatform().start(() -> {
            try {
                action.execute();
            } catch (Throwable failure) {
                thrown[0] = failure;
            }
        });
        thread.join();
        return thrown[0];
    }

    @ParameterizedTest
    @EnumSource
    void shouldGiveTheConsumersRoleToOneObjectAtATime(Rings kind) {
        RingBuffer ring = kind.create(1024).ring();
        RingConsumer first = ring.consumer();
        assertThrows(RingOccupiedException.class, ring::consumer);
        first.close();
        first.close();
        RingConsumer second = ring.consumer();
        assertNotSame(first, second);
        first.close();
        assertThrows(IllegalStateException.class, () -> first.read(NONE, 1));
        assertThrows(IllegalStateException.class, () -> first.peek(NONE, 1));
        assertThrows(IllegalStateException.class, () -> first.controlledRead((t, m, o, l) -> null, 1));
        assertThrows(IllegalStateException.class, first::release);
        assertThrows(IllegalStateException.class, () -> first.awaitMessage(WaitStrategy.PARK, Duration.ZERO));
        assertEquals(RingStatistics.Liveness.ALIVE, ring.statistics().consumer().liveness());
        assertEquals(0, second.read(NONE, 1));
    }

    @Test
    void shouldGiveTheProducersRoleOfASpscRingToOneObjectAtATime() {
        SpscRingBuffer ring = SpscRingBuffer.create(Rings.SPSC.memory(1024), 1024);
        SpscProducer first = ring.producer();
        assertThrows(RingOccupiedException.class, ring::producer);
        first.close();
        first.close();
        SpscProducer second = ring.producer();
        assertNotSame(first, second);
        first.close();
        assertThrows(IllegalStateException.class, () -> first.write(1, Rings.message("late")));
        assertThrows(IllegalStateException.class, first::beginBatch);
        assertThrows(IllegalStateException.class, () -> first.awaitRoom(1, WaitStrategy.PARK, Duration.ZERO));
        assertTrue(second.write(1, Rings.message("kept")));
        assertEquals(1, ring.statistics().producers().size());
    }

    /** As another process does that takes over and terminates. */
    private static void rob(MemorySegment memory) {
        Rings.setLong(memory, RingLayout.SLOTS_BEGIN + RingLayout.SLOT_OWNER, Rings.terminatedOwner());
        Rings.setLong(memory, RingLayout.SLOTS_BEGIN + RingLayout.SLOT_SUCCESSIONS, 1);
    }

    @Test
    void shouldGiveTheRoleAnewToWhoHasLostItWithABatch() {
        MemorySegment memory = Rings.SPSC.memory(1024);
        SpscRingBuffer ring = SpscRingBuffer.create(memory, 1024);
        SpscProducer first = ring.producer();
        SpscProducer.Batch batch = first.beginBatch();
        assertTrue(first.write(1, Rings.message("never published")));
        rob(memory);
        assertThrows(RingRoleLostException.class, () -> first.write(1, Rings.message("late")));
        SpscProducer second = ring.producer();
        assertTrue(second.write(2, Rings.message("of the next one")));
        assertThrows(RingRoleLostException.class, () -> first.write(1, Rings.message("late")));
        assertThrows(RingRoleLostException.class, batch::publish);
        first.close();
        assertTrue(second.write(3, Rings.message("of the next one")));
        List<Integer> types = new ArrayList<>();
        assertEquals(2, ring.consumer().read((type, view, offset, length) -> types.add(type), 9));
        assertEquals(List.of(2, 3), types);
    }

    @Test
    void shouldGiveTheRoleAnewToWhoHasLostItWithAClaim() {
        MemorySegment memory = Rings.SPSC.memory(1024);
        SpscRingBuffer ring = SpscRingBuffer.create(memory, 1024);
        SpscProducer first = ring.producer();
        Claim claim = new Claim();
        assertTrue(first.tryClaim(1, 8, claim));
        rob(memory);
        SpscProducer second = ring.takeOverProducer();
        assertTrue(second.write(2, Rings.message("of the next one")));
        assertThrows(RingRoleLostException.class, claim::commit);
        assertTrue(second.write(3, Rings.message("of the next one")));
        assertEquals(2, ring.consumer().read(NONE, 9));
    }

    @Test
    void shouldHaveAsManyProducersAsThereAreSlots() {
        MpscRingBuffer ring = MpscRingBuffer.create(Rings.MPSC.memory(1 << 14), 1 << 14);
        List<RingProducer> producers = new ArrayList<>();
        for (int i = 0; i < RingLayout.MPSC_SLOTS; i++) {
            producers.add(ring.producer());
            assertEquals(i + 1, ring.statistics().producers().size());
        }
        RingOccupiedException refused = assertThrows(RingOccupiedException.class, ring::producer);
        assertTrue(refused.getMessage().contains("" + RingLayout.MPSC_SLOTS), refused.getMessage());
        for (RingProducer producer : producers) {
            assertTrue(producer.write(1, Rings.message("of each")));
        }
        producers.getFirst().close();
        try (RingProducer another = ring.producer()) {
            assertTrue(another.write(1, Rings.message("of another")));
            assertThrows(IllegalStateException.class, () -> producers.getFirst().write(1, Rings.message("late")));
        }
        producers.forEach(RingProducer::close);
        assertEquals(List.of(), ring.statistics().producers());
        assertEquals(RingLayout.MPSC_SLOTS + 1, ring.consumer().read(NONE, 999));
    }

    /** Where no slot is left for a further thread, it gets none: that is no error, and those that have one go on. */
    @Test
    void shouldWriteNothingWhereNoSlotIsLeft() throws InterruptedException {
        MpscRingBuffer ring = MpscRingBuffer.create(Rings.MPSC.memory(1024), 1024);
        RingProducer producer = ring.producer();
        for (int i = 1; i < RingLayout.MPSC_SLOTS; i++) {
            ring.producer();
        }
        assertEquals(null, thrownByAnotherThread(() -> {
            assertFalse(producer.write(1, Rings.message("no slot")));
            assertFalse(producer.tryClaim(1, 8, new Claim()));
        }));
        assertTrue(producer.write(1, Rings.message("of the first thread")));
        assertEquals(1, ring.consumer().read(NONE, 9));
    }

    /** There is room all the time. */
    @ParameterizedTest
    @EnumSource
    void shouldWaitForASlot(WaitStrategy strategy) throws InterruptedException {
        MpscRingBuffer ring = MpscRingBuffer.create(Rings.MPSC.memory(1024), 1024);
        RingProducer producer = ring.producer();
        RingProducer another = ring.producer();
        for (int i = 2; i < RingLayout.MPSC_SLOTS; i++) {
            ring.producer();
        }
        assertEquals(
                null,
                thrownByAnotherThread(() -> assertFalse(
                        producer.write(1, Rings.message("no slot"), strategy, Duration.ofMillis(3)))));
        assertInstanceOf(InterruptedException.class, thrownByAnotherThread(() -> {
            Thread.currentThread().interrupt();
            producer.write(1, Rings.message("no slot"), strategy, Duration.ofDays(9));
        }));
        CompletableFuture<Boolean> written = new CompletableFuture<>();
        Thread thread = Thread.ofPlatform().start(() -> {
            try {
                written.complete(producer.write(1, Rings.message("a slot"), strategy, Duration.ofDays(9)));
            } catch (InterruptedException | RuntimeException failed) {
                written.completeExceptionally(failed);
            }
        });
        another.close();
        assertTrue(written.join());
        thread.join();
        assertEquals(1, ring.consumer().read(NONE, 9));
    }

    /** Another claim is open in the slot that the first ring gave to the claim. */
    @Test
    void shouldNotLetGoOfARecordOfTheRingThatAClaimWasUsedInBefore() throws InterruptedException {
        MemorySegment memory = Rings.MPSC.memory(1024);
        MpscRingBuffer many = MpscRingBuffer.create(memory, 1024);
        RingProducer producer = many.producer();
        Claim claim = new Claim();
        assertTrue(producer.tryClaim(1, 8, claim));
        claim.commit();
        SpscProducer elsewhere = SpscRingBuffer.create(Rings.SPSC.memory(1024), 1024).producer();
        assertTrue(elsewhere.tryClaim(1, 8, claim));
        Claim open = new Claim();
        assertTrue(producer.tryClaim(1, 8, open));
        long name = RingLayout.SLOTS_BEGIN + RingLayout.SLOT_CLAIM;
        assertEquals(open.position + 1, Rings.getLong(memory, name));
        assertInstanceOf(AssertionError.class, thrownByAnotherThread(claim::close));
        assertTrue(producer.write(1, Rings.message("behind")));
        assertEquals(open.position + 1, Rings.getLong(memory, name));
        open.commit();
        assertEquals(3, many.consumer().read(NONE, 9));
    }

    /** Surefire enables assertions. What is thrown before the producer has begun to end the claim ends it, too. */
    @Test
    void shouldKeepNoClaimOpenThatASecondThreadHasEnded() throws InterruptedException {
        SpscRingBuffer ring = SpscRingBuffer.create(Rings.SPSC.memory(1024), 1024);
        SpscProducer producer = ring.producer();
        RingConsumer consumer = ring.consumer();
        Claim claim = new Claim();
        for (Executable end : List.<Executable>of(claim::commit, claim::abort, claim::close)) {
            assertTrue(producer.tryClaim(1, 8, claim));
            assertInstanceOf(AssertionError.class, thrownByAnotherThread(end));
            assertFalse(claim.isOpen());
            assertTrue(producer.write(1, Rings.message("behind")));
            assertEquals(1, consumer.read(NONE, 9));
        }
    }

    /** Surefire enables assertions. */
    @Test
    void shouldFindASecondThreadThatUsesWhatIsForOne() throws InterruptedException {
        SpscRingBuffer ring = SpscRingBuffer.create(Rings.SPSC.memory(1024), 1024);
        SpscProducer producer = ring.producer();
        RingConsumer consumer = ring.consumer();
        Claim claim = new Claim();
        assertTrue(producer.write(1, Rings.message("first")));
        assertEquals(1, consumer.read(NONE, 9));
        MemorySegment message = Rings.message("second");
        for (Executable call : List.<Executable>of(
                () -> producer.write(1, message),
                () -> producer.write(1, message, WaitStrategy.PARK, Duration.ZERO),
                () -> producer.tryClaim(1, 1, claim),
                () -> producer.awaitRoom(1, WaitStrategy.PARK, Duration.ZERO),
                producer::beginBatch,
                () -> consumer.read(NONE, 1),
                () -> consumer.controlledRead((t, m, o, l) -> null, 1),
                () -> consumer.peek(NONE, 1),
                consumer::release,
                () -> consumer.release(0),
                consumer::peekAgain,
                () -> consumer.awaitMessage(WaitStrategy.PARK, Duration.ZERO))) {
            assertInstanceOf(AssertionError.class, thrownByAnotherThread(call));
        }
        assertEquals(null, thrownByAnotherThread(producer::close));
        assertEquals(null, thrownByAnotherThread(consumer::close));
        assertEquals(16, ring.producerPosition());
    }

    @Test
    void shouldLetAnotherThreadGoOnWhenTheFirstHasTerminated() throws InterruptedException {
        SpscRingBuffer ring = SpscRingBuffer.create(Rings.SPSC.memory(1024), 1024);
        SpscProducer producer = ring.producer();
        for (int i = 0; i < 3; i++) {
            assertEquals(null, thrownByAnotherThread(() -> assertTrue(producer.write(1, Rings.message("of each")))));
        }
        assertEquals(3, ring.consumer().read(NONE, 9));
    }

    @ParameterizedTest
    @EnumSource
    void shouldWaitForRoomAndWrite(Rings kind) throws InterruptedException {
        RingBuffer ring = kind.create(64).ring();
        RingProducer producer = ring.producer();
        RingConsumer consumer = ring.consumer();
        for (WaitStrategy strategy : WaitStrategy.values()) {
            for (int i = 0; i < 8; i++) {
                assertTrue(producer.write(1, Rings.message(""), strategy, Duration.ZERO));
            }
            assertFalse(producer.write(1, Rings.message(""), strategy, Duration.ZERO));
            assertFalse(producer.write(1, Rings.message(""), strategy, Duration.ofMillis(3)));
            assertEquals(64, ring.backlog());
            CompletableFuture<Boolean> written = new CompletableFuture<>();
            try (RingProducer waiting = kind == Rings.SPSC ? null : ring.producer()) {
                if (waiting == null) {
                    producer.close();
                }
                RingProducer writer = waiting == null ? ring.producer() : waiting;
                Thread thread = Thread.ofPlatform().start(() -> {
                    try {
                        written.complete(writer.write(2, Rings.message("waited"), strategy, Duration.ofDays(9)));
                    } catch (InterruptedException | RuntimeException failed) {
                        written.completeExceptionally(failed);
                    }
                });
                assertEquals(8, consumer.read(NONE, 8));
                // What was read is given back by the next call that finds nothing.
                assertTrue(consumer.awaitMessage(WaitStrategy.PARK, Duration.ofDays(9)));
                assertTrue(written.join());
                thread.join();
                writer.close();
            }
            assertEquals(1, consumer.read((type, memory, offset, length) -> assertEquals(2, type), 9));
            assertFalse(consumer.awaitMessage(WaitStrategy.PARK, Duration.ZERO));
            if (kind == Rings.SPSC) {
                producer = ring.producer();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldStopWaitingForRoomWhenInterrupted(Rings kind) throws InterruptedException {
        RingBuffer ring = kind.create(64).ring();
        CompletableFuture<Boolean> written = new CompletableFuture<>();
        RingProducer producer = ring.producer();
        for (int i = 0; i < 8; i++) {
            assertTrue(producer.write(1, Rings.message("")));
        }
        producer.close();
        Thread thread = Thread.ofPlatform().start(() -> {
            try (RingProducer waiting = ring.producer()) {
                written.complete(waiting.write(1, Rings.message(""), WaitStrategy.PARK, Duration.ofDays(9)));
            } catch (InterruptedException | RuntimeException failed) {
                written.completeExceptionally(failed);
            }
        });
        thread.interrupt();
        CompletionException failed = assertThrows(CompletionException.class, written::join);
        assertInstanceOf(InterruptedException.class, failed.getCause());
        assertEquals(64, ring.backlog());
        thread.join();
    }

    @ParameterizedTest
    @EnumSource
    void shouldNotTakeAClaimThatIsOpenInAnotherRing(Rings kind) {
        RingBuffer ring = kind.create(1024).ring();
        Claim claim = new Claim();
        assertTrue(ring.producer().tryClaim(Rings.TYPE, 8, claim));
        RingProducer elsewhere = kind.create(1024).ring().producer();
        assertThrows(IllegalStateException.class, () -> elsewhere.tryClaim(Rings.TYPE, 8, claim));
        claim.commit();
        assertEquals(1, ring.consumer().read(NONE, 9));
        assertTrue(elsewhere.tryClaim(Rings.TYPE, 8, claim));
    }
}
