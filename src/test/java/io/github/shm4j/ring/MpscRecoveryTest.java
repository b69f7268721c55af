package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.support.Patient;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every state in which a producer of a ring with many producers can be killed, built by hand: "terminated" signs the slots of
 * a process that is no more.
 */
@Patient
class MpscRecoveryTest {

    private static final int TYPE = Rings.TYPE;
    private static final long DATA = Rings.MPSC.data();
    private static final int CAPACITY = 512;

    // Far behind the slots that the tests' own producers take.
    private static final int SLOT = 90;

    private final MemorySegment memory = Rings.MPSC.memory(CAPACITY);
    private RingUser ring;
    private RingUser other;

    @BeforeEach
    void create() {
        ring = Rings.MPSC.create(memory, CAPACITY);
        other = Rings.MPSC.open(memory);
    }

    private void slot(int number, long owner, long position) {
        long slot = RingLayout.SLOTS_BEGIN + number * RingLayout.SLOT_LENGTH;
        Rings.setLong(memory, slot + RingLayout.SLOT_OWNER, owner);
        Rings.setLong(memory, slot + RingLayout.SLOT_CLAIM, position + 1);
    }

    /** A producer that notes its position, advances the shared one, and gets no further. */
    private long advance(int number, long owner, int bytes) {
        long position = ring.producerPosition();
        slot(number, owner, position);
        Rings.setLong(memory, RingLayout.PRODUCER_POSITION_OFFSET, position + bytes);
        return position;
    }

    private void header(long position, int length) {
        Rings.setLong(memory, DATA + position % CAPACITY, RingLayout.claimed(position / CAPACITY, length));
    }

    private void write(String text) {
        assertTrue(other.write(TYPE, Rings.message(text)));
    }

    private void stuck() {
        for (int i = 0; i < 200_000; i++) {
            assertEquals(List.of(), Rings.read(ring, 1));
        }
    }

    @Test
    void shouldSkipAClaimWhoseOwnerHasTerminated() {
        write("before");
        long position = advance(SLOT, Rings.terminatedOwner(), 48);
        header(position, 43);
        memory.asSlice(DATA + position + 8, 35).fill((byte) 0x5a);
        write("after");
        assertEquals(List.of("before", "after"), Rings.readAll(ring, 2));
        assertEquals(1, ring.statistics().recordsSkipped());
        assertEquals(48, ring.statistics().bytesSkipped());
        assertEquals(List.of(), Rings.read(ring, 1));
        assertEquals(-1, memory.asSlice(DATA, CAPACITY).mismatch(Arena.ofAuto().allocate(CAPACITY)), "all is cleared");
    }

    // fault 2
    @Test
    void shouldSkipAClaimWithoutHeaderWhoseOwnerHasTerminated() {
        write("before");
        advance(SLOT, Rings.terminatedOwner(), 48);
        write("after");
        assertEquals(List.of("before", "after"), Rings.readAll(ring, 2));
        assertEquals(1, ring.statistics().recordsSkipped());
        assertEquals(48, ring.statistics().bytesSkipped());
    }

    @Test
    void shouldSkipTheLastClaimOfAllWithoutHeader() {
        advance(SLOT, Rings.terminatedOwner(), 48);
        while (ring.statistics().recordsSkipped() == 0) {
            assertEquals(List.of(), Rings.read(ring, 1));
        }
        assertEquals(48, ring.consumerPosition());
        write("after");
        assertEquals(List.of("after"), Rings.readAll(ring, 1));
    }

