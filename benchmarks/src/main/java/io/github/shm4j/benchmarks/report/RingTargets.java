package io.github.shm4j.benchmarks.report;

import static io.github.shm4j.benchmarks.report.RingTables.AERON;
import static io.github.shm4j.benchmarks.report.RingTables.AGRONA;
import static io.github.shm4j.benchmarks.report.RingTables.AGRONA_MANY;
import static io.github.shm4j.benchmarks.report.RingTables.C;
import static io.github.shm4j.benchmarks.report.RingTables.FAR;
import static io.github.shm4j.benchmarks.report.RingTables.OURS;
import static io.github.shm4j.benchmarks.report.RingTables.OURS_MANY;
import static io.github.shm4j.benchmarks.report.RingTables.distance;

import java.util.Comparator;
import java.util.Map;
import java.util.Optional;

/** What the rings mean to reach. */
final class RingTargets {

    private static final int SMALL = 64;
    private static final int MEDIUM = 1 << 10;
    private static final int LARGE = 64 << 10;

    private final Targets targets;

    RingTargets(Targets targets) {
        this.targets = targets;
    }

    void addFlowTargets(Map<Integer, Map<String, Series>> oneWay) {
        flowTarget(oneWay, SMALL, AGRONA, 2.5);
        flowTarget(oneWay, SMALL, AERON, 1.5);
        flowTarget(oneWay, MEDIUM, AGRONA, 2.5);
        flowTarget(oneWay, MEDIUM, AGRONA_MANY, 1);
        flowTarget(oneWay, LARGE, AGRONA, 1);
        flowTarget(oneWay, LARGE, C, 0.95);
    }

    void addFarTargets(Map<Integer, Map<String, Series>> oneWayFar) {
        flowTarget(oneWayFar, SMALL, AGRONA, 2.5);
        flowTarget(oneWayFar, SMALL, AERON, 1.5);
        flowTarget(oneWayFar, MEDIUM, AGRONA, 2.5);
        flowTarget(oneWayFar, MEDIUM, AGRONA_MANY, 1);
    }

    private void flowTarget(Map<Integer, Map<String, Series>> oneWay, int size, String other, double limit) {
        Map<String, Series> all = oneWay.getOrDefault(size, Map.of());
        Series ours = all.get(OURS);
        if (ours != null) {
            String what = perSecond(size) + "to " + other + distance(ours);
            ours.over(all.get(other)).ifPresent(ratio -> targets.atLeast(what, limit, ratio));
            // Far is met now and then only.
            if (distance(ours).equals(FAR)) {
                ours.overApart(all.get(other))
                        .ifPresent(ratio -> targets.atLeast(what + ", in different rounds", limit, ratio));
            }
        }
    }

    private static String perSecond(int size) {
        return "ring, " + Units.bytes(size) + ", messages per second: ";
    }

    /** What our ring can do if messages may wait for each other, which is nobody's target: Agrona's has no batches. */
    private void addBestTarget(Map<Integer, Map<String, Series>> oneWay, int size) {
        Map<String, Series> all = oneWay.getOrDefault(size, Map.of());
        Series agrona = all.get(AGRONA);
        all.keySet().stream()
                .filter(name -> name.startsWith(OURS) && all.get(name).over(agrona).isPresent())
                .max(Comparator.comparingDouble(name -> all.get(name).sample().median()))
                .ifPresent(name -> targets.toKnow(
                        perSecond(size) + "the best of our SPSC, batches included (\"" + name + "\"), to " + AGRONA
                                + distance(all.get(name)),
                        all.get(name).over(agrona).orElseThrow()));
    }

    void addBestTargets(Map<Integer, Map<String, Series>> oneWay) {
        addBestTarget(oneWay, SMALL);
        addBestTarget(oneWay, MEDIUM);
    }

    void addRoundTripTargets(Map<Integer, Map<String, Latency>> twoWays) {
        Map<String, Latency> all = twoWays.getOrDefault(SMALL, Map.of());
        Latency ours = all.get(OURS);
        if (ours != null) {
            ours.p50.over(RingRoundTrips.p50(all.get(AGRONA))).ifPresent(ratio -> targets.atMost(
                    "ring, 64 B there and back, p50: to " + AGRONA + distance(ours.p50), 1, ratio));
            Optional.ofNullable(all.get(AERON))
                    .flatMap(aeron -> ours.p99.over(aeron.p99))
                    .ifPresent(ratio -> targets.atMost(
                            "ring, 64 B there and back, p99: to " + AERON + distance(ours.p99), 1, ratio));
        }
    }

    void addWakeUpTargets(Map<Integer, Map<String, Latency>> wakeUps) {
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
