package io.github.shm4j.aeron;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class FramesTest {

    private static MemorySegment frame() {
        return MemorySegment.ofArray(new long[16]);
    }

    @Test
    void shouldKnowTheKindsThatAreLongEnough() {
        MemorySegment frame = frame();
        Frames.hello(frame, new RingIdentity(new UUID(1, 2), 3, 4, 0), 64, 8, 16, 5);
        assertEquals(Frames.HELLO, Frames.kind(frame, Frames.HELLO_LENGTH));
        assertEquals(0, Frames.kind(frame, Frames.HELLO_LENGTH - 1));
        Frames.messages(frame, 1, 2, 8, 3);
        assertEquals(Frames.MESSAGES, Frames.kind(frame, Frames.MESSAGES_HEADER));
        assertEquals(0, Frames.kind(frame, Frames.MESSAGES_HEADER - 1));
        Frames.confirmation(frame, 2, 8, 3);
        assertEquals(Frames.CONFIRMATION, Frames.kind(frame, Frames.CONFIRMATION_LENGTH));
        assertEquals(0, Frames.kind(frame, Frames.CONFIRMATION_LENGTH - 1));
        Frames.refusal(frame, Frames.BUSY, 2, 0, 0);
        assertEquals(Frames.REFUSAL, Frames.kind(frame, Frames.REFUSAL_LENGTH));
        assertEquals(0, Frames.kind(frame, Frames.REFUSAL_LENGTH - 1));
        frame.set(Frames.INT, 4, 99);
        assertEquals(0, Frames.kind(frame, 1000));
        frame.set(Frames.INT, 0, 99);
        assertEquals(0, Frames.kind(frame, 1000));
        for (int length = 0; length < 8; length++) {
            assertEquals(0, Frames.kind(frame, length));
            assertFalse(Frames.isOfOtherOrder(frame, length));
        }
    }

    @Test
    void shouldKnowAnotherByteOrder() {
        MemorySegment frame = frame();
        frame.set(Frames.INT, 0, Integer.reverseBytes(Frames.MARK));
        assertTrue(Frames.isOfOtherOrder(frame, 8));
        assertEquals(0, Frames.kind(frame, 100));
        frame.set(Frames.INT, 0, Frames.MARK);
        assertFalse(Frames.isOfOtherOrder(frame, 8));
    }

    @Test
    void shouldCarryAnIdentity() {
        RingIdentity identity = new RingIdentity(new UUID(-1, 2), Long.MIN_VALUE, Integer.MAX_VALUE, 0xf000_0001);
        MemorySegment frame = frame();
        Frames.hello(frame, identity, 64, 8, 16, 5);
        assertEquals(identity, Frames.source(frame));
    }

    @Test
    void shouldTellRingsApartByTheirNumbers() {
        RingIdentity one = new RingIdentity(new UUID(1, 2), 3, 4, 0);
        assertEquals(0, RingIdentity.NONE.number());
        assertEquals(one.number(), new RingIdentity(new UUID(1, 2), 3, 4, 0).number());
        assertNotEquals(one.number(), new RingIdentity(new UUID(2, 1), 3, 4, 0).number());
        assertNotEquals(one.number(), new RingIdentity(new UUID(1, 2), 4, 3, 0).number());
        assertNotEquals(one.number(), new RingIdentity(new UUID(1, 2), 3, 5, 0).number());
        assertNotEquals(one.number(), new RingIdentity(new UUID(1, 2), 3, 4, 1).number());
        assertNotEquals(one.number(), new RingIdentity(new UUID(1, 2), 3, 0, 4).number());
    }

    @Test
    void shouldOrderEpisodesAlsoWhereGenerationsBeginAnew() {
        long greatest = Journal.GREATEST_GENERATION;
        for (long generation : new long[] {1, 7, Integer.MAX_VALUE, Integer.MAX_VALUE + 1L, greatest - 1, greatest}) {
            long episode = Frames.episode(generation);
            assertEquals(generation, Frames.generation(episode));
            assertEquals(generation, Frames.generation(episode + 1));
            assertTrue(Frames.isAfter(episode + 1, episode));
            assertFalse(Frames.isAfter(episode, episode));
            assertFalse(Frames.isAfter(episode, episode + 1));
            long next = Frames.episode(generation == greatest ? 1 : generation + 1);
            assertTrue(Frames.isAfter(next, episode + 1_000_000), "after " + generation);
            assertFalse(Frames.isAfter(episode + 1_000_000, next), "after " + generation);
        }
    }

    @Test
    void shouldAlignMessages() {
        assertEquals(16, Frames.messageLength(0));
        assertEquals(24, Frames.messageLength(1));
        assertEquals(24, Frames.messageLength(8));
        assertEquals(32, Frames.messageLength(9));
        assertTrue(Frames.isPosition(0));
        assertTrue(Frames.isPosition(8));
        assertFalse(Frames.isPosition(4));
        assertFalse(Frames.isPosition(-8));
    }
}
