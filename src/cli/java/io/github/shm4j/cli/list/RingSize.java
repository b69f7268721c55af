package io.github.shm4j.cli.list;

import io.github.shm4j.cli.terminal.Sizes;

/**
 * Tells by its size that a block holds a ring, without looking into it: that would be to attach, which the kernel notes in
 * the block, and costs more than all the rest of a listing.
 *
 * <p>A ring takes its capacity, a power of two, and the header of its kind: a sum that other blocks hardly have. Of small
 * capacities it would be an ordinary number, such as 1024, or that of the other kind too.
 */
public final class RingSize {

    static final long LEAST_CAPACITY = 4096;

    // What SpscRingBuffer.sizeFor and MpscRingBuffer.sizeFor add, stated here because those load a dozen classes.
    private static final long SPSC_HEADER = 896;
    private static final long MPSC_HEADER = 17_152;

    private RingSize() {}

    /** {@return whether a block of this size is taken for a ring} */
    public static boolean is(long size) {
        return isCapacity(size - SPSC_HEADER) || isCapacity(size - MPSC_HEADER);
    }

    /** {@return the ring that a block of this size is taken for, such as {@code "MPSC ring 1M"}, or {@code null}} */
    static String describe(long size) {
        if (!is(size)) {
            return null;
        }
        boolean spsc = isCapacity(size - SPSC_HEADER);
        StringBuilder text = new StringBuilder(spsc ? "SPSC ring " : "MPSC ring ");
        Sizes.append(text, size - (spsc ? SPSC_HEADER : MPSC_HEADER));
        return text.toString();
    }

    private static boolean isCapacity(long bytes) {
        return bytes >= LEAST_CAPACITY && Long.bitCount(bytes) == 1;
    }
}
