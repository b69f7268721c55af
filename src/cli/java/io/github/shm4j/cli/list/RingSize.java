package io.github.shm4j.cli.list;

import io.github.shm4j.cli.terminal.Sizes;
import io.github.shm4j.ring.RingKind;

/**
 * Tells by its size whether a block holds a ring.
 *
 * <p>To look into the block would mean to attach. The kernel records an attach in the block, and it costs more than all the
 * rest of a listing.
 *
 * <p>The size of a ring is its capacity, a power of two, plus the header of its kind. Other blocks hardly ever have such a
 * size. Small capacities are left out: their sums can be ordinary sizes such as 1024, or fit both kinds.
 */
public final class RingSize {

    static final long LEAST_CAPACITY = 4096;

    private static final long SPSC_HEADER = RingKind.SPSC.sizeFor(LEAST_CAPACITY) - LEAST_CAPACITY;
    private static final long MPSC_HEADER = RingKind.MPSC.sizeFor(LEAST_CAPACITY) - LEAST_CAPACITY;

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
