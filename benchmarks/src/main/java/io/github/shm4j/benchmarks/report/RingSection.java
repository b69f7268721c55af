package io.github.shm4j.benchmarks.report;

import io.github.shm4j.benchmarks.crossing.CoreDistance;
import io.github.shm4j.benchmarks.crossing.CoreDistance.Distance;
import io.github.shm4j.benchmarks.rings.RingQuestion.Flow;
import io.github.shm4j.benchmarks.rings.RingQuestion.Kind;
import io.github.shm4j.benchmarks.rings.RingQuestion.RoundTrips;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.stream.Stream;

/** How fast do messages go through a ring from one process to another? */
final class RingSection {

    private final ByDistance<Flow> flows;
    private final ByDistance<RoundTrips> roundTrips;
    private final RingFlows oneWay;
    private final RingRoundTrips twoWays;
    private final RingAllocation allocation;
    private final Targets targets;

    RingSection(List<Flow> flows, List<RoundTrips> roundTrips, Data allocation, Charts charts, Targets targets) {
        this.flows = new ByDistance<>(flows, flow -> flow.kind().name(),
                // The others are not all of the same capacity and of as many producers.
                near -> near.stream().allMatch(flow -> RingFlows.COMPARED.contains(flow.kind()))
                        && comparable(near.stream().map(Flow::name).toList()));
        this.roundTrips = new ByDistance<>(roundTrips, each -> each.kind().name(),
                near -> comparable(near.stream().map(RoundTrips::name).toList()));
        this.oneWay = new RingFlows(this.flows, charts);
        this.twoWays = new RingRoundTrips(this.roundTrips, charts);
        this.allocation = new RingAllocation(allocation);
        this.targets = targets;
    }

    private static boolean comparable(List<String> names) {
        return names.contains(RingTables.OURS) && names.stream().distinct().count() > 1;
    }

    void write(Map<String, String> parts) throws IOException {
        parts.put("ringsDistance", distances() + compiled());

        Map<Integer, Map<String, Series>> near = RingFlows.bySize(oneWay.flows(Kind.FLOW));
        parts.put("ringsFlow", oneWay.tables(Kind.FLOW));
        parts.put("ringsFlowChart", near.isEmpty() ? "" : oneWay.flowChart(near));
        putIfMeasured(parts, "ringsSmallerRing", oneWay.tables(Kind.SMALLER_RING));
        putIfMeasured(parts, "ringsCopiedOut", oneWay.tables(Kind.COPIED_OUT));

        Map<Integer, Map<String, RoundTripLatency>> latencies = twoWays.roundTrips(Kind.ROUND_TRIPS);
        parts.put("ringsRoundTrips", twoWays.tables(Kind.ROUND_TRIPS));
        parts.put("ringsRoundTripsChart", latencies.isEmpty() ? "" : twoWays.roundTripChart(latencies));
        putIfMeasured(parts, "ringsRoundTripsWithG1", twoWays.tables(Kind.ROUND_TRIPS_G1));

        Map<RingFlows.Key, Series> producers = oneWay.flows(Kind.PRODUCERS);
        parts.put("ringsProducers", RingFlows.producerTable(producers));
        parts.put("ringsProducersChart", oneWay.producerChart(producers));
        parts.put("ringsCapacities", RingFlows.capacityTable(oneWay.flows(Kind.CAPACITIES)));

        Map<Integer, Map<String, RoundTripLatency>> wakeUps = twoWays.roundTrips(Kind.WAKE_UPS);
        parts.put("ringsWakeUps", RingRoundTrips.wakeUpTable(wakeUps));
        parts.put("ringsAllocation", allocation.table());

        RingTargets aims = new RingTargets(targets);
        for (Kind kind : RingFlows.COMPARED) {
            aims.addFlows(kind, RingFlows.bySize(oneWay.flows(kind)));
            aims.addFlows(kind, RingFlows.bySize(oneWay.far(kind)));
        }
        aims.addRoundTrips(latencies, twoWays.roundTrips(Kind.ROUND_TRIPS_G1));
        aims.addProducerTargets(producers);
        aims.addWakeUpTargets(wakeUps);
        allocation.addTargets(targets);
    }

    /** Results of an earlier version of the benchmarks lack what has been added since. */
    private static void putIfMeasured(Map<String, String> parts, String part, String text) {
        if (!text.isEmpty()) {
            parts.put(part, text);
        }
    }

    /** How far apart the cores were, and how much that leaves. */
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
                oneWay.shownFlows().size() + twoWays.shownRoundTrips().size());
    }

    private static List<CoreDistance> at(List<CoreDistance> all, Distance distance) {
        return all.stream().filter(each -> each.distance() == distance).toList();
    }

    /** Whether the compilers had done their work. */
    private String compiled() {
        LongSummaryStatistics millis = Stream.concat(
                oneWay.shownFlows().stream().map(Flow::compiledMillis),
                twoWays.shownRoundTrips().stream().map(RoundTrips::compiledMillis))
                .flatMap(Collection::stream)
                .mapToLong(Long::longValue)
                .summaryStatistics();
        return millis.getCount() == 0 ? "" : String.format(
                Locale.ROOT,
                "Were the JVMs warm? While they were measured, their compilers worked %.1f ms on average, and %d ms at"
                        + " most.\n",
                millis.getAverage(), millis.getMax());
    }
}
