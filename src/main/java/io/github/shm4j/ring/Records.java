package io.github.shm4j.ring;

import static io.github.shm4j.ring.RingLayout.LONG;
import static io.github.shm4j.ring.RingLayout.PADDING_TYPE;
import static io.github.shm4j.ring.RingLayout.RECORD_HEADER;

import java.lang.foreign.MemorySegment;

/** The records of a ring, as those see them who look: how the kinds of ring differ in that is up to the subclasses. */
abstract sealed class Records extends Padding permits SpscRecords, AwaitedRecord {

    final MemorySegment memory;
    final long capacity;
    final long mask;

    /** Where the records begin. */
    final long data;

    final int maxMessageLength;

    Records(RingBuffer ring) {
        this.memory = ring.memory;
        this.capacity = ring.capacity;
        this.mask = ring.mask;
        this.data = ring.data;
        this.maxMessageLength = ring.maxMessageLength;
    }

    /**
     * Returns the header of the record at a position, or 0 if none is complete there. It has been read with acquire: the
     * rest of the record is visible.
     *
     * @param begin where in the memory the record is
     */
    abstract long nextRecord(MemorySegment memory, long begin, long position);

    final long nextRecord(long position) {
        return nextRecord(memory, data + (position & mask), position);
    }

    /** As {@link #nextRecord} where no record is complete, and asks about the owners of incomplete ones if it is time to. */
    abstract long recoverIfStalled(long position);

    /**
     * Checks a header that has been read once, and returns the record's length in the ring.
     *
     * @param free up to where the ring is free: the record must end before it is met again
     */
    final long requireRecord(long header, long position, long free) {
        int length = (int) header;
        int type = (int) (header >> 32);
        long record = RingLayout.recordLength(length);
        if (length < RECORD_HEADER
                || record > capacity - (position & mask)
                || record > capacity - (position - free)
                || type < 0 && !(type == PADDING_TYPE && mayBePadding(position, record))
                || type > 0 && length - RECORD_HEADER > maxMessageLength
                || type == 0) {
            throw RingCorruptedException.overwritten(
                    "the record at position " + position + " has length " + length + " and type " + type);
        }
        return record;
    }

    /** Whether a record can be claimed and not complete yet. */
    abstract boolean mayBeClaimed();

    /** Whether padding at a position can have this length. */
    abstract boolean mayBePadding(long position, long record);

    /** Whether all that was consumed must be cleared, since producers rely on it. */
    abstract boolean mustClear();

    /** Up to where something was written, as the positions of producers and consumer say. */
    abstract long written(long produced, long consumed);

    /** Takes note of where the consumer begins, and checks the producer's position against that. */
    abstract void consumerResumed(long position);

    final long producerPosition() {
        return (long) LONG.getAcquire(memory, RingLayout.PRODUCER_POSITION_OFFSET);
    }

    final long consumerPosition() {
        return (long) LONG.getAcquire(memory, RingLayout.CONSUMER_POSITION_OFFSET);
    }
}
