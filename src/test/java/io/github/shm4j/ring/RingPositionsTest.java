package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.support.Patient;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What one needs who passes messages on: positions to release up to, and where a message would end. */
@Patient
class RingPositionsTest {

    private static final MessageHandler NONE = (type, memory, offset, length) -> {};

    private static MessageHandler into(List<String> texts) {
        return (type, memory, offset, length) -> texts.add(Rings.text(memory, offset, length));
    }

    // R16
    @ParameterizedTest
    @EnumSource
    void shouldReleaseWhatEndsAtOrBeforeAPosition(Rings kind) {
        RingBuffer ring = kind.create(1024).ring();
        RingProducer out = ring.producer();
        RingConsumer in = ring.consumer();
        List<Long> ends = new ArrayList<>();
        for (String text : List.of("a", "bb", "a message of more than a header", "d")) {
            assertTrue(out.write(Rings.TYPE, Rings.message(text)));
        }
        assertEquals(0, in.peekPosition());
        while (in.peek(NONE, 1) != 0) {
            ends.add(in.peekPosition());
        }
        assertEquals(List.of(16L, 32L, 72L, 88L), ends);
        in.releaseUpTo(0);
        in.releaseUpTo(15);
        assertEquals(0, ring.consumerPosition());
        in.releaseUpTo(16);
        assertEquals(16, ring.consumerPosition());
        assertEquals(1, ring.statistics().messagesRead());
        in.releaseUpTo(71);
        assertEquals(32, ring.consumerPosition());
        assertEquals(3, ring.statistics().bytesRead());
        in.releaseUpTo(88);
        assertEquals(88, ring.consumerPosition());
        assertEquals(88, in.peekPosition());
        assertEquals(4, ring.statistics().messagesRead());
        assertTrue(out.write(Rings.TYPE, Rings.message("e")));
        List<String> read = new ArrayList<>();
        assertEquals(1, in.read(into(read), 9));
        assertEquals(List.of("e"), read);
    }

    // R16
    @ParameterizedTest
    @EnumSource
    void shouldDeliverAgainWhatWasNotReleased(Rings kind) {
        RingBuffer ring = kind.create(1024).ring();
        RingProducer out = ring.producer();
        for (String text : List.of("a", "b", "c")) {
            assertTrue(out.write(Rings.TYPE, Rings.message(text)));
        }
        try (RingConsumer in = ring.consumer()) {
            in.peek(NONE, 3);
            in.releaseUpTo(16);
        }
        List<String> read = new ArrayList<>();
        ring.consumer().read(into(read), 9);
        assertEquals(List.of("b", "c"), read);
    }

    /** Padding that was passed over belongs to no message. */
    @Test
    void shouldReleasePaddingToo() {
        RingBuffer ring = Rings.MPSC.create(1024).ring();
        RingProducer out = ring.producer();
        RingConsumer in = ring.consumer();
        assertTrue(out.write(Rings.TYPE, Rings.message("a")));
        Claim claim = new Claim();
        assertTrue(out.tryClaim(Rings.TYPE, 8, claim));
        claim.abort();
        assertEquals(1, in.peek(NONE, 9));
        assertEquals(32, in.peekPosition());
        assertTrue(out.write(Rings.TYPE, Rings.message("b")));
        assertEquals(1, in.peek(NONE, 9));
        in.releaseUpTo(32);
        assertEquals(16, ring.consumerPosition());
        in.releaseUpTo(48);
        assertEquals(48, ring.consumerPosition());
        assertEquals(2, ring.statistics().messagesRead());
    }

    // R16
    @ParameterizedTest
    @EnumSource
    void shouldRefuseToReleaseUpToWhereNothingWasPeekedAt(Rings kind) {
        RingBuffer ring = kind.create(1024).ring();
        RingProducer out = ring.producer();
        RingConsumer in = ring.consumer();
        for (int i = 0; i < 4; i++) {
            assertTrue(out.write(Rings.TYPE, Rings.message("12345678")));
        }
        in.read(NONE, 1);
        in.peek(NONE, 2);
        for (long position : new long[] {-1, 0, 15, 49, 64, Long.MAX_VALUE, Long.MIN_VALUE}) {
            IllegalArgumentException refused =
                    assertThrows(IllegalArgumentException.class, () -> in.releaseUpTo(position));
            assertTrue(
                    refused.getMessage().startsWith("position is " + position + "; it must be from 16,")
                            && refused.getMessage().contains("to 48,"),
                    refused.getMessage());
        }
        assertEquals(16, ring.consumerPosition());
        in.releaseUpTo(48);
        in.close();
        assertThrows(IllegalStateException.class, () -> in.releaseUpTo(48));
        assertThrows(IllegalStateException.class, in::peekPosition);
    }

