package io.github.shm4j.aeron;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.aeron.World.Weather;
import io.github.shm4j.ring.RingKind;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A receiver that goes from one source ring to another one, and back. */
class SourcesTest {

    private static final long SEED = Long.getLong("shm4j.relay.seed", System.nanoTime());
    private static final int SESSION = 1000;

    private static World world(long seed, RingKind kind) {
        World world = new World(seed, kind, 512, 512, Weather.FINE);
        world.takesNewSources = true;
        return world;
    }

    /**
     * Goes from the first source ring to the second one, and back, and again, where messages were written and not confirmed each
     * time.
     */
    private static void goToAndFro(World world) {
        for (int round = 1; round <= 4; round++) {
            long first = round % 2 == 1 ? 0 : World.FIRST_OF_OTHER;
            long last = first + 6 * (round + 1) / 2;
            for (int i = 0; i < 12; i++) {
                world.now += 30_000_000;
                world.write(2, last);
                world.pollSender();
                world.pollReceiver();
                if (i > 3) {
                    // The sender does not get to know of these.
                    world.toSender.clear();
                }
                world.read(i % 3);
            }
            world.changeSource();
        }
        world.runUntil(16);
        world.changeSource();
        world.runUntil(World.FIRST_OF_OTHER + 16);
        // Nothing comes twice.
        long read = world.read;
        world.read(100);
        assertEquals(read, world.read);
    }

    @ParameterizedTest
    @EnumSource
    void shouldCarryEachMessageOnceWhereASourceComesAgainWhereverASideIsKilled(RingKind kind) {
        World undisturbed = world(SEED, kind);
        goToAndFro(undisturbed);
        assertEquals(5, undisturbed.receiver.gaps());
        assertTrue(undisturbed.steps > 300, "steps " + undisturbed.steps);
        for (long killed = 0; killed < undisturbed.steps; killed++) {
            World world = world(SEED, kind);
            world.killAt = killed;
            try {
                goToAndFro(world);
            } catch (RuntimeException | AssertionError failure) {
                throw new AssertionError("shm4j.relay.seed=" + SEED + ", killed at step " + killed, failure);
            }
        }
    }

    @Test
    void shouldRefuseOneMoreSourceThanItRemembers() {
        World world = world(1, RingKind.SPSC);
        world.runUntil(3);
        MemorySegment hello = MemorySegment.ofArray(new long[9]);
        world.sender = null;
        for (int i = 0; i < Journal.MOST_SOURCES; i++) {
            Frames.hello(hello, new RingIdentity(World.HERE, 9, 100 + i, 0), 64, 0, 0, 0);
            world.inject(world.toReceiver, SESSION + i, hello);
            world.pollReceiver();
        }
        assertEquals(Journal.MOST_SOURCES, world.receiver.gaps());
        Frames.hello(hello, new RingIdentity(World.HERE, 9, 99, 0), 64, 0, 0, 0);
        world.inject(world.toReceiver, SESSION - 1, hello);
        String message = assertThrows(RelayException.class, world::pollReceiver).getMessage();
        assertTrue(message.contains("knows 104 source rings that were left"), message);
    }

    @Test
    void shouldBearAnyGenerationThatASenderSaysItKnows() {
        World world = world(2, RingKind.SPSC);
        world.runUntil(3);
        MemorySegment hello = MemorySegment.ofArray(new long[9]);
        for (long generation : new long[] {
            Integer.MAX_VALUE - 2L, Integer.MAX_VALUE - 1L, Integer.MAX_VALUE, Journal.GREATEST_GENERATION - 1,
            Journal.GREATEST_GENERATION, 0, 1
        }) {
            long released = world.sender.acknowledgedPosition();
            Frames.hello(hello, world.sourceIdentity, 64, released, released, Frames.episode(generation) + 5);
            world.inject(world.toReceiver, SESSION, hello);
            world.pollReceiver();
            world.closeReceiver();
            // Its successor opens the journal, and carries on.
            world.runUntil(world.read + 5);
        }
        assertEquals(0, world.receiver.gaps());
    }
}
