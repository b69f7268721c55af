package io.github.shm4j.broadcast;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmAlreadyExistsException;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmNotFoundException;
import io.github.shm4j.WaitStrategy;
import io.github.shm4j.internal.FutexCalls;
import io.github.shm4j.internal.FutexWaiters;
import io.github.shm4j.internal.Owner;
import io.github.shm4j.internal.ProcessIdentity;
import io.github.shm4j.ring.SpscRingBuffer;
import io.github.shm4j.structure.Format;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Patient;
import io.github.shm4j.support.SystemCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a broadcast ring does for one process, and what it refuses. */
@Patient
class BroadcastRingTest {

    private final Blocks blocks = new Blocks();

    @AfterEach
    void removeBlocks() throws ShmException {
        blocks.close();
    }

    private static MemorySegment memory(long capacity) {
        return Arena.ofAuto().allocate(BroadcastRing.sizeFor(capacity), 128);
    }

    private static BroadcastRing ring(long capacity) {
        return BroadcastRing.create(memory(capacity), capacity);
    }

    private static MemorySegment text(String text) {
        return MemorySegment.ofArray(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Notes what it gets, and what it has lost. */
    private static class Notes implements BroadcastHandler {

        final List<String> all = new ArrayList<>();

        @Override
        public void onMessage(int type, MemorySegment memory, long offset, int length) {
            byte[] bytes = memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
            all.add(type + " " + new String(bytes, StandardCharsets.UTF_8));
        }

        @Override
        public void onLoss(long messages, long bytes) {
            all.add("lost " + messages + " of " + bytes);
        }

        List<String> take() {
            List<String> taken = List.copyOf(all);
            all.clear();
            return taken;
        }
    }

    @Test
    void shouldGiveEachReaderEachMessageFromWhereItBegins() {
        BroadcastRing ring = ring(1024);
        BroadcastReader first = ring.readerFromNow();
        Notes notes = new Notes();
        assertEquals(0, first.read(notes, 9));
        try (BroadcastProducer producer = ring.producer()) {
            assertEquals(1, producer.write(7, text("a")));
            assertEquals(2, producer.write(8, text("")));
            BroadcastReader second = ring.readerFromNow();
            assertEquals(3, producer.write(9, text("-cd-"), 1, 2));
            assertEquals(3, ring.messages());
            assertEquals(3, first.backlog());
            assertEquals(1, second.backlog());
            assertEquals(2, first.read(notes, 2));
            assertEquals(List.of("7 a", "8 "), notes.take());
            assertEquals(1, second.read(notes, 2));
            assertEquals(List.of("9 cd"), notes.take());
            assertEquals(1, first.read(notes, 2));
            assertEquals(List.of("9 cd"), notes.take());
            BroadcastReader third = ring.readerFromOldest();
            assertEquals(0, third.read(notes, 0));
            assertEquals(3, third.read(notes, 9));
            assertEquals(List.of("7 a", "8 ", "9 cd"), notes.take());
            assertEquals(0, third.backlog());
        }
    }

    // B01
    @Test
    void shouldTellAReaderThatWasOvertakenExactlyWhatItHasLost() {
        BroadcastRing ring = ring(256);
        BroadcastReader reader = ring.readerFromNow();
        Notes notes = new Notes();
        try (BroadcastProducer producer = ring.producer()) {
            for (int i = 0; i < 100; i++) {
                producer.write(1, text("message " + i));
            }
            int got = reader.read(notes, 1000);
            long lost = 100 - got;
            long bytes = 10 * "message 0".length() + (lost - 10) * "message 10".length();
            assertTrue(got >= 8 && got <= 11, got + " messages");
            assertEquals("lost " + lost + " of " + bytes, notes.all.getFirst());
            assertEquals("1 message " + lost, notes.all.get(1));
            assertEquals("1 message 99", notes.all.getLast());
            assertEquals(1 + got, notes.take().size());
            assertEquals(lost, reader.lostMessages());
            assertEquals(bytes, reader.lostBytes());
            producer.write(1, text("next"));
            assertEquals(1, reader.read(notes, 1000));
            assertEquals(List.of("1 next"), notes.take());
            assertEquals(lost, reader.lostMessages());
        }
    }

    /** What is not told of is counted all the same. */
    @Test
    void shouldCountWhatAHandlerDoesNotWantToKnow() {
        BroadcastRing ring = ring(256);
        BroadcastReader reader = ring.readerFromNow();
        try (BroadcastProducer producer = ring.producer()) {
            for (int i = 0; i < 100; i++) {
                producer.write(1, text("0123456789"));
            }
        }
        int got = reader.read((type, memory, offset, length) -> {
        }, 1000);
        assertEquals(100 - got, reader.lostMessages());
        assertEquals(10 * (100 - got), reader.lostBytes());
    }

    @Test
    void shouldKeepNearlyAsMuchAsItsCapacity() {
        int capacity = 64 << 10;
        BroadcastRing ring = ring(capacity);
        BroadcastReader reader = ring.readerFromNow();
        MemorySegment message = MemorySegment.ofArray(new byte[56]);
        int kept = capacity / 64 * 15 / 16 - 1;
        try (BroadcastProducer producer = ring.producer()) {
            for (int round = 0; round < 10; round++) {
                for (int i = 0; i < kept; i++) {
                    producer.write(1, message);
                }
                assertEquals(kept, reader.read((type, memory, offset, length) -> {
                }, Integer.MAX_VALUE));
            }
        }
        assertEquals(0, reader.lostMessages());
    }

    // B10
    @ParameterizedTest
    @ValueSource(longs = {256, 512, 4096, 1 << 20})
    void shouldWriteMessagesOfAnyLengthUpToAnEighthOfTheCapacity(long capacity) {
        BroadcastRing ring = ring(capacity);
        int longest = ring.maxMessageLength();
        assertEquals(capacity / 8, longest);
        assertEquals(capacity, ring.capacity());
        BroadcastReader reader = ring.readerFromNow();
        BroadcastScript.Account account = new BroadcastScript.Account(longest, reader);
        try (BroadcastProducer producer = ring.producer()) {
            for (int i = 0; i < 300; i++) {
                BroadcastScript.write(ring, producer, 1);
                assertEquals(1, reader.read(account, 10));
            }
            IllegalArgumentException tooLong = assertThrows(
                    IllegalArgumentException.class,
                    () -> producer.write(1, MemorySegment.ofArray(new byte[longest + 1])));
            assertTrue(tooLong.getMessage().contains(longest + 1 + "; it must be from 0 to " + longest),
                    tooLong.getMessage());
            assertThrows(IllegalArgumentException.class, () -> producer.write(0, text("")));
            assertThrows(IllegalArgumentException.class, () -> producer.write(-1, text("")));
            byte[] before = ring.memory.toArray(ValueLayout.JAVA_BYTE);
            assertThrows(IndexOutOfBoundsException.class, () -> producer.write(1, text("abc"), 1, 3));
            assertThrows(IndexOutOfBoundsException.class, () -> producer.write(1, text("abc"), 0, longest));
            assertThrows(IndexOutOfBoundsException.class, () -> producer.write(1, text("abc"), -1, 3));
            assertArrayEquals(before, ring.memory.toArray(ValueLayout.JAVA_BYTE), "nothing was given up for them");
            assertEquals(300, ring.messages());
        }
        account.compareWith(reader);
        assertEquals(0, account.lost);
        assertEquals(300, account.passed);
    }

    // B04
    @Test
    void shouldStoreNothingForAReader() {
        MemorySegment memory = memory(1024);
        BroadcastRing ring = BroadcastRing.create(memory, 1024);
        try (BroadcastProducer producer = ring.producer()) {
            BroadcastScript.write(ring, producer, 100);
        }
        byte[] before = memory.toArray(ValueLayout.JAVA_BYTE);
        BroadcastReader reader = BroadcastRing.open(memory.asReadOnly()).readerFromOldest();
        assertTrue(reader.read(new Notes(), 1000) > 0);
        BroadcastReader writable = ring.readerFromOldest();
        assertTrue(writable.read(new Notes(), 1000) > 0);
        assertArrayEquals(before, memory.toArray(ValueLayout.JAVA_BYTE));
    }

    @Test
    void shouldGiveTheHandlerACopyThatNobodyElseCanChange() {
        MemorySegment memory = memory(1024);
        BroadcastRing ring = BroadcastRing.create(memory, 1024);
        BroadcastReader reader = ring.readerFromNow();
        try (BroadcastProducer producer = ring.producer()) {
            producer.write(1, text("hello"));
        }
        reader.read((type, copy, offset, length) -> {
            memory.fill((byte) 0);
            assertEquals(0, offset % 8);
            assertEquals(5, length);
            assertEquals("hello", new String(copy.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE),
                    StandardCharsets.UTF_8));
        }, 1);
    }

    @Test
    void shouldCountAMessageAsReadWhoseHandlerThrows() {
        BroadcastRing ring = ring(1024);
        BroadcastReader reader = ring.readerFromNow();
        Notes notes = new Notes();
        try (BroadcastProducer producer = ring.producer()) {
            producer.write(1, text("a"));
            producer.write(1, text("b"));
            RuntimeException thrown = new RuntimeException("for the test");
            assertSame(thrown,
                    assertThrows(RuntimeException.class, () -> reader.read((type, memory, offset, length) -> {
                        throw thrown;
                    }, 9)));
            reader.read(notes, 9);
            assertEquals(List.of("1 b"), notes.take());
        }
    }

    @Test
    void shouldDeliverAMessageAgainOnceWhoseHandlerHasExhaustedTheStack() {
        BroadcastRing ring = ring(1024);
        BroadcastReader reader = ring.readerFromNow();
        try (BroadcastProducer producer = ring.producer()) {
            producer.write(1, text("a"));
            producer.write(2, text("b"));
        }
        List<Integer> types = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            try {
                reader.read((type, memory, offset, length) -> {
                    types.add(type);
                    if (type == 1) {
                        throw new StackOverflowError("for the test");
                    }
                }, 1);
            } catch (StackOverflowError asIntended) {
                // It is called again.
            }
        }
        assertEquals(List.of(1, 1, 2), types);
    }

