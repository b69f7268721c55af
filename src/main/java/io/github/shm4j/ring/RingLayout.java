package io.github.shm4j.ring;

import io.github.shm4j.structure.Format;
import io.github.shm4j.structure.Header;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * Where things are in the memory of a ring.
 *
 * <p>The picture stands in {@link RingBuffer}. All fields are naturally aligned {@code int}s and {@code long}s in the
 * byte order of the machine.
 */
final class RingLayout {

    static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
    static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

    /** "shm4jrng", read as a number from left to right; in memory the bytes are in the machine's order. */
    static final long MAGIC = 0x73686d346a726e67L;

    static final int VERSION = 1;

    static final int SPSC = 1;
    static final int MPSC = 2;

    // The header's first part, written once.
    static final long MAGIC_OFFSET = Format.MAGIC_OFFSET;
    static final long VERSION_OFFSET = Format.VERSION_OFFSET;
    static final long KIND_OFFSET = Format.NUMBER_OFFSET;
    static final long CAPACITY_OFFSET = Format.LENGTH_OFFSET;
    static final long SLOTS_OFFSET = Header.COUNT_OFFSET;
    static final long PID_NAMESPACE_OFFSET = Format.PID_NAMESPACE_OFFSET;
    static final long TIME_NAMESPACE_OFFSET = Format.TIME_NAMESPACE_OFFSET;
    static final long CREATOR_OFFSET = Format.CREATOR_OFFSET;

    // Written by producers.
    static final long PRODUCER_POSITION_OFFSET = 128;

    // Written by the consumer, read by producers.
    static final long FREE_POSITION_OFFSET = 256;
    static final long CLEARED_FROM_OFFSET = 264;

    // Written by the consumer, read by its successor and by whoever asks for statistics.
    static final long CONSUMER_OFFSET = 384;
    static final long CONSUMER_POSITION_OFFSET = 392;
    static final long MESSAGES_READ_OFFSET = 400;
    static final long BYTES_READ_OFFSET = 408;
    static final long RECORDS_SKIPPED_OFFSET = 416;
    static final long BYTES_SKIPPED_OFFSET = 424;
    static final long LONGEST_BACKLOG_OFFSET = 432;

    // Written by whoever takes the role from a consumer that has not given it back; read by the consumer.
    static final long CONSUMER_SUCCESSIONS_OFFSET = 440;

    // Written by whoever goes to sleep and whoever wakes it.
    static final long CONSUMER_SLEEP_OFFSET = 512;
    static final long PRODUCER_SLEEP_OFFSET = 640;

    /** Where the slots of producers begin, each SLOT_LENGTH bytes long. */
    static final long SLOTS_BEGIN = 768;

    static final long SLOT_LENGTH = 128;
    static final long SLOT_OWNER = 0;
    static final long SLOT_CLAIM = 8;
    static final long SLOT_FAILED = 16;

    /** In a ring for one producer, what CONSUMER_SUCCESSIONS_OFFSET is for the consumer. */
    static final long SLOT_SUCCESSIONS = 24;

    static final int SPSC_SLOTS = 1;
    static final int MPSC_SLOTS = 128;
    static final int MOST_SLOTS = 4096;

    /** Each record begins with one long: its length, header included, in the lower half and its type in the upper. */
    static final int RECORD_HEADER = 8;

    static final int ALIGNMENT = 8;
    static final int PADDING_TYPE = -1;

    static final long LEAST_CAPACITY = 64;
    static final long GREATEST_CAPACITY = 1L << 60;

    /** Beyond every position that a ring can reach in the lifetime of its machine. */
    static final long GREATEST_POSITION = Format.GREATEST_POSITION;

    private RingLayout() {}

    /** {@return where the records begin} */
    static long dataOffset(int slots) {
        return SLOTS_BEGIN + slots * SLOT_LENGTH;
    }

    /** The largest payload: an eighth of the ring, so that no message has to wait for the ring to be nearly empty. */
    static int maxMessageLength(long capacity) {
        return (int) Math.min(capacity / 8, 1 << 30);
    }

    /** {@return the length of a record in the ring, its header included} */
    static long recordLength(long lengthWithHeader) {
        return lengthWithHeader + (ALIGNMENT - 1) & -ALIGNMENT;
    }

    static long committed(int type, int lengthWithHeader) {
        return (long) type << 32 | lengthWithHeader;
    }

    /** The header of a record that is not complete. The lap tells it from a later claim of the same bytes. */
    static long claimed(long lap, int lengthWithHeader) {
        return lap << 32 | -lengthWithHeader & 0xffff_ffffL;
    }
}
