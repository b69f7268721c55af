package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Patient;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pairs of rings that cannot be created, or not to the end, and those that are not whole. */
@Patient
class RingPairCreationTest {

    private static final long CAPACITY = 128;

    /** So much that who creates the pair looks at the ring of the replies last. */
    private static final long LARGE = 1 << 20;

    private static final Duration LONG = Duration.ofDays(1);

    private final Blocks blocks = new Blocks();

    @AfterEach
    void removeBlocks() throws ShmException {
        blocks.close();
    }

    private static MemorySegment memory(long capacity) {
        return Arena.ofAuto().allocate(RingPair.sizeFor(capacity), 128);
    }

    private static String refusal(Runnable action) {
        return assertThrows(RingFormatException.class, action::run).getMessage();
    }

    /** @param offset where in the ring of the replies there is something: in its header, and where its creator signs */
    @ParameterizedTest
    @ValueSource(longs = {304, RingLayout.CREATOR_OFFSET})
    void shouldLeaveTheMemoryAsItWasAndSayWhy(long offset) {
        MemorySegment memory = memory(LARGE);
        long something = RingPairFormat.repliesBegin(LARGE) + offset;
        Rings.setLong(memory, something, 7);
        String refused = refusal(() -> RingPair.create(memory, LARGE));
        assertTrue(refused.contains("ring of the replies"), refused);
        assertTrue(refused.contains(offset == 304 ? "byte 304" : "another creation was begun"), refused);
        MemorySegment expected = memory(LARGE);
        Rings.setLong(expected, something, 7);
        assertEquals(-1, memory.mismatch(expected));
        String notThere = refusal(() -> RingPair.open(memory, Duration.ZERO));
        assertTrue(notThere.contains("nobody has begun"), notThere);
        Rings.setLong(memory, something, 0);
        Pairs.assertUsable(RingPair.create(memory, LARGE));
    }

    @ParameterizedTest
    @ValueSource(longs = {CAPACITY, LARGE})
    void shouldSayWhyABlockCannotBecomeAPairAndLeaveItAsItWas(long capacity) throws ShmException {
        ShmKey key = blocks.freeKey();
        long size = RingPair.sizeFor(capacity);
        long something = RingPairFormat.repliesBegin(capacity) + 304;
        try (Arena arena = Arena.ofShared()) {
            MemorySegment mapping = SharedMemory.create(key, size).attach(AttachMode.READ_WRITE, arena);
            Rings.setLong(mapping, something, 7);
            String refused = assertThrows(
                    RingFormatException.class, () -> RingPair.openOrCreate(key, capacity, arena)).getMessage();
            long named = capacity == CAPACITY ? something : 304;
            assertTrue(refused.contains("byte " + named + " of the memory is not zero"), refused);
            MemorySegment expected = memory(capacity);
            Rings.setLong(expected, something, 7);
            assertEquals(-1, mapping.mismatch(expected));
            Rings.setLong(mapping, something, 0);
            RingPair.Opened opened = RingPair.openOrCreate(key, capacity, arena);
            assertTrue(opened.created());
            Pairs.assertUsable(opened.pair());
        }
    }

    @Test
    void shouldNotWaitForARingThatIsMissingInAPairThatIsThere() {
        for (String which : new String[] {"requests", "replies"}) {
            MemorySegment memory = memory(CAPACITY);
            RingPair.create(memory, CAPACITY);
            long begin = which.equals("requests")
                    ? RingPairFormat.REQUESTS_BEGIN
                    : RingPairFormat.repliesBegin(CAPACITY);
            memory.set(ValueLayout.JAVA_INT, begin + RingLayout.VERSION_OFFSET, 0);
            String refused = refusal(() -> RingPair.open(memory, LONG));
            assertTrue(refused.startsWith("the ring of the " + which + " of this pair") && refused.contains("version"),
                    refused);
            memory.set(ValueLayout.JAVA_INT, begin + RingLayout.VERSION_OFFSET, 1);
            Rings.setLong(memory, begin + 16, 77);
            RingCorruptedException corrupted =
                    assertThrows(RingCorruptedException.class, () -> RingPair.open(memory, LONG));
            assertTrue(corrupted.getMessage().contains("the ring of the " + which), corrupted::getMessage);
        }
    }
}
