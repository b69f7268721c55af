package io.github.shm4j.ring;

import static io.github.shm4j.ring.RingLayout.ALIGNMENT;
import static io.github.shm4j.ring.RingLayout.LONG;
import static io.github.shm4j.ring.RingLayout.RECORD_HEADER;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * One look at the messages that wait in a ring, by somebody who has no role in it and writes nothing.
 *
 * <p>The consumer does not wait for a browser, and may clear what it looks at. What was copied counts only if the consumer
 * position, read after that, is not beyond it: the consumer stores its position before it clears.
 */
final class Browser {

    private final Records records;
    private final MemorySegment memory;
    private final long capacity;
    private final Arena arena;

    /** Where a message is copied to; it grows with them. */
    private MemorySegment buffer = MemorySegment.NULL;

    private MemorySegment view = buffer.asReadOnly();

    private long position;

    /** Once around the ring: a consumer and producers that are faster cannot keep a browser for ever. */
    private long end;

    /**
     * Makes a browser.
     *
     * @param arena the lifetime of the copies
     */
    Browser(Records records, Arena arena) {
        this.records = records;
        this.memory = records.memory;
        this.capacity = records.capacity;
        this.arena = arena;
    }

    /** Delivers what is complete and not consumed, up to a number of messages. */
    int browse(MessageHandler handler, int limit) {
        position = requirePosition(records.consumerPosition());
        end = position + capacity;
        int messages = 0;
        while (messages < limit && position < end) {
            long header = next();
            if (header == 0) {
                break;
            }
            int type = (int) (header >> 32);
            if (type > 0) {
                messages++;
                handler.onMessage(type, view, 0, (int) header - RECORD_HEADER);
            }
        }
        return messages;
    }

    /**
     * Copies the next message that is complete, and goes on behind it.
     *
     * @return its header, that of padding, or 0 if there is no further record
     */
    private long next() {
        // Each round gets further, or is the last one.
        while (position < end) {
            // Before the consumer position: only what the consumer has freed can get another record in place of this one.
            long free = (long) LONG.getAcquire(memory, RingLayout.FREE_POSITION_OFFSET);
            boolean around = position - free >= capacity;
            // SYNC POINT record: with the releases in SpscWriteCursor.publish and MpscProducer.complete.
            long header = around ? 0 : (long) LONG.getAcquire(memory, begin());
            int length = (int) header;
            if (header > 0 && mayBeMessage(length)) {
                copy(length - RECORD_HEADER);
                // The bytes of the message come before the position that says whether they were the message's.
                VarHandle.acquireFence();
            }
            // Again, as the producer of this record may have had more room than there was before; and before the consumer position,
            // which is never behind it.
            free = (long) LONG.getAcquire(memory, RingLayout.FREE_POSITION_OFFSET);
            // SYNC POINT cleared: with the fence in ReadCursor.publishFree. Whoever meets what is being cleared, whole or in part, sees
            // next that the consumer is behind it.
            long consumed = requirePosition(records.consumerPosition());
            if (consumed > position) {
                position = consumed;
                continue;
            }
            if (free < 0 || free > consumed || (free & (ALIGNMENT - 1)) != 0) {
                throw RingCorruptedException
                        .overwritten("the positions are " + free + " (free) and " + consumed + " (consumer)");
            }
            if (header == 0) {
                return 0;
            }
            if (length < 0 && records.mayBeClaimed()) {
                position += requireClaim(length, free);
                continue;
            }
            position += records.requireRecord(header, position, free);
            return header;
        }
        return 0;
    }

    private long begin() {
        return records.data + (position & records.mask);
    }

    /** Whether a length that was not checked yet leads to nothing but bytes of the records. */
    private boolean mayBeMessage(int length) {
        return length >= RECORD_HEADER
                && length - RECORD_HEADER <= records.maxMessageLength
                && length <= capacity - (position & records.mask);
    }

    private void copy(int length) {
        if (length > buffer.byteSize()) {
            buffer = arena.allocate(Math.min(records.maxMessageLength, 2L * length), ALIGNMENT);
            view = buffer.asReadOnly();
        }
        BulkCopy.copyOut(memory, begin() + RECORD_HEADER, buffer, length);
    }

    /** Checks the length of a record that a producer is still filling: what lies behind it can be complete. */
    private long requireClaim(int length, long free) {
        long record = RingLayout.recordLength(-(long) length);
        if (record > Math.min(free + capacity - position, capacity - (position & records.mask))) {
            throw RingCorruptedException
                    .overwritten("the claim at position " + position + " has length " + -(long) length);
        }
        return record;
    }

    private static long requirePosition(long consumed) {
        if (consumed < 0 || consumed > RingLayout.GREATEST_POSITION || (consumed & (ALIGNMENT - 1)) != 0) {
            throw RingCorruptedException.overwritten("the consumer position is " + consumed);
        }
        return consumed;
    }
}
