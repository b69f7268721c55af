package io.github.shm4j.benchmarks.report;

import io.github.shm4j.benchmarks.crossing.Latencies;
import io.github.shm4j.benchmarks.rings.Rings.Flow;
import io.github.shm4j.benchmarks.rings.Rings.Group;
import io.github.shm4j.benchmarks.rings.Rings.Kind;
import io.github.shm4j.benchmarks.rings.Rings.Trips;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/** How fast do messages go through a ring from one process to another? */
final class RingsPart {

    private static final String OURS = "shm4j SPSC";
    private static final String OURS_MANY = "shm4j MPSC";
    private static final String AGRONA = "Agrona 1:1";
    private static final String AGRONA_MANY = "Agrona N:1";
    private static final String AERON = "Aeron IPC";
    private static final String C = "C";

    private static final int SMALL = 64;
    private static final int MEDIUM = 1 << 10;
    private static final int LARGE = 64 << 10;

    /** Bytes per operation that measuring itself may seem to allocate: less than one object in a thousand messages. */
    private static final double NO_BYTES = 0.01;

    private final List<Group> groups;
    private final Placements<Group> placements;
    private final Data allocation;
    private final Charts charts;
    private final Targets targets;

    RingsPart(List<Group> groups, Data allocation, Charts charts, Targets targets) {
        this.groups = groups;
        this.placements = new Placements<>(groups, group -> group.kind().name());
        this.allocation = allocation;
        this.charts = charts;
        this.targets = targets;
    }

    /** What distinguishes measurements in one direction. */
    private record Key(int size, String name, int producers, long capacity) {}

    void write(Map<String, String> parts) throws IOException {
        parts.put("ringsPlacement", placements.say(placements.kept()) + compiled());

        Map<Integer, Map<String, Sample>> flows = new TreeMap<>();
        flows(Kind.FLOW).forEach((key, sample) -> flows.computeIfAbsent(key.size(), unused -> new LinkedHashMap<>())
                .put(key.name(), sample));
        parts.put("ringsFlow", flowTables(flows));
        if (!flows.isEmpty()) {
            parts.put("ringsFlowChart", flowChart(flows));
        }

        Map<Integer, Map<String, RoundTrips>> trips = trips(Kind.TRIPS);
        parts.put("ringsTrips", tripTables(trips));
        if (!trips.isEmpty()) {
            parts.put("ringsTripsChart", tripChart(trips));
        }

        Map<Key, Sample> producers = flows(Kind.PRODUCERS);
        parts.put("ringsProducers", producerTable(producers));
        parts.put("ringsProducersChart", producerChart(producers));
        parts.put("ringsCapacities", capacityTable(flows(Kind.CAPACITIES)));

        Map<Integer, Map<String, RoundTrips>> naps = trips(Kind.NAPS);
        parts.put("ringsNaps", napTable(naps));
        parts.put("ringsAllocation", allocationTable());

        addFlowTargets(flows);
        addTripTargets(trips);
        producers.forEach((key, sample) -> {
            if (key.name().equals(OURS_MANY)) {
                Optional.ofNullable(producers.get(new Key(key.size(), AGRONA_MANY, key.producers(), key.capacity())))
                        .ifPresent(agrona -> targets.atLeast(
                                "ring for many, " + Units.bytes(key.size()) + ", " + count(key.producers())
                                        + ": to Agrona N:1",
                                1,
                                ratio(sample, agrona)));
            }
        });
        addNapTargets(naps);
        addAllocationTargets();
    }

    private Map<Key, Sample> flows(Kind kind) {
        Map<Key, List<List<Double>>> rounds = new LinkedHashMap<>();
        for (Group group : kept(kind)) {
            for (Flow flow : group.flows()) {
                rounds.computeIfAbsent(
                        new Key(group.size(), flow.name(), flow.producers(), flow.capacity()),
                        unused -> new ArrayList<>())
                        .add(flow.messagesPerSecond());
            }
        }
        Map<Key, Sample> samples = new LinkedHashMap<>();
        rounds.forEach((key, values) -> samples.put(key, new Sample(values).map(rate -> rate / 1e6)));
        return samples;
    }

    private List<Group> kept(Kind kind) {
        return placements.kept().stream().filter(group -> group.kind() == kind).toList();
    }

