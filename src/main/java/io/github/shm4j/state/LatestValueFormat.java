package io.github.shm4j.state;

import io.github.shm4j.structure.Format;

/**
 * Where things are in the memory of a {@link LatestValue}, in which the picture stands.
 *
 * <p>All fields are naturally aligned {@code int}s and {@code long}s in the byte order of the machine.
 */
final class LatestValueFormat extends Format {

    static final LatestValueFormat INSTANCE = new LatestValueFormat();

    /** "shm4jval", read as a number from left to right; in memory the bytes are in the machine's order. */
    static final long MAGIC = 0x73686d346a76616cL;

    static final int VERSION = 1;

    // Written by the writer. Who wants to become the writer changes a field in the same line, which is rare.
    static final long NEWEST_VERSION_OFFSET = 128;
    static final long WRITER_OFFSET = 136;

    // Written by whoever takes the role from a writer that has not given it back; read by the writer.
    static final long WRITER_SUCCESSIONS_OFFSET = 144;

    /** Where the buffers begin. */
    static final long BUFFERS_BEGIN = 256;

    /** With fewer, a reader that is a little slower than the writer would be overtaken all the time. */
    static final int LEAST_BUFFERS = 4;

    static final int MOST_BUFFERS = 64;

    /** What the buffers of short records take together: it fits into the nearest cache. */
    private static final long SHORT_BUFFERS = 16 << 10;

    static final long GREATEST_RECORD = 1L << 48;

    private LatestValueFormat() {
        super("latest value", MAGIC, VERSION, BUFFERS_BEGIN);
    }

    /**
     * {@return how many buffers a record of a size gets, a power of two}
     *
     * @throws IllegalArgumentException if no record has this size
     */
    static int buffers(long record) {
        if (record < 1 || record > GREATEST_RECORD) {
            throw new IllegalArgumentException(
                    "the size of the record is " + record + "; it must be from 1 to " + GREATEST_RECORD);
        }
        return Math.clamp(Long.highestOneBit(SHORT_BUFFERS / stride(record)), LEAST_BUFFERS, MOST_BUFFERS);
    }

    /** {@return how far buffers are apart} */
    static long stride(long record) {
        return record + (LINE_LENGTH - 1) & -LINE_LENGTH;
    }

    @Override
    protected long size(int number, long length) {
        boolean valid = length > 0
                && length <= GREATEST_RECORD
                && number >= LEAST_BUFFERS
                && number <= MOST_BUFFERS
                && Integer.bitCount(number) == 1;
        return valid ? BUFFERS_BEGIN + number * stride(length) : -1;
    }

    @Override
    public ValueFormatException wrongFormat(String message) {
        return new ValueFormatException(message);
    }

    @Override
    public boolean isWrongFormat(RuntimeException failure) {
        return failure instanceof ValueFormatException;
    }

    @Override
    public ValueCorruptedException corrupted(String message) {
        return new ValueCorruptedException(message);
    }

    @Override
    public ValueOccupiedException occupied(String message) {
        return new ValueOccupiedException(message);
    }

    @Override
    public ValueRoleLostException lost(String message) {
        return new ValueRoleLostException(message);
    }

    @Override
    public ValueMemoryException noMemory(InternalError fault) {
        return new ValueMemoryException(fault);
    }
}
