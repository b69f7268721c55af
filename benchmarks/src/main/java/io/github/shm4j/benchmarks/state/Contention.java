package io.github.shm4j.benchmarks.state;

import io.github.shm4j.benchmarks.crossing.CoreDistance;
import java.util.List;

/**
 * Two processes that acquire and release one lock as often as they can.
 *
 * @param round the number of the round, from 1
 * @param name the competitor
 * @param first the core of the measuring side
 * @param second the core of the other side
 * @param sameCore whether these are two threads of one core
 * @param nanosBefore the way of a cache line to the other core and back, before
 * @param nanosAfter and after it
 * @param firstPerSecond how often the measuring side acquired the lock, one value for each slice of time
 * @param secondPerSecond the same of the other side
 * @param compiledMillis how long the compiler worked meanwhile, on either side
 */
public record Contention(
        int round,
        String name,
        int first,
        int second,
        boolean sameCore,
        double nanosBefore,
        double nanosAfter,
        List<Double> firstPerSecond,
        List<Double> secondPerSecond,
        List<Long> compiledMillis)
        implements
            CoreDistance {

    /** {@return the size of the counter that the lock protects} */
    @Override
    public int size() {
        return Long.BYTES;
    }
}
