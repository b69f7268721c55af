package io.github.shm4j.benchmarks.crossing;

/** One or several measurements between two measurements of how far apart the cores are. */
public interface CoreDistance {

    /** A larger change than this of the time that a cache line needs means that the cores were moved. */
    double MOVED = 1.5;

    /**
     * Cores that are further apart than this are "far": a cache line that leaves its cache cluster takes longer. Well above
     * what a third thread makes of "near", such as Aeron's driver on one of the cores.
     */
    double FAR_NANOS = 250;

    /** How far apart the cores were. */
    enum Distance {
        NEAR,
        FAR,
        MOVED
    }

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

    /** {@return the way of a cache line to the other core and back, before} */
    double nanosBefore();

    /** {@return the same afterwards} */
    double nanosAfter();

    /** {@return whether the cores moved apart or together meanwhile} */
    default boolean moved() {
        double ratio = nanosAfter() / nanosBefore();
        return ratio > MOVED || ratio < 1 / MOVED;
    }

    /** {@return how far apart the cores were all the time, or that this has changed} */
    default Distance distance() {
        return moved() ? Distance.MOVED : nanosBefore() > FAR_NANOS ? Distance.FAR : Distance.NEAR;
    }
}
