package io.github.shm4j.benchmarks.report;

import static io.github.shm4j.benchmarks.report.RingTables.AGRONA;
import static io.github.shm4j.benchmarks.report.RingTables.AGRONA_MANY;
import static io.github.shm4j.benchmarks.report.RingTables.C;
import static io.github.shm4j.benchmarks.report.RingTables.ELSEWHERE;
import static io.github.shm4j.benchmarks.report.RingTables.OURS_MANY;
import static io.github.shm4j.benchmarks.report.RingTables.cell;
import static io.github.shm4j.benchmarks.report.RingTables.cellApart;
import static io.github.shm4j.benchmarks.report.RingTables.distance;
import static io.github.shm4j.benchmarks.report.RingTables.distanceBriefly;
import static io.github.shm4j.benchmarks.report.RingTables.inOrder;
import static io.github.shm4j.benchmarks.report.RingTables.label;
import static io.github.shm4j.benchmarks.report.RingTables.range;
import static io.github.shm4j.benchmarks.report.RingTables.values;

import io.github.shm4j.benchmarks.crossing.CoreDistance.Distance;
import io.github.shm4j.benchmarks.rings.RingQuestion.Flow;
import io.github.shm4j.benchmarks.rings.RingQuestion.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Messages in one direction through rings: what was measured, as tables and charts. */
final class RingFlows {

    /** What distinguishes measurements in one direction. */
    record Key(int size, String name, int producers, long capacity) {}

    /** What is measured with the cores near each other and far from each other. */
    static final Set<Kind> COMPARED = EnumSet.of(Kind.FLOW, Kind.COPIED_OUT, Kind.SMALLER_RING);

    private final ByDistance<Flow> flows;
    private final Charts charts;

    RingFlows(ByDistance<Flow> flows, Charts charts) {
        this.flows = flows;
        this.charts = charts;
    }

    /** Millions of messages per second, in the order in which they were measured first. */
    Map<Key, Series> flows(Kind kind) {
        List<Flow> same = flows.groups().stream().filter(flow -> flow.kind() == kind).toList();
        List<Flow> kept = flows.kept().stream().filter(flow -> flow.kind() == kind).toList();
        Map<Key, Series> all = new LinkedHashMap<>();
        same.forEach(flow -> all.put(key(flow), new Series(Optional.empty())));
        kept.forEach(flow -> all.put(key(flow), new Series(Optional.of(flow.distance()))));
        add(all, kept);
        add(all, same.stream().filter(flow -> !all.get(key(flow)).comparable()).toList());
        return all;
    }

    /** Millions of messages per second in one direction, with the cores far from each other, where those are near. */
    Map<Key, Series> far(Kind kind) {
        Map<Key, Series> all = new LinkedHashMap<>();
        List<Flow> far = farFlows(kind);
        far.forEach(flow -> all.put(key(flow), new Series(Optional.of(Distance.FAR))));
        add(all, far);
        return all;
    }

    private List<Flow> farFlows(Kind kind) {
        return flows.far().stream().filter(flow -> flow.kind() == kind).toList();
    }

    static Map<Integer, Map<String, Series>> bySize(Map<Key, Series> flows) {
        Map<Integer, Map<String, Series>> bySize = new TreeMap<>();
        flows.keySet().stream().sorted(inOrder(Key::name))
                .forEach(key -> bySize.computeIfAbsent(key.size(), unused -> new LinkedHashMap<>())
                        .put(key.name(), flows.get(key)));
        return bySize;
    }

    private static void add(Map<Key, Series> all, List<Flow> flows) {
        flows.forEach(flow -> all.get(key(flow))
                .add(flow.round(), flow.messagesPerSecond().stream().map(rate -> rate / 1e6).toList()));
    }

    private static Key key(Flow flow) {
        return new Key(flow.size(), flow.name(), flow.producers(), flow.capacity());
    }

    static Key agrona(Key ours) {
        return new Key(ours.size(), AGRONA_MANY, ours.producers(), ours.capacity());
    }

    List<Flow> shownFlows() {
        return Stream.concat(
                flows.kept().stream(),
                flows.far().stream().filter(flow -> COMPARED.contains(flow.kind()))).toList();
    }

    /** Tables of one kind, one for each size, each with the cores near and far. */
    String tables(Kind kind) {
        StringBuilder text = new StringBuilder();
        Map<Integer, Map<String, Series>> oneWayFar = bySize(far(kind));
        bySize(flows(kind)).forEach((size, all) -> {
            List<Flow> kept = flows.kept().stream()
                    .filter(flow -> flow.kind() == kind && flow.size() == size)
                    .toList();
            text.append("### ").append(heading(kept.getFirst())).append("\n\n").append(flows.say(kept));
            Table table = new Table(
                    List.of("", "million messages/s", "slowest – fastest slice", "GB/s", "to C", "to Agrona 1:1"));
            all.forEach((name, series) -> table.add(List.of(
                    label(name, series),
                    Units.withError(series.sample()),
                    range(series.sample()),
                    Units.number(series.sample().median() * size / 1e3),
                    cell(series, all.get(C)),
                    cell(series, all.get(AGRONA)))));
            text.append(table).append('\n');
            if (kept.getFirst().distance() != Distance.FAR) {
                text.append(flowTableFar(
                        farFlows(kind).stream().filter(flow -> flow.size() == size).toList(),
                        oneWayFar.getOrDefault(size, Map.of())));
            }
        });
        return text.toString();
    }

