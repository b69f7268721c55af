package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.WaitStrategy;
import io.github.shm4j.support.Patient;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Several messages of one producer that reach the consumer together. */
@Patient
class SpscBatchTest {

    private static final int TYPE = Rings.TYPE;

    private final MemorySegment memory = Rings.SPSC.memory(256);
    private final RingUser ring = Rings.SPSC.create(memory, 256);
    private final RingUser reader = RingUser.open(memory);

    private void write(String text) {
        assertTrue(ring.write(TYPE, Rings.message(text)));
    }

    @Test
    void shouldShowNothingBeforeTheBatchEnds() {
        try (SpscProducer.Batch batch = ring.beginBatch()) {
            write("first");
            write("second");
            assertEquals(0, ring.producerPosition());
            assertEquals(List.of(), Rings.read(reader, 9));
            assertEquals(0, reader.statistics().messagesWritten());
            batch.publish();
            assertEquals(List.of("first", "second"), Rings.read(reader, 9));
            batch.publish();
            write("third");
            assertEquals(List.of(), Rings.read(reader, 9));
        }
        assertEquals(List.of("third"), Rings.read(reader, 9));
        write("alone");
        assertEquals(List.of("alone"), Rings.read(reader, 9));
        assertEquals(4, reader.statistics().messagesWritten());
        assertEquals(21, reader.statistics().bytesWritten());
    }

    @Test
    void shouldTakeClaimsToo() {
        Claim claim = new Claim();
        try (SpscProducer.Batch batch = ring.beginBatch()) {
            assertTrue(ring.tryClaim(TYPE, 5, claim));
            claim.segment().copyFrom(Rings.message("claim"));
            claim.commit();
            assertTrue(ring.tryClaim(TYPE, 7, claim));
            batch.publish();
            assertEquals(List.of("claim"), Rings.read(reader, 9), "an open claim is not published");
            claim.abort();
            write("written");
            assertEquals(List.of(), Rings.read(reader, 9));
        }
        assertEquals(List.of("written"), Rings.read(reader, 9));
    }

    @Test
    void shouldPublishWhatIsThereWhenThereIsNoMoreRoom() throws InterruptedException {
        try (var _ = ring.beginBatch()) {
            for (int i = 0; i < 16; i++) {
                write("fill" + i % 10 + "123");
            }
            assertEquals(0, ring.producerPosition());
            assertFalse(ring.write(TYPE, Rings.message("")));
            assertEquals(256, ring.producerPosition(), "the consumer has to make room");
            assertEquals(16, Rings.read(reader, 99).size());
            assertEquals(0, Rings.read(reader, 99).size());
            write("behind");
            assertEquals(List.of(), Rings.read(reader, 9));
            assertTrue(ring.awaitRoom(32, WaitStrategy.BUSY_SPIN, Duration.ZERO));
            assertEquals(List.of("behind"), Rings.read(reader, 9), "who waits for room has published");
        }
    }

    @Test
    void shouldPublishPaddingTogetherWithTheMessageBehindIt() {
        for (int i = 0; i < 9; i++) {
            write("sixteen letters!");
            assertEquals(1, Rings.read(reader, 9).size());
        }
        try (var _ = ring.beginBatch()) {
            write("sixteen letters!");
            write("behind the bend!");
            assertEquals(9 * 24, ring.producerPosition());
        }
        assertEquals(List.of("sixteen letters!", "behind the bend!"), Rings.read(reader, 9));
        assertEquals(256 + 24, reader.consumerPosition());
    }

    @Test
    void shouldPublishABatchThatIsBegunAgainAndEndWithTheRing() {
        SpscProducer.Batch batch = ring.beginBatch();
        write("first");
        assertEquals(List.of(), Rings.read(reader, 9));
        assertSame(batch, ring.beginBatch());
        assertEquals(List.of("first"), Rings.read(reader, 9));
        write("last");
        ring.close();
        assertEquals(List.of("last"), Rings.read(reader, 9), "closing publishes");
        batch.publish();
        batch.close();
        assertThrows(IllegalStateException.class, ring::beginBatch);
        RingUser successor = Rings.SPSC.open(memory);
        assertTrue(successor.write(TYPE, Rings.message("next")));
        assertEquals(List.of("next"), Rings.read(reader, 9));
    }

    @Test
    void shouldForgetWhatAKilledProducerHadNotPublished() {
        ring.beginBatch();
        write("never");
        write("published");
        Rings.setLong(memory, RingLayout.SLOTS_BEGIN + RingLayout.SLOT_OWNER, Rings.terminatedOwner());
        RingUser successor = Rings.SPSC.open(memory);
        assertTrue(successor.write(TYPE, Rings.message("seen")));
        assertEquals(List.of("seen"), Rings.read(reader, 9));
        assertEquals(1, reader.statistics().messagesWritten());
    }
}
