package io.github.shm4j.aeron;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmKey;
import io.github.shm4j.support.Blocks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;

class JournalTest {

    private static final RingIdentity RING = new RingIdentity(World.HERE, 1, 2, 0);
    private static final RingIdentity SOURCE = new RingIdentity(World.THERE, 3, 4, 0);

    private final MemorySegment memory = Arena.ofAuto().allocate(Journal.BYTES, 8);

    private Journal open(long end) {
        Journal journal = new Journal("the journal", memory);
        journal.open(RING, end);
        return journal;
    }

    @Test
    void shouldRememberWhatWasStored() {
        Journal first = open(64);
        assertEquals(new Journal.State(RingIdentity.NONE, 0, 64, 0, 0), first.state());
        first.store(SOURCE, 8, 128, 3, 1);
        Journal second = open(1024);
        assertEquals(new Journal.State(SOURCE, 8, 128, 3, 1), second.state());
        assertEquals(first.generation() % Journal.GREATEST_GENERATION + 1, second.generation());
        second.store(SOURCE, 16, 256, 4, 1);
        assertEquals(16, open(0).state().next());
    }

    @Test
    void shouldHaveStoredAllOrNothingWhereverItsProcessIsKilled() {
        class Killing extends Journal {
            private int left;

            Killing(int left) {
                super("the journal", memory);
                this.left = left;
            }

            @Override
            void put(long offset, long value) {
                if (left-- == 0) {
                    throw new World.Killed();
                }
                super.put(offset, value);
            }
        }
        Journal.State before = new Journal.State(SOURCE, 8, 128, 3, 1);
        Journal.State after = new Journal.State(RING, 16, 256, 4, 2);
        int killed = 0;
        for (boolean whole = false; !whole; killed++) {
            memory.fill((byte) 0);
            Journal first = open(64);
            first.store(before.source(), 8, 128, 3, 1);
            Killing second = new Killing(killed);
            second.open(RING, 64);
            try {
                second.store(after.source(), 16, 256, 4, 2);
                whole = true;
            } catch (World.Killed asIntended) {
                // What it has stored stays.
            }
            assertEquals(whole ? after : before, open(0).state(), "killed before word " + killed);
        }
        assertTrue(killed > 10, "killed " + killed);
        for (int i = 0; i < killed; i++) {
            memory.fill((byte) 0);
            try {
                new Killing(i).open(RING, 64);
            } catch (World.Killed asIntended) {
                // What it has stored stays.
            }
            assertEquals(new Journal.State(RingIdentity.NONE, 0, 64, 0, 0), open(64).state(),
                    "created up to word " + i);
        }
    }

    /** Each is noted in two words, before it is written. Those of an earlier state are still there. */
    @Test
    void shouldKnowFromTheEndOfTheRingWhichMessagesWereWrittenWhereverItsProcessWasKilled() {
        class Killing extends Journal {
            private int left = Integer.MAX_VALUE;

            Killing() {
                super("the journal", memory);
            }

            @Override
            void put(long offset, long value) {
                if (left-- == 0) {
                    throw new World.Killed();
                }
                super.put(offset, value);
            }
        }
        for (int killed = 0; killed < 6; killed++) {
            memory.fill((byte) 0);
            Killing journal = new Killing();
            journal.open(RING, 0);
            for (int i = 0; i < 5; i++) {
                journal.noteMessage(i, 16 * (i + 1), 24 * (i + 1));
            }
            // There was no room for the last one.
            journal.store(SOURCE, 64, 96, 4, 0);
            journal.left = killed;
            long end = 96;
            try {
                for (int i = 0; i < 3; i++) {
                    journal.noteMessage(i, 64 + 48 * (i + 1), 96 + 8 * (i + 1));
                    end += 8;
                }
            } catch (World.Killed asIntended) {
                // The message was not written.
            }
            int messages = killed / 2;
            assertEquals(96 + 8 * messages, end);
            assertEquals(new Journal.State(SOURCE, 64 + 48 * messages, end, 4 + messages, 0),
                    open(0).stateAt(end, 512));
            assertEquals(96, open(0).stateAt(96, 512).destination());
            assertEquals(null, open(0).stateAt(92, 512));
            assertEquals(null, open(0).stateAt(end + 400, 512));
        }
    }

    /** A message that has no room in front of the ring's end: its padding may be there without it. */
    @Test
    void shouldTakePaddingForNoMessage() {
        Journal journal = open(0);
        journal.store(SOURCE, 64, 480, 4, 0);
        journal.noteMessage(0, 80, 496);
        journal.noteMessage(1, 128, 560);
        assertEquals(new Journal.State(SOURCE, 80, 512, 5, 0), open(0).stateAt(512, 512));
        assertEquals(new Journal.State(SOURCE, 128, 560, 6, 0), open(0).stateAt(560, 512));
        assertEquals(null, open(0).stateAt(504, 512));
    }

