package io.github.shm4j.ring;

import static io.github.shm4j.ring.RingLayout.ALIGNMENT;
import static io.github.shm4j.ring.RingLayout.LONG;
import static io.github.shm4j.ring.RingLayout.RECORD_HEADER;

import java.lang.foreign.MemorySegment;

/** The records of a ring for one producer: each is complete as soon as it can be seen. */
final class SpscRecords extends Records {

    SpscRecords(SpscRingBuffer ring) {
        super(ring);
    }

    @Override
    long nextRecord(MemorySegment memory, long begin, long position) {
        // SYNC POINT record: with the release in SpscWriteCursor.publish.
        return (long) LONG.getAcquire(memory, begin);
    }

    @Override
    long recoverIfStalled(long position) {
        return 0;
    }

    @Override
    boolean mustClear() {
        return false;
    }

    @Override
    long written(long produced, long consumed) {
        // The producer stores its position after the message, which may have been read by then.
        return produced < consumed && consumed - produced <= capacity ? consumed : produced;
    }

    @Override
    boolean mayBeClaimed() {
        return false;
    }

    @Override
    boolean mayBePadding(long position, long record) {
        // Otherwise somebody could fill the ring with it, and the consumer would go around for ever.
        return (position + record & mask) == 0 && record <= RingLayout.recordLength(maxMessageLength + RECORD_HEADER);
    }

    @Override
    void consumerResumed(long position) {
        requireNear(producerPosition(), position);
    }

    /** Checks the producer's position, which may be behind the consumer's: it is stored last, or never after a kill. */
    void requireNear(long produced, long consumed) {
        if (produced < 0
                || produced - consumed > capacity
                || consumed - produced > capacity
                || (produced & (ALIGNMENT - 1)) != 0) {
            throw RingCorruptedException.overwritten(
                    "the positions are " + consumed + " (consumer) and " + produced + " (producer)");
        }
    }
}