    @Test
    void shouldSkipNeighboursTogether() {
        advance(SLOT, Rings.terminatedOwner(), 48);
        advance(SLOT + 1, Rings.terminatedOwner(), 16);
        header(advance(SLOT + 2, Rings.terminatedOwner(), 24), 20);
        write("after");
        assertEquals(List.of("after"), Rings.readAll(ring, 1));
        assertEquals(88, ring.statistics().bytesSkipped());
        assertEquals(2, ring.statistics().recordsSkipped());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldNeverSkipALivingProducersClaim(boolean withHeader) {
        write("before");
        long position = advance(SLOT, Rings.livingOwner(), 48);
        if (withHeader) {
            header(position, 48);
        }
        write("after");
        assertEquals(List.of("before"), Rings.readAll(ring, 1));
        stuck();
        assertEquals(0, ring.statistics().recordsSkipped());
        Rings.setLong(memory, DATA + position, RingLayout.committed(TYPE, 8));
        Rings.setLong(memory, DATA + position + 8, RingLayout.committed(-1, 40));
        assertEquals(List.of("", "after"), Rings.readAll(ring, 2));
    }

    @Test
    void shouldNeverSkipTheClaimOfAProcessThatCannotBeSeen() {
        advance(SLOT, Rings.terminatedOwner() | 1L << 63, 48);
        write("after");
        stuck();
        Rings.setLong(memory, RingLayout.SLOTS_BEGIN + SLOT * RingLayout.SLOT_LENGTH, Rings.terminatedOwner());
        assertEquals(List.of("after"), Rings.readAll(ring, 1));
    }

    @Test
    void shouldNotTrustNumbersOfProcessesInAnotherNamespace() {
        for (long field : new long[] {RingLayout.PID_NAMESPACE_OFFSET, RingLayout.TIME_NAMESPACE_OFFSET}) {
            MemorySegment foreign = Rings.MPSC.memory(CAPACITY);
            Rings.MPSC.create(foreign, CAPACITY);
            Rings.setLong(foreign, field, 4711);
            RingUser elsewhere = Rings.MPSC.open(foreign);
            Rings.setLong(foreign, RingLayout.SLOTS_BEGIN + SLOT * RingLayout.SLOT_LENGTH, Rings.terminatedOwner());
            Rings.setLong(foreign, RingLayout.SLOTS_BEGIN + SLOT * RingLayout.SLOT_LENGTH + RingLayout.SLOT_CLAIM, 1);
            Rings.setLong(foreign, RingLayout.PRODUCER_POSITION_OFFSET, 48);
            for (int i = 0; i < 200_000; i++) {
                assertEquals(List.of(), Rings.read(elsewhere, 1));
            }
            assertEquals(0, elsewhere.statistics().recordsSkipped());
        }
    }

    /** The dead one's bytes end where a living one's begin, although the living one has not written its header yet. */
    @Test
    void shouldSkipOnlyUpToALivingProducersClaim() {
        advance(SLOT, Rings.terminatedOwner(), 48);
        long living = advance(SLOT + 1, Rings.livingOwner(), 16);
        write("after");
        while (ring.consumerPosition() != 48) {
            assertEquals(List.of(), Rings.read(ring, 1));
        }
        stuck();
        Rings.setLong(memory, DATA + living, RingLayout.committed(TYPE, 16));
        assertEquals(2, Rings.readAll(ring, 2).size());
    }

    /** A producer that has lost the race for a position, and was killed before it tried another one. */
    @Test
    void shouldNotBeConfusedByALoserThatHasTerminated() {
        long position = advance(SLOT, Rings.terminatedOwner(), 48);
        slot(SLOT + 1, Rings.terminatedOwner(), position);
        write("after");
        assertEquals(List.of("after"), Rings.readAll(ring, 1));
        assertEquals(48, ring.statistics().bytesSkipped());
    }

    /** Either of the two can be the one that claimed, so the living one gets the time to say. */
    @Test
    void shouldWaitForALivingLoser() {
        long position = advance(SLOT, Rings.terminatedOwner(), 48);
        slot(SLOT + 1, Rings.livingOwner(), position);
        write("after");
        stuck();
        slot(SLOT + 1, Rings.livingOwner(), -1);
        assertEquals(List.of("after"), Rings.readAll(ring, 1));
    }

    @Test
    void shouldSkipAtTheEndOfTheRingAndGoOnAtItsBeginning() {
        for (int i = 0; i < 29; i++) {
            write("message" + i % 10);
            assertEquals(1, Rings.read(ring, 1).size());
        }
        advance(SLOT, Rings.terminatedOwner(), 48);
        advance(SLOT + 1, Rings.terminatedOwner(), 16);
        write("after");
        assertEquals(List.of("after"), Rings.readAll(ring, 1));
        assertEquals(64, ring.statistics().bytesSkipped());
        assertEquals(ring.producerPosition(), ring.consumerPosition());
    }

    @Test
    void shouldLetProducersGoOnWhileTheConsumerIsStuck() {
        advance(SLOT, Rings.livingOwner(), 48);
        int written = 0;
        while (other.write(TYPE, Rings.message("" + written % 10))) {
            written++;
        }
        assertEquals((CAPACITY - 48) / 16, written);
        slot(SLOT, Rings.terminatedOwner(), 0);
        assertEquals(written, Rings.readAll(ring, written).size());
        assertTrue(other.write(TYPE, Rings.message("room")));
    }

    @Test
    void shouldReuseTheSlotOfAProcessThatHasTerminated() {
        for (int i = 0; i < RingLayout.MPSC_SLOTS; i++) {
            slot(i, Rings.terminatedOwner(), 0);
        }
        write("taken over");
        assertEquals(List.of("taken over"), Rings.readAll(ring, 1));
        assertEquals(RingLayout.MPSC_SLOTS - 1, ring.statistics().producers().stream()
                .filter(owner -> owner.liveness() == RingStatistics.Liveness.TERMINATED)
                .count());
    }

    @Test
    void shouldSayWhenAllSlotsAreTaken() {
        for (int i = 0; i < RingLayout.MPSC_SLOTS; i++) {
            slot(i, Rings.livingOwner(), -1);
        }
        assertThrows(RingOccupiedException.class, () -> other.write(TYPE, Rings.message("no")));
        slot(5, 0, -1);
        write("yes");
    }

    @Test
    void shouldRefuseALateCommit() {
        Claim claim = new Claim();
        assertTrue(other.tryClaim(TYPE, 5, claim));
        // What no process does to another: declaring it dead.
        for (int i = 0; i < RingLayout.MPSC_SLOTS; i++) {
            long slot = RingLayout.SLOTS_BEGIN + i * RingLayout.SLOT_LENGTH;
            if (Rings.getLong(memory, slot + RingLayout.SLOT_CLAIM) != 0) {
                Rings.setLong(memory, slot, Rings.terminatedOwner());
            }
        }
        while (ring.consumerPosition() == 0) {
            assertEquals(List.of(), Rings.read(ring, 1));
        }
        assertThrows(ClaimLostException.class, claim::commit);
        assertFalse(claim.isOpen());
        // Nor may it hit a later claim of the same bytes.
        for (int i = 0; i < 31; i++) {
            write("message");
            assertEquals(List.of("message"), Rings.readAll(ring, 1));
        }
        assertEquals(CAPACITY, ring.producerPosition());
    }

    @Test
    void shouldTellALateCommitFromALaterClaimOfTheSameBytes() {
        Claim late = new Claim();
        assertTrue(other.tryClaim(TYPE, 5, late));
        Rings.setLong(memory, DATA, RingLayout.claimed(1, 13));
        assertThrows(ClaimLostException.class, late::commit);
        assertEquals(RingLayout.claimed(1, 13), Rings.getLong(memory, DATA));
    }

    /** The order of the stores, seen at the one point where a producer can be looked at between them. */
    @Test
    void shouldNoteTheClaimInASlotAndInItsHeaderBeforeTheMessageIsWritten() {
        Claim claim = new Claim();
        write("first");
        assertTrue(other.tryClaim(TYPE, 21, claim));
        assertEquals(48, ring.producerPosition());
        assertEquals(RingLayout.claimed(0, 29), Rings.getLong(memory, DATA + 16));
        assertEquals(0, claim.segment().mismatch(Rings.message(21)), "nothing is written yet");
        int slots = 0;
        for (int i = 0; i < RingLayout.MPSC_SLOTS; i++) {
            long slot = RingLayout.SLOTS_BEGIN + i * RingLayout.SLOT_LENGTH;
            if (Rings.getLong(memory, slot + RingLayout.SLOT_CLAIM) != 0) {
                assertEquals(Rings.livingOwner(), Rings.getLong(memory, slot + RingLayout.SLOT_OWNER));
                assertEquals(16 + 1, Rings.getLong(memory, slot + RingLayout.SLOT_CLAIM));
                slots++;
            }
        }
        assertEquals(1, slots);
        claim.commit();
        assertEquals(RingLayout.committed(TYPE, 29), Rings.getLong(memory, DATA + 16));
        assertEquals(16 + 1, Rings.getLong(memory, RingLayout.SLOTS_BEGIN + RingLayout.SLOT_CLAIM),
                "names a complete record");
    }

    @Test
    void shouldRecoverAnIncompleteRecordAlthoughALivingProducersSlotNamesACompleteOneBehindIt() {
        advance(SLOT, Rings.terminatedOwner(), 48);
        write("complete");
        assertEquals(48 + 1, Rings.getLong(memory, RingLayout.SLOTS_BEGIN + RingLayout.SLOT_CLAIM));
        advance(SLOT + 1, Rings.terminatedOwner(), 24);
        assertEquals(List.of("complete"), Rings.readAll(ring, 1));
        while (ring.statistics().recordsSkipped() < 2) {
            assertEquals(List.of(), Rings.read(ring, 1));
        }
        assertEquals(ring.producerPosition(), ring.consumerPosition());
    }

    @Test
    void shouldNotSeemToBeAtWorkWhereOthersWereFaster() {
        write("mine");
        while (other.write(TYPE, Rings.message(40))) {
            assertTrue(ring.backlog() <= CAPACITY);
        }
        long slot = RingLayout.SLOTS_BEGIN + RingLayout.SLOT_CLAIM;
        assertTrue(Rings.getLong(memory, slot) - 1 < ring.producerPosition(), "a refused claim names nothing new");
    }

    @Test
    void shouldAllowSeveralOpenClaims() {
        Claim[] claims = new Claim[17];
        for (int i = 0; i < claims.length; i++) {
            claims[i] = new Claim();
            assertTrue(other.tryClaim(TYPE, 1, claims[i]));
            claims[i].segment().set(ValueLayout.JAVA_BYTE, 0, (byte) ('a' + i));
        }
        assertFalse(other.tryClaim(TYPE, 1, new Claim()), "no slot is free for one more");
        for (int i = claims.length - 1; i > 0; i--) {
            claims[i].commit();
            assertEquals(List.of(), Rings.read(ring, 1));
        }
        claims[0].abort();
        assertEquals(16, Rings.readAll(ring, 16).size());
        other.close();
    }

    @Test
    void shouldGiveBackTheRoomWhenTheSourceCannotBeRead() {
        Arena arena = Arena.ofConfined();
        MemorySegment closed = arena.allocate(5);
        arena.close();
        assertThrows(IllegalStateException.class, () -> other.write(TYPE, closed));
        write("after");
        assertEquals(List.of("after"), Rings.read(ring, 9));
        other.close();
    }
}
