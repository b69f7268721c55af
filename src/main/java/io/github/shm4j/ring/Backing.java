package io.github.shm4j.ring;

import io.github.shm4j.internal.Pages;
import java.lang.foreign.MemorySegment;

/**
 * Finds out, piece by piece and once for each, whether there is memory behind the addresses of a ring.
 *
 * <p>A block of huge pages that were not reserved, or a file on a full tmpfs, can have pages that the system cannot give any
 * memory. A plain access to one is an {@link InternalError}, in compiled code some instructions later. A compare-and-set, or C
 * code, ends the JVM. So each piece of the ring is read by plain accesses before a message is written to it for the first time, and
 * before C code clears it. A page that has memory keeps it.
 *
 * <p>A page of a file on a disk can be read although a store to it finds no room. Nothing can be stored to find that out here: the
 * piece may be another producer's by then.
 */
final class Backing {

    private static final int SMALLEST_PIECE_SHIFT = 16;
    private static final int MOST_PIECES = 1 << 16;

    private final MemorySegment memory;
    private final int pieceShift;

    /** One bit for each piece. */
    private final long[] known;

    /** How many pieces are not known. */
    private int unknown;

    /**
     * Looks at none of the memory, unless it is so little that it is one piece.
     *
     * @throws RingMemoryException if there is no memory behind that
     */
    Backing(MemorySegment memory) {
        this.memory = memory;
        long last = memory.byteSize() - 1;
        int shift = SMALLEST_PIECE_SHIFT;
        while (last >>> shift >= MOST_PIECES) {
            shift++;
        }
        pieceShift = shift;
        unknown = (int) (last >>> shift) + 1;
        known = new long[(unknown - 1 >>> 6) + 1];
        if (unknown == 1) {
            look(0);
        }
    }

    /** {@return whether all of the ring is known to have memory} */
    boolean isComplete() {
        return unknown == 0;
    }

    /**
     * Returns normally if there is memory behind a part of the ring.
     *
     * @throws RingMemoryException if there is none
     */
    void require(long begin, long length) {
        int last = (int) (begin + length - 1 >>> pieceShift);
        for (int piece = (int) (begin >>> pieceShift); piece <= last; piece++) {
            // Who sees an old value looks twice.
            if ((known[piece >>> 6] & 1L << piece) == 0) {
                look(piece);
            }
        }
    }

    private synchronized void look(int piece) {
        long begin = (long) piece << pieceShift;
        try {
            Pages.requireMemory(memory, begin, Math.min(1L << pieceShift, memory.byteSize() - begin));
        } catch (InternalError noMemory) {
            throw new RingMemoryException(noMemory);
        }
        if ((known[piece >>> 6] & 1L << piece) == 0) {
            known[piece >>> 6] |= 1L << piece;
            unknown--;
        }
    }
}
