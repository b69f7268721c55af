package io.github.shm4j.ring;

import io.github.shm4j.structure.Header;
import java.lang.foreign.MemorySegment;
import java.time.Duration;

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

    /** {@return the memory of the ring of the requests} */
    static MemorySegment requests(MemorySegment memory, long capacity) {
        return memory.asSlice(REQUESTS_BEGIN, RingKind.SPSC.sizeFor(capacity));
    }

    /** {@return the memory of the ring of the replies} */
    static MemorySegment replies(MemorySegment memory, long capacity) {
        return memory.asSlice(repliesBegin(capacity), RingKind.SPSC.sizeFor(capacity));
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

    @Override
    protected void createContents(MemorySegment memory, long capacity) {
        MemorySegment replies = replies(memory, capacity);
        // What others have there must stay. The ring of the requests begins where all was found to be zero.
        boolean free = !Header.isBegun(replies);
        try {
            create(requests(memory, capacity), capacity, "requests", REQUESTS_BEGIN);
            create(replies, capacity, "replies", repliesBegin(capacity));
        } catch (Throwable failure) {
            try {
                if (free) {
                    Header.remove(replies);
                }
                Header.remove(requests(memory, capacity));
            } catch (Throwable again) {
                // What is left keeps the creation begun.
                try {
                    failure.addSuppressed(again);
                } catch (Throwable exhausted) {
                    // What was thrown first is what counts.
                }
            }
            throw failure;
        }
    }

    private static void create(MemorySegment memory, long capacity, String what, long begin) {
        try {
            RingFormat.create(memory, RingKind.SPSC, capacity);
        } catch (RingFormatException refused) {
            throw new RingFormatException(
                    "the ring of the " + what + " cannot be created, in the memory from byte " + begin + " on: "
                            + refused.getMessage());
        }
    }

    @Override
    protected void removeContents(MemorySegment memory, long capacity) {
        Header.remove(replies(memory, capacity));
        Header.remove(requests(memory, capacity));
    }

    /** Opens one of the rings of a pair that is complete. */
    static SpscRingBuffer open(MemorySegment memory, long capacity, String what) {
        SpscRingBuffer ring;
        try {
            ring = SpscRingBuffer.open(memory, Duration.ZERO);
        } catch (RingFormatException refused) {
            throw new RingFormatException(inPair(what, refused));
        } catch (RingCorruptedException refused) {
            throw new RingCorruptedException(inPair(what, refused));
        }
        if (ring.capacity() != capacity) {
            throw RingCorruptedException.overwritten(
                    "the ring of the " + what + " has a capacity of " + ring.capacity() + ", and its pair one of "
                            + capacity);
        }
        return ring;
    }

    private static String inPair(String what, RingException refused) {
        return "the ring of the " + what + " of this pair cannot be used: " + refused.getMessage();
    }
}
