package io.github.shm4j.benchmarks.rings;

import io.github.shm4j.benchmarks.crossing.CoreDistance;
import java.util.List;

/**
 * Messages from one process to each of several others.
 *
 * @param round the number of the round, from 1
 * @param size the size of a message in bytes
 * @param name the competitor
 * @param readers how many processes read
 * @param first the core of the producer
 * @param second the core of the readers
 * @param sameCore whether these are two threads of one core
 * @param nanosBefore the way of a cache line to the other core and back, before
 * @param nanosAfter and after it
 * @param messagesPerSecond what the slowest reader got, one value for each slice of time
 */
public record BroadcastFlow(
        int round,
        int size,
        String name,
        int readers,
        int first,
        int second,
        boolean sameCore,
        double nanosBefore,
        double nanosAfter,
        List<Double> messagesPerSecond)
        implements
            CoreDistance {

    /** What the competitors are called in the results, in the order of tables. */
    public static final String OURS = "shm4j broadcast";

    /** The one of Agrona. */
    public static final String AGRONA = "Agrona broadcast";
}
