package io.github.shm4j.ring;

import java.util.Arrays;

/** The messages that a consumer has peeked at and not released, so that it can release some of them. */
final class PeekedMessages {

    private static final int FEWEST = 16;

    private long[] ends = new long[FEWEST];
    private int[] lengths = new int[FEWEST];
    private int first;

    /** How many were prepared and delivered since the first was; the consumer counts one after its handler has returned. */
    int last;

    /** {@return how many there are} */
    int count() {
        return last - first;
    }

    /** Takes note of where a message ends that is about to be delivered, and does not count it yet. */
    void prepare(long end, int length) {
        if (first == last) {
            first = 0;
            last = 0;
        }
        if (last == ends.length) {
            ends = Arrays.copyOf(ends, 2 * last);
        }
        if (last == lengths.length) {
            lengths = Arrays.copyOf(lengths, 2 * last);
        }
        ends[last] = end;
        lengths[last] = length;
    }

    /** {@return where the record of one ends that is not released} */
    long end(int messages) {
        return ends[first + messages - 1];
    }

    /** {@return how many bytes there are in all that end behind a position} */
    long bytesBehind(long position) {
        long bytes = 0;
        for (int i = last - 1; i >= first && ends[i] > position; i--) {
            bytes += lengths[i];
        }
        return bytes;
    }

    /** {@return how many end behind a position} */
    int countBehind(long position) {
        int count = 0;
        for (int i = last - 1; i >= first && ends[i] > position; i--) {
            count++;
        }
        return count;
    }

    void releaseUpTo(long position) {
        first = last - countBehind(position);
    }
}
