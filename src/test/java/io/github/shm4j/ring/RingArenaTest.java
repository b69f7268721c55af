package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Patient;
import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of the roles in a ring when the arena of its block is closed, and the ring is not. */
@Patient
class RingArenaTest {

    private static RingUser open(Rings kind, ShmKey key, Arena arena) throws ShmException {
        return RingUser.of(kind == Rings.SPSC ? SpscRingBuffer.open(key, arena) : MpscRingBuffer.open(key, arena));
    }

    private static RingUser create(Rings kind, ShmKey key, Arena arena) throws ShmException {
        return RingUser.of(kind == Rings.SPSC
                ? SpscRingBuffer.create(key, 1 << 16, arena)
                : MpscRingBuffer.create(key, 1 << 16, arena));
    }

    @ParameterizedTest
    @EnumSource
    void shouldGiveBackThePartsOfARingThatNobodyHasClosed(Rings kind) throws ShmException {
        try (Blocks blocks = new Blocks();
                Arena all = Arena.ofConfined()) {
            ShmKey key = blocks.freeKey();
            RingUser ring = create(kind, key, all);
            for (int i = 0; i < 300; i++) {
                try (Arena arena = i % 2 == 0 ? Arena.ofConfined() : Arena.ofShared()) {
                    RingUser once = open(kind, key, arena);
                    assertTrue(once.write(Rings.TYPE, Rings.message("number " + i)));
                    assertEquals(List.of("number " + i), Rings.readAll(once, 1));
                }
            }
            assertEquals(List.of(), ring.statistics().producers());
            assertEquals(RingStatistics.Liveness.NOBODY, ring.statistics().consumer().liveness());
        }
    }

    /** It has claimed and not committed, so that the consumer of another one would wait for as long as this process lives. */
    @ParameterizedTest
    @EnumSource
    void shouldLetGoOfOpenClaims(Rings kind) throws ShmException {
        try (Blocks blocks = new Blocks();
                Arena all = Arena.ofConfined()) {
            ShmKey key = blocks.freeKey();
            RingUser ring = create(kind, key, all);
            Claim claim = new Claim();
            RingUser closed;
            try (Arena arena = Arena.ofConfined()) {
                closed = open(kind, key, arena);
                assertTrue(closed.write(Rings.TYPE, Rings.message("before")));
                assertTrue(closed.tryClaim(Rings.TYPE, 50, claim));
            }
            assertThrows(IllegalStateException.class, claim::commit);
            assertFalse(claim.isOpen());
            assertTrue(ring.write(Rings.TYPE, Rings.message("behind")));
            assertEquals(List.of("before", "behind"), Rings.readAll(ring, 2));
            closed.close();
            assertThrows(IllegalStateException.class, () -> closed.write(Rings.TYPE, Rings.message("closed")));
        }
    }
}
