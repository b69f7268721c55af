package io.github.shm4j.broadcast;

/**
 * Where the first message begins in each of the last sections of a ring that a producer has written, so that it need not go over
 * the records to find that out.
 *
 * <p>A section is a sixteenth of the capacity: for as long as the producer has room in one, it gives up nothing.
 */
final class Sections {

    /** More than lie between the oldest message and the end of the next one. */
    private static final int COUNT = 32;

    private final int shift;
    private final long[] positions = new long[COUNT];
    private final long[] messages = new long[COUNT];
    private final long[] bytes = new long[COUNT];

    /** The first section that is known, and the first that is not any more. */
    private long first;
    private long next;

    Sections(long capacity) {
        this.shift = Long.numberOfTrailingZeros(capacity / 16);
    }

    /** Forgets everything, at a position between two records. */
    void restart(long position) {
        first = section(position) + 1;
        next = first;
    }

    private long section(long position) {
        return position >> shift;
    }

    /** {@return from which position on {@link #add} has to be called} */
    long nextBegin() {
        return next << shift;
    }

    /** Takes note of a position between two records, the first one in some sections, and of what lies before it. */
    void add(long position, long before, long size) {
        for (long end = section(position) + 1; next < end; next++) {
            int index = (int) next & COUNT - 1;
            positions[index] = position;
            messages[index] = before;
            bytes[index] = size;
        }
    }

    /** {@return where the section begins behind a position} */
    long beginBehind(long position) {
        return section(position) + 1 << shift;
    }

    /**
     * Looks for the first position between two records in the section that begins at a position.
     *
     * @return whether it is known; then it is in the mark
     */
    boolean find(long begin, Mark mark) {
        long section = section(begin);
        if (section < first || section >= next || next - section > COUNT) {
            return false;
        }
        int index = (int) section & COUNT - 1;
        mark.position = positions[index];
        mark.messages = messages[index];
        mark.bytes = bytes[index];
        return true;
    }
}
