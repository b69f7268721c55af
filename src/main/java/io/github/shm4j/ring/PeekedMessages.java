package io.github.shm4j.ring;

import java.util.Arrays;

/** The messages that a consumer has peeked at and not released, so that it can release some of them, most often the first. */
final class PeekedMessages {

    static final int FEWEST = 16;

    /** Where the record of each ends. */
    long[] ends = new long[FEWEST];

    /** How many bytes the consumer had read before each. */
    private long[] bytes = new long[FEWEST];

    private int first;

    /** How many were prepared and delivered since the first was; the consumer counts one after its handler has returned. */
    int last;

    /** {@return how many there are} */
    int count() {
        return last - first;
    }

    /** {@return for how many there is memory} */
    int room() {
        return ends.length;
    }

    /** Takes note of where a message ends that is about to be delivered, and does not count it yet. */
    void prepare(long end, long bytesBefore) {
        if (first == last) {
            first = 0;
            last = 0;
        }
        if (last == ends.length) {
            makeRoom();
        }
        ends[last] = end;
        bytes[last] = bytesBefore;
    }

    /** Drops those that are released, and takes more memory if they are not half of all. */
    private void makeRoom() {
        int count = last - first;
        if (count > ends.length / 2) {
            int length = Math.multiplyExact(2, ends.length);
            long[] nextEnds = Arrays.copyOf(ends, length);
            long[] nextBytes = Arrays.copyOf(bytes, length);
            System.arraycopy(ends, first, nextEnds, 0, count);
            System.arraycopy(bytes, first, nextBytes, 0, count);
            // Nothing is called between these: the stack may be exhausted.
            ends = nextEnds;
            bytes = nextBytes;
        } else {
            // Half of all lie in the other half now: if something is thrown in between, they are still where they were.
            System.arraycopy(ends, first, ends, 0, count);
            System.arraycopy(bytes, first, bytes, 0, count);
        }
        first = 0;
        last = count;
    }

    /** {@return where the record of one ends that is not released} */
    long end(int messages) {
        return ends[first + messages - 1];
    }

    /**
     * {@return how many bytes the consumer had read when it had read the first ones of these}
     *
     * @param messages how many that are
     * @param bytesRead how many it has read by now
     */
    long bytesBefore(int messages, long bytesRead) {
        return first + messages == last ? bytesRead : bytes[first + messages];
    }

    /** {@return how many end at or before a position} The first ones are: so it takes as long as they are many. */
    int countUpTo(long position) {
        int end = first;
        while (end < last && ends[end] <= position) {
            end++;
        }
        return end - first;
    }

    void releaseUpTo(long position) {
        first += countUpTo(position);
    }
}
