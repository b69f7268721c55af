package io.github.shm4j.cli.list;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.cli.terminal.Sizes;
import io.github.shm4j.ring.MpscRingBuffer;
import io.github.shm4j.ring.RingPair;
import io.github.shm4j.ring.SpscRingBuffer;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RingSizeTest {

    @Test
    void shouldKnowTheSizesOfAllRingsButTheSmallest() {
        int rings = 0;
        for (long capacity = RingSize.LEAST_CAPACITY; capacity <= 1L << 60; capacity *= 2) {
            String size = " ring " + Sizes.format(capacity);
            assertEquals("SPSC" + size, RingSize.describe(SpscRingBuffer.sizeFor(capacity)));
            assertEquals("MPSC" + size, RingSize.describe(MpscRingBuffer.sizeFor(capacity)));
            if (capacity < 1L << 60) {
                assertEquals("ring pair " + Sizes.format(capacity), RingSize.describe(RingPair.sizeFor(capacity)));
                assertTrue(RingSize.isPair(RingPair.sizeFor(capacity)));
            }
            rings++;
        }
        assertEquals(49, rings);
        for (long capacity = 64; capacity < RingSize.LEAST_CAPACITY; capacity *= 2) {
            assertFalse(RingSize.is(SpscRingBuffer.sizeFor(capacity)));
        }
    }

    @Test
    void shouldNotTakeARingOfOneKindForTheOther() {
        Map<Long, Long> sizes = new HashMap<>();
        for (long capacity = RingSize.LEAST_CAPACITY; capacity <= 1L << 60; capacity *= 2) {
            assertNull(sizes.put(SpscRingBuffer.sizeFor(capacity), capacity));
            assertNull(sizes.put(MpscRingBuffer.sizeFor(capacity), capacity));
            if (capacity < 1L << 60) {
                assertNull(sizes.put(RingPair.sizeFor(capacity), capacity));
            }
        }
        // The reason for the least capacity: this is both, and the other one is a size that people choose.
        assertEquals(SpscRingBuffer.sizeFor(1 << 14), MpscRingBuffer.sizeFor(128));
        assertEquals(1024, SpscRingBuffer.sizeFor(128));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 895, 896, 897, 1000, 1024, 4096, 8192, 17_152, 1 << 20, 1L << 40, Long.MAX_VALUE})
    void shouldNotTakeOrdinarySizesForRings(long size) {
        assertFalse(RingSize.is(size));
        assertNull(RingSize.describe(size));
    }

    @ParameterizedTest
    @CsvSource({"4992,SPSC ring 4K", "17280,SPSC ring 16K", "21248,MPSC ring 4K", "1065728,MPSC ring 1M",
        "10112,ring pair 4K"})
    void shouldTellKindAndCapacity(long size, String content) {
        assertEquals(content, RingSize.describe(size));
        assertNull(RingSize.describe(size + 1));
        assertNull(RingSize.describe(size - 1));
        assertTrue(RingSize.is(size));
    }
}
