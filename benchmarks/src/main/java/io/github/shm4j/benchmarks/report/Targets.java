package io.github.shm4j.benchmarks.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the library means to reach, and whether it does. */
final class Targets {

    private final List<List<String>> rows = new ArrayList<>();

    /** A ratio that must not be larger than a limit. */
    void atMost(String what, double limit, Sample ratio) {
        atMost(what, limit, ratio, Optional.empty());
    }

    /** The same, beside what C reaches. */
    void atMost(String what, double limit, Sample ratio, Optional<Sample> c) {
        add(what, "≤ " + Units.times(limit), ratio, c, ratio.median() <= limit, ratio.low() <= limit);
    }

    /** A ratio that must not be smaller than a limit. */
    void atLeast(String what, double limit, Sample ratio) {
        atLeast(what, limit, ratio, Optional.empty());
    }

    /** The same, beside what C reaches. */
    void atLeast(String what, double limit, Sample ratio, Optional<Sample> c) {
        add(what, "≥ " + Units.times(limit), ratio, c, ratio.median() >= limit, ratio.high() >= limit);
    }

    /** A number of bytes that must be none, but for what measuring itself needs. */
    void noBytes(String what, double limit, Sample bytes) {
        rows.add(List.of(
                what,
                "0 B",
                (bytes.median() <= limit ? "0" : Units.number(bytes.median())) + " B",
                "–",
                "–",
                bytes.median() <= limit ? "reached" : "**missed**"));
    }

    /** A ratio that was measured too badly to say. */
    void undecided(String what, double limit, Sample ratio) {
        add(what, "≤ " + Units.times(limit), ratio, Optional.empty(), "the errors are too large to tell");
    }

    /** A ratio that is no target, and says something beside those that are. */
    void toKnow(String what, Sample ratio, Optional<Sample> c) {
        add(what, "–", ratio, c, "for information");
    }

    private void add(String what, String limit, Sample ratio, Optional<Sample> c, boolean reached, boolean sometimes) {
        add(what, limit, ratio, c,
                reached ? "reached" : sometimes ? "**missed**, reached in some rounds" : "**missed**");
    }

    private void add(String what, String limit, Sample ratio, Optional<Sample> c, String verdict) {
        rows.add(List.of(
                what,
                limit,
                Units.times(ratio.median()),
                Units.number(ratio.low()) + " – " + Units.number(ratio.high()),
                c.map(sample -> Units.times(sample.median())).orElse("–"),
                verdict));
    }

    /** What was measured for a target, or for C in its place, as the table says it; empty if it was not. */
    Optional<String> measured(String what, boolean c) {
        return rows.stream()
                .filter(row -> row.get(0).equals(what))
                .map(row -> row.get(c ? 4 : 2))
                .filter(measured -> !measured.equals("–"))
                .findFirst();
    }

    String table() {
        Table table = new Table(List.of("target", "limit", "measured", "lowest – highest round", "C in its place", ""));
        rows.forEach(table::add);
        return table.toString();
    }
}