    @Test
    void shouldNotLetAHandlerReadFromItsReader() {
        BroadcastRing ring = ring(1024);
        BroadcastReader reader = ring.readerFromNow();
        Notes notes = new Notes();
        try (BroadcastProducer producer = ring.producer()) {
            producer.write(1, text("a"));
            producer.write(1, text("b"));
            String message = assertThrows(IllegalStateException.class, () -> reader.read((type, memory, offset,
                    length) -> reader.read(notes, 1), 9)).getMessage();
            assertTrue(message.contains("must not read"), message);
            assertThrows(IllegalStateException.class, () -> reader.read((type, memory, offset, length) -> {
                try {
                    reader.awaitMessage(WaitStrategy.PARK, Duration.ZERO);
                } catch (InterruptedException never) {
                    throw new AssertionError(never);
                }
            }, 9));
            // A handler may write.
            producer.write(1, text("c"));
            assertEquals(2, reader.read((type, memory, offset, length) -> {
                if (ring.messages() == 3) {
                    producer.write(1, text("d"));
                }
            }, 9));
        }
    }

    @Test
    void shouldGiveUpNoMoreThanItHasTo() {
        BroadcastRing ring = ring(256);
        Notes notes = new Notes();
        try (BroadcastProducer producer = ring.producer()) {
            for (int i = 0; i < 16; i++) {
                producer.write(1, text("12345678"));
            }
            assertEquals(16, ring.readerFromOldest().read(notes, 99), "they fill the ring exactly");
            producer.write(1, text("of twenty-four bytes ---"));
            assertEquals(14, ring.readerFromOldest().read(notes, 99), "up to the next sixteenth");
        }
    }

