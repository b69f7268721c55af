package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.Test;

/** What a consumer knows of the messages that it has peeked at and not released. */
class PeekedMessagesTest {

    /** As one that always has some in its hands, whose confirmation it waits for. */
    @Test
    void shouldTakeNoMoreMemoryWhereSomeAreAlwaysThere() {
        PeekedMessages peeked = new PeekedMessages();
        for (int i = 0; i < 100_000; i++) {
            peeked.prepare(8L * (i + 1), 3L * i);
            peeked.last++;
            if (i >= 5) {
                peeked.releaseUpTo(8L * (i - 4));
                assertEquals(5, peeked.count());
                assertEquals(8L * (i - 3), peeked.end(1));
                assertEquals(2, peeked.countUpTo(8L * (i - 2)));
                assertEquals(3L * (i - 2), peeked.bytesBefore(2, -1));
                assertEquals(-1, peeked.bytesBefore(5, -1));
            }
        }
        assertEquals(PeekedMessages.FEWEST, peeked.room());
    }

    /** Arrays that are taken again and again are garbage again and again: 32 bytes for each message that is confirmed later. */
    @Test
    void shouldMakeNoGarbageWhereSomeAreAlwaysThere() {
        PeekedMessages peeked = new PeekedMessages();
        long[] ends = peeked.ends;
        for (int i = 0; i < 1000; i++) {
            peeked.prepare(8L * (i + 1), 3L * i);
            peeked.last++;
            if (i >= 7) {
                peeked.releaseUpTo(8L * (i - 6));
                assertEquals(7, peeked.count());
                assertEquals(8L * (i + 1), peeked.end(7));
                assertEquals(3L * i, peeked.bytesBefore(6, -1));
            }
            assertSame(ends, peeked.ends);
        }
    }

    @Test
    void shouldTakeMoreMemoryForMore() {
        PeekedMessages peeked = new PeekedMessages();
        for (int i = 0; i < 1000; i++) {
            peeked.prepare(8L * (i + 1), 3L * i);
            peeked.last++;
        }
        assertEquals(1000, peeked.count());
        assertEquals(8000, peeked.end(1000));
        assertEquals(500, peeked.countUpTo(4007));
        assertEquals(1500, peeked.bytesBefore(500, 3000));
    }
}
