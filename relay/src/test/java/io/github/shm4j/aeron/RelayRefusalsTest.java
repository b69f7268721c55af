package io.github.shm4j.aeron;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmNotFoundException;
import io.github.shm4j.aeron.World.Weather;
import io.github.shm4j.ring.RingBuffer;
import io.github.shm4j.ring.RingConsumer;
import io.github.shm4j.ring.RingKind;
import io.github.shm4j.ring.RingOccupiedException;
import io.github.shm4j.ring.RingProducer;
import io.github.shm4j.ring.RingSignatures;
import io.github.shm4j.ring.SpscRingBuffer;
import io.github.shm4j.support.Blocks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a relay refuses, and what it says then. */
class RelayRefusalsTest {

    private static final RingIdentity OTHER = new RingIdentity(World.HERE, 50, 60, 0);
    private static final int OTHER_SESSION = 1000;

    private final World world = new World(3, RingKind.SPSC, 512, 512, Weather.FINE);

    private static String refused(Executable action) {
        return assertThrows(RelayException.class, action).getMessage();
    }

    private static void assertNames(String message, Object... names) {
        for (Object name : names) {
            assertTrue(message.contains(name.toString()), message);
        }
    }

    /** Lets both sides do all that they can. */
    private void settle() {
        for (int i = 0; i < 20; i++) {
            world.now += 60_000_000;
            world.pollSender();
            world.pollReceiver();
        }
    }

    @Test
    void shouldRefuseMessagesThatTheDestinationDoesNotTakeOnBothSides() {
        World different = new World(3, RingKind.SPSC, 1024, 512, Weather.FINE);
        different.pollSender();
        String there = refused(different::pollReceiver);
        assertNames(there, "messages of 128 bytes", "only of 64");
        String here = refused(() -> {
            for (int i = 0; i < 3; i++) {
                different.pollSender();
            }
        });
        assertNames(here, "messages of 128 bytes", "only of 64");
        // It does not go on by itself.
        assertEquals(there, refused(different::pollReceiver));
        assertEquals(here, refused(different::pollSender));
    }

    @Test
    void shouldRefuseMessagesThatCannotBeSent() {
        RingBuffer ring = RingBuffer.open(world.sourceMemory);
        Outlet narrow = new Outlet() {
            @Override
            public boolean offer(MemorySegment frame, long length) {
                throw new AssertionError("nothing is to be sent");
            }

            @Override
            public int longestFrame() {
                return 100;
            }

            @Override
            public int longestWholeFrame() {
                return 50;
            }

            @Override
            public void close() {}
        };
        try (RingConsumer consumer = ring.consumer()) {
            assertNames(refused(() -> new RelaySender(ring, 64, OTHER, List.of(), consumer, narrow, null, () -> 0)),
                    "64 bytes",
                    "44 at once", "--longest");
        }
    }

    @Test
    void shouldCarryALargerRingIfNoMessageIsLongerThanPromised() {
        World larger = new World(3, RingKind.SPSC, 4096, 512, Weather.FINE);
        larger.longest = 64;
        larger.runUntil(100);
        larger.closeSender();
        larger.longest = 30;
        String message = refused(() -> {
            while (larger.written < 10_000) {
                larger.write(1, 10_000);
                larger.now += 30_000_000;
                larger.pollSender();
                larger.pollReceiver();
                larger.read(10);
            }
        });
        assertNames(message, larger.sourceIdentity, "--longest promises 30 at most", "still there");
        // The ones before it have come, and it comes with the next sender that takes it.
        larger.closeSender();
        larger.longest = 64;
        larger.runUntil(larger.written + 20);
    }

    @Test
    void shouldRefuseAnotherByteOrderOnBothSides() {
        settle();
        MemorySegment hello = MemorySegment.ofArray(new long[9]);
        Frames.hello(hello, OTHER, 64, 0, 0, 0);
        hello.set(Frames.INT, 0, Integer.reverseBytes(Frames.MARK));
        world.inject(world.toReceiver, OTHER_SESSION, hello);
        assertNames(refused(world::pollReceiver), "little", "big", "byte order");
        world.inject(world.toSender, OTHER_SESSION, hello);
        assertNames(refused(world::pollSender), "little", "big", "byte order");
    }