    @Test
    void shouldNotReadWhileItTellsOfALoss() {
        BroadcastRing ring = ring(256);
        BroadcastReader reader = ring.readerFromNow();
        try (BroadcastProducer producer = ring.producer()) {
            for (int i = 0; i < 40; i++) {
                producer.write(1, text("12345678"));
            }
        }
        Notes notes = new Notes() {
            @Override
            public void onLoss(long messages, long bytes) {
                super.onLoss(messages, bytes);
                assertThrows(IllegalStateException.class, () -> reader.read(this, 9));
            }
        };
        reader.read(notes, 99);
        assertTrue(notes.all.getFirst().startsWith("lost "), notes.all::toString);
    }

    // B10
    @Test
    void shouldHaveOneProducerAtATime() {
        MemorySegment memory = memory(256);
        BroadcastRing ring = BroadcastRing.create(memory, 256);
        BroadcastProducer producer = ring.producer();
        producer.write(1, text("a"));
        String same = assertThrows(BroadcastOccupiedException.class, ring::producer).getMessage();
        assertTrue(same.contains("this process, through the same object; close that producer first"), same);
        BroadcastRing other = BroadcastRing.open(memory);
        String another = assertThrows(BroadcastOccupiedException.class, other::producer).getMessage();
        assertTrue(another.contains("this process, " + ProcessHandle.current().pid() + ", through another object"),
                another);
        producer.close();
        producer.close();
        assertTrue(assertThrows(IllegalStateException.class, () -> producer.write(1, text("b"))).getMessage().contains(
                "closed"));
        try (BroadcastProducer next = other.producer()) {
            producer.close();
            assertThrows(BroadcastOccupiedException.class, ring::producer);
            assertEquals(2, next.write(1, text("b")));
        }
        try (BroadcastProducer next = ring.producer()) {
            assertEquals(3, next.write(1, text("c")));
        }
    }

