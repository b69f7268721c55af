package io.github.shm4j.benchmarks.report;

import static io.github.shm4j.benchmarks.report.RingTables.AGRONA;
import static io.github.shm4j.benchmarks.report.RingTables.C;
import static io.github.shm4j.benchmarks.report.RingTables.OURS;
import static io.github.shm4j.benchmarks.report.RingTables.cell;
import static io.github.shm4j.benchmarks.report.RingTables.cellApart;
import static io.github.shm4j.benchmarks.report.RingTables.inOrder;
import static io.github.shm4j.benchmarks.report.RingTables.label;
import static io.github.shm4j.benchmarks.report.RingTables.values;

import io.github.shm4j.benchmarks.crossing.CoreDistance.Distance;
import io.github.shm4j.benchmarks.rings.RingQuestion.Kind;
import io.github.shm4j.benchmarks.rings.RingQuestion.RoundTrips;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Messages there and back through rings: what was measured, as tables and charts. */
final class RingRoundTrips {

    private final ByDistance<RoundTrips> roundTrips;
    private final Charts charts;

    RingRoundTrips(ByDistance<RoundTrips> roundTrips, Charts charts) {
        this.roundTrips = roundTrips;
        this.charts = charts;
    }

    Map<Integer, Map<String, RoundTripLatency>> roundTrips(Kind kind) {
        List<RoundTrips> same = roundTrips.groups().stream().filter(each -> each.kind() == kind).toList();
        List<RoundTrips> kept = roundTrips.kept();
        Map<Integer, Map<String, RoundTripLatency>> all = new TreeMap<>();
        for (RoundTrips each : same) {
            Map<String, RoundTripLatency> bySize = all.computeIfAbsent(each.size(), unused -> new LinkedHashMap<>());
            Optional<Distance> distance = same.stream()
                    .filter(other -> other.size() == each.size()
                            && other.name().equals(each.name())
                            && kept.contains(other))
                    .map(RoundTrips::distance)
                    .findFirst();
            RoundTripLatency roundTrips = bySize.computeIfAbsent(each.name(), unused -> new RoundTripLatency(distance));
            if (distance.isEmpty() || kept.contains(each)) {
                roundTrips.add(each);
            }
        }
        return all;
    }

    Map<Integer, Map<String, RoundTripLatency>> farLatencies(Kind kind) {
        Map<Integer, Map<String, RoundTripLatency>> all = new TreeMap<>();
        for (RoundTrips each : farRoundTrips(kind)) {
            all.computeIfAbsent(each.size(), unused -> new LinkedHashMap<>())
                    .computeIfAbsent(each.name(), unused -> new RoundTripLatency(Optional.of(Distance.FAR)))
                    .add(each);
        }
        return all;
    }

    private List<RoundTrips> farRoundTrips(Kind kind) {
        return roundTrips.far().stream().filter(each -> each.kind() == kind)
                .sorted(inOrder(RoundTrips::name)).toList();
    }

    static Series p50(RoundTripLatency roundTrips) {
        return roundTrips == null ? null : roundTrips.p50;
    }

    static Series p999(RoundTripLatency roundTrips) {
        return roundTrips == null ? null : roundTrips.p999;
    }

    List<RoundTrips> shownRoundTrips() {
        return Stream.concat(
                roundTrips.kept().stream(),
                roundTrips.far().stream().filter(each -> each.kind() != Kind.WAKE_UPS)).toList();
    }

    /** Tables of one kind, one for each size, each with the cores near and far. */
    String tables(Kind kind) {
        StringBuilder text = new StringBuilder();
        Map<Integer, Map<String, RoundTripLatency>> twoWaysFar = farLatencies(kind);
        roundTrips(kind).forEach((size, all) -> {
            List<RoundTrips> kept = roundTrips.kept().stream()
                    .filter(each -> each.kind() == kind && each.size() == size)
                    .toList();
            text.append("### There and back, ").append(Units.bytes(size))
                    .append(kind == Kind.ROUND_TRIPS_G1 ? ", with G1" : "")
                    .append("\n\n").append(roundTrips.say(kept));
            Table table = new Table(List.of(
                    "", "p50", "p90", "p99", "p99.9", "p50 to C", "p50 to Agrona 1:1", "p99.9 to Agrona 1:1",
                    "round trips"));
            all.forEach((name, each) -> table.add(List.of(
                    label(name, each.p50),
                    Units.time(each.at(50)),
                    Units.time(each.at(90)),
                    Units.time(each.at(99)),
                    Units.time(each.at(99.9)),
                    cell(each.p50, p50(all.get(C))),
                    cell(each.p50, p50(all.get(AGRONA))),
                    cell(each.p999, p999(all.get(AGRONA))),
                    String.format("%,d", each.histogram.getTotalCount()))));
            text.append(table).append('\n');
            if (kept.getFirst().distance() != Distance.FAR) {
                text.append(tableFar(
                        farRoundTrips(kind).stream().filter(each -> each.size() == size).toList(),
                        twoWaysFar.getOrDefault(size, Map.of())));
            }
        });
        return text.toString();
    }

    private static String tableFar(List<RoundTrips> far, Map<String, RoundTripLatency> all) {
        Table table = new Table(List.of(
                "", "p50", "p99", "p99.9", "p50 to C", "p50 to Agrona 1:1", "p99.9 to Agrona 1:1", "measurements"));
        all.forEach((name, each) -> table.add(List.of(
                label(name),
                Units.time(each.at(50)),
                Units.time(each.at(99)),
                Units.time(each.at(99.9)),
                cellApart(each.p50, p50(all.get(C))),
                cellApart(each.p50, p50(all.get(AGRONA))),
                cellApart(each.p999, p999(all.get(AGRONA))),
                Integer.toString(each.p50.measurements))));
        return RingTables.far(far, table);
    }

    String roundTripChart(Map<Integer, Map<String, RoundTripLatency>> twoWays) throws IOException {
        int size = twoWays.keySet().iterator().next();
        Map<String, RoundTripLatency> all = twoWays.get(size);
        Map<String, List<Double>> series = new LinkedHashMap<>();
        Map<String, Double> percentiles = new LinkedHashMap<>();
        percentiles.put("p50", 50.0);
        percentiles.put("p99", 99.0);
        percentiles.put("p99.9", 99.9);
        percentiles.forEach((label, percentile) -> series.put(
                label,
                values(List.copyOf(all.keySet()), name -> Optional.of(all.get(name))
                        .filter(each -> each.p50.comparable())
                        .map(each -> each.at(percentile)))));
        return charts.bars("rings-latency", "Through two rings, " + Units.bytes(size) + " there and back", "time",
                Units::time, true, List.copyOf(all.keySet()), series);
    }

    static String wakeUpTable(Map<Integer, Map<String, RoundTripLatency>> wakeUps) {
        Table table = new Table(List.of(
                "two wake-ups", "p50", "p90", "p99", "p50 to C", "round trips", "slept in each"));
        wakeUps.values().forEach(all -> all.forEach((name, each) -> table.add(List.of(
                name.equals(OURS) ? "**shm4j**, `WaitStrategy.BLOCKING`" : name + ", the same futex protocol",
                Units.time(each.at(50)),
                Units.time(each.at(90)),
                Units.time(each.at(99)),
                cell(each.p50, p50(all.get(C))),
                String.format("%,d", each.histogram.getTotalCount()),
                Units.number(each.slept / (double) each.histogram.getTotalCount()) + " times"))));
        return table.toString();
    }
}
