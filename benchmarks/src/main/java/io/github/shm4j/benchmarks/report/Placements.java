package io.github.shm4j.benchmarks.report;

import io.github.shm4j.benchmarks.crossing.Placed;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.DoubleStream;

/**
 * How the cores were placed while groups were measured, and which groups can be compared.
 *
 * @param <G> a group
 */
final class Placements<G extends Placed> {

    private final List<G> groups;
    private final Function<G, String> kind;
    private final List<G> kept;

    /**
     * Sorts groups by their placement.
     *
     * @param groups all that were measured
     * @param kind what a group is about, if not all are about the same
     */
    Placements(List<G> groups, Function<G, String> kind) {
        this.groups = groups;
        this.kind = kind;
        this.kept = keep();
    }

    /** {@return for each size and kind the groups of the placement that was met most often: figures of one placement only} */
    List<G> kept() {
        return kept;
    }

    /** {@return all groups} */
    List<G> groups() {
        return groups;
    }

    private List<G> keep() {
        List<G> best = new ArrayList<>();
        for (String about : groups.stream().map(this::about).distinct().toList()) {
            List<G> most = List.of();
            for (Placed.Distance distance : Placed.Distance.values()) {
                List<G> same = groups.stream()
                        .filter(group -> about(group).equals(about) && group.distance() == distance)
                        .toList();
                // Those that were moved count only if there is nothing better.
                if (distance == Placed.Distance.MOVED ? most.isEmpty() : same.size() > most.size()) {
                    most = same;
                }
            }
            best.addAll(most);
        }
        return best;
    }

    private String about(G group) {
        return group.size() + " " + kind.apply(group);
    }

    private static String name(Placed group) {
        return group.distance().name().toLowerCase(Locale.ROOT);
    }

    /** {@return a sentence that says how the cores were placed in some of the groups that were kept} */
    String say(List<G> some) {
        DoubleSummaryStatistics nanos = some.stream()
                .flatMapToDouble(group -> DoubleStream.of(group.nanosBefore(), group.nanosAfter()))
                .summaryStatistics();
        return "Cores " + name(some.getFirst()) + ": a cache line there and back takes "
                + Units.number(nanos.getMin()) + " to " + Units.number(nanos.getMax()) + " ns.\n\n";
    }

    /** {@return all groups, with their placement} */
    String table() {
        Table table = new Table(
                List.of("round", "size", "cores", "ns before", "ns after", "placement", "in the tables"));
        for (G group : groups) {
            table.add(List.of(
                    Integer.toString(group.round()),
                    Units.bytes(group.size()) + kind.apply(group),
                    group.first() + " and " + group.second() + (group.sameCore() ? ", threads of one core" : ""),
                    Units.number(group.nanosBefore()),
                    Units.number(group.nanosAfter()),
                    name(group),
                    kept.contains(group) ? "yes" : "no"));
        }
        return table.toString();
    }
}
