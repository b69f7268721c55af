package io.github.shm4j.ring;

import static io.github.shm4j.ring.RingLayout.ALIGNMENT;
import static io.github.shm4j.ring.RingLayout.LONG;
import static io.github.shm4j.ring.RingLayout.PADDING_TYPE;
import static io.github.shm4j.ring.RingLayout.RECORD_HEADER;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** A producer of a ring that can have many, for any number of threads. */
final class MpscProducer extends MpscRoom {

    /** A slot's note is a position, which is a multiple of 8, with this bit; 0 is no claim. */
    static final long CLAIMING = 1;

    /** In place of a position. */
    private static final long NOT_CLAIMED = -1;

    /** A bound on lost races, so that memory which changes all the time cannot keep a producer for ever. */
    private static final int MOST_ATTEMPTS = 1 << 20;

    // Keeps what lies behind away from what this object writes.
    private long after0;
    private long after1;
    private long after2;
    private long after3;
    private long after4;
    private long after5;
    private long after6;
    private long after7;
    private long after8;
    private long after9;
    private long after10;
    private long after11;
    private long after12;
    private long after13;
    private long after14;
    private long after15;

    final Slots slots;

    private final LongAdder failedClaims = new LongAdder();
    private final MpscRingBuffer ring;
    private final int lapShift;

    MpscProducer(MpscRingBuffer ring) {
        super(ring);
        this.ring = ring;
        this.lapShift = Long.numberOfTrailingZeros(capacity);
        this.slots = new Slots(ring.slots, ring.self, ring.sharesNamespaces);
        if (backing.isComplete()) {
            free = 0;
        }
    }

    @Override
    public boolean write(int type, MemorySegment source, long offset, long length) {
        requireMessage(type, length);
        Objects.checkFromIndexSize(offset, length, source.byteSize());
        // In a local variable, so that the compiler need not look after each barrier what kind of segment it is.
        MemorySegment memory = this.memory;
        int lengthWithHeader = (int) length + RECORD_HEADER;
        Slot slot = slots.take(memory);
        if (slot == null) {
            return false;
        }
        long position = NOT_CLAIMED;
        boolean sleepers;
        try {
            position = claim(memory, slot, lengthWithHeader);
            if (position < 0) {
                slot.release();
                return false;
            }
            if (full != null) {
                noteRoom();
            }
            long begin = data + (position & mask);
            BulkCopy.copy(source, offset, memory, begin + RECORD_HEADER, length);
            // From here on it may be complete.
            position = NOT_CLAIMED;
            sleepers = complete(memory, slot, begin, RingLayout.committed(type, lengthWithHeader));
        } catch (Throwable failure) {
            // The source may be closed or belong to another thread.
            try {
                giveUp(memory, slot, position, lengthWithHeader);
            } catch (Throwable again) {
                // Nothing is called here: the stack may be exhausted.
                slot.state = Slot.ABANDONED;
                slots.abandoned = true;
            }
            throw failure;
        }
        if (sleepers) {
            sleepingConsumer.wake();
        }
        return true;
    }

    @Override
    public boolean tryClaim(int type, int length, Claim claim) {
        claim.requireNotOpen();
        requireMessage(type, length);
        Slot slot = slots.take(memory);
        if (slot == null) {
            return false;
        }
        long position;
        try {
            position = claim(memory, slot, length + RECORD_HEADER);
            if (position < 0) {
                slot.release();
                return false;
            }
            if (full != null) {
                noteRoom();
            }
        } catch (Throwable failure) {
            // Nothing is called here before the fields say what is true: the stack may be exhausted.
            slot.state = Slot.ABANDONED;
            slots.abandoned = true;
            try {
                // The consumer waits until no slot names the record, and there may be no next call.
                slots.releaseAbandoned(memory);
            } catch (Throwable again) {
                // The next call does it.
            }
            throw failure;
        }
        slot.state = Slot.CLAIMED;
        claim.producer = this;
        claim.memory = memory;
        claim.offset = data + (position & mask) + RECORD_HEADER;
        claim.type = type;
        claim.length = length;
        claim.position = position;
        claim.slot = slot;
        return true;
    }

