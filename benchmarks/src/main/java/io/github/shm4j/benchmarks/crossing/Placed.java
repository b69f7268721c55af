package io.github.shm4j.benchmarks.crossing;

/** A group of measurements between two measurements of how far apart the cores are. */
public interface Placed {

    /** A larger change than this of the time that a cache line needs means another placement. */
    double MOVED = 1.5;

    /** {@return the number of the round, from 1} */
    int round();

    /** {@return the size of a message in bytes} */
    int size();

    /** {@return the core of the measuring side} */
    int first();

    /** {@return the core of the answering side} */
    int second();

    /** {@return whether these are two threads of one core} */
    boolean sameCore();

    /** {@return the way of a cache line to the other core and back, before the group} */
    double nanosBefore();

    /** {@return the same after the group} */
    double nanosAfter();

    /** {@return whether the cores moved apart or together meanwhile} */
    default boolean moved() {
        double ratio = nanosAfter() / nanosBefore();
        return ratio > MOVED || ratio < 1 / MOVED;
    }
}
