package io.github.shm4j.ring;

import static io.github.shm4j.ring.RingLayout.INT;
import static io.github.shm4j.ring.RingLayout.LONG;

import java.lang.foreign.MemorySegment;

/**
 * The messages that say where a stream of bytes begins and ends among the messages of a ring: see "Streams of bytes" in
 * {@code docs/ring-protocol.md}.
 */
final class StreamMark {

    static final int LENGTH = 16;

    // What a mark says.
    static final int BEGINS = 1;
    static final int ENDS = 2;
    static final int BREAKS_OFF = 3;

    private static final long STREAM_OFFSET = 0;
    private static final long KIND_OFFSET = 4;
    private static final long WRITER_OFFSET = 8;

    private StreamMark() {}

    /** Makes a mark of a stream, to be set before it is sent. */
    static MemorySegment of(int stream, long writer) {
        MemorySegment mark = MemorySegment.ofArray(new long[LENGTH / Long.BYTES]);
        INT.set(mark, STREAM_OFFSET, stream);
        LONG.set(mark, WRITER_OFFSET, writer);
        return mark;
    }

    /** Sets what a mark says. */
    static void set(MemorySegment mark, int kind) {
        INT.set(mark, KIND_OFFSET, kind);
    }

    /** {@return what a message says that is a mark of a stream, or 0 if it is something else} */
    static int kind(int stream, int type, MemorySegment memory, long offset, int length) {
        boolean mark = type == RingSinkChannel.MARK_TYPE
                && length == LENGTH
                && (int) INT.get(memory, offset + STREAM_OFFSET) == stream;
        return mark ? (int) INT.get(memory, offset + KIND_OFFSET) : 0;
    }

    /** {@return the process that writes the stream which begins with a mark, as it signs in the ring} */
    static long writer(MemorySegment memory, long offset) {
        return (long) LONG.get(memory, offset + WRITER_OFFSET);
    }
}