    /** The round trips of one competitor and size in all groups. */
    private static final class RoundTrips {

        private final Histogram histogram = new Histogram(3);
        private final List<Double> p50 = new ArrayList<>();
        private final List<Double> p99 = new ArrayList<>();
        private long slept;

        void add(Trips trips) {
            histogram.add(Latencies.decode(trips.histogram()));
            p50.add((double) trips.p50());
            p99.add((double) trips.p99());
            slept += trips.slept();
        }

        /** One value for each group: ratios are taken within a group. */
        Sample p50() {
            return new Sample(p50.stream().map(List::of).toList());
        }

        Sample p99() {
            return new Sample(p99.stream().map(List::of).toList());
        }

        double at(double percentile) {
            return histogram.getValueAtPercentile(percentile);
        }
    }

    private Map<Integer, Map<String, RoundTrips>> trips(Kind kind) {
        Map<Integer, Map<String, RoundTrips>> trips = new TreeMap<>();
        for (Group group : kept(kind)) {
            for (Trips each : group.trips()) {
                trips.computeIfAbsent(group.size(), unused -> new LinkedHashMap<>())
                        .computeIfAbsent(each.name(), unused -> new RoundTrips())
                        .add(each);
            }
        }
        return trips;
    }

    /** The ratio of the medians, for each round. */
    private static Sample ratio(Sample sample, Sample other) {
        return medians(sample).over(medians(other));
    }

    private static Sample medians(Sample sample) {
        return new Sample(
                sample.rounds().stream().map(round -> List.of(Sample.of(round).median())).toList());
    }

    private static String cell(Sample sample, Sample other) {
        return other == null ? "–" : Units.times(ratio(sample, other).median());
    }

    /** Whether the compilers had done their work. */
    private String compiled() {
        LongSummaryStatistics millis = groups.stream()
                .flatMap(group -> Stream.concat(
                        group.flows().stream().map(Flow::compiledMillis),
                        group.trips().stream().map(Trips::compiledMillis)))
                .flatMap(Collection::stream)
                .mapToLong(Long::longValue)
                .summaryStatistics();
        return millis.getCount() == 0 ? "" : String.format(
                "Were the JVMs warm? While they were measured, their compilers worked %.1f ms on average, and %d ms at"
                        + " most.\n",
                millis.getAverage(), millis.getMax());
    }

    private String flowTables(Map<Integer, Map<String, Sample>> flows) {
        StringBuilder text = new StringBuilder();
        flows.forEach((size, samples) -> {
            text.append("### In one direction, ").append(Units.bytes(size)).append("\n\n");
            Table table = new Table(
                    List.of("", "million messages/s", "slowest – fastest slice", "GB/s", "to C", "to Agrona 1:1"));
            samples.forEach((name, sample) -> table.add(List.of(
                    label(name),
                    Units.withError(sample),
                    range(sample),
                    Units.number(sample.median() * size / 1e3),
                    cell(sample, samples.get(C)),
                    cell(sample, samples.get(AGRONA)))));
            text.append(table).append('\n');
        });
        return text.toString();
    }

    private static String range(Sample sample) {
        double least = Double.MAX_VALUE;
        double most = 0;
        for (List<Double> round : sample.rounds()) {
            for (double value : round) {
                least = Math.min(least, value);
                most = Math.max(most, value);
            }
        }
        return Units.number(least) + " – " + Units.number(most);
    }

    private static String label(String name) {
        return name.startsWith("shm4j") ? "**shm4j**" + name.substring("shm4j".length()) : name;
    }

    private static String count(int producers) {
        return producers == 1 ? "1 producer" : producers + " producers";
    }

    private String flowChart(Map<Integer, Map<String, Sample>> flows) throws IOException {
        List<String> names = List.copyOf(flows.values().iterator().next().keySet());
        Map<String, List<Double>> series = new LinkedHashMap<>();
        flows.forEach((size, samples) -> series.put(
                Units.bytes(size),
                values(names, name -> Optional.ofNullable(samples.get(name)).map(Sample::median))));
        return charts.bars("rings-throughput", "Through a ring, in one direction", "million messages per second",
                Units::plain, true, names, series);
    }

    private static List<Double> values(List<String> names, Function<String, Optional<Double>> value) {
        List<Double> values = new ArrayList<>();
        names.forEach(name -> values.add(value.apply(name).orElse(null)));
        return values;
    }

