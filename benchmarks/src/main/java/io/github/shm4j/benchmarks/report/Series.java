package io.github.shm4j.benchmarks.report;

import io.github.shm4j.benchmarks.crossing.CoreDistance.Distance;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Values of several rounds. */
final class Series {

    private final Map<Integer, List<Double>> rounds = new TreeMap<>();
    final Optional<Distance> distance;
    int measurements;

    /**
     * Makes one without values.
     *
     * @param distance how far apart the cores were in all of them, or nothing if not as for those to compare with
     */
    Series(Optional<Distance> distance) {
        this.distance = distance;
    }

    void add(int round, List<Double> values) {
        rounds.computeIfAbsent(round, unused -> new ArrayList<>()).addAll(values);
        measurements++;
    }

    Sample sample() {
        return new Sample(List.copyOf(rounds.values()));
    }

    boolean comparable() {
        return distance.isPresent();
    }

    private boolean comparable(Series other) {
        return other != null && comparable() && distance.equals(other.distance);
    }

    /** {@return the ratio of the medians, for each round that has both} */
    Optional<Sample> over(Series other) {
        List<Double> ratios = new ArrayList<>();
        rounds.forEach((round, values) -> {
            if (comparable(other) && other.rounds.containsKey(round)) {
                ratios.add(Sample.of(values).median() / Sample.of(other.rounds.get(round)).median());
            }
        });
        return ratios.isEmpty() ? Optional.empty() : Optional.of(Sample.of(ratios));
    }

    /** {@return the ratio of the medians of all rounds, if there is none that has both} */
    Optional<Sample> overApart(Series other) {
        return comparable(other) && over(other).isEmpty()
                ? Optional.of(Sample.of(List.of(sample().median() / other.sample().median())))
                : Optional.empty();
    }
}
