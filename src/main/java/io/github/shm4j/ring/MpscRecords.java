package io.github.shm4j.ring;

import static io.github.shm4j.ring.RingLayout.ALIGNMENT;
import static io.github.shm4j.ring.RingLayout.LONG;
import static io.github.shm4j.ring.RingLayout.PADDING_TYPE;
import static io.github.shm4j.ring.RingLayout.RECORD_HEADER;

import io.github.shm4j.internal.Events;
import io.github.shm4j.internal.Owner;
import java.lang.foreign.MemorySegment;

/**
 * The records of a ring for many producers: one can be claimed and not complete yet, and its producer may have terminated.
 *
 * <p>What it knows of the record that the consumer waits for is for the consumer alone. Others who look have an object of
 * their own.
 */
final class MpscRecords extends AwaitedRecord {

    private static final int EMPTY_READS_BETWEEN_CHECKS = 16;

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

    private final MpscRingBuffer ring;
    private final int slots;
    private final boolean sharesNamespaces;

    MpscRecords(MpscRingBuffer ring) {
        super(ring);
        this.ring = ring;
        this.slots = ring.slots;
        this.sharesNamespaces = ring.sharesNamespaces;
    }

    @Override
    long nextRecord(MemorySegment memory, long begin, long position) {
        // SYNC POINT record: with the release in MpscProducer.complete.
        long header = (long) LONG.getAcquire(memory, begin);
        return (int) header > 0 ? header : headerIfSkipped(position);
    }

    /** Returns the padding that stands for what a terminated producer has left at a position, or 0. */
    private long headerIfSkipped(long position) {
        if (position == skippedAt) {
            return skipped;
        }
        return ++emptyReads % EMPTY_READS_BETWEEN_CHECKS != 0 ? 0 : recoverIfStalled(position);
    }

    /**
     * Looks why there is no complete record: because there is none at all, or because a producer has not completed it. After
     * some time, this asks whether that producer is still there.
     */
    @Override
    long recoverIfStalled(long position) {
        ring.releaseAbandoned();
        long now = System.nanoTime();
        if (stalledAt != position) {
            stalledAt = position;
            nextCheck = now + firstCheckNanos;
            return 0;
        }
        if (now - nextCheck < 0) {
            return 0;
        }
        nextCheck = now + nextCheckNanos;
        // Reading this more often would slow down the producers, which fight for it.
        long produced = (long) LONG.getAcquire(memory, RingLayout.PRODUCER_POSITION_OFFSET);
        requireProduced(produced, position);
        return produced == position ? 0 : recover(position, produced);
    }

    private void requireProduced(long produced, long position) {
        if (produced < position || produced - position > capacity || (produced & (ALIGNMENT - 1)) != 0) {
            throw RingCorruptedException.overwritten(
                    "the producer position is " + produced + ", the consumer's " + position);
        }
    }

    /**
     * Returns a padding record that covers what terminated producers have left behind at a position, the record itself if it has
     * been completed, or 0 if a producer that may be alive can still complete it.
     *
     * @param position where the consumer is
     * @param produced the producer position, read before the slots
     */
    private long recover(long position, long produced) {
        // No record that begins before this was claimed by a living producer, except a complete one.
        long living = produced;
        for (int i = 0; i < slots; i++) {
            long slot = RingLayout.SLOTS_BEGIN + i * RingLayout.SLOT_LENGTH;
            // SYNC POINT slot: with the releases in MpscProducer.advance and Slot.releaseAbandoned. Each record before "produced" that is still
            // incomplete is named by a slot now; if a slot names another one already, the read below sees the complete one.
            long claim = (long) LONG.getAcquire(memory, slot + RingLayout.SLOT_CLAIM) - MpscProducer.CLAIMING;
            if (claim >= position && claim < living && (claim & (ALIGNMENT - 1)) == 0) {
                long owner = (long) LONG.getAcquire(memory, slot + RingLayout.SLOT_OWNER);
                if (owner != Owner.NOBODY && !Owner.isGone(owner, sharesNamespaces, memory)) {
                    living = claim;
                }
            }
        }
        if (living == position) {
            return 0;
        }
        long begin = data + (position & mask);
        long header = (long) LONG.getAcquire(memory, begin);
        if ((int) header > 0) {
            return header;
        }
        long most = Math.min(living - position, capacity - (position & mask));
        long length;
        if (header != 0) {
            length = RingLayout.recordLength(-(long) (int) header);
            if ((int) header == 0 || length < RECORD_HEADER || length > most) {
                throw RingCorruptedException.overwritten("the claim at position " + position + " has length "
                        + -(long) (int) header + ", with " + most + " bytes up to the next");
            }
        } else {
            // Its owner has terminated before it wrote the header. All of it is zeros, up to the next header or position.
            length = zeros(begin, Math.min(most, 1 << 30));
        }
        long padding = RingLayout.committed(PADDING_TYPE, (int) length);
        noteSkipped(length);
        Events.skipped(memory, position, length);
        skipped = padding;
        skippedAt = position;
        return padding;
    }

    private long zeros(long begin, long most) {
        long length = RECORD_HEADER;
        while (length < most && (long) LONG.getAcquire(memory, begin + length) == 0) {
            length += RECORD_HEADER;
        }
        return length;
    }

    private void noteSkipped(long bytes) {
        LONG.setOpaque(memory, RingLayout.RECORDS_SKIPPED_OFFSET, recordsSkipped + 1);
        LONG.setOpaque(memory, RingLayout.BYTES_SKIPPED_OFFSET, bytesSkipped + bytes);
        recordsSkipped++;
        bytesSkipped += bytes;
    }

    /** For tests of the recovery. */
    void checkWithoutWaiting() {
        firstCheckNanos = 0;
        nextCheckNanos = 0;
    }

    @Override
    boolean mustClear() {
        return true;
    }

    @Override
    long written(long produced, long consumed) {
        return produced;
    }

    @Override
    boolean mayBeClaimed() {
        return true;
    }

    @Override
    boolean mayBePadding(long position, long record) {
        // It also stands for what was aborted or skipped. What the consumer has passed over is zeros, so that it ends.
        return true;
    }

    @Override
    void consumerResumed(long position) {
        requireProduced(producerPosition(), position);
        recordsSkipped = (long) LONG.getOpaque(memory, RingLayout.RECORDS_SKIPPED_OFFSET);
        bytesSkipped = (long) LONG.getOpaque(memory, RingLayout.BYTES_SKIPPED_OFFSET);
    }
}