    private String tripTables(Map<Integer, Map<String, RoundTrips>> trips) {
        StringBuilder text = new StringBuilder();
        trips.forEach((size, all) -> {
            text.append("### There and back, ").append(Units.bytes(size)).append("\n\n");
            Table table = new Table(
                    List.of("", "p50", "p90", "p99", "p99.9", "p50 to C", "p50 to Agrona 1:1", "round trips"));
            all.forEach((name, each) -> table.add(List.of(
                    label(name),
                    Units.time(each.at(50)),
                    Units.time(each.at(90)),
                    Units.time(each.at(99)),
                    Units.time(each.at(99.9)),
                    cell(each.p50(), Optional.ofNullable(all.get(C)).map(RoundTrips::p50).orElse(null)),
                    cell(each.p50(), Optional.ofNullable(all.get(AGRONA)).map(RoundTrips::p50).orElse(null)),
                    String.format("%,d", each.histogram.getTotalCount()))));
            text.append(table).append('\n');
        });
        return text.toString();
    }

    private String tripChart(Map<Integer, Map<String, RoundTrips>> trips) throws IOException {
        int size = trips.keySet().iterator().next();
        Map<String, RoundTrips> all = trips.get(size);
        Map<String, List<Double>> series = new LinkedHashMap<>();
        Map<String, Double> percentiles = new LinkedHashMap<>();
        percentiles.put("p50", 50.0);
        percentiles.put("p99", 99.0);
        percentiles.put("p99.9", 99.9);
        percentiles.forEach((label, percentile) -> series.put(
                label, all.values().stream().map(each -> each.at(percentile)).toList()));
        return charts.bars("rings-latency", "Through two rings, " + Units.bytes(size) + " there and back", "time",
                Units::time, true, List.copyOf(all.keySet()), series);
    }

    private static String producerTable(Map<Key, Sample> producers) {
        Table table = new Table(
                List.of("million messages/s", "**shm4j** MPSC", "Agrona N:1", "shm4j to Agrona",
                        "lowest – highest round"));
        producers.forEach((key, sample) -> {
            if (key.name().equals(OURS_MANY)) {
                Sample agrona = producers.get(new Key(key.size(), AGRONA_MANY, key.producers(), key.capacity()));
                table.add(List.of(
                        Units.bytes(key.size()) + ", " + count(key.producers()),
                        Units.withError(sample),
                        agrona == null ? "–" : Units.withError(agrona),
                        cell(sample, agrona),
                        agrona == null ? "–" : range(ratio(sample, agrona))));
            }
        });
        return table.toString();
    }

    private String producerChart(Map<Key, Sample> producers) throws IOException {
        Map<String, List<Double>> series = new LinkedHashMap<>();
        List<String> categories = new ArrayList<>();
        producers.forEach((key, sample) -> {
            Sample agrona = producers.get(new Key(key.size(), AGRONA_MANY, key.producers(), key.capacity()));
            if (key.name().equals(OURS_MANY) && agrona != null) {
                categories.add(Units.bytes(key.size()) + ", " + count(key.producers()));
                series.computeIfAbsent(OURS_MANY, unused -> new ArrayList<>()).add(sample.median());
                series.computeIfAbsent(AGRONA_MANY, unused -> new ArrayList<>()).add(agrona.median());
            }
        });
        return categories.isEmpty() ? ""
                : charts.bars("rings-producers", "Through a ring from several producers", "million messages per second",
                        Units::plain, true, categories, series);
    }

