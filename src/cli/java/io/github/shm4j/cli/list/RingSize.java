package io.github.shm4j.cli.list;

import io.github.shm4j.cli.terminal.Sizes;
import io.github.shm4j.ring.RingKind;

/**
 * Tells by its size whether a block holds a ring, or a pair of rings.
 *
 * <p>To look into the block would mean to attach. The kernel records an attach in the block, and it costs more than all the
 * rest of a listing.
 *
 * <p>The size of a ring is its capacity, a power of two, plus the header of its kind, and that of a pair two rings' and a header of
 * its own. Other blocks hardly ever have such a size. Small capacities are left out: their sums can be ordinary sizes such as 1024, or fit both kinds.
 */
public final class RingSize {

    static final long LEAST_CAPACITY = 4096;

    private static final long SPSC_HEADER = RingKind.SPSC.sizeFor(LEAST_CAPACITY) - LEAST_CAPACITY;
    private static final long MPSC_HEADER = RingKind.MPSC.sizeFor(LEAST_CAPACITY) - LEAST_CAPACITY;

    /** Of a pair and both of its rings. To ask the library for it would load all of a pair. */
    private static final long PAIR_HEADERS = 128 + 2 * SPSC_HEADER;

    private RingSize() {}

    /** {@return whether a block of this size is taken for a ring, or a pair of them} */
    public static boolean is(long size) {
        return isCapacity(size - SPSC_HEADER) || isCapacity(size - MPSC_HEADER) || isPair(size);
    }

    /** {@return whether a block of this size is taken for a pair of rings} */
    public static boolean isPair(long size) {
        return (size & 1) == 0 && isCapacity((size - PAIR_HEADERS) / 2);
    }

    /**
     * {@return the ring that a block of this size is taken for, such as {@code "MPSC ring 1M"} or {@code "ring pair 64K"}, or
     * {@code null}}
     */
    static String describe(long size) {
        if (!is(size)) {
            return null;
        }
        if (isPair(size)) {
            StringBuilder text = new StringBuilder("ring pair ");
            Sizes.append(text, (size - PAIR_HEADERS) / 2);
            return text.toString();
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
