package io.github.shm4j.ring;

/** Where things are in the memory of a {@link RingPair}, in which the picture stands. */
final class RingPairFormat extends RingFailures {

    static final RingPairFormat INSTANCE = new RingPairFormat();

    /** "shm4jpar", read as a number from left to right; in memory the bytes are in the machine's order. */
    static final long MAGIC = 0x73686d346a706172L;

    static final int VERSION = 1;
    static final int RINGS = 2;

    /** Where the ring of the requests begins. */
    static final long REQUESTS_BEGIN = 128;

    /** With less, a message has no room for more than its number. */
    static final long LEAST_CAPACITY = 128;

    static final long GREATEST_CAPACITY = RingLayout.GREATEST_CAPACITY / 2;

    private RingPairFormat() {
        super("ring pair", MAGIC, VERSION, REQUESTS_BEGIN);
    }

    static long requireCapacity(long capacity) {
        if (!isCapacity(capacity)) {
            throw new IllegalArgumentException("capacity is " + capacity + "; it must be a power of two from "
                    + LEAST_CAPACITY + " to " + GREATEST_CAPACITY);
        }
        return capacity;
    }

    private static boolean isCapacity(long capacity) {
        return Long.bitCount(capacity) == 1 && capacity >= LEAST_CAPACITY && capacity <= GREATEST_CAPACITY;
    }

    /** {@return where the ring of the replies begins} */
    static long repliesBegin(long capacity) {
        return REQUESTS_BEGIN + RingKind.SPSC.sizeFor(capacity);
    }

    @Override
    protected long size(int rings, long capacity) {
        return rings == RINGS && isCapacity(capacity)
                ? repliesBegin(capacity) + RingKind.SPSC.sizeFor(capacity)
                : -1;
    }

    /** The rings see to their own memory. */
    @Override
    protected long backedSize(long size, long capacity) {
        return REQUESTS_BEGIN;
    }
}
