package io.github.shm4j.benchmarks.report;

import io.github.shm4j.benchmarks.crossing.CrossingQuestion.Group;
import io.github.shm4j.benchmarks.crossing.CrossingQuestion.Talk;
import io.github.shm4j.benchmarks.crossing.LatencySamples;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/** How fast do messages cross from one process to another? */
final class CrossingSection {

    private static final String OURS = "shm4j";
    private static final String C = "C";

    private final ByDistance<Group> byDistance;
    private final Charts charts;
    private final Targets targets;

    CrossingSection(List<Group> groups, Charts charts, Targets targets) {
        this.byDistance = new ByDistance<>(groups, unused -> "");
        this.charts = charts;
        this.targets = targets;
    }

    void write(Map<String, String> parts) throws IOException {
        Map<Integer, Map<String, Talks>> bySize = new TreeMap<>();
        for (Group group : byDistance.kept()) {
            for (Talk talk : group.talks()) {
                bySize.computeIfAbsent(group.size(), unused -> new LinkedHashMap<>())
                        .computeIfAbsent(talk.name(), unused -> new Talks())
                        .add(talk);
            }
        }
        parts.put("crossingDistance", byDistance.table());
        StringBuilder latency = new StringBuilder();
        StringBuilder throughput = new StringBuilder();
        bySize.forEach((size, talks) -> {
            List<Group> same = byDistance.kept().stream().filter(group -> group.size() == size).toList();
            latency.append("### Round trip, ").append(Units.bytes(size)).append("\n\n").append(byDistance.say(same))
                    .append(latency(talks)).append('\n');
            throughput.append("### One direction, ").append(Units.bytes(size)).append("\n\n")
                    .append(throughput(size, talks)).append('\n');
        });
        parts.put("crossingLatency", latency.toString());
        parts.put("crossingThroughput", throughput.toString());
        parts.put("crossingLatencyChart", latencyChart(bySize));
        parts.put("crossingThroughputChart", throughputChart(bySize));
        addTargets(bySize);
    }

    /** The talks of one competitor and size in all groups. */
    private static final class Talks {

        private final Histogram histogram = new Histogram(3);
        private final List<Double> p50 = new ArrayList<>();
        private final List<Double> rates = new ArrayList<>();

        void add(Talk talk) {
            histogram.add(LatencySamples.decode(talk.histogram()));
            p50.add((double) talk.p50());
            rates.add(talk.messagesPerSecond());
        }

        /** One value for each group: ratios are taken within a group. */
        Sample p50() {
            return new Sample(p50.stream().map(List::of).toList());
        }

        Sample rates() {
            return new Sample(rates.stream().map(List::of).toList());
        }

        double at(double percentile) {
            return histogram.getValueAtPercentile(percentile);
        }
    }

    private static String latency(Map<String, Talks> talks) {
        Table table = new Table(
                List.of("", "p50", "p90", "p99", "p99.9", "p50 to C", "best file to this, p50", "round trips"));
        talks.forEach((name, talk) -> table.add(List.of(
                label(name),
                Units.time(talk.at(50)),
                Units.time(talk.at(90)),
                Units.time(talk.at(99)),
                Units.time(talk.at(99.9)),
                Optional.ofNullable(talks.get(C)).map(c -> Units.times(talk.p50().over(c.p50()).median())).orElse("–"),
                bestFile(talks).map(file -> Units.times(file.over(talk.p50()).median())).orElse("–"),
                String.format("%,d", talk.histogram.getTotalCount()))));
        return table.toString();
    }

    private static String throughput(int size, Map<String, Talks> talks) {
        Table table = new Table(List.of("", "messages per second", "MB/s", "to C", "kind"));
        talks.forEach((name, talk) -> table.add(List.of(
                label(name),
                Units.withError(talk.rates()),
                Units.number(talk.rates().median() * size / 1e6),
                Optional.ofNullable(talks.get(C)).map(c -> Units.times(talk.rates().over(c.rates()).median())).orElse(
                        "–"),
                isStream(name) ? "stream" : "slot")));
        return table.toString();
    }

    private static boolean isStream(String name) {
        return name.startsWith("named pipe") || name.startsWith("Unix") || name.startsWith("TCP");
    }

    private static boolean isFile(String name) {
        return name.startsWith("file");
    }

    private static String label(String name) {
        return name.equals(OURS) ? "**shm4j**" : name;
    }

    private static Optional<Sample> bestFile(Map<String, Talks> talks) {
        List<Sample> files = talks.entrySet().stream()
                .filter(entry -> isFile(entry.getKey()))
                .map(entry -> entry.getValue().p50())
                .toList();
        return files.isEmpty() ? Optional.empty() : Optional.of(Sample.best(files));
    }

    private String latencyChart(Map<Integer, Map<String, Talks>> bySize) throws IOException {
        Map<String, Talks> smallest = bySize.values().iterator().next();
        Map<String, List<Double>> series = new LinkedHashMap<>();
        Map<String, Double> percentiles = new LinkedHashMap<>();
        percentiles.put("p50", 50.0);
        percentiles.put("p99", 99.0);
        percentiles.put("p99.9", 99.9);
        percentiles.forEach((label, percentile) -> series.put(
                label, smallest.values().stream().map(talk -> talk.at(percentile)).toList()));
        return charts.bars(
                "crossing-latency",
                "Round trip of " + Units.bytes(bySize.keySet().iterator().next()) + " between two processes",
                "time",
                Units::time,
                true,
                List.copyOf(smallest.keySet()),
                series);
    }

    private String throughputChart(Map<Integer, Map<String, Talks>> bySize) throws IOException {
        Map<String, List<Double>> series = new LinkedHashMap<>();
        bySize.forEach((size, talks) -> series.put(
                Units.bytes(size), talks.values().stream().map(talk -> talk.rates().median() * size / 1e6).toList()));
        return charts.bars(
                "crossing-throughput",
                "One direction between two processes",
                "MB/s",
                Units::plain,
                true,
                List.copyOf(bySize.values().iterator().next().keySet()),
                series);
    }

    private void addTargets(Map<Integer, Map<String, Talks>> bySize) {
        Map<String, Talks> talks = bySize.get(64);
        if (talks == null || !talks.containsKey(OURS)) {
            return;
        }
        Sample ours = talks.get(OURS).p50();
        if (talks.containsKey(C)) {
            targets.atMost("64 B between processes, p50 of a round trip: to C", 1.5, ours.over(talks.get(C).p50()));
        }
        bestFile(talks).ifPresent(file -> targets.atLeast(
                "64 B between processes, p50 of a round trip: best file to shm4j", 10, file.over(ours)));
    }
}
