package io.github.shm4j.aeron;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmKey;
import io.github.shm4j.aeron.BlockWatch.Watched;
import io.github.shm4j.aeron.World.Weather;
import io.github.shm4j.ring.RingBuffer;
import io.github.shm4j.ring.RingKind;
import io.github.shm4j.ring.RingProducer;
import io.github.shm4j.ring.SpscRingBuffer;
import io.github.shm4j.support.Blocks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rings and journals in blocks that are removed while a relay is at work in them. */
class RemovedBlocksTest {

    private static final long SECOND = 1_000_000_000;

    private final World world = new World(6, RingKind.SPSC, 512, 512, Weather.FINE);

    private static String refused(Executable action) {
        return assertThrows(RelayException.class, action).getMessage();
    }

    private void settle() {
        for (int i = 0; i < 20; i++) {
            world.now += 60_000_000;
            world.pollSender();
            world.pollReceiver();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldConfirmNothingThatGoesIntoABlockThatWasRemoved(boolean ofJournal) throws Exception {
        try (Blocks blocks = new Blocks(); Arena arena = Arena.ofShared()) {
            ShmKey key = blocks.freeKey();
            ShmKey journal = blocks.freeKey();
            SpscRingBuffer ring = SpscRingBuffer.create(key, 512, arena);
            world.receiver =
                    new RelayReceiver(Destination.open(ring, journal), false, null, world.inlet(world.toReceiver),
                            world.outlet(world.toSender, 77), () -> world.now);
            world.write(2, 2);
            settle();
            long confirmed = RingBuffer.open(world.sourceMemory).producerPosition();
            assertTrue(confirmed > 0, "confirmed " + confirmed);
            assertEquals(confirmed, world.sender.acknowledgedPosition());
            SharedMemory removed = SharedMemory.open(ofJournal ? journal : key);
            removed.remove();
            world.write(2, 4);
            world.now += SECOND;
            world.pollSender();
            world.toSender.clear();
            String message = refused(world::pollReceiver);
            assertTrue(message.startsWith("the " + (ofJournal ? "journal " + journal : "destination ring") + ", block "
                    + removed.id() + ", was removed"), message);
            assertTrue(message.contains("from position " + confirmed + " on"), message);
            assertEquals(List.of(), world.toSender);
            assertEquals(message, refused(world::pollReceiver));
            world.receiver.close();
        }
    }

    @Test
    void shouldReleaseNothingOfASourceRingThatWasRemoved() throws Exception {
        try (Blocks blocks = new Blocks(); Arena arena = Arena.ofShared()) {
            SpscRingBuffer ring = SpscRingBuffer.create(blocks.freeKey(), 512, arena);
            world.sender = new RelaySender(ring, ring.maxMessageLength(), RingIdentity.of(ring),
                    List.of(new Watched("source ring", ring.block())),
                    ring.consumer(), world.outlet(world.toReceiver, 78), world.inlet(world.toSender), () -> world.now);
            RingProducer producer = ring.producer();
            MemorySegment bytes = MemorySegment.ofArray(new byte[20]);
            assertTrue(producer.write(1, bytes));
            settle();
            long released = ring.consumerPosition();
            assertEquals(ring.producerPosition(), released);
            ring.block().remove();
            assertTrue(producer.write(1, bytes));
            world.pollSender();
            world.now += SECOND;
            world.pollReceiver();
            String message = refused(world::pollSender);
            assertTrue(message.startsWith("the source ring, block " + ring.block().id() + ", was removed"), message);
            assertTrue(message.contains("from position " + released + " on"), message);
            assertEquals(released, ring.consumerPosition());
            assertEquals(message, refused(world::pollSender));
            world.sender.close();
            producer.close();
        }
    }
}