    @Override
    void commit(Claim claim) {
        finish(claim, claim.type);
    }

    @Override
    void abort(Claim claim) {
        finish(claim, PADDING_TYPE);
    }

    private void finish(Claim claim, int type) {
        Slot slot = claim.slot;
        boolean sleepers;
        try {
            requireNotLost(claim);
            sleepers = complete(memory, slot, claim.offset - RECORD_HEADER,
                    RingLayout.committed(type, claim.length + RECORD_HEADER));
        } catch (Throwable failure) {
            // Nothing is called here before the fields say what is true: the stack may be exhausted.
            slot.state = Slot.ABANDONED;
            slots.abandoned = true;
            claim.producer = null;
            try {
                // The consumer waits until no slot names the record, and there may be no next call.
                slots.releaseAbandoned(memory);
            } catch (Throwable again) {
                // The next call does it.
            }
            throw failure;
        }
        claim.producer = null;
        if (sleepers) {
            sleepingConsumer.wake();
        }
    }

    /** Checks that the claim was not given away. Doing this and the store in one step would be no safer, and slower. */
    private void requireNotLost(Claim claim) {
        long header = (long) LONG.getAcquire(memory, claim.offset - RECORD_HEADER);
        if (header != RingLayout.claimed(lap(claim.position), claim.length + RECORD_HEADER)) {
            throw new ClaimLostException("the claim at position " + claim.position
                    + " is lost: its bytes were given away");
        }
    }

    /** Turns a record that will not be written into padding, if it is known to be one. */
    private void giveUp(MemorySegment memory, Slot slot, long position, int lengthWithHeader) {
        if (position != NOT_CLAIMED) {
            complete(memory, slot, data + (position & mask), RingLayout.committed(PADDING_TYPE, lengthWithHeader));
        } else {
            slot.state = Slot.ABANDONED;
            slot.releaseAbandoned(memory);
        }
    }

    /**
     * Claims a record, whose header then says so. The slot names the record's position from before it is claimed.
     *
     * @return the position, or {@link #NOT_CLAIMED} if there is no room
     */
    private long claim(MemorySegment memory, Slot slot, int lengthWithHeader) {
        long record = RingLayout.recordLength(lengthWithHeader);
        // Plain, as the compare-and-set finds out what is not true any more, and whoever fails reads it again with acquire.
        long position = (long) LONG.get(memory, RingLayout.PRODUCER_POSITION_OFFSET);
        boolean named = false;
        // The first attempt succeeds almost always; short as it is, it becomes part of the callers.
        if (record <= capacity - (position & mask)
                && Long.compareUnsigned(position - free, capacity - record) <= 0
                && (position & (ALIGNMENT - 1)) == 0) {
            if (advance(memory, slot, position, position + record)) {
                begin(memory, position, lengthWithHeader);
                return position;
            }
            named = true;
        }
        return claimSlowly(memory, slot, lengthWithHeader, named);
    }

    /** Advances the producer position, naming it in the slot before. */
    private static boolean advance(MemorySegment memory, Slot slot, long position, long end) {
        // SYNC POINT slot: with the acquire in MpscRecords.recover. It comes before the position is advanced, and after the record
        // which the slot named before is complete.
        LONG.setRelease(memory, slot.offset + RingLayout.SLOT_CLAIM, position | CLAIMING);
        return LONG.compareAndSet(memory, RingLayout.PRODUCER_POSITION_OFFSET, position, end);
    }

    /** Says in the header of a record that it is claimed. */
    private void begin(MemorySegment memory, long position, int lengthWithHeader) {
        // The bytes are zeros until here; that this is the first of them to change lets recover find it.
        LONG.set(memory, data + (position & mask), RingLayout.claimed(lap(position), lengthWithHeader));
        VarHandle.storeStoreFence();
    }

