package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.ShmLimits;
import io.github.shm4j.WaitStrategy;
import io.github.shm4j.ring.ControlledMessageHandler.Action;
import io.github.shm4j.support.Patient;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What both kinds of rings promise to one producer and one consumer. */
@Patient
class RingBufferTest {

    private static final int TYPE = Rings.TYPE;
    private static final int HEADER = 8;

    @ParameterizedTest
    @EnumSource
    void shouldDeliverMessagesInOrderWithTypeAndLength(Rings kind) {
        RingUser ring = kind.create(1024);
        assertTrue(ring.write(3, Rings.message("first")));
        assertTrue(ring.write(4, Rings.message("xsecondx"), 1, 6));
        List<String> seen = new ArrayList<>();
        assertEquals(2, ring.read((type, memory, offset, length) -> seen.add(type + Rings.text(memory, offset, length)),
                10));
        assertEquals(List.of("3first", "4second"), seen);
        assertEquals(0, ring.read((type, memory, offset, length) -> seen.add("none"), 10));
        assertEquals(2, seen.size());
    }

    // R01
    @ParameterizedTest
    @EnumSource
    void shouldRefuseACapacityThatIsNoPowerOfTwoOrTooSmall(Rings kind) {
        for (long capacity : new long[] {0, -64, 1, 32, 63, 65, 100, 1000, Long.MAX_VALUE, Long.MIN_VALUE}) {
            assertThrows(IllegalArgumentException.class, () -> kind.sizeFor(capacity), () -> "" + capacity);
            MemorySegment memory = Arena.ofAuto().allocate(100_000, 8);
            assertThrows(IllegalArgumentException.class, () -> kind.create(memory, capacity), () -> "" + capacity);
        }
    }

    // R01
    @ParameterizedTest
    @EnumSource
    void shouldRefuseMemoryThatIsTooSmallOrMisaligned(Rings kind) {
        MemorySegment memory = Arena.ofAuto().allocate(kind.sizeFor(256) + 8, 8);
        IllegalArgumentException small = assertThrows(IllegalArgumentException.class, () -> kind.create(
                memory.asSlice(0, kind.sizeFor(256) - 1), 256));
        assertTrue(small.getMessage().contains("" + kind.sizeFor(256)), small.getMessage());
        assertThrows(IllegalArgumentException.class, () -> kind.create(memory.asSlice(4), 256));
        assertThrows(IllegalArgumentException.class, () -> kind.create(memory.asReadOnly(), 256));
        assertEquals(-1, memory.mismatch(Arena.ofAuto().allocate(memory.byteSize())), "nothing may be written");
    }

    @ParameterizedTest
    @EnumSource
    void shouldWorkInAnArrayThatIsAligned(Rings kind) {
        MemorySegment memory = MemorySegment.ofArray(new long[(int) kind.sizeFor(128) / 8]);
        RingUser ring = kind.create(memory, 128);
        assertTrue(ring.write(TYPE, Rings.message("heap")));
        assertEquals(List.of("heap"), Rings.read(kind.open(memory), 2));
    }