    @Test
    void shouldRememberTheSourcesThatWereLeftAndRefuseOneTooMany() {
        Journal journal = open(0);
        for (int i = 0; i < Journal.MOST_SOURCES; i++) {
            RingIdentity left = new RingIdentity(World.THERE, 3, 100 + i, 0);
            assertEquals(0, journal.left(left));
            journal.leave(left, 8L * i);
            assertEquals(8L * i, open(0).left(left));
        }
        RingIdentity first = new RingIdentity(World.THERE, 3, 100, 0);
        journal.leave(first, 800);
        assertEquals(800, journal.left(first));
        String message = assertThrows(RelayException.class, () -> journal.leave(SOURCE, 8)).getMessage();
        assertTrue(message.contains("104 source rings") && message.contains("remove the journal"), message);
        assertEquals(0, journal.left(SOURCE));
    }

    @Test
    void shouldBeginAnewWithGenerationsBehindTheGreatest() {
        Journal journal = open(0);
        journal.comeAfter(Journal.GREATEST_GENERATION - 1);
        assertEquals(Journal.GREATEST_GENERATION, journal.generation());
        journal.store(SOURCE, 8, 128, 3, 1);
        Journal next = open(0);
        assertEquals(1, next.generation());
        next.comeAfter(Journal.GREATEST_GENERATION);
        assertEquals(1, next.generation());
        next.store(SOURCE, 8, 128, 3, 1);
        assertEquals(2, open(0).generation());
    }

    @Test
    void shouldKnowWhoHasSigned() {
        Journal journal = open(0);
        assertFalse(journal.knows(0));
        journal.sign(0, 11);
        assertTrue(journal.knows(11));
        // Killed after this, it leaves 11 in the ring, or 12.
        journal.sign(11, 12);
        assertTrue(journal.knows(11));
        assertTrue(journal.knows(12));
        journal.sign(12, 13);
        assertTrue(journal.knows(12));
        assertTrue(journal.knows(13));
        assertFalse(journal.knows(11));
        journal.sign(12, 14);
        assertTrue(journal.knows(12));
        assertTrue(journal.knows(14));
        journal.forgetProducers();
        assertFalse(journal.knows(12));
        assertFalse(journal.knows(14));
        assertFalse(journal.knows(0));
    }

    @Test
    void shouldRefuseWhatIsNoneOfThisRing() {
        open(0);
        String message = assertThrows(
                RelayException.class, () -> new Journal("the journal", memory).open(SOURCE, 0)).getMessage();
        assertTrue(message.contains(RING.toString()) && message.contains(SOURCE.toString()), message);
        memory.set(ValueLayout.JAVA_LONG, 8, 2);
        assertThrows(RelayException.class, () -> open(0));
        memory.set(ValueLayout.JAVA_LONG, 0, 1);
        assertThrows(RelayException.class, () -> open(0));
        assertThrows(RelayException.class, () -> new Journal("short", memory.asSlice(0, 384)).open(RING, 0));
        assertThrows(RelayException.class,
                () -> new Journal("long", Arena.ofAuto().allocate(2 * Journal.BYTES, 8)).open(RING, 0));
    }

    @Test
    void shouldRefuseWhatWasOverwritten() {
        Random random = new Random(5);
        for (int i = 0; i < 2000; i++) {
            memory.fill((byte) 0);
            Journal journal = open(64);
            journal.store(SOURCE, 8, 128, 3, 1);
            journal.leave(RING, 16);
            journal.noteMessage(0, 32, 160);
            journal.noteMessage(1, 64, 192);
            memory.set(ValueLayout.JAVA_LONG, 8L * random.nextInt((int) Journal.BYTES / 8),
                    random.nextBoolean() ? random.nextLong() : random.nextInt(3));
            try {
                Journal found = open(64);
                Journal.State state = found.state();
                assertTrue(Frames.isPosition(state.next()) && Frames.isPosition(state.destination()), state.toString());
                state = found.stateAt(192, 512);
                assertTrue(state == null || Frames.isPosition(state.next()) && state.destination() == 192,
                        String.valueOf(state));
                assertTrue(Frames.isPosition(found.left(RING)));
            } catch (RelayException refused) {
                // As it should.
            }
        }
    }

    @Test
    void shouldLieInABlockOfItsOwn() throws Exception {
        try (Blocks blocks = new Blocks(); Arena arena = Arena.ofConfined()) {
            ShmKey key = blocks.freeKey();
            Journal first = Journal.map(key, Journal.block(key), arena);
            assertFalse(first.isThere(RING));
            first.open(RING, 64);
            first.store(SOURCE, 8, 128, 3, 1);
            Journal second = Journal.map(key, Journal.block(key), arena);
            assertTrue(second.isThere(RING));
            assertEquals(8, second.state().next());
            // A block that is somebody else's is left alone, also one that begins with zeros.
            SharedMemory other = blocks.create(Journal.BYTES + 1);
            ShmKey taken = other.status().key();
            assertThrows(RelayException.class, () -> Journal.map(taken, other, arena).open(RING, 64));
            assertThrows(RelayException.class, () -> Journal.block(ShmKey.PRIVATE));
        }
    }
}