    @Test
    void shouldRefuseAnotherVersion() {
        settle();
        MemorySegment hello = MemorySegment.ofArray(new long[9]);
        Frames.hello(hello, world.sourceIdentity, 64, 0, 0, 0);
        hello.set(Frames.INT, 8, 77);
        world.inject(world.toReceiver, OTHER_SESSION, hello);
        assertNames(refused(world::pollReceiver), "version 77", "version 1");
        assertNames(refused(world::pollSender), "version 77", "version 1");
    }

    @Test
    void shouldStopAtASourceRingThatWasMadeAnew() {
        world.runUntil(10);
        settle();
        long lost = RingBuffer.open(world.sourceMemory).producerPosition();
        RingIdentity before = world.sourceIdentity;
        world.closeSender();
        world.makeSourceAnew(RingKind.SPSC, 512, OTHER);
        world.now += 6_000_000_000L;
        world.pollSender();
        assertNames(refused(world::pollReceiver), before, OTHER, "from position " + lost, "--on-new-source continue");
        // So does the next one.
        world.closeReceiver();
        assertNames(refused(world::pollReceiver), before, OTHER, "from position " + lost);
        world.closeReceiver();
        world.takesNewSources = true;
        world.runUntil(20);
        assertEquals(1, world.receiver.gaps());
        assertEquals(20, world.receiver.messagesCarried());
    }

    @Test
    void shouldLoseNothingOfANewSourceWhereverTheReceiverWasKilledBefore() {
        World undisturbed = new World(9, RingKind.SPSC, 512, 512, Weather.FINE);
        undisturbed.runUntil(12);
        for (long killed = 0; killed < undisturbed.steps; killed++) {
            World one = new World(9, RingKind.SPSC, 512, 512, Weather.FINE);
            one.takesNewSources = true;
            one.killAt = killed;
            for (int i = 0; one.kills == 0; i++) {
                one.write(3, 12);
                one.pollSender();
                one.pollReceiver();
                one.now += 30_000_000;
                one.read(i % 3);
            }
            if (one.receiver == null) {
                one.closeSender();
                one.toReceiver.clear();
                one.toSender.clear();
                // What has come of the old source, whether it was noted or not.
                one.read(100);
                one.makeSourceAnew(RingKind.SPSC, 512, OTHER);
                one.now += 6_000_000_000L;
                one.runUntil(one.written + 8);
            }
        }
    }

    @Test
    void shouldStopWhereSomebodyElseHasConsumed() {
        world.runUntil(10);
        settle();
        world.closeSender();
        world.write(4, 14);
        RingBuffer ring = RingBuffer.open(world.sourceMemory);
        long from = ring.consumerPosition();
        try (RingConsumer other = ring.consumer()) {
            other.read((type, memory, offset, length) -> {
            }, 3);
        }
        long to = ring.consumerPosition();
        world.read = 13;
        world.pollSender();
        assertNames(refused(world::pollReceiver), "from position " + from + " to " + to, world.sourceIdentity);
        world.closeReceiver();
        world.takesNewSources = true;
        world.runUntil(20);
        assertEquals(1, world.receiver.gaps());
    }

    @Test
    void shouldRefuseASecondSender() {
        world.runUntil(5);
        assertThrows(RingOccupiedException.class, world::startSender);
        // One of another ring is told so by the receiver.
        World other = new World(4, RingKind.SPSC, 512, 512, Weather.FINE);
        RingBuffer ring = RingBuffer.open(other.sourceMemory);
        MemorySegment hello = MemorySegment.ofArray(new long[9]);
        Frames.hello(hello, OTHER, 64, 0, 0, 0);
        world.inject(world.toReceiver, OTHER_SESSION, hello);
        world.pollReceiver();
        other.sourceIdentity = OTHER;
        other.startSender();
        // It may be that the first one has just terminated: it is asked again for some seconds.
        for (int i = 0; i < 3; i++) {
            other.toSender.addAll(world.toSender);
            other.pollSender();
            other.now += 5_000_000_000L;
        }
        other.toSender.addAll(world.toSender);
        assertNames(refused(other::pollSender), "at work with another ring");
        assertEquals(0, ring.backlog());
        // And the first one goes on.
        world.runUntil(20);
    }

    @Test
    void shouldRefuseADestinationThatOthersHaveWrittenTo() {
        world.runUntil(5);
        settle();
        world.closeReceiver();
        SpscRingBuffer ring = SpscRingBuffer.open(world.destinationMemory);
        try (RingProducer other = ring.producer()) {
            other.write(1, MemorySegment.ofArray(new byte[8]));
        }
        assertNames(refused(world::pollReceiver), "another producer has written", "remove the journal");
        assertNull(world.receiver);
        assertNames(refused(world::pollReceiver), "another producer has written");
    }

