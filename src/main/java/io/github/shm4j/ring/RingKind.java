package io.github.shm4j.ring;

/** The kinds of rings. */
public enum RingKind {

    /** For one producer: {@link SpscRingBuffer}. */
    SPSC(RingLayout.SPSC, RingLayout.SPSC_SLOTS),

    /** For many producers: {@link MpscRingBuffer}. */
    MPSC(RingLayout.MPSC, RingLayout.MPSC_SLOTS);

    /** How the kind stands in the header of a ring. */
    final int code;

    /** How many slots a new ring has. */
    final int slots;

    RingKind(int code, int slots) {
        this.code = code;
        this.slots = slots;
    }

    /**
     * Returns how much memory a ring takes.
     *
     * @param capacity the number of bytes for records, a power of two of at least 64
     * @return the number of bytes with the header
     * @throws IllegalArgumentException if the capacity is not a power of two of at least 64
     */
    public long sizeFor(long capacity) {
        if (Long.bitCount(capacity) != 1
                || capacity < RingLayout.LEAST_CAPACITY
                || capacity > RingLayout.GREATEST_CAPACITY) {
            throw new IllegalArgumentException("capacity is " + capacity + "; it must be a power of two from "
                    + RingLayout.LEAST_CAPACITY + " to " + RingLayout.GREATEST_CAPACITY);
        }
        // Of constants alone, so that asking this loads nothing else of a ring.
        return RingLayout.SLOTS_BEGIN + slots * RingLayout.SLOT_LENGTH + capacity;
    }
}
