package io.github.shm4j.benchmarks.report;

import io.github.shm4j.benchmarks.crossing.CoreDistance;
import io.github.shm4j.benchmarks.crossing.CoreDistance.Distance;
import io.github.shm4j.benchmarks.rings.RingQuestion;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/** Names and cells of the tables about rings. */
final class RingTables {

    static final String OURS = "shm4j SPSC";
    static final String OURS_BATCHES = "shm4j SPSC, batches of 256";
    static final String OURS_MANY = "shm4j MPSC";
    static final String AGRONA = "Agrona 1:1";
    static final String AGRONA_MANY = "Agrona N:1";
    static final String AERON = "Aeron IPC";
    static final String C = "C";
    static final String C_BATCHES = "C, batches of 256";

    static final String ELSEWHERE = ", cores at another distance";
    static final String FAR = ", cores far from each other";

    /** Stands behind a ratio of figures that have no round in common. */
    private static final String APART = " †";

    private RingTables() {}

    /** What stands behind a name if the cores were not near each other. */
    static String distance(Series series) {
        return switch (series.distance.orElse(Distance.NEAR)) {
            case NEAR -> "";
            case FAR -> FAR;
            case MOVED -> ", cores moved meanwhile";
        };
    }

    /** The same in a chart. */
    static String distanceBriefly(Series series) {
        return series.distance.filter(distance -> distance != Distance.NEAR)
                .map(distance -> ", " + distance.name().toLowerCase(Locale.ROOT))
                .orElse("");
    }

    /** The order of the competitors in tables. */
    static <T> Comparator<T> inOrder(Function<T, String> name) {
        List<String> names = RingQuestion.competitors();
        return Comparator.comparingInt(each -> names.indexOf(name.apply(each)));
    }

    static String cell(Series series, Series other) {
        return series.over(other).map(ratio -> Units.times(ratio.median())).orElse("–");
    }

    /** A ratio from the rounds that have both, or else from all, with a mark. */
    static String cellApart(Series series, Series other) {
        return series.overApart(other)
                .map(ratio -> Units.times(ratio.median()) + APART)
                .orElseGet(() -> cell(series, other));
    }

    /** A table of what was measured with the cores far from each other, or a sentence that there is nothing. */
    static String far(List<? extends CoreDistance> far, Table table) {
        if (far.isEmpty()) {
            return "Nothing was measured with the cores far from each other.\n\n";
        }
        return "The same with the cores far from each other, where a cache line there and back takes "
                + ByDistance.nanos(far) + ":\n\n" + table + "\n"
                + (table.toString().contains(APART)
                        ? "†: not measured like this in the same round; the ratio of the medians over all rounds.\n\n"
                        : "");
    }

    static String range(Sample sample) {
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

    static String label(String name) {
        return name.startsWith("shm4j") ? "**shm4j**" + name.substring("shm4j".length()) : name;
    }

    static String label(String name, Series series) {
        return label(name) + (series.comparable() ? "" : ELSEWHERE);
    }

    static List<Double> values(List<String> names, Function<String, Optional<Double>> value) {
        List<Double> values = new ArrayList<>();
        names.forEach(name -> values.add(value.apply(name).orElse(null)));
        return values;
    }
}
