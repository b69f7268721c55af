package io.github.shm4j.aeron;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.aeron.World.Weather;
import io.github.shm4j.ring.RingBuffer;
import io.github.shm4j.ring.RingKind;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A receiver confirms what has gathered, and not each packet. */
class ConfirmationsTest {

    private static final long CAPACITY = 1 << 16;
    private static final long GATHERING_NANOS = 200_000;

    private final World world = new World(8, RingKind.SPSC, CAPACITY, CAPACITY, Weather.FINE);

    /** Lets both sides know each other, and a first message be confirmed at this time. */
    @BeforeEach
    void begin() {
        for (int i = 0; i < 20; i++) {
            world.now += 60_000_000;
            world.pollSender();
            world.pollReceiver();
        }
        world.now += GATHERING_NANOS;
        carryOne();
        world.pollSender();
        assertEquals(produced(), world.sender.acknowledgedPosition());
    }

    private void carryOne() {
        world.write(1, world.written + 1);
        world.pollSender();
        world.pollReceiver();
        world.read(1);
    }

    private long produced() {
        return RingBuffer.open(world.sourceMemory).producerPosition();
    }

    @Test
    void shouldConfirmTheMessagesOfSeveralCallsAtOnce() {
        for (int i = 0; i < 5; i++) {
            carryOne();
        }
        assertEquals(0, world.toSender.size());

        world.now += GATHERING_NANOS;
        world.pollReceiver();
        assertEquals(1, world.toSender.size());
        world.pollSender();
        assertEquals(produced(), world.sender.acknowledgedPosition());
    }

    @Test
    void shouldConfirmASixteenthOfTheSourceRingWithoutATimeGoingBy() {
        long before = produced();
        while (world.toSender.isEmpty()) {
            carryOne();
            assertTrue(produced() - before < CAPACITY / 8, produced() - before + " bytes are not confirmed");
        }
        assertTrue(produced() - before >= CAPACITY / 16, produced() - before + " bytes were confirmed already");
        world.pollSender();
        assertEquals(produced(), world.sender.acknowledgedPosition());
    }
}