    private static String heading(Flow flow) {
        String size = Units.bytes(flow.size());
        return switch (flow.kind()) {
            case COPIED_OUT -> "Copied out by the consumer, " + size;
            case SMALLER_RING -> "In one direction, " + size + ", in a ring of " + Units.bytes(flow.capacity());
            default -> "In one direction, " + size;
        };
    }

    private static String flowTableFar(List<Flow> far, Map<String, Series> all) {
        Table table = new Table(List.of("", "million messages/s", "to C", "to Agrona 1:1", "measurements"));
        all.forEach((name, series) -> table.add(List.of(
                label(name),
                Units.withError(series.sample()),
                cellApart(series, all.get(C)),
                cellApart(series, all.get(AGRONA)),
                Integer.toString(series.measurements))));
        return RingTables.far(far, table);
    }

    static String count(int producers) {
        return producers == 1 ? "1 producer" : producers + " producers";
    }

    String flowChart(Map<Integer, Map<String, Series>> oneWay) throws IOException {
        List<String> names = oneWay.values().stream().flatMap(all -> all.keySet().stream()).distinct().toList();
        Map<String, List<Double>> bars = new LinkedHashMap<>();
        oneWay.forEach((size, all) -> bars.put(
                Units.bytes(size) + all.values().stream()
                        .filter(Series::comparable)
                        .findFirst()
                        .map(RingTables::distanceBriefly)
                        .orElse(""),
                values(names, name -> Optional.ofNullable(all.get(name))
                        .filter(Series::comparable)
                        .map(each -> each.sample().median()))));
        return charts.bars("rings-throughput", "Through a ring, in one direction", "million messages per second",
                Units::plain, true, names, bars);
    }

    static String producerTable(Map<Key, Series> producers) {
        Table table = new Table(
                List.of("million messages/s", "**shm4j** MPSC", "Agrona N:1", "shm4j to Agrona",
                        "lowest – highest round"));
        producers.forEach((key, series) -> {
            Series agrona = producers.get(agrona(key));
            if (key.name().equals(OURS_MANY)) {
                table.add(List.of(
                        Units.bytes(key.size()) + ", " + count(key.producers()) + distance(series),
                        producerCell(series),
                        agrona == null ? "–" : producerCell(agrona),
                        cell(series, agrona),
                        series.over(agrona).map(RingTables::range).orElse("–")));
            }
        });
        return table.toString();
    }

    private static String producerCell(Series series) {
        return Units.withError(series.sample()) + (series.comparable() ? "" : ELSEWHERE);
    }

    String producerChart(Map<Key, Series> producers) throws IOException {
        Map<String, List<Double>> bars = new LinkedHashMap<>();
        List<String> categories = new ArrayList<>();
        producers.forEach((key, series) -> {
            Series agrona = producers.get(agrona(key));
            if (series.over(agrona).isPresent() && key.name().equals(OURS_MANY)) {
                categories.add(Units.bytes(key.size()) + ", " + count(key.producers()) + distanceBriefly(series));
                bars.computeIfAbsent(OURS_MANY, unused -> new ArrayList<>()).add(series.sample().median());
                bars.computeIfAbsent(AGRONA_MANY, unused -> new ArrayList<>()).add(agrona.sample().median());
            }
        });
        return categories.isEmpty() ? ""
                : charts.bars("rings-producers", "Through a ring from several producers", "million messages per second",
                        Units::plain, true, categories, bars);
    }

    static String capacityTable(Map<Key, Series> flows) {
        if (flows.isEmpty()) {
            return "*Only a default run measures this.*\n";
        }
        List<Long> capacities = flows.keySet().stream().map(Key::capacity).distinct().sorted().toList();
        List<String> heads = new ArrayList<>(List.of("million messages/s"));
        capacities.forEach(capacity -> heads.add(Units.bytes(capacity)));
        Table table = new Table(heads);
        Map<String, List<String>> rows = new LinkedHashMap<>();
        for (int size : flows.keySet().stream().map(Key::size).distinct().sorted().toList()) {
            for (String name : flows.keySet().stream().map(Key::name).distinct().toList()) {
                List<Optional<Series>> row = capacities.stream()
                        .map(capacity -> Optional.ofNullable(flows.get(new Key(size, name, 1, capacity))))
                        .toList();
                String distance = row.stream().flatMap(Optional::stream)
                        .filter(Series::comparable)
                        .findFirst()
                        .map(RingTables::distance)
                        .orElse("");
                List<String> cells = new ArrayList<>(List.of(Units.bytes(size) + ", " + label(name) + distance));
                row.forEach(series -> cells.add(series.map(RingFlows::producerCell).orElse("–")));
                rows.put(cells.getFirst(), cells);
            }
        }
        rows.values().forEach(table::add);
        return table.toString();
    }
}