    /** As where somebody who knows better has taken the role from it. */
    @Test
    void shouldNotWriteWhereTheMemoryNamesAnotherProducer() {
        MemorySegment memory = memory(256);
        BroadcastRing ring = BroadcastRing.create(memory, 256);
        BroadcastProducer producer = ring.producer();
        producer.write(1, text("a"));
        // No process that lives has begun at that time.
        memory.set(ValueLayout.JAVA_LONG, BroadcastFormat.PRODUCER_OFFSET, Owner.of(ProcessIdentity.pid(), 1));
        for (int i = 0; i < 2; i++) {
            String message =
                    assertThrows(BroadcastRoleLostException.class, () -> producer.write(1, text("b"))).getMessage();
            assertEquals(
                    "this producer has lost its role: process " + ProcessIdentity.pid() + ", which has terminated, has"
                            + " taken it over; ask the broadcast ring for a new producer if this process is to have the role"
                            + " again",
                    message);
        }
        assertEquals(1, ring.messages());
    }

    /** One that was robbed before it had counted counts when it goes on. */
    @Test
    void shouldGoOnWritingWhereARobbedOneCountsLate() throws ShmException {
        try (Arena arena = Arena.ofConfined()) {
            BroadcastRing ring = BroadcastRing.create(blocks.freeKey(), 256, arena);
            try (BroadcastProducer producer = ring.producer()) {
                ring.memory.set(ValueLayout.JAVA_LONG, BroadcastFormat.PRODUCER_SUCCESSIONS_OFFSET, 1);
                assertEquals(1, producer.write(1, text("a")));
                ring.memory.set(ValueLayout.JAVA_LONG, BroadcastFormat.PRODUCER_SUCCESSIONS_OFFSET, 2);
            }
            assertEquals(0, ring.memory.get(ValueLayout.JAVA_LONG, BroadcastFormat.PRODUCER_OFFSET), "given back");
        }
    }

