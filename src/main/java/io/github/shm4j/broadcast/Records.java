package io.github.shm4j.broadcast;

import static io.github.shm4j.broadcast.BroadcastFormat.PADDING_TYPE;
import static io.github.shm4j.broadcast.BroadcastFormat.RECORD_HEADER;
import static io.github.shm4j.structure.Format.LONG;

import java.lang.foreign.MemorySegment;

/** What the headers of records say, in the bytes of one ring. */
final class Records {

    final long capacity;
    final long mask;
    final int maxMessageLength;

    Records(long capacity) {
        this.capacity = capacity;
        this.mask = capacity - 1;
        this.maxMessageLength = BroadcastFormat.maxMessageLength(capacity);
    }

    /** {@return where in the memory a position is} */
    long offset(long position) {
        return BroadcastFormat.RECORDS + (position & mask);
    }

    long header(MemorySegment memory, long position) {
        return (long) LONG.getOpaque(memory, offset(position));
    }

    /** {@return how many bytes there are from a position to the end of the ring} */
    long toEnd(long position) {
        return capacity - (position & mask);
    }

    static int type(long header) {
        return (int) (header >> 32);
    }

    /** {@return the length of the message, which may be anything if the header is none} */
    static int length(long header) {
        return (int) header - RECORD_HEADER;
    }

    boolean isPadding(long header, long position) {
        return type(header) == PADDING_TYPE && (int) header == toEnd(position);
    }

    /** {@return whether a header can be that of a message at a position} */
    boolean isMessage(long header, long position) {
        int length = length(header);
        return type(header) > 0
                && length >= 0
                && length <= maxMessageLength
                && BroadcastFormat.recordLength((int) header) <= toEnd(position);
    }

    static BroadcastCorruptedException overwritten(long header, long position) {
        return Mark.overwritten("the record at position " + position + " has type " + type(header) + " and length "
                + (int) header);
    }
}
