package io.github.shm4j.benchmarks.rings;

import com.google.gson.Gson;
import io.github.shm4j.benchmarks.crossing.CoreDistance;
import io.github.shm4j.benchmarks.rings.RingQuestion.Flow;
import io.github.shm4j.benchmarks.rings.RingQuestion.Kind;
import io.github.shm4j.benchmarks.rings.RingQuestion.RoundTrips;
import io.github.shm4j.benchmarks.suite.Log;
import io.github.shm4j.benchmarks.suite.Plan;
import io.github.shm4j.benchmarks.suite.Program;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Is a change faster or slower? Measures shm4j's rings of two versions in turns, and compares only what was measured one after
 * the other with the cores near each other.
 */
public final class Duel {

    private static final List<Kind> KINDS = List.of(Kind.FLOW, Kind.COPIED_OUT, Kind.ROUND_TRIPS);

    private final Path before;
    private final Path after;
    private final Pattern names;
    private final Plan plan;

    /**
     * Makes a duel.
     *
     * @param before the other version's benchmarks.jar
     * @param after this version's
     * @param names what must be found in what a row is called
     * @param plan how long to measure, and how often
     */
    public Duel(Path before, Path after, Pattern names, Plan plan) {
        this.before = before;
        this.after = after;
        this.names = names;
        this.plan = plan;
    }

    /** A row of the table: a ring of both versions, measured in one way. */
    private record Row(Kind kind, Ring ring, int size) {

        String name() {
            return ring.label() + ", " + size + " B, " + switch (kind) {
                case COPIED_OUT -> "copied out";
                case ROUND_TRIPS -> "round trip";
                default -> "one way";
            };
        }
    }

    /** A figure, and how far apart the cores were. */
    private record Figure(double value, CoreDistance.Distance distance) {}

    /** Runs it and prints a row for each ring. */
    public void run() throws IOException, InterruptedException {
        List<Row> rows = rows();
        if (rows.isEmpty()) {
            throw new IllegalStateException("there is no row of a duel in whose name " + names + " is found");
        }
        List<String> lines = new ArrayList<>();
        for (Row row : rows) {
            lines.add(compare(row));
        }
        System.out.printf(Locale.ROOT, "%n%-46s %12s %12s %9s  %-15s %s%n", "million messages/s, or ns (p50)", "before",
                "after",
                "ratio", "lowest-highest", "pairs");
        lines.forEach(System.out::print);
        System.out.println("ratio: after to before; above 1 is faster one way, and slower in a round trip");
    }

    private List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        for (int size : plan.crossingSizes()) {
            for (Kind kind : KINDS) {
                for (Ring ring : Ring.values()) {
                    Row row = new Row(kind, ring, size);
                    if (ring.label().startsWith("shm4j")
                            && ring.kinds().contains(kind)
                            && Competitor.of(ring).fits(size, plan.ringCapacity(size))
                            && names.matcher(row.name()).find()) {
                        rows.add(row);
                    }
                }
            }
        }
        return rows;
    }

    private String compare(Row row) throws IOException, InterruptedException {
        List<Double> olds = new ArrayList<>();
        List<Double> news = new ArrayList<>();
        List<Double> ratios = new ArrayList<>();
        int pairs = plan.rounds() * plan.ringAttempts();
        for (int pair = 0; pair < pairs && ratios.size() < plan.rounds(); pair++) {
            // The first of a pair may have an advantage.
            Figure first = measure(pair % 2 == 0 ? before : after, row);
            Figure second = measure(pair % 2 == 0 ? after : before, row);
            if (first.distance() != CoreDistance.Distance.NEAR || second.distance() != CoreDistance.Distance.NEAR) {
                Log.say("duel: %s: the cores were not near each other", row.name());
                continue;
            }
            double old = (pair % 2 == 0 ? first : second).value();
            double recent = (pair % 2 == 0 ? second : first).value();
            Log.say("duel: %s: before %.3f, after %.3f", row.name(), old, recent);
            olds.add(old);
            news.add(recent);
            ratios.add(recent / old);
        }
        if (ratios.isEmpty()) {
            return String.format(Locale.ROOT, "%-46s the cores were never near each other in %d pairs%n", row.name(),
                    pairs);
        }
        double[] sorted = sorted(ratios);
        return String.format(Locale.ROOT, "%-46s %12.3f %12.3f %9.3f  %.3f - %.3f   %d%n", row.name(), median(olds),
                median(news), median(ratios), sorted[0], sorted[sorted.length - 1], ratios.size());
    }

    private Figure measure(Path jar, Row row) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(Program.java(
                "-XX:+IgnoreUnrecognizedVMOptions",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                jar.toString(),
                SingleMeasurement.class.getName()));
        command.addAll(SingleMeasurement.arguments(
                row.kind(), row.ring(), row.size(), plan.ringCapacity(row.size()), plan.isQuick()));
        String result = SingleMeasurement.result(Program.run(row.name() + " of " + jar, command));
        if (SingleMeasurement.isFlow(row.kind())) {
            Flow flow = new Gson().fromJson(result, Flow.class);
            return new Figure(median(flow.messagesPerSecond()) / 1e6, flow.distance());
        }
        RoundTrips roundTrips = new Gson().fromJson(result, RoundTrips.class);
        return new Figure(roundTrips.p50(), roundTrips.distance());
    }

    private static double median(List<Double> values) {
        double[] sorted = sorted(values);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static double[] sorted(List<Double> values) {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        return sorted;
    }
}