    @Test
    void shouldRefuseToWriteThroughAReadOnlyMapping() {
        MemorySegment memory = memory(256);
        BroadcastRing.create(memory, 256);
        BroadcastRing readable = BroadcastRing.open(memory.asReadOnly());
        String message = assertThrows(IllegalStateException.class, readable::producer).getMessage();
        assertTrue(message.contains("read-only"), message);
    }

    // B07
    @Test
    void shouldRefuseACapacityThatIsNone() {
        for (long capacity : new long[] {0, -1, 1, 128, 255, 257, 3 << 10, (1L << 60) + 1, 1L << 61, Long.MIN_VALUE}) {
            String message =
                    assertThrows(IllegalArgumentException.class, () -> BroadcastRing.sizeFor(capacity)).getMessage();
            assertTrue(message.contains("is " + capacity + "; it must be a power of two from 256 to "), message);
            assertThrows(IllegalArgumentException.class, () -> BroadcastRing.create(memory(256), capacity));
        }
        assertEquals(1024 + (1L << 60), BroadcastRing.sizeFor(1L << 60));
    }

    // B07
    @Test
    void shouldRefuseMemoryThatHoldsSomethingElse() {
        MemorySegment empty = memory(256);
        assertFalse(BroadcastRing.isBroadcastRing(empty));
        String none = assertThrows(BroadcastFormatException.class, () -> BroadcastRing.open(empty, Duration.ZERO))
                .getMessage();
        assertTrue(none.contains("holds no broadcast ring"), none);
        MemorySegment ring = Arena.ofAuto().allocate(SpscRingBuffer.sizeFor(1 << 14), 128);
        SpscRingBuffer.create(ring, 1 << 14);
        String other = assertThrows(BroadcastFormatException.class, () -> BroadcastRing.open(ring)).getMessage();
        assertTrue(other.contains("0x73686d346a726e67") && other.contains("0x73686d346a626361"), other);
        assertThrows(BroadcastFormatException.class, () -> BroadcastRing.create(ring, 256));
        assertThrows(BroadcastFormatException.class, () -> BroadcastRing.open(Arena.ofAuto().allocate(64, 8)));
        BroadcastRing.create(empty, 256);
        assertTrue(BroadcastRing.isBroadcastRing(empty));
        assertThrows(BroadcastFormatException.class, () -> BroadcastRing.create(empty, 256));
        assertThrows(BroadcastFormatException.class,
                () -> BroadcastRing.open(empty.asSlice(0, empty.byteSize() - 1)));
        assertThrows(IllegalArgumentException.class,
                () -> BroadcastRing.create(memory(256).asSlice(0, 1024 + 255), 256));
        assertThrows(IllegalArgumentException.class, () -> BroadcastRing.create(memory(256).asReadOnly(), 256));
        assertThrows(IllegalArgumentException.class, () -> BroadcastRing.open(memory(512).asSlice(4)));
    }

    // B07
    @Test
    void shouldRefuseAHeaderThatContradictsItself() {
        for (long capacity : new long[] {0, -1, 255, 257, 1L << 61, Long.MIN_VALUE}) {
            MemorySegment memory = memory(256);
            BroadcastRing.create(memory, 256);
            memory.set(ValueLayout.JAVA_LONG, 16, capacity);
            String message =
                    assertThrows(BroadcastCorruptedException.class, () -> BroadcastRing.open(memory)).getMessage();
            assertTrue(message.contains("" + capacity), message);
        }
        for (int marks : new int[] {0, 4, 16, -8}) {
            MemorySegment memory = memory(256);
            BroadcastRing.create(memory, 256);
            memory.set(ValueLayout.JAVA_INT, 12, marks);
            assertThrows(BroadcastCorruptedException.class, () -> BroadcastRing.open(memory));
        }
    }

