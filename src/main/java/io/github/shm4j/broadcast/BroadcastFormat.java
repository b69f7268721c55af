package io.github.shm4j.broadcast;

import io.github.shm4j.structure.Format;

/**
 * Where things are in the memory of a broadcast ring.
 *
 * <p>All fields are naturally aligned {@code int}s and {@code long}s in the byte order of the machine.
 */
final class BroadcastFormat extends Format {

    static final BroadcastFormat INSTANCE = new BroadcastFormat();

    /** "shm4jbca", read as a number from left to right; in memory the bytes are in the machine's order. */
    static final long MAGIC = 0x73686d346a626361L;

    static final int VERSION = 1;

    // Written for each message. Who wants to become the producer changes fields in the same line, which is rare.
    static final long MESSAGES_OFFSET = 128;
    static final long PRODUCER_OFFSET = 136;

    // Written by whoever takes the role from a producer that has not given it back; read by the producer.
    static final long PRODUCER_SUCCESSIONS_OFFSET = 144;

    // Written now and then, and read for each message by each reader.
    static final long TRIMS_OFFSET = 256;

    // Written by whoever goes to sleep and whoever wakes it.
    static final long READERS_SLEEP_OFFSET = 384;

    /** How many marks there are of each sort. */
    static final int MARKS = 8;

    static final long MARK_LENGTH = 32;

    static final long NEWEST_MARKS = 512;
    static final long OLDEST_MARKS = NEWEST_MARKS + MARKS * MARK_LENGTH;

    static final long MARK_POSITION = 0;
    static final long MARK_MESSAGES = 8;
    static final long MARK_BYTES = 16;

    /** Where the records begin. */
    static final long RECORDS = OLDEST_MARKS + MARKS * MARK_LENGTH;

    /** Each record begins with one long: its length, header included, in the lower half and its type in the upper. */
    static final int RECORD_HEADER = 8;

    static final int ALIGNMENT = 8;
    static final int PADDING_TYPE = -1;

    /** With less, a trim could go beyond the newest message. */
    static final long LEAST_CAPACITY = 256;

    static final long GREATEST_CAPACITY = 1L << 60;

    private BroadcastFormat() {
        super("broadcast ring", MAGIC, VERSION, RECORDS);
    }

    /** {@return where a mark is, whatever its number} */
    static long mark(long marks, long number) {
        return marks + (number & (MARKS - 1)) * MARK_LENGTH;
    }

    /** The largest payload: an eighth of the ring, so that several messages are always left. */
    static int maxMessageLength(long capacity) {
        return (int) Math.min(capacity / 8, 1 << 30);
    }

    /** {@return the length of a record in the ring, its header included} */
    static long recordLength(long lengthWithHeader) {
        return lengthWithHeader + (ALIGNMENT - 1) & -ALIGNMENT;
    }

    static long header(int type, int lengthWithHeader) {
        return (long) type << 32 | lengthWithHeader;
    }

    /**
     * Checks a capacity.
     *
     * @throws IllegalArgumentException if no broadcast ring has it
     */
    static long requireCapacity(long capacity) {
        if (!isCapacity(capacity)) {
            throw new IllegalArgumentException("the capacity is " + capacity + "; it must be a power of two from "
                    + LEAST_CAPACITY + " to " + GREATEST_CAPACITY);
        }
        return capacity;
    }

    private static boolean isCapacity(long capacity) {
        return capacity >= LEAST_CAPACITY && capacity <= GREATEST_CAPACITY && Long.bitCount(capacity) == 1;
    }

    @Override
    protected long size(int number, long length) {
        return number == MARKS && isCapacity(length) ? RECORDS + length : -1;
    }

    @Override
    public BroadcastFormatException wrongFormat(String message) {
        return new BroadcastFormatException(message);
    }

    @Override
    public boolean isWrongFormat(RuntimeException failure) {
        return failure instanceof BroadcastFormatException;
    }

    @Override
    public BroadcastCorruptedException corrupted(String message) {
        return new BroadcastCorruptedException(message);
    }

    @Override
    public BroadcastOccupiedException occupied(String message) {
        return new BroadcastOccupiedException(message);
    }

    @Override
    public BroadcastRoleLostException lost(String message) {
        return new BroadcastRoleLostException(message);
    }

    @Override
    public BroadcastMemoryException noMemory(InternalError fault) {
        return new BroadcastMemoryException(fault);
    }
}