    @ParameterizedTest
    @EnumSource
    void shouldNotReleaseForAHandler(Rings kind) {
        RingBuffer ring = kind.create(1024).ring();
        ring.producer().write(Rings.TYPE, Rings.message("a"));
        RingConsumer in = ring.consumer();
        assertThrows(IllegalStateException.class, () -> in.peek((t, m, o, l) -> in.releaseUpTo(0), 1));
    }

    // R17
    @ParameterizedTest
    @EnumSource
    void shouldSayWhereTheNextRecordEnds(Rings kind) {
        RingBuffer ring = kind.create(512).ring();
        RingProducer out = ring.producer();
        RingConsumer in = ring.consumer();
        for (int i = 0; i < 500; i++) {
            int length = i * 7 % (ring.maxMessageLength() + 1);
            long end = out.positionAfter(length);
            assertTrue(out.write(Rings.TYPE, Rings.message(length)));
            assertEquals(end, ring.producerPosition(), "length " + length);
            in.read(NONE, 1);
            assertEquals(end, ring.consumerPosition());
        }
    }

    // R17
    @Test
    void shouldCountWhatABatchHasNotPublished() {
        SpscProducer out = SpscRingBuffer.create(Rings.SPSC.memory(512), 512).producer();
        try (var _ = out.beginBatch()) {
            assertTrue(out.write(Rings.TYPE, Rings.message("a")));
            assertEquals(40, out.positionAfter(16));
        }
        assertEquals(24, out.positionAfter(0));
    }

    // R17
    @ParameterizedTest
    @EnumSource
    void shouldRefuseALengthThatNoMessageHas(Rings kind) {
        RingBuffer ring = kind.create(512).ring();
        RingProducer out = ring.producer();
        for (int length : new int[] {-1, 65, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            IllegalArgumentException refused =
                    assertThrows(IllegalArgumentException.class, () -> out.positionAfter(length));
            assertTrue(refused.getMessage().contains("from 0 to 64"), refused.getMessage());
        }
        out.close();
        assertThrows(IllegalStateException.class, () -> out.positionAfter(1));
    }

    // R17
    @Test
    void shouldNotSayWhereARecordEndsWhileTheOnlyProducerFillsOne() {
        RingProducer out = Rings.SPSC.create(512).ring().producer();
        try (Claim claim = new Claim()) {
            assertTrue(out.tryClaim(Rings.TYPE, 8, claim));
            assertThrows(IllegalStateException.class, () -> out.positionAfter(8));
        }
        assertEquals(16, out.positionAfter(8));
    }

    // R17
    @ParameterizedTest
    @ValueSource(longs = {-8, 4, Long.MIN_VALUE, Long.MAX_VALUE & -8, (1L << 62) + 8})
    void shouldNoticeAProducerPositionThatIsNone(long position) {
        MemorySegment memory = Rings.MPSC.memory(512);
        RingProducer out = Rings.MPSC.create(memory, 512).ring().producer();
        Rings.setLong(memory, RingLayout.PRODUCER_POSITION_OFFSET, position);
        assertThrows(RingCorruptedException.class, () -> out.positionAfter(8));
    }

    // R18
    @ParameterizedTest
    @EnumSource
    void shouldCountTheFailedClaimsOfEachProducer(Rings kind) throws InterruptedException {
        RingBuffer ring = kind.create(512).ring();
        RingProducer first = ring.producer();
        assertEquals(0, first.failedClaims());
        while (first.write(Rings.TYPE, Rings.message(56))) {
            assertEquals(0, first.failedClaims());
        }
        assertFalse(first.tryClaim(Rings.TYPE, 56, new Claim()));
        assertEquals(2, first.failedClaims());
        if (kind == Rings.MPSC) {
            Thread thread = Thread.ofPlatform().start(() -> first.write(Rings.TYPE, Rings.message(56)));
            thread.join();
            assertEquals(3, first.failedClaims());
        }
        long ofFirst = first.failedClaims();
        first.close();
        RingProducer second = ring.producer();
        assertEquals(0, second.failedClaims());
        assertFalse(second.write(Rings.TYPE, Rings.message(56)));
        assertEquals(1, second.failedClaims());
        assertEquals(ofFirst, first.failedClaims());
        assertEquals(ofFirst + 1, ring.statistics().failedClaims());
    }
}