    // B08
    @ParameterizedTest
    @EnumSource(WaitStrategy.class)
    void shouldWaitForAMessage(WaitStrategy strategy) throws Exception {
        MemorySegment memory = memory(1024);
        BroadcastRing ring = BroadcastRing.create(memory, 1024);
        for (BroadcastRing from : List.of(ring, BroadcastRing.open(memory.asReadOnly()))) {
            BroadcastReader reader = from.readerFromNow();
            assertFalse(reader.awaitMessage(strategy, Duration.ZERO));
            assertFalse(reader.awaitMessage(strategy, Duration.ofMillis(2)));
            Thread thread = Thread.ofPlatform().start(() -> {
                try (BroadcastProducer producer = ring.producer()) {
                    Thread.sleep(5);
                    producer.write(1, text("a"));
                } catch (InterruptedException interrupted) {
                    throw new AssertionError(interrupted);
                }
            });
            Patience patience = Patience.withAll();
            while (!reader.awaitMessage(strategy, Duration.ofSeconds(1))) {
                patience.check(() -> "nothing was written");
            }
            Patience.join(thread);
            assertTrue(reader.awaitMessage(strategy, Duration.ZERO));
            assertEquals(1, reader.read(new Notes(), 9));
            Thread.currentThread().interrupt();
            assertThrows(InterruptedException.class, () -> reader.awaitMessage(strategy, Duration.ofDays(1)));
        }
    }

    /** One that cannot note in the memory that it sleeps parks, and one whose memory has no address in the kernel. */
    // B08
    @Test
    void shouldParkWhereNobodyCanSleepInTheKernel() throws Exception {
        MemorySegment shared = memory(1024);
        MemorySegment onHeap = MemorySegment.ofArray(new long[(int) BroadcastRing.sizeFor(1024) / Long.BYTES]);
        for (MemorySegment memory : List.of(shared, onHeap)) {
            BroadcastRing ring = BroadcastRing.create(memory, 1024);
            BroadcastReader reader =
                    (memory == shared ? BroadcastRing.open(memory.asReadOnly()) : ring).readerFromNow();
            AtomicReference<Thread> waiting = new AtomicReference<>();
            CompletableFuture<Boolean> result = CompletableFuture.supplyAsync(() -> {
                waiting.set(Thread.currentThread());
                try {
                    return reader.awaitMessage(WaitStrategy.BLOCKING, Duration.ofDays(1));
                } catch (InterruptedException never) {
                    throw new AssertionError(never);
                }
            }, task -> Thread.ofPlatform().daemon().start(task));
            Patience.await("the reader parks", () -> result.isDone()
                    || waiting.get() != null && waiting.get().getState() == Thread.State.TIMED_WAITING);
            try (BroadcastProducer producer = ring.producer()) {
                producer.write(1, text("a"));
            }
            assertTrue(Patience.get(result));
            assertEquals(0, memory.get(ValueLayout.JAVA_INT, BroadcastFormat.READERS_SLEEP_OFFSET));
        }
    }

    /** Others may sleep on the same word: a reader whose time is over must not say that all are awake. */
    // B08
    @Test
    void shouldLeaveItToTheProducerToSayThatAllAreAwake() throws Exception {
        MemorySegment memory = memory(1024);
        BroadcastReader reader = BroadcastRing.create(memory, 1024).readerFromNow();
        Patience patience = Patience.withAll();
        // It has slept once the word is no longer 0.
        while ((int) Format.INT.getVolatile(memory, BroadcastFormat.READERS_SLEEP_OFFSET) == FutexWaiters.NONE) {
            patience.check(() -> "the reader has not slept");
            assertFalse(reader.awaitMessage(WaitStrategy.BLOCKING, Duration.ofMillis(20)));
        }
        assertEquals(FutexWaiters.ASLEEP, (int) Format.INT.getVolatile(memory, BroadcastFormat.READERS_SLEEP_OFFSET));
    }

