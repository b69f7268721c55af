package io.github.shm4j.benchmarks.report;

import io.github.shm4j.benchmarks.crossing.CoreDistance.Distance;
import io.github.shm4j.benchmarks.rings.BroadcastFlow;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** How fast do messages go from one process to each of several others? */
final class BroadcastSection {

    /** How many messages there have to be for each of Agrona's. */
    private static final double LEAST = 1;

    private final ByDistance<BroadcastFlow> flows;
    private final Targets targets;

    /**
     * Makes the section.
     *
     * @param flows what was measured; nothing in results of an earlier version of the benchmarks
     */
    BroadcastSection(List<BroadcastFlow> flows, Targets targets) {
        this.flows = new ByDistance<>(flows, BroadcastSection::readers, BroadcastSection::comparable);
        this.targets = targets;
    }

    private static String readers(BroadcastFlow flow) {
        return flow.readers() == 1 ? ", one reader" : ", " + flow.readers() + " readers";
    }

    private static String about(BroadcastFlow flow) {
        return Units.bytes(flow.size()) + readers(flow);
    }

    private static boolean comparable(List<BroadcastFlow> some) {
        return Stream.of(BroadcastFlow.OURS, BroadcastFlow.AGRONA)
                .allMatch(name -> some.stream().anyMatch(each -> each.name().equals(name)));
    }

    void write(Map<String, String> parts) {
        List<BroadcastFlow> kept = flows.kept();
        if (kept.isEmpty()) {
            return;
        }
        Table table = new Table(List.of("messages", "competitor", "million messages/s to each reader",
                "slowest – fastest slice", "to Agrona", "cores"));
        for (String about : kept.stream().map(BroadcastSection::about).distinct().toList()) {
            List<BroadcastFlow> same = kept.stream().filter(each -> about(each).equals(about)).toList();
            Map<String, Series> all = series(same);
            Series agrona = all.get(BroadcastFlow.AGRONA);
            String cores = same.getFirst().distance().name().toLowerCase(Locale.ROOT) + ", "
                    + ByDistance.nanos(same);
            all.forEach((name, series) -> table.add(List.of(
                    about,
                    name.equals(BroadcastFlow.OURS) ? "**" + name + "**" : name,
                    Units.withError(series.sample()),
                    RingTables.range(series.sample()),
                    RingTables.cell(series, agrona),
                    cores)));
            Series ours = all.get(BroadcastFlow.OURS);
            if (ours != null) {
                ours.over(agrona).ifPresent(ratio -> targets.atLeast("broadcast, " + about + ", messages per second: to"
                        + " Agrona" + RingTables.distance(ours), LEAST, ratio));
            }
        }
        parts.put("stateBroadcast", table.toString());
    }

    /** In the order of tables, in millions per second. */
    private static Map<String, Series> series(List<BroadcastFlow> same) {
        Optional<Distance> distance = Optional.of(same.getFirst().distance());
        Map<String, Series> all = new LinkedHashMap<>();
        Stream.of(BroadcastFlow.OURS, BroadcastFlow.AGRONA).forEach(name -> same.stream()
                .filter(each -> each.name().equals(name))
                .forEach(each -> all.computeIfAbsent(name, unused -> new Series(distance))
                        .add(each.round(),
                                each.messagesPerSecond().stream().map(perSecond -> perSecond / 1e6).toList())));
        return all;
    }
}
