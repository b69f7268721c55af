package io.github.shm4j.benchmarks.report;

import static io.github.shm4j.benchmarks.report.RingTables.AERON;
import static io.github.shm4j.benchmarks.report.RingTables.AGRONA;
import static io.github.shm4j.benchmarks.report.RingTables.AGRONA_MANY;
import static io.github.shm4j.benchmarks.report.RingTables.C;
import static io.github.shm4j.benchmarks.report.RingTables.C_BATCHES;
import static io.github.shm4j.benchmarks.report.RingTables.FAR;
import static io.github.shm4j.benchmarks.report.RingTables.OURS;
import static io.github.shm4j.benchmarks.report.RingTables.OURS_BATCHES;
import static io.github.shm4j.benchmarks.report.RingTables.OURS_MANY;
import static io.github.shm4j.benchmarks.report.RingTables.distance;

import io.github.shm4j.benchmarks.rings.RingQuestion.Kind;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** What the rings mean to reach. */
final class RingTargets {

    private static final int SMALL = 64;
    private static final int MEDIUM = 1 << 10;
    private static final int LARGE = 64 << 10;

    /** What is shown and not judged. */
    private static final double NONE = Double.NaN;

    private final Targets targets;

    RingTargets(Targets targets) {
        this.targets = targets;
    }

    /** Judges messages in one direction, all of one kind and with the cores at one distance. */
    void addFlows(Kind kind, Map<Integer, Map<String, Series>> flows) {
        switch (kind) {
            case FLOW -> {
                flow(flows, SMALL, "", OURS, AGRONA, C, 1.5, 5);
                flow(flows, SMALL, ", batches of 256", OURS_BATCHES, AGRONA, C_BATCHES, 1.7, NONE);
                flow(flows, SMALL, "", OURS, AERON, C, NONE, NONE);
                flow(flows, MEDIUM, "", OURS, AGRONA, C, 1.7, 5);
                flow(flows, MEDIUM, "", OURS, AGRONA_MANY, C, 1.1, NONE);
                flow(flows, MEDIUM, " for many", OURS_MANY, AGRONA_MANY, C, 1.1, NONE);
                flow(flows, LARGE, "", OURS, AGRONA, C, 1, NONE);
            }
            case COPIED_OUT -> flow(flows, SMALL, ", copied out by the consumer", OURS, AGRONA, C, 1.3, NONE);
            case SMALLER_RING -> flow(flows, LARGE, ", a quarter of the capacity", OURS, AGRONA, C, 1, NONE);
            default -> throw new IllegalArgumentException("there are no limits for " + kind);
        }
    }

    private void flow(Map<Integer, Map<String, Series>> flows, int size, String how, String name, String other,
            String c,
            double nearLimit, double farLimit) {
        Map<String, Series> all = flows.getOrDefault(size, Map.of());
        Series ours = all.get(name);
        if (ours == null) {
            return;
        }
        boolean far = distance(ours).equals(FAR);
        double limit = far ? farLimit : nearLimit;
        String many = how.equals(" for many") ? how : "";
        String what = "ring" + many + ", " + Units.bytes(size) + (many.isEmpty() ? how : "")
                + ", messages per second: to " + other + distance(ours);
        Optional<Sample> limitOfC = all.containsKey(c) ? all.get(c).over(all.get(other)) : Optional.empty();
        ours.over(all.get(other)).ifPresent(ratio -> add(what, limit, ratio, limitOfC));
        // Far is met now and then only.
        if (far) {
            ours.overApart(all.get(other))
                    .ifPresent(ratio -> add(what + ", in different rounds", limit, ratio, limitOfC));
        }
    }

    private void add(String what, double limit, Sample ratio, Optional<Sample> c) {
        if (Double.isNaN(limit)) {
            targets.toKnow(what, ratio, c);
        } else {
            targets.atLeast(what, limit, ratio, c);
        }
    }

    void addRoundTrips(
            Map<Integer, Map<String, RoundTripLatency>> twoWays,
            Map<Integer, Map<String, RoundTripLatency>> twoWaysWithG1) {
        Map<String, RoundTripLatency> all = twoWays.getOrDefault(SMALL, Map.of());
        roundTrip(all, "p50", each -> each.p50, 1);
        roundTrip(twoWaysWithG1.getOrDefault(SMALL, Map.of()), "p99.9 with G1", each -> each.p999, 0.5);
    }

    private void roundTrip(
            Map<String, RoundTripLatency> all, String what, Function<RoundTripLatency, Series> figure, double limit) {
        if (all.containsKey(OURS) && all.containsKey(AGRONA)) {
            Series ours = figure.apply(all.get(OURS));
            Series agrona = figure.apply(all.get(AGRONA));
            Optional<Sample> c = Optional.ofNullable(all.get(C)).flatMap(each -> figure.apply(each).over(agrona));
            ours.over(agrona).ifPresent(ratio -> targets.atMost(
                    "ring, 64 B there and back, " + what + ": to " + AGRONA + distance(ours), limit, ratio, c));
        }
    }

    void addWakeUpTargets(Map<Integer, Map<String, RoundTripLatency>> wakeUps) {
        wakeUps.values().forEach(all -> Optional.ofNullable(all.get(OURS))
                .flatMap(ours -> ours.p50.over(RingRoundTrips.p50(all.get(C))))
                .ifPresent(ratio -> targets.atMost(
                        "ring, waiting in the kernel, p50 of two wake-ups: to C" + distance(all.get(OURS).p50), 1.3,
                        ratio)));
    }

    void addProducerTargets(Map<RingFlows.Key, Series> producers) {
        producers.forEach((key, series) -> {
            if (key.name().equals(OURS_MANY)) {
                series.over(producers.get(RingFlows.agrona(key))).ifPresent(ratio -> targets.atLeast(
                        "ring for many, " + Units.bytes(key.size()) + ", " + RingFlows.count(key.producers())
                                + ": to Agrona N:1" + distance(series),
                        1,
                        ratio));
            }
        });
    }

}
