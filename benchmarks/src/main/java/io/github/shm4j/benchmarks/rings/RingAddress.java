package io.github.shm4j.benchmarks.rings;

/**
 * Where a ring is, and how large.
 *
 * @param location the id of the block or the name of the file or directory in which it is
 * @param index 0 or 1, as there are two beside each other: one for each direction
 * @param capacity its capacity in bytes, if it has one
 * @param size the size of the messages in bytes
 * @param ping whether this process measures
 */
record RingAddress(String location, int index, long capacity, int size, boolean ping) {

    static final int THERE = 0;
    static final int BACK = 1;

    private static final int PAGE = 4096;

    /** {@return where the ring begins, if each of the two takes so many bytes} */
    long offset(long bytes) {
        return index * pages(bytes);
    }

    /** {@return a number of bytes, rounded up to whole pages} */
    static long pages(long bytes) {
        return (bytes + PAGE - 1) / PAGE * PAGE;
    }
}
