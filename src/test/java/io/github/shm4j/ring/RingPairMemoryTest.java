package io.github.shm4j.ring;

import static io.github.shm4j.ring.Pairs.CAPACITY;
import static io.github.shm4j.ring.Pairs.ECHO;
import static io.github.shm4j.ring.Pairs.LONG;
import static io.github.shm4j.ring.Pairs.NOT_AT_ALL;
import static io.github.shm4j.ring.Pairs.assertMessage;
import static io.github.shm4j.ring.Pairs.bytes;
import static io.github.shm4j.ring.Pairs.call;
import static io.github.shm4j.ring.Pairs.memory;
import static io.github.shm4j.ring.Pairs.pair;
import static io.github.shm4j.ring.Pairs.serving;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmAlreadyExistsException;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmNotFoundException;
import io.github.shm4j.ShmPermissions;
import io.github.shm4j.ShmTrust;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Patient;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Where pairs of rings lie. */
@Patient
class RingPairMemoryTest {

    private final Blocks blocks = new Blocks();

    @AfterEach
    void removeBlocks() throws ShmException {
        blocks.close();
    }

    @Test
    void shouldLieInMemoryAsIsSaid() {
        MemorySegment memory = memory(CAPACITY);
        assertFalse(RingPair.isRingPair(memory));
        assertFalse(RingPair.isRingPair(MemorySegment.ofArray(new byte[200])));
        RingPair pair = RingPair.create(memory, CAPACITY);
        assertTrue(RingPair.isRingPair(memory));
        assertFalse(RingBuffer.isRing(memory));
        assertEquals(0x73686d346a706172L, Rings.getLong(memory, 0));
        assertEquals(1, memory.get(ValueLayout.JAVA_INT, 8));
        assertEquals(2, memory.get(ValueLayout.JAVA_INT, 12));
        assertEquals(CAPACITY, Rings.getLong(memory, 16));
        assertEquals(1920 + 2 * CAPACITY, RingPair.sizeFor(CAPACITY));
        assertEquals(memory.byteSize(), RingPair.sizeFor(CAPACITY));
        assertEquals(CAPACITY, pair.capacity());
        assertEquals(CAPACITY / 8 - 8, pair.maxMessageLength());
        SpscRingBuffer.open(memory.asSlice(128)).producer().write(1, bytes("request"));
        assertTrue(pair.requests().backlog() > 0);
        SpscRingBuffer.open(memory.asSlice(1024 + CAPACITY)).producer().write(1, bytes("reply"));
        assertTrue(pair.replies().backlog() > 0);
    }

    @Test
    void shouldRefuseMemoryThatHoldsNoPair() {
        for (long capacity : new long[] {0, 64, 100, 1L << 60, -128}) {
            assertThrows(IllegalArgumentException.class, () -> RingPair.sizeFor(capacity));
            assertThrows(IllegalArgumentException.class, () -> RingPair.create(memory(CAPACITY), capacity));
        }
        assertThrows(IllegalArgumentException.class, () -> RingPair.create(memory(128), 256));
        assertThrows(RingFormatException.class, () -> RingPair.open(memory(CAPACITY), NOT_AT_ALL));
        assertThrows(RingFormatException.class, () -> RingPair.open(memory(CAPACITY).asSlice(0, 100), NOT_AT_ALL));
        MemorySegment ring = memory(CAPACITY);
        SpscRingBuffer.create(ring, CAPACITY);
        assertMessage("ring pair", RingFormatException.class, () -> RingPair.open(ring));
        MemorySegment memory = memory(CAPACITY);
        RingPair.create(memory, CAPACITY);
        assertThrows(RingFormatException.class, () -> RingPair.create(memory, CAPACITY));
        assertThrows(RingFormatException.class, () -> RingBuffer.open(memory));
        Rings.setLong(memory, 16, CAPACITY / 2);
        assertThrows(RingException.class, () -> RingPair.open(memory));
        Rings.setLong(memory, 16, 77);
        assertThrows(RingCorruptedException.class, () -> RingPair.open(memory));
        Rings.setLong(memory, 16, CAPACITY);
        Rings.setLong(memory, 128 + 16, CAPACITY / 2);
        assertThrows(RingCorruptedException.class, () -> RingPair.open(memory));
    }

    @Test
    void shouldLiveInABlockOfItsOwn() throws Exception {
        ShmKey key = blocks.freeKey();
        try (Arena arena = Arena.ofShared()) {
            RingPair pair = RingPair.create(key, CAPACITY, ShmPermissions.of(0600), arena);
            assertThrows(ShmAlreadyExistsException.class, () -> RingPair.create(key, CAPACITY, arena));
            assertFalse(RingPair.openOrCreate(key, CAPACITY, arena).created());
            FutureTask<Integer> serving = serving(pair.server(), ECHO, 1);
            RingPair opened = RingPair.open(key, arena);
            assertEquals(pair.block().id(), opened.block().id());
            assertEquals("hello", call(opened.client(), "hello", LONG));
            Patience.get(serving);
        }
        // The end of the arena has given all roles back.
        try (Arena arena = Arena.ofShared()) {
            RingPair pair = RingPair.open(key, ShmTrust.anyone(), arena);
            try (RingClient _ = pair.client();
                    RingServer _ = pair.server()) {
                RingPair looking = RingPair.open(pair.block(), AttachMode.READ_ONLY, arena);
                assertEquals(1, looking.replies().statistics().messagesRead());
            }
            pair.remove();
            assertThrows(ShmNotFoundException.class, () -> RingPair.open(key, arena));
            assertThrows(IllegalArgumentException.class, () -> RingPair.openOrCreate(key, 100, arena));
            assertTrue(RingPair.openOrCreate(key, CAPACITY, arena).created());
            SharedMemory.open(key).remove();
            assertThrows(IllegalStateException.class, () -> pair().block());
        }
        // What cannot be created is not left behind.
        Arena closed = Arena.ofShared();
        closed.close();
        assertThrows(IllegalStateException.class, () -> RingPair.create(key, CAPACITY, closed));
        assertThrows(ShmNotFoundException.class, () -> SharedMemory.open(key));
    }
}