    @Test
    void shouldRefuseADestinationThatSomebodyElseHasWrittenToWhoWasKilled() {
        world.runUntil(5);
        settle();
        world.closeReceiver();
        SpscRingBuffer ring = SpscRingBuffer.open(world.destinationMemory);
        RingProducer other = ring.producer();
        other.write(1, MemorySegment.ofArray(new byte[8]));
        kill(world.destinationMemory);
        assertNames(refused(world::pollReceiver), "another producer has written", "remove the journal");
        assertNames(refused(world::pollReceiver), "another producer has written");
    }

    @Test
    void shouldGoOnWhereSomebodyElseWasKilledWhoHasNotWritten() {
        world.runUntil(5);
        settle();
        world.closeReceiver();
        SpscRingBuffer.open(world.destinationMemory).producer();
        kill(world.destinationMemory);
        world.runUntil(10);
    }

    /** Makes of the producer one that has terminated. */
    private static void kill(MemorySegment memory) {
        long self = RingSignatures.of(RingBuffer.open(memory)).self();
        assertEquals(self, memory.get(ValueLayout.JAVA_LONG, 768));
        memory.set(ValueLayout.JAVA_LONG, 768, self - 77);
    }

    @Test
    void shouldRefuseARingThatHasAProducerAndLeaveNoJournal() throws Exception {
        try (Blocks blocks = new Blocks(); Arena arena = Arena.ofShared()) {
            ShmKey key = blocks.freeKey();
            ShmKey journal = blocks.freeKey();
            SpscRingBuffer ring = SpscRingBuffer.create(key, 512, arena);
            RingProducer producer = ring.producer();
            String message = refused(() -> Destination.open(ring, journal));
            assertNames(message, "has a producer already", ProcessHandle.current().pid(), ring.block().id());
            assertThrows(ShmNotFoundException.class, () -> SharedMemory.open(journal));
            producer.close();
            Destination.open(ring, journal).close();
            Destination.open(ring, journal).close();
        }
    }