    /** Several readers sleep on one word: one system call wakes all of them. */
    // B08
    @Test
    void shouldWakeAllReadersThatSleepInTheKernel() throws Exception {
        MemorySegment memory = memory(1024);
        BroadcastRing ring = BroadcastRing.create(memory, 1024);
        // Daemons, as nobody wakes them if this fails.
        Executor threads = task -> Thread.ofPlatform().daemon().start(task);
        BroadcastReader reader = ring.readerFromNow();
        CompletableFuture<Integer> read = CompletableFuture.supplyAsync(() -> {
            try {
                assertTrue(reader.awaitMessage(WaitStrategy.BLOCKING, Duration.ofDays(1)));
                return reader.read(new Notes(), 9);
            } catch (InterruptedException never) {
                throw new AssertionError(never);
            }
        }, threads);
        MemorySegment word = memory.asSlice(BroadcastFormat.READERS_SLEEP_OFFSET, Integer.BYTES);
        Patience.await("the reader sleeps", () -> (int) Format.INT.getVolatile(word, 0L) == FutexWaiters.ASLEEP);
        assertEquals(0, ring.sleepers.wakeCalls());
        // The reader soon looks for itself. Others need not.
        List<CompletableFuture<Integer>> others = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            others.add(CompletableFuture.supplyAsync(
                    () -> FutexCalls.sleep(word, FutexWaiters.ASLEEP, TimeUnit.DAYS.toNanos(1)), threads));
        }
        Patience.await("all of them sleep", () -> SystemCalls.threadsIn(word.address()) == 4);
        try (BroadcastProducer producer = ring.producer()) {
            producer.write(1, text("a"));
        }
        assertEquals(1, ring.sleepers.wakeCalls());
        for (CompletableFuture<Integer> other : others) {
            assertEquals(0, Patience.get(other), "woken, and not because the time was over");
        }
        assertEquals(1, Patience.get(read));
    }

    /** More of them than carriers: each one that held its carrier would keep the producer from running. */
    // B08
    @Test
    void shouldParkOnVirtualThreads() throws Exception {
        MemorySegment memory = memory(1024);
        BroadcastRing ring = BroadcastRing.create(memory, 1024);
        List<Thread> threads = new ArrayList<>();
        List<AtomicReference<Object>> results = new ArrayList<>();
        for (int i = 0; i < 4 * Runtime.getRuntime().availableProcessors(); i++) {
            BroadcastReader reader = ring.readerFromNow();
            AtomicReference<Object> result = new AtomicReference<>();
            results.add(result);
            threads.add(Thread.ofVirtual().start(() -> {
                try {
                    result.set(reader.awaitMessage(WaitStrategy.BLOCKING, Duration.ofDays(1)));
                } catch (Throwable thrown) {
                    result.set(thrown);
                }
            }));
        }
        threads.add(Thread.ofVirtual().start(() -> {
            try (BroadcastProducer producer = ring.producer()) {
                producer.write(1, text("a"));
            }
        }));
        for (Thread thread : threads) {
            Patience.join(thread);
        }
        for (AtomicReference<Object> result : results) {
            assertEquals(true, result.get());
        }
        assertEquals(0, memory.get(ValueLayout.JAVA_INT, BroadcastFormat.READERS_SLEEP_OFFSET));
    }

    @Test
    void shouldLiveInABlockOfItsOwn() throws Exception {
        ShmKey key = blocks.freeKey();
        Notes notes = new Notes();
        try (Arena arena = Arena.ofShared()) {
            BroadcastRing ring = BroadcastRing.create(key, 1024, arena);
            assertThrows(ShmAlreadyExistsException.class, () -> BroadcastRing.create(key, 1024, arena));
            BroadcastProducer producer = ring.producer();
            producer.write(1, text("a"));
            for (BroadcastRing opened : List.of(
                    BroadcastRing.openReadOnly(key, arena),
                    BroadcastRing.open(key, arena),
                    BroadcastRing.open(ring.block(), AttachMode.READ_ONLY, arena))) {
                opened.readerFromOldest().read(notes, 9);
                assertEquals(List.of("1 a"), notes.take());
            }
            assertFalse(BroadcastRing.openOrCreate(key, 1024, arena).created());
            String other = assertThrows(BroadcastFormatException.class,
                    () -> BroadcastRing.openOrCreate(key, 512, arena)).getMessage();
            assertTrue(other.contains("is 1024 bytes; expected was 512"), other);
        }
        // The end of the arena has given the role back.
        try (Arena arena = Arena.ofShared()) {
            BroadcastRing ring = BroadcastRing.open(key, arena);
            try (BroadcastProducer producer = ring.producer()) {
                assertEquals(2, producer.write(1, text("b")));
            }
            ring.remove();
            ring.readerFromOldest().read(notes, 9);
            assertEquals(List.of("1 a", "1 b"), notes.take());
            assertThrows(ShmNotFoundException.class, () -> BroadcastRing.open(key, arena));
            assertTrue(BroadcastRing.openOrCreate(key, 1024, arena).created());
        }
        BroadcastRing inMemory = ring(256);
        assertThrows(IllegalStateException.class, inMemory::block);
        assertThrows(IllegalStateException.class, inMemory::remove);
        Arena closed = Arena.ofShared();
        closed.close();
        ShmKey unused = blocks.freeKey();
        assertThrows(IllegalStateException.class, () -> BroadcastRing.create(unused, 256, closed));
        assertThrows(ShmNotFoundException.class, () -> SharedMemory.open(unused));
    }

    /** As after years. */
    // B09
    @Test
    void shouldGoOnWithPositionsThatNoRingReachesAndSaySoAtTheEnd() {
        long last = (1L << 62) - (1L << 60);
        for (long before : new long[] {1L << 31, 1L << 32, 1L << 40, last - 8192}) {
            MemorySegment memory = memory(256);
            BroadcastRing ring = BroadcastRing.create(memory, 256);
            long messages = before / 16;
            long bytes = before / 2;
            for (long marks : new long[] {BroadcastFormat.NEWEST_MARKS, BroadcastFormat.OLDEST_MARKS}) {
                Mark.store(memory, BroadcastFormat.mark(marks, messages), before, messages, bytes);
            }
            memory.set(ValueLayout.JAVA_LONG, BroadcastFormat.MESSAGES_OFFSET, messages);
            memory.set(ValueLayout.JAVA_LONG, BroadcastFormat.TRIMS_OFFSET, messages);
            BroadcastReader slow = ring.readerFromOldest();
            BroadcastScript.Account ofSlow = new BroadcastScript.Account(32, slow);
            BroadcastReader fast = ring.readerFromNow();
            BroadcastScript.Account ofFast = new BroadcastScript.Account(32, fast);
            try (BroadcastProducer producer = ring.producer()) {
                for (int i = 0; i < 100; i++) {
                    BroadcastScript.write(ring, producer, 1);
                    assertEquals(1, fast.read(ofFast, 9));
                }
                slow.read(ofSlow, 100);
                ofSlow.compareWith(slow);
                assertEquals(messages + 100, ofSlow.passed);
                if (before > last / 2) {
                    String message = assertThrows(BroadcastCorruptedException.class,
                            () -> BroadcastScript.write(ring, producer, 1000)).getMessage();
                    assertTrue(message.contains("overwritten"), message);
                    assertTrue(ring.messages() > messages + 200 && ring.messages() < messages + 1000);
                    assertThrows(BroadcastCorruptedException.class, () -> producer.write(1, text("")));
                }
            }
        }
    }
}
