package io.github.shm4j.benchmarks.report;

import io.github.shm4j.benchmarks.crossing.CoreDistance;
import io.github.shm4j.benchmarks.crossing.CoreDistance.Distance;
import io.github.shm4j.benchmarks.relay.RelayQuestion;
import io.github.shm4j.benchmarks.relay.RelayQuestion.Allocated;
import io.github.shm4j.benchmarks.rings.RingQuestion.Flow;
import io.github.shm4j.benchmarks.rings.RingQuestion.RoundTrips;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What does a ring at either end cost where Aeron carries messages over the network? */
final class RelaySection {

    private static final String RING = RingTables.OURS;

    /** How many messages there have to be for each of Aeron's. */
    private static final double LEAST = 0.9;

    /** How long a round trip may take, to that of Aeron and the way through two rings. */
    private static final double MOST = 1;

    /** Bytes per message that may seem to be allocated: what each second or each confirmation needs. */
    private static final double NO_BYTES = 0.01;

    private final ByDistance<Flow> flows;
    private final ByDistance<RoundTrips> roundTrips;
    private final List<Allocated> allocated;
    private final Targets targets;

    RelaySection(List<Flow> flows, List<RoundTrips> roundTrips, List<Allocated> allocated, Targets targets) {
        this.flows = new ByDistance<>(flows, unused -> "",
                some -> hasAll(some.stream().map(Flow::name).toList(), RelayQuestion.RELAY, RelayQuestion.AERON));
        this.roundTrips = new ByDistance<>(roundTrips, unused -> "",
                some -> hasAll(some.stream().map(RoundTrips::name).toList(), RelayQuestion.RELAY, RelayQuestion.AERON,
                        RING));
        this.allocated = allocated;
        this.targets = targets;
    }

    private static boolean hasAll(List<String> names, String... all) {
        return names.containsAll(List.of(all));
    }

    void write(Map<String, String> parts) {
        parts.put("relayFlow", flow());
        parts.put("relayRoundTrips", roundTrips());
        parts.put("relayAllocated", allocated());
    }

    private static String label(String name) {
        return name.equals(RelayQuestion.RELAY) ? "**" + name + "**" : name;
    }

    private static String cores(List<? extends CoreDistance> same) {
        return same.getFirst().distance().name().toLowerCase(Locale.ROOT) + ", " + ByDistance.nanos(same);
    }

    // ---- In one direction.

    private String flow() {
        Table table = new Table(List.of("messages", "", "thousand messages/s", "slowest – fastest slice", "MB/s",
                "to Aeron UDP", "cores"));
        for (int size : flows.kept().stream().map(Flow::size).distinct().toList()) {
            List<Flow> same = flows.kept().stream().filter(each -> each.size() == size).toList();
            Map<String, Series> all = series(same);
            Series aeron = all.get(RelayQuestion.AERON);
            all.forEach((name, series) -> table.add(List.of(
                    Units.bytes(size),
                    label(name),
                    Units.withError(series.sample()),
                    RingTables.range(series.sample()),
                    Units.number(series.sample().median() * size / 1e3),
                    RingTables.cell(series, aeron),
                    cores(same))));
            Series relay = all.get(RelayQuestion.RELAY);
            if (relay != null) {
                relay.over(aeron).ifPresent(ratio -> targets.atLeast("relay, " + Units.bytes(size)
                        + ", messages per second: to Aeron UDP" + RingTables.distance(relay), LEAST, ratio));
            }
        }
        return table.toString();
    }

    /** In the order of tables, in thousands per second. */
    private static Map<String, Series> series(List<Flow> same) {
        Optional<Distance> distance = Optional.of(same.getFirst().distance());
        Map<String, Series> all = new LinkedHashMap<>();
        Stream.of(RelayQuestion.RELAY, RelayQuestion.AERON).forEach(name -> same.stream()
                .filter(each -> each.name().equals(name))
                .forEach(each -> all.computeIfAbsent(name, unused -> new Series(distance))
                        .add(each.round(),
                                each.messagesPerSecond().stream().map(perSecond -> perSecond / 1e3).toList())));
        return all;
    }

    // ---- There and back.

    private String roundTrips() {
        List<RoundTrips> same = roundTrips.kept();
        if (same.isEmpty()) {
            return "";
        }
        Optional<Distance> distance = Optional.of(same.getFirst().distance());
        Map<String, RoundTripLatency> all = new LinkedHashMap<>();
        Stream.of(RelayQuestion.RELAY, RelayQuestion.AERON, RING).forEach(name -> same.stream()
                .filter(each -> each.name().equals(name))
                .forEach(each -> all.computeIfAbsent(name, unused -> new RoundTripLatency(distance)).add(each)));
        Table table = new Table(List.of(Units.bytes(same.getFirst().size()) + " there and back", "p50", "p90", "p99",
                "p99.9", "p50 to Aeron UDP", "round trips", "cores"));
        all.forEach((name, each) -> table.add(List.of(
                label(name),
                Units.time(each.at(50)),
                Units.time(each.at(90)),
                Units.time(each.at(99)),
                Units.time(each.at(99.9)),
                RingTables.cell(each.p50, RingRoundTrips.p50(all.get(RelayQuestion.AERON))),
                String.format(Locale.ROOT, "%,d", each.histogram.getTotalCount()),
                cores(same))));
        judge(same, all);
        return table.toString();
    }

    private void judge(List<RoundTrips> same, Map<String, RoundTripLatency> all) {
        Series relay = RingRoundTrips.p50(all.get(RelayQuestion.RELAY));
        if (relay != null) {
            relay.over(withRings(same, relay.distance)).ifPresent(ratio -> targets.atMost(
                    "relay, 64 B there and back, p50: to Aeron UDP and a ring hop on each side"
                            + RingTables.distance(relay),
                    MOST, ratio));
        }
    }

    /** Aeron's round trips, each with the way through a ring there and through one back. */
    private static Series withRings(List<RoundTrips> same, Optional<Distance> distance) {
        Series sums = new Series(distance);
        for (int round : same.stream().map(RoundTrips::round).distinct().toList()) {
            List<Double> aeron = medians(same, round, RelayQuestion.AERON);
            List<Double> ring = medians(same, round, RING);
            if (!aeron.isEmpty() && !ring.isEmpty()) {
                double rings = Sample.of(ring).median();
                sums.add(round, aeron.stream().map(each -> each + rings).toList());
            }
        }
        return sums;
    }

    private static List<Double> medians(List<RoundTrips> same, int round, String name) {
        return same.stream()
                .filter(each -> each.round() == round && each.name().equals(name))
                .map(each -> (double) each.p50())
                .toList();
    }

    // ---- Allocation.

    private String allocated() {
        Table table = new Table(List.of("bytes per message", "producing side", "consuming side", "messages"));
        for (Allocated each : allocated) {
            double sending = each.sending() / (double) each.messages();
            double receiving = each.receiving() / (double) each.messages();
            table.add(List.of(
                    Units.bytes(each.size()) + ", " + label(each.name()),
                    bytes(sending),
                    bytes(receiving),
                    String.format(Locale.ROOT, "%,d", each.messages())));
            if (each.name().equals(RelayQuestion.RELAY)) {
                noBytes("sender", sending);
                noBytes("receiver", receiving);
            }
        }
        return table.toString();
    }

    private void noBytes(String side, double bytes) {
        targets.noBytes("relay, " + side + ": bytes allocated per message", NO_BYTES, Sample.of(List.of(bytes)));
    }

    private static String bytes(double bytes) {
        return bytes < NO_BYTES ? "0" : Units.number(bytes);
    }
}
