package io.github.shm4j.benchmarks.report;

import io.github.shm4j.benchmarks.crossing.CoreDistance.Distance;
import io.github.shm4j.benchmarks.crossing.LatencySamples;
import io.github.shm4j.benchmarks.rings.RingQuestion.RoundTrips;
import java.util.List;
import java.util.Optional;
import org.HdrHistogram.Histogram;

/** The round trips of one competitor and size in all rounds. */
final class RoundTripLatency {

    final Histogram histogram = new Histogram(3);
    final Series p50;
    final Series p99;
    final Series p999;
    long slept;

    RoundTripLatency(Optional<Distance> distance) {
        p50 = new Series(distance);
        p99 = new Series(distance);
        p999 = new Series(distance);
    }

    void add(RoundTrips roundTrips) {
        histogram.add(LatencySamples.decode(roundTrips.histogram()));
        p50.add(roundTrips.round(), List.of((double) roundTrips.p50()));
        p99.add(roundTrips.round(), List.of((double) roundTrips.p99()));
        p999.add(roundTrips.round(), List.of((double) roundTrips.p999()));
        slept += roundTrips.slept();
    }

    double at(double percentile) {
        return histogram.getValueAtPercentile(percentile);
    }
}
