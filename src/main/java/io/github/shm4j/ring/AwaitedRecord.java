package io.github.shm4j.ring;

import java.util.concurrent.TimeUnit;

/**
 * What the consumer of a ring for many producers knows of the record that it waits for, in lines that no other thread writes
 * to.
 */
abstract sealed class AwaitedRecord extends Records permits MpscRecords {

    private static final long FIRST_CHECK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long NEXT_CHECK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    int emptyReads;
    long stalledAt = -1;
    long nextCheck;

    /** Where there is nothing but what a terminated producer has left, and the padding that stands for it. */
    long skippedAt = -1;

    long skipped;

    long recordsSkipped;
    long bytesSkipped;

    /** How long the consumer waits for an incomplete record before it asks what its owner does, and before it asks again. */
    long firstCheckNanos = FIRST_CHECK_NANOS;

    long nextCheckNanos = NEXT_CHECK_NANOS;

    AwaitedRecord(RingBuffer ring) {
        super(ring);
    }
}
