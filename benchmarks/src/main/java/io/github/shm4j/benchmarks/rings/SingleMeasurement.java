package io.github.shm4j.benchmarks.rings;

import com.google.gson.Gson;
import io.github.shm4j.benchmarks.crossing.Cores;
import io.github.shm4j.benchmarks.rings.RingQuestion.Kind;
import io.github.shm4j.benchmarks.suite.Plan;
import java.util.Arrays;
import java.util.List;

/**
 * One measurement of one of shm4j's rings, as a program of its own: what a {@link Duel} runs of either side, so that each makes
 * its rings with its own library.
 *
 * <p>The arguments: {@link Kind}, {@link Ring}, size, capacity, and whether it is a quick one. The last line that it prints is
 * a {@link RingQuestion.Flow} or {@link RingQuestion.RoundTrips} as JSON. They must stay the same, as the other side may be an
 * older version.
 */
final class SingleMeasurement {

    private SingleMeasurement() {}

    /** {@return the arguments for a measurement} */
    static List<String> arguments(Kind kind, Ring ring, int size, long capacity, boolean quick) {
        return List.of(kind.name(), ring.name(), Integer.toString(size), Long.toString(capacity),
                Boolean.toString(quick));
    }

    /** {@return whether messages go in one direction in measurements of a kind} */
    static boolean isFlow(Kind kind) {
        return kind == Kind.FLOW || kind == Kind.COPIED_OUT;
    }

    public static void main(String[] arguments) throws Exception {
        Kind kind = Kind.valueOf(arguments[0]);
        Competitor competitor = Competitor.of(Ring.valueOf(arguments[1]));
        long capacity = Long.parseLong(arguments[3]);
        RingMeasurement measurement = new RingMeasurement(
                Plan.between(Boolean.parseBoolean(arguments[4])), Cores.choose(), 1, Integer.parseInt(arguments[2]));
        Object measured = isFlow(kind)
                ? measurement.flow(kind, competitor, 1, capacity)
                : measurement.roundTrips(kind, competitor, capacity);
        System.out.println(new Gson().toJson(measured));
    }

    /** {@return the last line of what a measurement printed} */
    static String result(String output) {
        return Arrays.asList(output.strip().split("\n")).getLast();
    }
}