    /** Both where there is no journal yet, and where there is one. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldLeaveTheJournalAloneWhereAnotherReceiverWasFaster(boolean there) {
        if (there) {
            world.runUntil(5);
            settle();
            world.closeReceiver();
        }
        SpscRingBuffer ring = SpscRingBuffer.open(world.destinationMemory);
        Journal late = new Journal("the journal", world.journalMemory) {
            @Override
            boolean isThere(RingIdentity destination) {
                boolean found = super.isThere(destination);
                // Before the late one does anything more, the other one begins and does much.
                world.runUntil(world.written + 5);
                settle();
                assertEquals(there, found);
                return found;
            }
        };
        Executable opening = () -> new Destination(ring, world.destinationIdentity, late, List.of(), Arena.ofShared());
        if (there) {
            assertNames(refused(opening), "another receiver", "same moment");
        } else {
            assertThrows(RingOccupiedException.class, opening);
        }
        // The other one goes on, is killed, and has a successor.
        world.runUntil(world.written + 5);
        world.killAt = world.steps + 25;
        world.runUntil(world.written + 20);
        assertEquals(1, world.kills);
    }

    @Test
    void shouldBePolledByAnotherThreadThanTheOneThatHasOpenedIt() throws Exception {
        try (Blocks blocks = new Blocks(); Arena arena = Arena.ofShared()) {
            SpscRingBuffer ring = SpscRingBuffer.create(blocks.freeKey(), 512, arena);
            world.startSender();
            world.receiver = new RelayReceiver(Destination.open(ring, blocks.freeKey()), false, null,
                    world.inlet(world.toReceiver), world.outlet(world.toSender, 77), () -> world.now);
            FutureTask<Void> polling = new FutureTask<>(() -> {
                world.write(3, 3);
                settle();
                world.receiver.close();
                world.closeSender();
            }, null);
            Thread agent = new Thread(polling);
            agent.start();
            agent.join();
            polling.get();
            assertTrue(ring.producerPosition() > 0);
        }
    }

    @Test
    void shouldGoOnWithAnotherJournal() {
        for (int i = 0; i < 20; i++) {
            World one = new World(i, RingKind.SPSC, 512, 512, Weather.FINE);
            for (int round = 1; round <= 3; round++) {
                one.runUntil(10L * round);
                for (int j = 0; j < 20; j++) {
                    one.now += 60_000_000;
                    one.pollSender();
                    one.pollReceiver();
                }
                // Everything has come and is confirmed, so that no journal is needed; but its numbers are others.
                one.closeReceiver();
                one.journalMemory.fill((byte) 0);
            }
            one.runUntil(40);
        }
    }

    @Test
    void shouldSayThatTheReceiverHasLostWhatItHadConfirmed() {
        world.runUntil(10);
        settle();
        MemorySegment frame = MemorySegment.ofArray(new long[5]);
        long valid = world.journalMemory.get(ValueLayout.JAVA_LONG, 64);
        long generation = world.journalMemory.get(ValueLayout.JAVA_LONG, 128 * valid + 64);
        Frames.confirmation(frame, world.sourceIdentity.number(), 8,
                Frames.episode(generation % Journal.GREATEST_GENERATION + 1));
        world.inject(world.toSender, OTHER_SESSION, frame);
        assertNames(refused(world::pollSender), "has lost what it had confirmed", "goes on behind 8");
    }

    @Test
    void shouldGoOnWhereTheReceiverWasBusyForSomeTime() {
        world.startSender();
        MemorySegment busy = MemorySegment.ofArray(new long[5]);
        Frames.refusal(busy, Frames.BUSY, world.sourceIdentity.number(), 0, 0);
        for (int i = 0; i < 5; i++) {
            world.inject(world.toSender, OTHER_SESSION, busy);
            world.pollSender();
            world.now += 2_000_000_000L;
        }
        world.runUntil(10);
        // What was before does not count.
        world.now += 10_000_000_000L;
        world.inject(world.toSender, OTHER_SESSION, busy);
        world.runUntil(20);
    }

    @Test
    void shouldTakeASenderForAliveThatWaitsForRoomAndNoneThatHasTerminatedMeanwhile() {
        for (int i = 0; i < 200; i++) {
            world.write(10, 1000);
            world.pollSender();
            world.pollReceiver();
            world.now += 30_000_000;
        }
        world.now += 6_000_000_000L;
        world.pollReceiver();
        assertTrue(world.receiver.isConnected());
        MemorySegment hello = MemorySegment.ofArray(new long[9]);
        Frames.hello(hello, OTHER, 64, 0, 0, 0);
        world.toReceiver.addFirst(new World.Frame(OTHER_SESSION, hello.toArray(ValueLayout.JAVA_LONG), 72));
        world.toSender.clear();
        world.pollReceiver();
        assertEquals(Frames.BUSY, MemorySegment.ofArray(world.toSender.getFirst().bytes()).get(Frames.INT, 8));
        // Killed, and what it has sent last comes again and again.
        world.sender = null;
        world.now += 6_000_000_000L;
        world.pollReceiver();
        assertFalse(world.receiver.isConnected());
    }

    @Test
    void shouldGiveBackTheRoomOfClaimsThatWereAborted() {
        World many = new World(5, RingKind.MPSC, 512, 512, Weather.FINE);
        for (int i = 0; i < 50; i++) {
            assertTrue(many.abortClaim(40), "claim " + i);
            for (int j = 0; j < 4; j++) {
                many.now += 60_000_000;
                many.pollSender();
                many.pollReceiver();
            }
        }
        RingBuffer source = RingBuffer.open(many.sourceMemory);
        assertEquals(0, source.backlog());
        assertTrue(source.producerPosition() > 50 * 40, "position " + source.producerPosition());
        many.runUntil(20);
    }

    @Test
    void shouldFillTheSourceWhereTheDestinationIsFull() {
        long last = 1000;
        for (int i = 0; i < 200; i++) {
            world.write(10, last);
            world.pollSender();
            world.pollReceiver();
            world.now += 30_000_000;
        }
        RingBuffer source = RingBuffer.open(world.sourceMemory);
        RingBuffer destination = RingBuffer.open(world.destinationMemory);
        // Neither has room for the longest message of these.
        assertTrue(source.backlog() > 512 - 80, "backlog " + source.backlog());
        assertTrue(destination.backlog() > 512 - 80, "backlog " + destination.backlog());
        assertTrue(world.written < 60, "written " + world.written);
        world.runUntil(last);
    }
}