    private static String capacityTable(Map<Key, Sample> flows) {
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
                List<String> cells = new ArrayList<>(List.of(Units.bytes(size) + ", " + label(name)));
                for (long capacity : capacities) {
                    cells.add(Optional.ofNullable(flows.get(new Key(size, name, 1, capacity)))
                            .map(Units::withError)
                            .orElse("–"));
                }
                rows.put(cells.getFirst(), cells);
            }
        }
        rows.values().forEach(table::add);
        return table.toString();
    }

    private static String napTable(Map<Integer, Map<String, RoundTrips>> naps) {
        Table table = new Table(List.of(
                "two wake-ups", "p50", "p90", "p99", "p50 to C", "round trips", "slept in each"));
        naps.values().forEach(all -> all.forEach((name, each) -> table.add(List.of(
                name.equals(OURS) ? "**shm4j**, `WaitStrategy.KERNEL`" : name + ", the same futex protocol",
                Units.time(each.at(50)),
                Units.time(each.at(90)),
                Units.time(each.at(99)),
                cell(each.p50(), Optional.ofNullable(all.get(C)).map(RoundTrips::p50).orElse(null)),
                String.format("%,d", each.histogram.getTotalCount()),
                Units.number(each.slept / (double) each.histogram.getTotalCount()) + " times"))));
        return table.toString();
    }

    private static Map<String, String> ways() {
        Map<String, String> ways = new LinkedHashMap<>();
        ways.put("writeAndRead", "`write`, `read`");
        ways.put("claimAndRead", "`tryClaim`, `commit`, `read`");
        ways.put("claimSegmentAndRead", "`tryClaim`, `segment`, `commit`, `read`");
        ways.put("nothing", "an empty benchmark");
        return ways;
    }

    private String allocationTable() {
        Table table =
                new Table(List.of("one thread, 64 B", "SPSC, bytes per message", "SPSC, ns", "MPSC, bytes per message",
                        "MPSC, ns"));
        ways().forEach((method, label) -> {
            List<String> cells = new ArrayList<>(List.of(label));
            for (String ring : List.of("SPSC", "MPSC")) {
                String name = "Allocation." + method + ":" + ring;
                cells.add(allocation.get(Data.allocated(name), SMALL).map(bytes -> bytes(bytes.median())).orElse("–"));
                cells.add(allocation.get(name, SMALL).map(Units::withError).orElse("–"));
            }
            table.add(cells);
        });
        return table.toString();
    }

    private static String bytes(double bytes) {
        return bytes < NO_BYTES ? "0" : Units.number(bytes);
    }

    private void addFlowTargets(Map<Integer, Map<String, Sample>> flows) {
        flowTarget(flows, SMALL, AGRONA, 2.5);
        flowTarget(flows, SMALL, AERON, 1.5);
        flowTarget(flows, MEDIUM, AGRONA, 2.5);
        flowTarget(flows, MEDIUM, AGRONA_MANY, 1);
        flowTarget(flows, LARGE, AGRONA, 1);
        flowTarget(flows, LARGE, C, 0.95);
    }

    private void flowTarget(Map<Integer, Map<String, Sample>> flows, int size, String other, double limit) {
        Map<String, Sample> samples = flows.getOrDefault(size, Map.of());
        if (samples.containsKey(OURS) && samples.containsKey(other)) {
            targets.atLeast("ring, " + Units.bytes(size) + ", messages per second: to " + other, limit,
                    ratio(samples.get(OURS), samples.get(other)));
        }
    }

    private void addTripTargets(Map<Integer, Map<String, RoundTrips>> trips) {
        Map<String, RoundTrips> all = trips.getOrDefault(SMALL, Map.of());
        if (all.containsKey(OURS) && all.containsKey(AGRONA)) {
            targets.atMost("ring, 64 B there and back, p50: to " + AGRONA, 1,
                    all.get(OURS).p50().over(all.get(AGRONA).p50()));
        }
        if (all.containsKey(OURS) && all.containsKey(AERON)) {
            targets.atMost("ring, 64 B there and back, p99: to " + AERON, 1,
                    all.get(OURS).p99().over(all.get(AERON).p99()));
        }
    }

    private void addNapTargets(Map<Integer, Map<String, RoundTrips>> naps) {
        naps.values().forEach(all -> {
            if (all.containsKey(OURS) && all.containsKey(C)) {
                targets.atMost("ring, waiting in the kernel, p50 of two wake-ups: to C", 1.3,
                        all.get(OURS).p50().over(all.get(C).p50()));
            }
        });
    }

    private void addAllocationTargets() {
        for (String ring : List.of("SPSC", "MPSC")) {
            ways().forEach((method, label) -> {
                if (!method.equals("nothing")) {
                    allocation.get(Data.allocated("Allocation." + method + ":" + ring), SMALL)
                            .ifPresent(
                                    bytes -> targets.noBytes(ring + " ring, " + label + ": bytes allocated per message",
                                            NO_BYTES, bytes));
                }
            });
        }
    }
}
