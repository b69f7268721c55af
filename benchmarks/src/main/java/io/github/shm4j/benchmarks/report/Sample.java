package io.github.shm4j.benchmarks.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * The measured values of one thing, one list for each round.
 *
 * <p>The value is the median: on a shared machine an iteration now and then takes many times as long as the others, and a
 * mean would tell of that. The error is half the width of the 95 % confidence interval of the median, by order statistics,
 * which assumes nothing about the distribution; with five or fewer values, half of their range.
 */
record Sample(List<List<Double>> rounds) {

    static Sample of(List<Double> values) {
        return new Sample(List.of(values));
    }

    int count() {
        return sorted().length;
    }

    double median() {
        return median(sorted());
    }

    double error() {
        return (high() - low()) / 2;
    }

    double low() {
        double[] sorted = sorted();
        return sorted[rank(sorted.length)];
    }

    double high() {
        double[] sorted = sorted();
        return sorted[sorted.length - 1 - rank(sorted.length)];
    }

    /** The same, with each value turned into another one. */
    Sample map(DoubleUnaryOperator operator) {
        return new Sample(rounds.stream()
                .map(round -> round.stream().map(operator::applyAsDouble).toList())
                .toList());
    }

    /**
     * How many times as large as another sample: for each round the ratio of the smallest values. Whatever disturbs a
     * measurement makes it slower, so the fastest iterations are those that were disturbed least.
     */
    Sample over(Sample other) {
        List<Double> ratios = new ArrayList<>();
        for (int round = 0; round < Math.min(rounds.size(), other.rounds.size()); round++) {
            ratios.add(Collections.min(rounds.get(round)) / Collections.min(other.rounds.get(round)));
        }
        return of(ratios);
    }

    /** Round by round the sample with the smallest value. */
    static Sample best(List<Sample> samples) {
        List<List<Double>> best = new ArrayList<>();
        for (int round = 0; round < samples.getFirst().rounds.size(); round++) {
            List<Double> smallest = samples.getFirst().rounds.get(round);
            for (Sample sample : samples) {
                if (Collections.min(sample.rounds.get(round)) < Collections.min(smallest)) {
                    smallest = sample.rounds.get(round);
                }
            }
            best.add(smallest);
        }
        return new Sample(best);
    }

    private double[] sorted() {
        return sorted(rounds.stream().flatMap(List::stream).toList());
    }

    private static double[] sorted(List<Double> values) {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        return sorted;
    }

    private static double median(double[] sorted) {
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /**
     * The highest rank, from 0, of the value that starts the interval: the true median lies below it with a probability of
     * at most 2.5 %. With few values this is the smallest one, whatever the probability.
     */
    private static int rank(int count) {
        double exactly = Math.pow(0.5, count);
        double atMost = exactly;
        int rank = 0;
        while (true) {
            // From "exactly rank values lie below the median" to the same for one more.
            exactly *= (count - rank) / (rank + 1.0);
            if (atMost + exactly > 0.025) {
                return rank;
            }
            atMost += exactly;
            rank++;
        }
    }
}
