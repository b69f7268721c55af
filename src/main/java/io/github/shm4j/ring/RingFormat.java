package io.github.shm4j.ring;

import io.github.shm4j.structure.Header;
import java.lang.foreign.MemorySegment;
import java.time.Duration;

/** What the header of a ring may say. */
final class RingFormat extends RingFailures {

    /** For who opens a ring of either kind. */
    static final RingFormat ANY = new RingFormat(null);

    private static final RingFormat SPSC = new RingFormat(RingKind.SPSC);
    private static final RingFormat MPSC = new RingFormat(RingKind.MPSC);

    private final RingKind expected;

    private RingFormat(RingKind expected) {
        super("ring", RingLayout.MAGIC, RingLayout.VERSION, RingLayout.SLOTS_BEGIN);
        this.expected = expected;
    }

    /** {@return the format for who creates or opens a ring of one kind} */
    static RingFormat of(RingKind kind) {
        return kind == RingKind.SPSC ? SPSC : MPSC;
    }

    /** Makes an empty ring. */
    static void create(MemorySegment memory, RingKind kind, long capacity) {
        Header.create(memory, of(kind), kind.code, capacity);
    }

    /** Reads the header, waiting for a creator that is still at work. */
    Header open(MemorySegment memory, Duration timeout) {
        return Header.open(memory, this, timeout);
    }

    /** {@return the kind that a header names} */
    static RingKind kind(int number) {
        return number == RingLayout.SPSC ? RingKind.SPSC : RingKind.MPSC;
    }

    @Override
    protected long size(int number, long capacity) {
        return kind(number).sizeFor(capacity);
    }

    @Override
    protected int count(int number) {
        return kind(number).slots;
    }

    @Override
    protected long requireSize(int number, long capacity, int slots) {
        if (expected != null ? number != expected.code : number != RingLayout.SPSC && number != RingLayout.MPSC) {
            throw wrongFormat("the kind of the ring is " + name(number) + "; expected was "
                    + (expected != null ? name(expected.code)
                            : name(RingLayout.SPSC) + " or " + name(RingLayout.MPSC)));
        }
        if (Long.bitCount(capacity) != 1
                || capacity < RingLayout.LEAST_CAPACITY
                || capacity > RingLayout.GREATEST_CAPACITY) {
            throw corrupted("capacity is " + capacity + "; it must be a power of two from " + RingLayout.LEAST_CAPACITY
                    + " to " + RingLayout.GREATEST_CAPACITY);
        }
        boolean spsc = number == RingLayout.SPSC;
        if (slots < 1 || slots > (spsc ? RingLayout.SPSC_SLOTS : RingLayout.MOST_SLOTS)) {
            throw corrupted("the number of slots for producers is " + slots + "; it must be "
                    + (spsc ? RingLayout.SPSC_SLOTS : "from 1 to " + RingLayout.MOST_SLOTS));
        }
        return RingLayout.dataOffset(slots) + capacity;
    }

    private static String name(int number) {
        return switch (number) {
            case RingLayout.SPSC -> "SPSC (" + RingLayout.SPSC + ")";
            case RingLayout.MPSC -> "MPSC (" + RingLayout.MPSC + ")";
            default -> Integer.toString(number);
        };
    }

    /** Records get memory when they are written, so that a large ring can be sparse. Producers sign in slots by compare-and-set. */
    @Override
    protected long backedSize(long size, long capacity) {
        return size - capacity;
    }
}