    /** Claims a record after others were faster, or at the end of the ring. */
    private long claimSlowly(MemorySegment memory, Slot slot, int lengthWithHeader, boolean alreadyNamed) {
        long record = RingLayout.recordLength(lengthWithHeader);
        boolean named = alreadyNamed;
        for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
            long position = (long) LONG.getAcquire(memory, RingLayout.PRODUCER_POSITION_OFFSET);
            long toEnd = capacity - (position & mask);
            long needed = record <= toEnd ? record : toEnd + record;
            if (Long.compareUnsigned(position - free, capacity - needed) > 0 || (position & (ALIGNMENT - 1)) != 0) {
                int room = room(position, needed);
                if (room == NONE) {
                    LONG.getAndAdd(memory, slot.offset + RingLayout.SLOT_FAILED, 1L);
                    failedClaims.increment();
                    noteFull();
                    if (named) {
                        // It is not ours: if its owner terminates, this process must not seem to be at work there.
                        LONG.setRelease(memory, slot.offset + RingLayout.SLOT_CLAIM, 0L);
                    }
                    return NOT_CLAIMED;
                }
                if (room == UNKNOWN) {
                    continue;
                }
            }
            boolean fits = record <= toEnd;
            backing.require(data + (position & mask), fits ? record : toEnd);
            named = true;
            if (!advance(memory, slot, position, position + (fits ? record : toEnd))) {
                continue;
            }
            if (fits) {
                begin(memory, position, lengthWithHeader);
                return position;
            }
            named = false;
            // A record lies in one piece. The padding is a record of its own, complete at once.
            LONG.setRelease(memory, data + (position & mask), RingLayout.committed(PADDING_TYPE, (int) toEnd));
        }
        throw RingCorruptedException.overwritten("the producer position changes all the time");
    }

    @Override
    long position() {
        return (long) LONG.getAcquire(memory, RingLayout.PRODUCER_POSITION_OFFSET);
    }

    @Override
    public long failedClaims() {
        return failedClaims.sum();
    }

    private static final int NONE = 0;
    private static final int ROOM = 1;
    private static final int UNKNOWN = 2;

    /** Looks at how far the consumer is. */
    private int room(long position, long needed) {
        // SYNC POINT free position: with the release in ReadCursor.publishFree. The bytes up to there are zeros again.
        long nowFree = (long) LONG.getAcquire(memory, RingLayout.FREE_POSITION_OFFSET);
        if (nowFree > position) {
            // The position is an old one if others have claimed since, and the consumer has consumed that.
            if ((long) LONG.getAcquire(memory, RingLayout.PRODUCER_POSITION_OFFSET) != position) {
                return UNKNOWN;
            }
            throw RingCorruptedException
                    .overwritten("the free position is " + nowFree + ", the producer position " + position);
        }
        long used = position - nowFree;
        if (nowFree < 0
                || used > capacity
                || ((nowFree | position) & (ALIGNMENT - 1)) != 0
                || position > RingLayout.GREATEST_POSITION) {
            throw RingCorruptedException
                    .overwritten("the free position is " + nowFree + ", the producer position " + position);
        }
        if (backing.isComplete()) {
            free = nowFree;
        }
        return used <= capacity - needed ? ROOM : NONE;
    }

    private long lap(long position) {
        return position >>> lapShift;
    }

    /**
     * Completes a record. The slot goes on naming it, which means nothing from here on: no complete record is recovered.
     *
     * @return whether the consumer may have to be woken
     */
    private boolean complete(MemorySegment memory, Slot slot, long begin, long header) {
        // Here, as it is cheap beside other plain accesses.
        boolean sleepers = sleepingConsumer.exist(memory);
        // SYNC POINT record: with the acquires in MpscRecords.nextRecord and Browser.next. The consumer sees all of the record.
        LONG.setRelease(memory, begin, header);
        slot.release();
        return sleepers;
    }

    @Override
    void requireOpen() {
        if (slots.isClosed()) {
            throw closed();
        }
    }

    @Override
    public void close() {
        slots.close(memory);
        if (full != null) {
            noteRoom();
        }
        ring.forget(slots);
    }
}
