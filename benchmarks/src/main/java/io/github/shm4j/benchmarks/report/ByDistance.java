package io.github.shm4j.benchmarks.report;

import io.github.shm4j.benchmarks.crossing.CoreDistance;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.DoubleStream;

/**
 * How far apart the cores were while groups were measured, and which groups can be compared.
 *
 * @param <G> a group
 */
final class ByDistance<G extends CoreDistance> {

    private final List<G> groups;
    private final Function<G, String> kind;
    private final Predicate<List<G>> enough;
    private final List<G> kept;

    /**
     * Sorts groups by how far apart the cores were.
     *
     * @param groups all that were measured
     * @param kind what a group is about, if not all are about the same
     */
    ByDistance(List<G> groups, Function<G, String> kind) {
        this(groups, kind, unused -> false);
    }

    /**
     * Sorts groups by how far apart the cores were.
     *
     * @param groups all that were measured
     * @param kind what a group is about, if not all are about the same
     * @param enough whether the groups of one size and kind with the cores near each other are enough to keep these, even if
     *            another distance was met more often
     */
    ByDistance(List<G> groups, Function<G, String> kind, Predicate<List<G>> enough) {
        this.groups = groups;
        this.kind = kind;
        this.enough = enough;
        this.kept = keep();
    }

    /**
     * {@return for each size and kind the groups of one distance: near, if these are enough, or else the one that was met most
     * often}
     */
    List<G> kept() {
        return kept;
    }

    /** {@return the groups with the cores far from each other, of those sizes and kinds for which others are kept} */
    List<G> far() {
        return groups.stream()
                .filter(group -> group.distance() == CoreDistance.Distance.FAR && !kept.contains(group))
                .toList();
    }

    /** {@return all groups} */
    List<G> groups() {
        return groups;
    }

    private List<G> keep() {
        List<G> all = new ArrayList<>();
        for (String about : groups.stream().map(this::about).distinct().toList()) {
            List<G> near = at(about, CoreDistance.Distance.NEAR);
            all.addAll(enough.test(near) ? near : most(about));
        }
        return all;
    }

    private List<G> most(String about) {
        List<G> most = List.of();
        for (CoreDistance.Distance distance : CoreDistance.Distance.values()) {
            List<G> same = at(about, distance);
            // Those that were moved count only if there is nothing better.
            if (distance == CoreDistance.Distance.MOVED ? most.isEmpty() : same.size() > most.size()) {
                most = same;
            }
        }
        return most;
    }

    private List<G> at(String about, CoreDistance.Distance distance) {
        return groups.stream()
                .filter(group -> about(group).equals(about) && group.distance() == distance)
                .toList();
    }

    private String about(G group) {
        return group.size() + " " + kind.apply(group);
    }

    private static String name(CoreDistance group) {
        return group.distance().name().toLowerCase(Locale.ROOT);
    }

    /** {@return a sentence that says how far apart the cores were in some of the groups, all of one distance} */
    String say(List<G> some) {
        return "Cores " + name(some.getFirst()) + ": a cache line there and back takes " + nanos(some) + ".\n\n";
    }

    /** {@return the shortest and the longest way of a cache line to the other core and back} */
    static String nanos(List<? extends CoreDistance> some) {
        if (some.isEmpty()) {
            return "–";
        }
        DoubleSummaryStatistics nanos = some.stream()
                .flatMapToDouble(group -> DoubleStream.of(group.nanosBefore(), group.nanosAfter()))
                .summaryStatistics();
        return Units.number(nanos.getMin()) + " to " + Units.number(nanos.getMax()) + " ns";
    }

    /** {@return all groups, with their distance} */
    String table() {
        Table table = new Table(
                List.of("round", "size", "cores", "ns before", "ns after", "distance", "in the tables"));
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
