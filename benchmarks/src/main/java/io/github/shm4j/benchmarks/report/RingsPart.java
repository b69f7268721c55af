package io.github.shm4j.benchmarks.report;

import io.github.shm4j.benchmarks.crossing.CoreDistance;
import io.github.shm4j.benchmarks.crossing.CoreDistance.Distance;
import io.github.shm4j.benchmarks.crossing.Latencies;
import io.github.shm4j.benchmarks.rings.RingQuestion;
import io.github.shm4j.benchmarks.rings.RingQuestion.Flow;
import io.github.shm4j.benchmarks.rings.RingQuestion.Kind;
import io.github.shm4j.benchmarks.rings.RingQuestion.RoundTrips;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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

    private static final String ELSEWHERE = ", cores placed otherwise";
    private static final String FAR = ", cores far from each other";

    /** Stands behind a ratio of figures that have no round in common. */
    private static final String APART = " †";

    private static final int SMALL = 64;
    private static final int MEDIUM = 1 << 10;
    private static final int LARGE = 64 << 10;

    /** Bytes per operation that measuring itself may seem to allocate: less than one object in a thousand messages. */
    private static final double NO_BYTES = 0.01;

    private final ByDistance<Flow> flows;
    private final ByDistance<RoundTrips> roundTrips;
    private final Data allocation;
    private final Charts charts;
    private final Targets targets;

    RingsPart(List<Flow> flows, List<RoundTrips> roundTrips, Data allocation, Charts charts, Targets targets) {
        this.flows = new ByDistance<>(flows, flow -> flow.kind().name(),
                // The others are not all of the same capacity and of as many producers.
                near -> near.stream().allMatch(flow -> flow.kind() == Kind.FLOW)
                        && comparable(near.stream().map(Flow::name).toList()));
        this.roundTrips = new ByDistance<>(roundTrips, each -> each.kind().name(),
                near -> comparable(near.stream().map(RoundTrips::name).toList()));
        this.allocation = allocation;
        this.charts = charts;
        this.targets = targets;
    }

    private static boolean comparable(List<String> names) {
        return names.contains(OURS) && names.stream().distinct().count() > 1;
    }

    /** What distinguishes measurements in one direction. */
    private record Key(int size, String name, int producers, long capacity) {}

    void write(Map<String, String> parts) throws IOException {
        parts.put("ringsDistance", distances() + compiled());

        Map<Integer, Map<String, Series>> oneWay = bySize(flows(Kind.FLOW));
        Map<Integer, Map<String, Series>> oneWayFar = bySize(far());
        parts.put("ringsFlow", flowTables(oneWay, oneWayFar));
        parts.put("ringsFlowChart", oneWay.isEmpty() ? "" : flowChart(oneWay));

        Map<Integer, Map<String, Latency>> twoWays = roundTrips(Kind.ROUND_TRIPS);
        parts.put("ringsRoundTrips", roundTripTables(twoWays, farLatencies()));
        parts.put("ringsRoundTripsChart", twoWays.isEmpty() ? "" : roundTripChart(twoWays));

        Map<Key, Series> producers = flows(Kind.PRODUCERS);
        parts.put("ringsProducers", producerTable(producers));
        parts.put("ringsProducersChart", producerChart(producers));
        parts.put("ringsCapacities", capacityTable(flows(Kind.CAPACITIES)));

        Map<Integer, Map<String, Latency>> wakeUps = roundTrips(Kind.WAKE_UPS);
        parts.put("ringsWakeUps", wakeUpTable(wakeUps));
        parts.put("ringsAllocation", allocationTable());

        addFlowTargets(oneWay);
        addFarTargets(oneWayFar);
        addBestTarget(oneWay, SMALL);
        addBestTarget(oneWay, MEDIUM);
        addRoundTripTargets(twoWays);
        producers.forEach((key, series) -> {
            if (key.name().equals(OURS_MANY)) {
                series.over(producers.get(agrona(key))).ifPresent(ratio -> targets.atLeast(
                        "ring for many, " + Units.bytes(key.size()) + ", " + count(key.producers())
                                + ": to Agrona N:1" + distance(series),
                        1,
                        ratio));
            }
        });
        addWakeUpTargets(wakeUps);
        addAllocationTargets();
    }

    /** Values of several rounds. */
    private static final class Series {

        private final Map<Integer, List<Double>> rounds = new TreeMap<>();
        private final Optional<Distance> distance;
        private int measurements;

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

    /** What stands behind a name if the cores were not near each other. */
    private static String distance(Series series) {
        return switch (series.distance.orElse(Distance.NEAR)) {
            case NEAR -> "";
            case FAR -> FAR;
            case MOVED -> ", cores moved meanwhile";
        };
    }

    /** The same in a chart. */
    private static String distanceBriefly(Series series) {
        return series.distance.filter(distance -> distance != Distance.NEAR)
                .map(distance -> ", " + distance.name().toLowerCase(Locale.ROOT))
                .orElse("");
    }

    /** Millions of messages per second, in the order in which they were measured first. */
    private Map<Key, Series> flows(Kind kind) {
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
    private Map<Key, Series> far() {
        Map<Key, Series> all = new LinkedHashMap<>();
        List<Flow> far = farFlows();
        far.forEach(flow -> all.put(key(flow), new Series(Optional.of(Distance.FAR))));
        add(all, far);
        return all;
    }

    private List<Flow> farFlows() {
        return flows.far().stream().filter(flow -> flow.kind() == Kind.FLOW).toList();
    }

    private static Map<Integer, Map<String, Series>> bySize(Map<Key, Series> flows) {
        Map<Integer, Map<String, Series>> bySize = new TreeMap<>();
        flows.keySet().stream().sorted(inOrder(Key::name))
                .forEach(key -> bySize.computeIfAbsent(key.size(), unused -> new LinkedHashMap<>())
                        .put(key.name(), flows.get(key)));
        return bySize;
    }

    /** The order of the competitors in tables. */
    private static <T> Comparator<T> inOrder(Function<T, String> name) {
        List<String> names = RingQuestion.competitors();
        return Comparator.comparingInt(each -> names.indexOf(name.apply(each)));
    }

    private static void add(Map<Key, Series> all, List<Flow> flows) {
        flows.forEach(flow -> all.get(key(flow))
                .add(flow.round(), flow.messagesPerSecond().stream().map(rate -> rate / 1e6).toList()));
    }

    private static Key key(Flow flow) {
        return new Key(flow.size(), flow.name(), flow.producers(), flow.capacity());
    }

    /** The round trips of one competitor and size in all rounds. */
    private static final class Latency {

        private final Histogram histogram = new Histogram(3);
        private final Series p50;
        private final Series p99;
        private long slept;

        Latency(Optional<Distance> distance) {
            p50 = new Series(distance);
            p99 = new Series(distance);
        }

        void add(RoundTrips roundTrips) {
            histogram.add(Latencies.decode(roundTrips.histogram()));
            p50.add(roundTrips.round(), List.of((double) roundTrips.p50()));
            p99.add(roundTrips.round(), List.of((double) roundTrips.p99()));
            slept += roundTrips.slept();
        }

        double at(double percentile) {
            return histogram.getValueAtPercentile(percentile);
        }
    }

    private Map<Integer, Map<String, Latency>> roundTrips(Kind kind) {
        List<RoundTrips> same = roundTrips.groups().stream().filter(each -> each.kind() == kind).toList();
        List<RoundTrips> kept = roundTrips.kept();
        Map<Integer, Map<String, Latency>> all = new TreeMap<>();
        for (RoundTrips each : same) {
            Map<String, Latency> bySize = all.computeIfAbsent(each.size(), unused -> new LinkedHashMap<>());
            Optional<Distance> distance = same.stream()
                    .filter(other -> other.size() == each.size()
                            && other.name().equals(each.name())
                            && kept.contains(other))
                    .map(RoundTrips::distance)
                    .findFirst();
            Latency roundTrips = bySize.computeIfAbsent(each.name(), unused -> new Latency(distance));
            if (distance.isEmpty() || kept.contains(each)) {
                roundTrips.add(each);
            }
        }
        return all;
    }

    private Map<Integer, Map<String, Latency>> farLatencies() {
        Map<Integer, Map<String, Latency>> all = new TreeMap<>();
        for (RoundTrips each : farRoundTrips()) {
            all.computeIfAbsent(each.size(), unused -> new LinkedHashMap<>())
                    .computeIfAbsent(each.name(), unused -> new Latency(Optional.of(Distance.FAR)))
                    .add(each);
        }
        return all;
    }

    private List<RoundTrips> farRoundTrips() {
        return roundTrips.far().stream().filter(each -> each.kind() == Kind.ROUND_TRIPS)
                .sorted(inOrder(RoundTrips::name)).toList();
    }

    private static String cell(Series series, Series other) {
        return series.over(other).map(ratio -> Units.times(ratio.median())).orElse("–");
    }

    /** A ratio from the rounds that have both, or else from all, with a mark. */
    private static String cellApart(Series series, Series other) {
        return series.overApart(other)
                .map(ratio -> Units.times(ratio.median()) + APART)
                .orElseGet(() -> cell(series, other));
    }

    private static Series p50(Latency roundTrips) {
        return roundTrips == null ? null : roundTrips.p50;
    }

    /** How the cores were placed, and how much that leaves. */
    private String distances() {
        List<CoreDistance> all = new ArrayList<>(flows.groups());
        all.addAll(roundTrips.groups());
        return String.format(Locale.ROOT,
                "Of %d measurements %d were made with the cores near each other (a cache line went to the other core and back"
                        + " in %s) and %d with the cores far from each other (%s); during %d the cores were moved. The"
                        + " tables compare %d of them; all are among the results.\n\n",
                all.size(),
                at(all, Distance.NEAR).size(),
                ByDistance.nanos(at(all, Distance.NEAR)),
                at(all, Distance.FAR).size(),
                ByDistance.nanos(at(all, Distance.FAR)),
                at(all, Distance.MOVED).size(),
                shownFlows().size() + shownRoundTrips().size());
    }

    private static List<CoreDistance> at(List<CoreDistance> all, Distance distance) {
        return all.stream().filter(each -> each.distance() == distance).toList();
    }

    private List<Flow> shownFlows() {
        return Stream.concat(flows.kept().stream(), farFlows().stream()).toList();
    }

    private List<RoundTrips> shownRoundTrips() {
        return Stream.concat(roundTrips.kept().stream(), farRoundTrips().stream()).toList();
    }

    /** Whether the compilers had done their work. */
    private String compiled() {
        LongSummaryStatistics millis = Stream.concat(
                shownFlows().stream().map(Flow::compiledMillis),
                shownRoundTrips().stream().map(RoundTrips::compiledMillis))
                .flatMap(Collection::stream)
                .mapToLong(Long::longValue)
                .summaryStatistics();
        return millis.getCount() == 0 ? "" : String.format(
                Locale.ROOT,
                "Were the JVMs warm? While they were measured, their compilers worked %.1f ms on average, and %d ms at"
                        + " most.\n",
                millis.getAverage(), millis.getMax());
    }

    private static Key agrona(Key ours) {
        return new Key(ours.size(), AGRONA_MANY, ours.producers(), ours.capacity());
    }

    private String flowTables(
            Map<Integer, Map<String, Series>> oneWay, Map<Integer, Map<String, Series>> oneWayFar) {
        StringBuilder text = new StringBuilder();
        oneWay.forEach((size, all) -> {
            List<Flow> kept = flows.kept().stream()
                    .filter(flow -> flow.kind() == Kind.FLOW && flow.size() == size)
                    .toList();
            text.append("### In one direction, ").append(Units.bytes(size)).append("\n\n").append(flows.say(kept));
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
                        farFlows().stream().filter(flow -> flow.size() == size).toList(),
                        oneWayFar.getOrDefault(size, Map.of())));
            }
        });
        return text.toString();
    }

    private static String flowTableFar(List<Flow> far, Map<String, Series> all) {
        Table table = new Table(List.of("", "million messages/s", "to C", "to Agrona 1:1", "measurements"));
        all.forEach((name, series) -> table.add(List.of(
                label(name),
                Units.withError(series.sample()),
                cellApart(series, all.get(C)),
                cellApart(series, all.get(AGRONA)),
                Integer.toString(series.measurements))));
        return far(far, table);
    }

    /** A table of what was measured with the cores far from each other, or a sentence that there is nothing. */
    private static String far(List<? extends CoreDistance> far, Table table) {
        if (far.isEmpty()) {
            return "Nothing was measured with the cores far from each other.\n\n";
        }
        return "The same with the cores far from each other, where a cache line there and back takes "
                + ByDistance.nanos(far) + ":\n\n" + table + "\n"
                + (table.toString().contains(APART)
                        ? "†: not measured like this in the same round; the ratio of the medians over all rounds.\n\n"
                        : "");
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

    private static String label(String name, Series series) {
        return label(name) + (series.comparable() ? "" : ELSEWHERE);
    }

    private static String count(int producers) {
        return producers == 1 ? "1 producer" : producers + " producers";
    }

    private String flowChart(Map<Integer, Map<String, Series>> oneWay) throws IOException {
        List<String> names = oneWay.values().stream().flatMap(all -> all.keySet().stream()).distinct().toList();
        Map<String, List<Double>> bars = new LinkedHashMap<>();
        oneWay.forEach((size, all) -> bars.put(
                Units.bytes(size) + all.values().stream()
                        .filter(Series::comparable)
                        .findFirst()
                        .map(RingsPart::distanceBriefly)
                        .orElse(""),
                values(names, name -> Optional.ofNullable(all.get(name))
                        .filter(Series::comparable)
                        .map(each -> each.sample().median()))));
        return charts.bars("rings-throughput", "Through a ring, in one direction", "million messages per second",
                Units::plain, true, names, bars);
    }

    private static List<Double> values(List<String> names, Function<String, Optional<Double>> value) {
        List<Double> values = new ArrayList<>();
        names.forEach(name -> values.add(value.apply(name).orElse(null)));
        return values;
    }

    private String roundTripTables(
            Map<Integer, Map<String, Latency>> twoWays, Map<Integer, Map<String, Latency>> twoWaysFar) {
        StringBuilder text = new StringBuilder();
        twoWays.forEach((size, all) -> {
            List<RoundTrips> kept = roundTrips.kept().stream()
                    .filter(each -> each.kind() == Kind.ROUND_TRIPS && each.size() == size)
                    .toList();
            text.append("### There and back, ").append(Units.bytes(size)).append("\n\n").append(roundTrips.say(kept));
            Table table = new Table(
                    List.of("", "p50", "p90", "p99", "p99.9", "p50 to C", "p50 to Agrona 1:1", "round trips"));
            all.forEach((name, each) -> table.add(List.of(
                    label(name, each.p50),
                    Units.time(each.at(50)),
                    Units.time(each.at(90)),
                    Units.time(each.at(99)),
                    Units.time(each.at(99.9)),
                    cell(each.p50, p50(all.get(C))),
                    cell(each.p50, p50(all.get(AGRONA))),
                    String.format("%,d", each.histogram.getTotalCount()))));
            text.append(table).append('\n');
            if (kept.getFirst().distance() != Distance.FAR) {
                text.append(roundTripTableFar(
                        farRoundTrips().stream().filter(each -> each.size() == size).toList(),
                        twoWaysFar.getOrDefault(size, Map.of())));
            }
        });
        return text.toString();
    }

    private static String roundTripTableFar(List<RoundTrips> far, Map<String, Latency> all) {
        Table table = new Table(List.of("", "p50", "p99", "p50 to C", "p50 to Agrona 1:1", "measurements"));
        all.forEach((name, each) -> table.add(List.of(
                label(name),
                Units.time(each.at(50)),
                Units.time(each.at(99)),
                cellApart(each.p50, p50(all.get(C))),
                cellApart(each.p50, p50(all.get(AGRONA))),
                Integer.toString(each.p50.measurements))));
        return far(far, table);
    }

    private String roundTripChart(Map<Integer, Map<String, Latency>> twoWays) throws IOException {
        int size = twoWays.keySet().iterator().next();
        Map<String, Latency> all = twoWays.get(size);
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

    private static String producerTable(Map<Key, Series> producers) {
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
                        series.over(agrona).map(RingsPart::range).orElse("–")));
            }
        });
        return table.toString();
    }

    private static String producerCell(Series series) {
        return Units.withError(series.sample()) + (series.comparable() ? "" : ELSEWHERE);
    }

    private String producerChart(Map<Key, Series> producers) throws IOException {
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

    private static String capacityTable(Map<Key, Series> flows) {
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
                        .map(RingsPart::distance)
                        .orElse("");
                List<String> cells = new ArrayList<>(List.of(Units.bytes(size) + ", " + label(name) + distance));
                row.forEach(series -> cells.add(series.map(RingsPart::producerCell).orElse("–")));
                rows.put(cells.getFirst(), cells);
            }
        }
        rows.values().forEach(table::add);
        return table.toString();
    }

    private static String wakeUpTable(Map<Integer, Map<String, Latency>> wakeUps) {
        Table table = new Table(List.of(
                "two wake-ups", "p50", "p90", "p99", "p50 to C", "round trips", "slept in each"));
        wakeUps.values().forEach(all -> all.forEach((name, each) -> table.add(List.of(
                name.equals(OURS) ? "**shm4j**, `WaitStrategy.KERNEL`" : name + ", the same futex protocol",
                Units.time(each.at(50)),
                Units.time(each.at(90)),
                Units.time(each.at(99)),
                cell(each.p50, p50(all.get(C))),
                String.format("%,d", each.histogram.getTotalCount()),
                Units.number(each.slept / (double) each.histogram.getTotalCount()) + " times"))));
        return table.toString();
    }

    private static Map<String, String> operations() {
        Map<String, String> operations = new LinkedHashMap<>();
        operations.put("writeAndRead", "`write`, `read`");
        operations.put("claimAndRead", "`tryClaim`, `commit`, `read`");
        operations.put("claimSegmentAndRead", "`tryClaim`, `segment`, `commit`, `read`");
        operations.put("nothing", "an empty benchmark");
        return operations;
    }

    private String allocationTable() {
        Table table =
                new Table(List.of("one thread, 64 B", "SPSC, bytes per message", "SPSC, ns", "MPSC, bytes per message",
                        "MPSC, ns"));
        operations().forEach((method, label) -> {
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

    private void addFlowTargets(Map<Integer, Map<String, Series>> oneWay) {
        flowTarget(oneWay, SMALL, AGRONA, 2.5);
        flowTarget(oneWay, SMALL, AERON, 1.5);
        flowTarget(oneWay, MEDIUM, AGRONA, 2.5);
        flowTarget(oneWay, MEDIUM, AGRONA_MANY, 1);
        flowTarget(oneWay, LARGE, AGRONA, 1);
        flowTarget(oneWay, LARGE, C, 0.95);
    }

    private void addFarTargets(Map<Integer, Map<String, Series>> oneWayFar) {
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

    private void addRoundTripTargets(Map<Integer, Map<String, Latency>> twoWays) {
        Map<String, Latency> all = twoWays.getOrDefault(SMALL, Map.of());
        Latency ours = all.get(OURS);
        if (ours != null) {
            ours.p50.over(p50(all.get(AGRONA))).ifPresent(ratio -> targets.atMost(
                    "ring, 64 B there and back, p50: to " + AGRONA + distance(ours.p50), 1, ratio));
            Optional.ofNullable(all.get(AERON))
                    .flatMap(aeron -> ours.p99.over(aeron.p99))
                    .ifPresent(ratio -> targets.atMost(
                            "ring, 64 B there and back, p99: to " + AERON + distance(ours.p99), 1, ratio));
        }
    }

    private void addWakeUpTargets(Map<Integer, Map<String, Latency>> wakeUps) {
        wakeUps.values().forEach(all -> Optional.ofNullable(all.get(OURS))
                .flatMap(ours -> ours.p50.over(p50(all.get(C))))
                .ifPresent(ratio -> targets.atMost(
                        "ring, waiting in the kernel, p50 of two wake-ups: to C" + distance(all.get(OURS).p50), 1.3,
                        ratio)));
    }

    private void addAllocationTargets() {
        for (String ring : List.of("SPSC", "MPSC")) {
            operations().forEach((method, label) -> {
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