    /** Messages around the length from which the C library copies them, from any kind of memory into any. */
    @ParameterizedTest
    @EnumSource
    void shouldDeliverLargeMessages(Rings kind, @TempDir Path directory) throws IOException, InterruptedException {
        long capacity = 1 << 20;
        try (Arena arena = Arena.ofConfined();
                FileChannel channel = FileChannel.open(
                        directory.resolve("ring"),
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            MemorySegment mapped = channel.map(FileChannel.MapMode.READ_WRITE, 0, kind.sizeFor(capacity), arena);
            MemorySegment heap = MemorySegment.ofArray(new long[(int) kind.sizeFor(capacity) / 8]);
            for (MemorySegment memory : List.of(kind.memory(capacity), mapped, heap)) {
                RingUser ring = kind.create(memory, capacity);
                Random random = new Random(1);
                // More than the ring holds at once, so that each length is met at other places of it.
                for (int round = 0; round < 9; round++) {
                    for (int length : new int[] {16_383, 16_384, 16_385, 65_536, 131_071, 131_072}) {
                        byte[] content = new byte[length];
                        random.nextBytes(content);
                        List<MemorySegment> sources = List.of(
                                MemorySegment.ofArray(content),
                                MemorySegment.ofArray(content).asReadOnly(),
                                arena.allocateFrom(ValueLayout.JAVA_BYTE, content));
                        for (MemorySegment source : sources) {
                            assertTrue(ring.write(TYPE, source), "written");
                            assertEquals(1, ring.read((type, view, offset, size) -> {
                                assertEquals(length, size);
                                assertEquals(-1, view.asSlice(offset, size).mismatch(source));
                            }, 9));
                        }
                    }
                }
                assertFalse(ring.awaitMessage(WaitStrategy.BUSY_SPIN, Duration.ZERO));
                assertEquals(ring.consumerPosition(), Rings.getLong(memory, RingLayout.FREE_POSITION_OFFSET));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 50_000})
    void shouldWriteNothingFromMemoryThatIsGone(int length) {
        for (Rings kind : Rings.values()) {
            RingUser ring = kind.create(1 << 20);
            MemorySegment gone;
            try (Arena arena = Arena.ofConfined()) {
                gone = arena.allocate(length);
            }
            assertThrows(IllegalStateException.class, () -> ring.write(TYPE, gone));
            assertTrue(ring.write(TYPE, Rings.message("next")));
            assertEquals(List.of("next"), Rings.read(ring, 9));
        }
    }

    // R02
    @ParameterizedTest
    @EnumSource
    void shouldRefuseAMessageThatIsTooLongNegativeOrWithoutType(Rings kind) {
        MemorySegment memory = kind.memory(1024);
        RingUser ring = kind.create(memory, 1024);
        Claim claim = new Claim();
        ring.producer();
        byte[] before = Rings.bytes(memory);
        assertEquals(128, ring.maxMessageLength());
        assertThrows(IllegalArgumentException.class, () -> ring.write(TYPE, Rings.message(129)));
        assertThrows(IllegalArgumentException.class, () -> ring.write(TYPE, Rings.message(5), 0, -1));
        assertThrows(IllegalArgumentException.class, () -> ring.write(0, Rings.message(5)));
        assertThrows(IllegalArgumentException.class, () -> ring.write(-1, Rings.message(5)));
        assertThrows(IndexOutOfBoundsException.class, () -> ring.write(TYPE, Rings.message(5), 1, 5));
        assertThrows(IndexOutOfBoundsException.class, () -> ring.write(TYPE, Rings.message(5), -1, 5));
        assertThrows(IndexOutOfBoundsException.class, () -> ring.write(TYPE, Rings.message(5), Long.MAX_VALUE, 5));
        assertThrows(IllegalArgumentException.class, () -> ring.tryClaim(TYPE, 129, claim));
        assertThrows(IllegalArgumentException.class, () -> ring.tryClaim(TYPE, -1, claim));
        assertThrows(IllegalArgumentException.class, () -> ring.tryClaim(TYPE, Integer.MAX_VALUE, claim));
        assertThrows(IllegalArgumentException.class, () -> ring.tryClaim(0, 1, claim));
        assertFalse(claim.isOpen());
        assertArrayEquals(before, Rings.bytes(memory));
        assertTrue(ring.write(TYPE, Rings.message(128)));
    }

    // R03
    @ParameterizedTest
    @EnumSource
    void shouldChangeNothingButTheCountOfFailuresWhenFull(Rings kind) {
        MemorySegment memory = kind.memory(128);
        RingUser ring = kind.create(memory, 128);
        for (int i = 0; i < 8; i++) {
            assertTrue(ring.write(TYPE, Rings.message("mess" + i)), "exactly full is allowed");
        }
        byte[] before = Rings.bytes(memory);
        assertFalse(ring.write(TYPE, Rings.message("")));
        assertFalse(ring.tryClaim(TYPE, 16, new Claim()));
        assertEquals(2, ring.statistics().failedClaims());
        Rings.setLong(memory, RingLayout.SLOTS_BEGIN + RingLayout.SLOT_FAILED, 0);
        clearFailures(kind, memory);
        assertArrayEquals(before, Rings.bytes(memory));
        assertEquals(128, ring.backlog());
        assertEquals(8, Rings.read(ring, 8).size());
        assertEquals(0, ring.backlog());
    }

    private static void clearFailures(Rings kind, MemorySegment memory) {
        for (long slot = RingLayout.SLOTS_BEGIN; slot < kind.data(); slot += RingLayout.SLOT_LENGTH) {
            Rings.setLong(memory, slot + RingLayout.SLOT_FAILED, 0);
        }
    }

    // R03
    @ParameterizedTest
    @EnumSource
    void shouldFailWhenOnlyPartOfTheRoomIsThere(Rings kind) {
        RingUser ring = kind.create(128);
        for (int i = 0; i < 5; i++) {
            assertTrue(ring.write(TYPE, Rings.message(16)));
        }
        assertFalse(ring.write(TYPE, Rings.message(9)), "8 bytes are left");
        assertTrue(ring.write(TYPE, Rings.message("")));
        assertFalse(ring.write(TYPE, Rings.message("")));
    }

    @ParameterizedTest
    @EnumSource
    void shouldHaveRoomAgainAsSoonAsTheRingWasReadEmpty(Rings kind) {
        RingUser ring = kind.create(128);
        for (int round = 0; round < 100; round++) {
            while (ring.write(TYPE, Rings.message("" + round))) {
                assertTrue(ring.backlog() <= 128);
            }
            assertEquals(128, ring.backlog());
            assertEquals(8, Rings.read(ring, 100).size());
        }
    }

    // R04
    @ParameterizedTest
    @EnumSource
    void shouldWrapWhenExactlyOneHeaderIsLeft(Rings kind) {
        MemorySegment memory = kind.memory(128);
        RingUser ring = kind.create(memory, 128);
        for (int i = 0; i < 5; i++) {
            assertTrue(ring.write(TYPE, Rings.message(16)));
        }
        assertEquals(5, Rings.read(ring, 5).size());
        assertEquals(0, Rings.read(ring, 1).size());
        assertTrue(ring.write(TYPE, Rings.message("behind the bend!")));
        assertEquals(
                RingLayout.committed(RingLayout.PADDING_TYPE, 8),
                Rings.getLong(memory, kind.data() + 120),
                "the last 8 bytes are a padding record");
        assertEquals(List.of("behind the bend!"), Rings.read(ring, 2));
        assertEquals(152, ring.consumerPosition());
    }

    // R05
    @ParameterizedTest
    @EnumSource
    void shouldWrapAnEmptyRing(Rings kind) {
        RingUser ring = kind.create(128);
        for (int i = 0; i < 14; i++) {
            assertTrue(ring.write(TYPE, Rings.message("")));
            assertEquals(List.of(""), Rings.read(ring, 1));
        }
        assertEquals(112, ring.producerPosition());
        assertTrue(ring.write(TYPE, Rings.message("sixteen letters!")));
        assertEquals(128 + 24, ring.producerPosition());
        assertEquals(List.of("sixteen letters!"), Rings.read(ring, 1));
    }

    // R06
    @ParameterizedTest
    @EnumSource
    void shouldDeliverEmptyMessagesInTheSmallestRing(Rings kind) {
        RingUser ring = kind.create(64);
        for (int round = 0; round < 50; round++) {
            for (int i = 0; i < 8; i++) {
                assertTrue(ring.write(TYPE, Rings.message("")));
            }
            assertFalse(ring.write(TYPE, Rings.message("")));
            assertEquals(List.of("", "", "", "", "", "", "", ""), Rings.read(ring, 100));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldKeepEachMessageWholeWhateverItsLength(Rings kind) {
        RingUser ring = kind.create(1024);
        int written = 0;
        int read = 0;
        while (read < 3000) {
            while (ring.write(TYPE, Rings.message(written * 31 % 129))) {
                written++;
            }
            List<byte[]> messages = new ArrayList<>();
            ring.read((type, memory, offset, length) -> messages.add(Rings.bytes(memory.asSlice(offset, length))), 5);
            for (byte[] message : messages) {
                assertArrayEquals(Rings.bytes(Rings.message(read * 31 % 129)), message);
                read++;
            }
        }
    }

    // R07
    @ParameterizedTest
    @EnumSource
    void shouldDeliverNothingBeforeTheCommit(Rings kind) {
        MemorySegment memory = kind.memory(256);
        RingUser ring = kind.create(memory, 256);
        try (Claim claim = new Claim()) {
            assertTrue(ring.tryClaim(TYPE, 5, claim));
            assertTrue(claim.isOpen());
            assertEquals(5, claim.length());
            assertEquals(5, claim.segment().byteSize());
            assertEquals(memory.address() + kind.data() + HEADER, claim.segment().address(), "the ring's own memory");
            assertEquals(kind.data() + HEADER, claim.offset());
            for (int i = 0; i < 100; i++) {
                assertEquals(0, Rings.read(ring, 1).size());
            }
            assertEquals(0, ring.consumerPosition());
            MemorySegment.copy(Rings.message("hello"), 0, claim.memory(), claim.offset(), 5);
            claim.commit();
            assertFalse(claim.isOpen());
        }
        assertEquals(List.of("hello"), Rings.read(ring, 2));
    }

    @ParameterizedTest
    @EnumSource
    void shouldDeliverNothingAfterAnAbort(Rings kind) {
        RingUser ring = kind.create(256);
        Claim claim = new Claim();
        assertTrue(ring.tryClaim(TYPE, 5, claim));
        claim.abort();
        try (claim) {
            assertTrue(ring.tryClaim(TYPE, 6, claim));
        }
        assertFalse(claim.isOpen());
        assertTrue(ring.write(TYPE, Rings.message("after")));
        assertEquals(List.of("after"), Rings.read(ring, 9));
        assertEquals(ring.producerPosition(), ring.consumerPosition());
        assertEquals(1, ring.statistics().messagesWritten());
    }

    // R10
    @ParameterizedTest
    @EnumSource
    void shouldRefuseToEndAClaimTwice(Rings kind) {
        RingUser ring = kind.create(256);
        Claim claim = new Claim();
        assertThrows(IllegalStateException.class, claim::commit);
        assertThrows(IllegalStateException.class, claim::abort);
        assertTrue(ring.tryClaim(TYPE, 5, claim));
        assertThrows(IllegalStateException.class, () -> ring.tryClaim(TYPE, 5, claim));
        claim.commit();
        assertThrows(IllegalStateException.class, claim::commit);
        assertThrows(IllegalStateException.class, claim::abort);
        assertThrows(IllegalStateException.class, claim::segment);
        assertThrows(IllegalStateException.class, claim::memory);
        assertThrows(IllegalStateException.class, claim::offset);
        assertThrows(IllegalStateException.class, claim::length);
        claim.close();
        assertEquals(1, Rings.read(ring, 9).size());
    }

    // R08
    @ParameterizedTest
    @EnumSource
    void shouldReadNoMoreThanTheLimit(Rings kind) {
        RingUser ring = kind.create(256);
        for (int i = 0; i < 5; i++) {
            ring.write(TYPE, Rings.message("" + i));
        }
        assertEquals(List.of(), Rings.read(ring, 0));
        assertEquals(List.of(), Rings.read(ring, -1));
        assertEquals(List.of("0", "1"), Rings.read(ring, 2));
        assertEquals(32, ring.consumerPosition());
        assertEquals(List.of("2", "3", "4"), Rings.read(ring, 10));
    }

    // R08
    @ParameterizedTest
    @EnumSource
    void shouldLetTheHandlerControlTheReading(Rings kind) {
        RingUser ring = kind.create(128);
        for (int i = 0; i < 8; i++) {
            assertTrue(ring.write(TYPE, Rings.message("" + i)));
        }
        List<String> seen = new ArrayList<>();
        ControlledMessageHandler handler = (type, memory, offset, length) -> {
            String text = Rings.text(memory, offset, length);
            seen.add(text);
            return switch (text) {
                case "1" -> {
                    assertFalse(ring.write(TYPE, Rings.message("full")), "consumed, but not freed yet");
                    yield Action.COMMIT;
                }
                case "2" -> {
                    assertTrue(ring.write(TYPE, Rings.message("8")), "a commit frees at once");
                    yield Action.CONTINUE;
                }
                case "4" -> Action.BREAK;
                case "5" -> seen.size() == 6 ? Action.ABORT : Action.CONTINUE;
                default -> Action.CONTINUE;
            };
        };
        assertEquals(1, ring.controlledRead(handler, 1), "the limit holds too");
        // With 16 bytes consumed and not freed, a sixteenth of the ring is reached.
        ring.write(TYPE, Rings.message("x"));
        assertEquals(4, ring.controlledRead(handler, 10), "up to the break, which consumes");
        assertEquals(List.of("0", "1", "2", "3", "4"), seen);
        assertEquals(0, ring.controlledRead(handler, 10), "the abort leaves the message");
        assertEquals(5 * 16, ring.consumerPosition());
        assertEquals(5, ring.controlledRead(handler, 10));
        assertEquals(List.of("0", "1", "2", "3", "4", "5", "5", "6", "7", "x", "8"), seen);
    }

    // R09
    @ParameterizedTest
    @EnumSource
    void shouldConsumeTheMessageWhoseHandlerThrows(Rings kind) {
        MemorySegment memory = kind.memory(256);
        RingUser ring = kind.create(memory, 256);
        for (int i = 0; i < 3; i++) {
            ring.write(TYPE, Rings.message("message" + i));
        }
        IllegalStateException thrown = new IllegalStateException("by the handler");
        int[] count = new int[1];
        assertSame(thrown, assertThrows(IllegalStateException.class, () -> ring.read((type, m, offset, length) -> {
            if (++count[0] == 2) {
                throw thrown;
            }
        }, 10)));
        assertEquals(32, ring.consumerPosition());
        assertEquals(32, Rings.getLong(memory, RingLayout.FREE_POSITION_OFFSET));
        assertEquals(2, ring.statistics().messagesRead());
        for (long offset = 0; offset < 32; offset += 8) {
            assertEquals(0, Rings.getLong(memory, kind.data() + offset));
        }
        assertEquals(List.of("message2"), Rings.read(ring, 10));
        assertSame(thrown, assertThrows(IllegalStateException.class, () -> {
            ring.write(TYPE, Rings.message("again"));
            ring.controlledRead((type, m, offset, length) -> {
                throw thrown;
            }, 10);
        }));
        assertEquals(ring.producerPosition(), ring.consumerPosition());
    }

    @ParameterizedTest
    @EnumSource
    void shouldFreeWhatWasPeekedAtOnlyWhenTold(Rings kind) {
        RingUser ring = kind.create(128);
        for (int i = 0; i < 8; i++) {
            assertTrue(ring.write(TYPE, Rings.message("" + i)));
        }
        List<MemorySegment> views = new ArrayList<>();
        MessageHandler keep = (type, memory, offset, length) -> views.add(memory.asSlice(offset, length));
        assertEquals(3, ring.peek(keep, 3));
        assertEquals(2, ring.peek(keep, 2));
        assertEquals(0, ring.consumerPosition());
        assertFalse(ring.write(TYPE, Rings.message("full")));
        assertThrows(IllegalStateException.class, () -> Rings.read(ring, 1));
        for (int i = 0; i < 5; i++) {
            assertEquals((byte) ('0' + i), views.get(i).get(ValueLayout.JAVA_BYTE, 0));
        }
        ring.release();
        assertEquals(5 * 16, ring.consumerPosition());
        assertTrue(ring.write(TYPE, Rings.message("room")));
        assertEquals(List.of("5", "6", "7", "room"), Rings.read(ring, 10));
        assertEquals(9, ring.statistics().messagesRead());
    }

    @ParameterizedTest
    @EnumSource
    void shouldPeekAtEachMessageOnceEvenAroundTheWholeRing(Rings kind) throws InterruptedException {
        RingUser ring = kind.create(128);
        for (int i = 0; i < 8; i++) {
            assertTrue(ring.write(TYPE, Rings.message("" + i)));
        }
        MessageHandler ignore = (type, memory, offset, length) -> {
        };
        assertEquals(8, ring.peek(ignore, 100));
        assertEquals(0, ring.peek(ignore, 100));
        assertFalse(ring.awaitMessage(WaitStrategy.BUSY_SPIN, Duration.ZERO));
        ring.release();
        assertEquals(0, ring.peek(ignore, 100));
        assertTrue(ring.write(TYPE, Rings.message("next")));
        assertEquals(1, ring.peek(ignore, 100));
    }

    @ParameterizedTest
    @EnumSource
    void shouldReadAfterPeekingAtNothingButPadding(Rings kind) {
        RingUser ring = kind.create(128);
        MessageHandler none = (type, memory, offset, length) -> {
            throw new AssertionError("nothing was committed");
        };
        for (int i = 0; i < 7; i++) {
            assertTrue(ring.write(TYPE, Rings.message("" + i)));
            assertEquals(1, Rings.read(ring, 1).size());
        }
        Claim claim = new Claim();
        assertTrue(ring.tryClaim(TYPE, 16, claim));
        assertEquals(0, ring.peek(none, 1));
        assertEquals(0, Rings.read(ring, 1).size());
        claim.commit();
        assertEquals(1, Rings.read(ring, 1).size());
    }

    @ParameterizedTest
    @EnumSource
    void shouldDeliverAgainWhatWasPeekedAtAndNotFreed(Rings kind) {
        MemorySegment memory = kind.memory(128);
        RingUser ring = kind.create(memory, 128);
        ring.write(TYPE, Rings.message("kept"));
        RingUser first = kind.open(memory);
        assertEquals(1, first.peek((type, m, offset, length) -> {
        }, 1));
        first.close();
        assertEquals(List.of("kept"), Rings.read(kind.open(memory), 9));
    }

    /** With padding between them, around the ring, and with some released in between. */
    @ParameterizedTest
    @EnumSource
    void shouldPeekAgainAtWhatIsNotReleasedAndKeepTheRole(Rings kind) {
        MemorySegment memory = kind.memory(256);
        RingUser ring = kind.create(memory, 256);
        int written = 0;
        int released = 0;
        long bytes = 0;
        for (int round = 0; round < 100; round++) {
            while (ring.write(TYPE, Rings.message("m" + written + "-".repeat(written % 19)))) {
                bytes += ("m" + written).length() + written % 19;
                written++;
            }
            List<String> expected = new ArrayList<>();
            for (int i = released; i < written; i++) {
                expected.add("m" + i + "-".repeat(i % 19));
            }
            for (int attempt = 0; attempt < 3; attempt++) {
                List<String> peeked = new ArrayList<>();
                ring.peek((type, view, offset, length) -> peeked.add(Rings.text(view, offset, length)),
                        2 + 49 * attempt);
                assertEquals(expected.subList(0, peeked.size()), peeked);
                int first = Math.min(attempt, peeked.size());
                ring.consumer().release(first);
                expected = expected.subList(first, expected.size());
                released += first;
                ring.consumer().peekAgain();
                assertEquals(ring.consumerPosition(), ring.consumer().peekPosition());
                assertEquals(released, ring.statistics().messagesRead());
                assertThrows(RingOccupiedException.class, () -> RingBuffer.open(memory).consumer());
            }
        }
        // It need not release what it has let go.
        assertEquals(written - released, Rings.read(ring, 99).size());
        assertEquals(written, ring.statistics().messagesRead());
        assertEquals(bytes, ring.statistics().bytesRead());
        ring.leave();
        RingConsumer closed = ring.consumer();
        closed.close();
        assertThrows(IllegalStateException.class, closed::peekAgain);
    }

    /** With padding between them, and around the ring. */
    @ParameterizedTest
    @EnumSource
    void shouldReleaseTheFirstOfTheMessagesThatItHasPeekedAt(Rings kind) {
        MemorySegment memory = kind.memory(256);
        RingUser ring = kind.create(memory, 256);
        int written = 0;
        int released = 0;
        for (int round = 0; round < 300; round++) {
            while (ring.write(TYPE, Rings.message("m" + written + "-".repeat(written % 19)))) {
                written++;
            }
            List<String> peeked = new ArrayList<>();
            ring.peek((type, view, offset, length) -> peeked.add(Rings.text(view, offset, length)), 99);
            assertEquals(written - released, peeked.size());
            int first = round % (peeked.size() + 1);
            ring.consumer().release(first);
            for (int i = 0; i < peeked.size(); i++) {
                assertEquals("m" + (released + i) + "-".repeat((released + i) % 19), peeked.get(i));
            }
            released += first;
            assertEquals(released, ring.statistics().messagesRead());
            assertEquals(written, ring.statistics().messagesWritten());
            int left = peeked.size() - first;
            assertThrows(IllegalArgumentException.class, () -> ring.consumer().release(left + 1));
            assertThrows(IllegalArgumentException.class, () -> ring.consumer().release(-1));
            if (left > 0) {
                assertThrows(IllegalStateException.class, () -> Rings.read(ring, 1));
            }
            // The next one begins where this one has released up to.
            ring.leave();
        }
        assertEquals(written - released, Rings.read(ring, 99).size());
        assertEquals(ring.producerPosition(), ring.consumerPosition());
        long bytes = 0;
        for (int i = 0; i < written; i++) {
            bytes += ("m" + i).length() + i % 19;
        }
        assertEquals(bytes, ring.statistics().bytesRead());
    }

    @ParameterizedTest
    @EnumSource
    void shouldKeepWhatIsNotReleasedAndGoOnPeekingBehindIt(Rings kind) {
        RingUser ring = kind.create(1024);
        for (int i = 0; i < 40; i++) {
            assertTrue(ring.write(TYPE, Rings.message("m" + i)));
        }
        List<String> peeked = new ArrayList<>();
        MessageHandler handler = (type, view, offset, length) -> peeked.add(Rings.text(view, offset, length));
        for (int i = 0; i < 10; i++) {
            assertEquals(3, ring.peek(handler, 3));
            ring.consumer().release(2);
        }
        assertEquals(20, ring.statistics().messagesRead());
        ring.release();
        assertEquals(30, ring.statistics().messagesRead());
        assertEquals("m30", Rings.read(ring, 1).getFirst());
        for (int i = 0; i < 30; i++) {
            assertEquals("m" + i, peeked.get(i));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldGiveHandlersReadOnlyMemory(Rings kind) {
        RingUser ring = kind.create(128);
        ring.write(TYPE, Rings.message("safe"));
        assertEquals(1, ring.read((type, memory, offset, length) -> {
            assertTrue(memory.isReadOnly());
            assertThrows(IllegalArgumentException.class, () -> memory.set(ValueLayout.JAVA_BYTE, offset, (byte) 1));
        }, 1));
    }

    @ParameterizedTest
    @EnumSource
    void shouldRefuseToReadFromWithinAHandlerButAllowToWrite(Rings kind) {
        RingUser ring = kind.create(256);
        ring.write(TYPE, Rings.message("outer"));
        assertEquals(1, ring.read((type, memory, offset, length) -> {
            assertThrows(IllegalStateException.class, () -> Rings.read(ring, 1));
            assertThrows(IllegalStateException.class, ring::release);
            assertTrue(ring.write(TYPE, Rings.message("inner")));
        }, 1));
        assertEquals(List.of("inner"), Rings.read(ring, 9));
    }

    @ParameterizedTest
    @EnumSource
    void shouldRefuseASecondConsumerUntilTheFirstCloses(Rings kind) {
        MemorySegment memory = kind.memory(128);
        RingUser first = kind.create(memory, 128);
        first.write(TYPE, Rings.message("a"));
        first.write(TYPE, Rings.message("b"));
        assertEquals(List.of("a"), Rings.read(first, 1));
        RingUser second = kind.open(memory);
        RingOccupiedException refused = assertThrows(RingOccupiedException.class, () -> Rings.read(second, 1));
        assertTrue(refused.getMessage().contains("" + ProcessHandle.current().pid()), refused.getMessage());
        first.close();
        first.close();
        assertEquals(List.of("b"), Rings.read(second, 1));
        assertThrows(IllegalStateException.class, () -> Rings.read(first, 1));
        assertThrows(IllegalStateException.class, () -> first.write(TYPE, Rings.message("closed")));
    }

    @ParameterizedTest
    @EnumSource
    void shouldRefuseToCloseWithAnOpenClaim(Rings kind) {
        RingUser ring = kind.create(128);
        Claim claim = new Claim();
        assertTrue(ring.tryClaim(TYPE, 1, claim));
        assertThrows(IllegalStateException.class, ring::close);
        claim.commit();
        ring.close();
    }

    @ParameterizedTest
    @EnumSource
    void shouldTakeOverFromAConsumerThatHasTerminated(Rings kind) {
        MemorySegment memory = kind.memory(128);
        RingUser first = kind.create(memory, 128);
        first.write(TYPE, Rings.message("a"));
        first.write(TYPE, Rings.message("b"));
        assertEquals(List.of("a"), Rings.read(first, 1));
        Rings.setLong(memory, RingLayout.CONSUMER_OFFSET, Rings.terminatedOwner());
        RingUser second = kind.open(memory);
        assertEquals(List.of("b"), Rings.read(second, 9));
        assertEquals(2, second.statistics().messagesRead());
    }

    @ParameterizedTest
    @EnumSource
    void shouldNeverTakeOverFromAConsumerOfAnotherNamespace(Rings kind) {
        MemorySegment memory = kind.memory(128);
        RingUser ring = kind.create(memory, 128);
        Rings.setLong(memory, RingLayout.CONSUMER_OFFSET, Rings.terminatedOwner() | 1L << 63);
        assertThrows(RingOccupiedException.class, () -> Rings.read(ring, 1));
        Rings.setLong(memory, RingLayout.CONSUMER_OFFSET, Rings.terminatedOwner());
        Rings.setLong(memory, RingLayout.PID_NAMESPACE_OFFSET, 12345);
        RingUser elsewhere = kind.open(memory);
        assertThrows(RingOccupiedException.class, () -> Rings.read(elsewhere, 1));
    }

    /** The bytes that a killed consumer has consumed may be cleared in part, from either end. */
    @ParameterizedTest
    @EnumSource
    void shouldGoOnBehindWhatAConsumerHasConsumedAndPartlyCleared(Rings kind) {
        for (int from = 0; from <= 64; from += 8) {
            for (int to = from; to <= 64; to += 8) {
                MemorySegment memory = kind.memory(256);
                RingUser ring = kind.create(memory, 256);
                for (int i = 0; i < 6; i++) {
                    ring.write(TYPE, Rings.message("message" + i));
                }
                Rings.setLong(memory, RingLayout.CONSUMER_OFFSET, Rings.terminatedOwner());
                Rings.setLong(memory, RingLayout.CONSUMER_POSITION_OFFSET, 64);
                memory.asSlice(kind.data() + from, to - from).fill((byte) 0);
                assertEquals(List.of("message4", "message5"), Rings.read(ring, 9));
                assertEquals(List.of(), Rings.read(ring, 9));
                assertEquals(0, ring.statistics().recordsSkipped());
                assertEquals(96, Rings.getLong(memory, RingLayout.FREE_POSITION_OFFSET));
                if (kind == Rings.MPSC) {
                    assertEquals(-1, memory.asSlice(kind.data(), 256).mismatch(Arena.ofAuto().allocate(256)));
                }
            }
        }
    }

    /** It may hold what it reads for any time. */
    @ParameterizedTest
    @EnumSource
    void shouldFreeWhatItsPredecessorHasConsumedBeforeItReads(Rings kind) {
        MemorySegment memory = kind.memory(1 << 14);
        RingUser ring = kind.create(memory, 1 << 14);
        for (int i = 0; i < 9; i++) {
            assertTrue(ring.write(TYPE, Rings.message("message" + i)));
        }
        RingUser killed = kind.open(memory);
        assertEquals(5, Rings.read(killed, 5).size());
        assertEquals(0, Rings.getLong(memory, RingLayout.FREE_POSITION_OFFSET), "it keeps what is so little");
        Rings.setLong(memory, RingLayout.CONSUMER_OFFSET, Rings.terminatedOwner());
        assertEquals(1, ring.peek((type, view, offset, length) -> {
        }, 1));
        assertEquals(5 * 16, Rings.getLong(memory, RingLayout.FREE_POSITION_OFFSET));
    }

    @ParameterizedTest
    @EnumSource
    void shouldOnlyBeLookedAtWhereTheMemoryIsReadOnly(Rings kind) {
        MemorySegment memory = kind.memory(128);
        RingUser ring = kind.create(memory, 128);
        ring.write(TYPE, Rings.message("four"));
        RingUser watcher = kind.open(memory.asReadOnly());
        assertEquals(16, watcher.backlog());
        assertEquals(1, watcher.statistics().messagesWritten());
        assertThrows(IllegalStateException.class, () -> watcher.write(TYPE, Rings.message("no")));
        assertThrows(IllegalStateException.class, () -> Rings.read(watcher, 1));
        watcher.close();
    }

    @ParameterizedTest
    @EnumSource
    void shouldCountWhatHappens(Rings kind) {
        MemorySegment memory = kind.memory(128);
        RingUser ring = kind.create(memory, 128);
        RingStatistics none = ring.statistics();
        assertEquals(RingStatistics.Liveness.NOBODY, none.consumer().liveness());
        assertEquals(List.of(), none.producers());
        while (ring.write(TYPE, Rings.message(3))) {
            assertTrue(ring.backlog() > 0);
        }
        assertEquals(6, Rings.read(ring, 6).size());
        RingStatistics some = kind.open(memory).statistics();
        RingStatistics.RoleOwner self = new RingStatistics.RoleOwner(
                ProcessHandle.current().pid(), RingStatistics.Liveness.ALIVE);
        assertEquals(128, some.capacity());
        assertEquals(128, some.producerPosition());
        assertEquals(96, some.consumerPosition());
        assertEquals(8, some.messagesWritten());
        assertEquals(24, some.bytesWritten());
        assertEquals(6, some.messagesRead());
        assertEquals(18, some.bytesRead());
        assertEquals(1, some.failedClaims());
        assertEquals(0, some.recordsSkipped());
        assertEquals(128, some.longestBacklog());
        assertEquals(self, some.consumer());
        assertEquals(List.of(self), some.producers());
        Rings.setLong(memory, RingLayout.CONSUMER_OFFSET, Rings.terminatedOwner());
        assertEquals(RingStatistics.Liveness.TERMINATED, ring.statistics().consumer().liveness());
        Rings.setLong(memory, RingLayout.CONSUMER_OFFSET, 1L << 63 | Rings.terminatedOwner());
        assertEquals(RingStatistics.Liveness.UNKNOWN, ring.statistics().consumer().liveness());
        assertNotEquals(0, ring.statistics().consumer().pid());
    }

    /**
     * Where the steps are large enough, a consumer that keeps up leaves the cache line alone that a producer writes to, and a
     * few messages altogether: who answers them has better things to do.
     */
    @ParameterizedTest
    @CsvSource({"SPSC, 41, 1280", "MPSC, 41, 1280", "SPSC, 31, 0", "MPSC, 31, 0", "SPSC, 32, 1024", "MPSC, 32, 1024"})
    void shouldFreeWholeCacheLinesOfMuchFirstAndTheRestWhenNothingFollows(Rings kind, int messages, long free) {
        MemorySegment memory = kind.memory(1 << 16);
        RingUser ring = kind.create(memory, 1 << 16);
        for (int i = 0; i < messages; i++) {
            assertTrue(ring.write(TYPE, Rings.message(20)));
        }
        assertEquals(messages, Rings.read(ring, 99).size());
        assertEquals(32L * messages, ring.consumerPosition());
        for (int i = 0; i < 15; i++) {
            assertEquals(free, Rings.getLong(memory, RingLayout.FREE_POSITION_OFFSET));
            assertEquals(0, Rings.read(ring, 9).size());
        }
        assertEquals(free, Rings.getLong(memory, RingLayout.FREE_POSITION_OFFSET));
        assertEquals(0, Rings.read(ring, 9).size());
        assertEquals(32L * messages, Rings.getLong(memory, RingLayout.FREE_POSITION_OFFSET));
        assertEquals(
                -1,
                memory.asSlice(kind.data(), 1 << 16).mismatch(Arena.ofAuto().allocate(1 << 16)),
                "all is cleared");
    }

    @ParameterizedTest
    @EnumSource
    void shouldFreeEverythingBeforeItWaits(Rings kind) throws InterruptedException {
        MemorySegment memory = kind.memory(1 << 16);
        RingUser ring = kind.create(memory, 1 << 16);
        assertTrue(ring.write(TYPE, Rings.message(20)));
        assertEquals(1, Rings.read(ring, 9).size());
        assertFalse(ring.awaitMessage(WaitStrategy.BUSY_SPIN, Duration.ZERO));
        assertEquals(32, Rings.getLong(memory, RingLayout.FREE_POSITION_OFFSET));
    }

    @ParameterizedTest
    @EnumSource
    void shouldCountWhatWaitsAsWritten(Rings kind) {
        RingUser ring = kind.create(256);
        Claim claim = new Claim();
        for (int i = 0; i < 9; i++) {
            assertTrue(ring.write(TYPE, Rings.message(16)));
            assertEquals(i + 1, ring.statistics().messagesWritten());
            assertEquals(16 * (i + 1), ring.statistics().bytesWritten());
            assertEquals(1, Rings.read(ring, 1).size());
        }
        // Of these the second is padding.
        assertTrue(ring.write(TYPE, Rings.message(10)));
        assertTrue(ring.write(TYPE, Rings.message(30)));
        assertTrue(ring.tryClaim(TYPE, 5, claim));
        RingStatistics statistics = ring.statistics();
        assertEquals(11, statistics.messagesWritten());
        assertEquals(9 * 16 + 40, statistics.bytesWritten());
        assertEquals(9, statistics.messagesRead());
        assertEquals(9 * 16, statistics.bytesRead());
        claim.commit();
        assertEquals(12, ring.statistics().messagesWritten());
        assertEquals(3, Rings.read(ring, 9).size());
        assertEquals(12, ring.statistics().messagesRead());
        assertEquals(9 * 16 + 45, ring.statistics().bytesRead());
    }

    /** The rest is left to the producer, who writes over it. */
    @Test
    void shouldClearLongMessagesInRingsOfOneProducerUpToAMebibyte() {
        for (int capacity : new int[] {1 << 16, 1 << 20, 1 << 21}) {
            MemorySegment memory = Rings.SPSC.memory(capacity);
            RingUser ring = Rings.SPSC.create(memory, capacity);
            for (int i = 0; i < 4; i++) {
                assertTrue(ring.write(Rings.TYPE,
                        Rings.message("x".repeat(8000))));
            }
            assertEquals(4, ring.read((type, view, offset, length) -> {
            }, 9));
            ring.close();
            MemorySegment consumed = memory.asSlice(Rings.SPSC.data(), 4 * 8008);
            assertEquals(0, consumed.get(ValueLayout.JAVA_LONG, 0));
            assertEquals(capacity <= 1 << 20 ? 0 : 'x', consumed.get(ValueLayout.JAVA_BYTE, 4000));
            assertEquals(capacity <= 1 << 20 ? 0 : 'x', consumed.get(ValueLayout.JAVA_BYTE, 3 * 8008 + 4000));
        }
    }

    /** Copying gets as far as the file does. */
    @ParameterizedTest
    @EnumSource
    void shouldWriteNothingOfASourceThatIsCutOff(Rings kind, @TempDir Path directory) throws IOException {
        int page = (int) ShmLimits.pageSize();
        int capacity = 16 * page;
        RingUser ring = kind.create(capacity);
        // Once around, so that room is what the consumer has cleared.
        for (int i = 0; i < capacity / 1024; i++) {
            assertTrue(ring.write(TYPE, Rings.message(1016)));
            assertEquals(1, Rings.read(ring, 9).size());
        }
        assertTrue(ring.write(TYPE, Rings.message(10)));
        try (FileChannel file = FileChannel.open(directory.resolve("source"), StandardOpenOption.CREATE,
                StandardOpenOption.READ, StandardOpenOption.WRITE);
                Arena arena = Arena.ofConfined()) {
            // Everywhere in it there is what could be a header.
            MemorySegment source = file.map(FileChannel.MapMode.READ_WRITE, 0, 2 * page, arena);
            for (int offset = 0; offset < 2 * page; offset += 8) {
                Rings.setLong(source, offset, RingLayout.committed(TYPE, 16));
            }
            file.truncate(page);
            assertThrows(InternalError.class, () -> ring.write(TYPE, source, 0, page + 904));
        }
        for (int length : new int[] {20, 30, 300}) {
            assertTrue(ring.write(TYPE, Rings.message(length)));
        }
        List<Integer> lengths = new ArrayList<>();
        ring.read((type, view, offset, length) -> {
            assertEquals(-1, view.asSlice(offset, length).mismatch(Rings.message(length)));
            lengths.add(length);
        }, 99);
        assertEquals(List.of(10, 20, 30, 300), lengths);
        assertEquals(0, ring.read((type, view, offset, length) -> {
        }, 99));
    }
}
