package io.github.shm4j.benchmarks.rings;

import io.github.shm4j.benchmarks.crossing.Cores;
import io.github.shm4j.benchmarks.crossing.Placed;
import io.github.shm4j.benchmarks.crossing.Placement;
import io.github.shm4j.benchmarks.suite.Jmh;
import io.github.shm4j.benchmarks.suite.Log;
import io.github.shm4j.benchmarks.suite.Peers;
import io.github.shm4j.benchmarks.suite.Plan;
import io.github.shm4j.benchmarks.suite.Question;
import io.github.shm4j.benchmarks.suite.Results;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.openjdk.jmh.profile.GCProfiler;

/**
 * How fast do messages go through a ring from one process to another?
 *
 * <p>As in {@link io.github.shm4j.benchmarks.crossing.Crossing}, what is compared is measured in groups, one competitor
 * after the other, between two measurements of how far apart the cores are.
 */
public final class Rings implements Question {

    /** How often to measure a group, if the cores are moved each time. */
    private static final int ATTEMPTS = 3;

    private final Pattern names;

    /**
     * Makes the question.
     *
     * @param names what must be found in the name of a competitor
     */
    public Rings(Pattern names) {
        this.names = names;
    }

    @Override
    public String name() {
        return "rings";
    }

    /** What a group of measurements is about. */
    public enum Kind {
        /** Messages in one direction, of each competitor. */
        FLOW,
        /** Messages there and back, one at a time. */
        TRIPS,
        /** Messages in one direction from one and from several producers, for those rings that are made for it. */
        PRODUCERS,
        /** Messages in one direction through rings of several sizes. */
        CAPACITIES,
        /** Messages there and back, between sides that sleep. */
        NAPS
    }

    /**
     * Competitors of one size in one round.
     *
     * @param kind what was measured
     * @param round the number of the round, from 1
     * @param size the size of a message in bytes
     * @param first the core of the consumer, or of who measures
     * @param second the core of the producers, or of who answers
     * @param sameCore whether these are two threads of one core
     * @param nanosBefore the way of a cache line to the other core and back, before the group
     * @param nanosAfter and after it
     * @param flows what was measured in one direction
     * @param trips what was measured there and back
     */
    public record Group(
            Kind kind,
            int round,
            int size,
            int first,
            int second,
            boolean sameCore,
            double nanosBefore,
            double nanosAfter,
            List<Flow> flows,
            List<Trips> trips)
            implements
                Placed {}

    /**
     * Messages in one direction, as fast as the producers can.
     *
     * @param name the competitor
     * @param producers how many processes produce
     * @param capacity the capacity of the ring in bytes
     * @param messagesPerSecond what arrived, one value for each slice of time
     * @param compiledMillis how long the compiler worked meanwhile, in the consumer and in each producer
     */
    public record Flow(
            String name, int producers, long capacity, List<Double> messagesPerSecond, List<Long> compiledMillis) {}

    /**
     * Messages there and back, one at a time.
     *
     * @param name the competitor
     * @param count how many were measured
     * @param p50 nanoseconds, the median
     * @param p90 nanoseconds that 90 % do not exceed
     * @param p99 nanoseconds that 99 % do not exceed
     * @param p999 nanoseconds that 99.9 % do not exceed
     * @param max nanoseconds of the longest
     * @param histogram all of them: an HdrHistogram, compressed and in Base64
     * @param compiledMillis how long the compiler worked meanwhile, on either side
     * @param slept how often the measuring side gave up its core, in naps
     */
    public record Trips(
            String name,
            long count,
            long p50,
            long p90,
            long p99,
            long p999,
            long max,
            String histogram,
            List<Long> compiledMillis,
            long slept) {}

    @Override
    public void measure(Plan plan, Peers peers, Results results) throws Exception {
        Cores cores = Cores.choose();
        List<Competitor> competitors = Competitor.all(peers).stream()
                .filter(competitor -> names.matcher(competitor.name()).find())
                .toList();
        List<Group> groups = new ArrayList<>();
        double nanos = Placement.measure(cores);
        for (int round = 1; round <= plan.rounds(); round++) {
            for (int size : plan.crossingSizes()) {
                for (Kind kind : kinds(plan, round, size)) {
                    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                        Log.say("rings: round %d, %d bytes; a cache line goes there and back in %.0f ns", round, size,
                                nanos);
                        Group group = group(plan, competitors, cores, kind, round, size, nanos);
                        groups.add(group);
                        nanos = group.nanosAfter();
                        if (!group.moved()) {
                            break;
                        }
                        Log.say("rings: the cores were moved meanwhile (now %.0f ns)", nanos);
                    }
                }
            }
        }
        results.write("groups", groups);
        if (!names.pattern().isEmpty()) {
            return;
        }
        Log.say("rings: allocation");
        try (Jmh jmh = new Jmh(plan)) {
            jmh.run("\\.rings\\.Allocation\\.", Map.of(), "^$", GCProfiler.class);
            jmh.keep(1, results);
        }
    }

    /** Not all is worth the time in each round and for each size. */
    private static Set<Kind> kinds(Plan plan, int round, int size) {
        Set<Kind> kinds = EnumSet.of(Kind.FLOW, Kind.TRIPS, Kind.PRODUCERS);
        if (size == plan.crossingSizes().getFirst()) {
            kinds.add(Kind.NAPS);
        }
        if (round == 1 && !plan.ringCapacities().isEmpty()) {
            kinds.add(Kind.CAPACITIES);
        }
        return kinds;
    }

    private static Group group(
            Plan plan, List<Competitor> competitors, Cores cores, Kind kind, int round, int size, double nanosBefore)
            throws Exception {
        List<Flow> flows = new ArrayList<>();
        List<Trips> trips = new ArrayList<>();
        Meeting meeting = new Meeting(plan, cores, size);
        long capacity = plan.ringCapacity(size);
        for (int producers : kind == Kind.PRODUCERS ? plan.ringProducers() : List.of(1)) {
            for (long each : kind == Kind.CAPACITIES ? plan.ringCapacities() : List.of(capacity)) {
                for (Competitor competitor : competitors) {
                    if (!competitor.kinds().contains(kind) || !competitor.fits(size, each)) {
                        continue;
                    }
                    switch (kind) {
                        case FLOW, PRODUCERS, CAPACITIES -> flows.add(meeting.flow(competitor, producers, each));
                        case TRIPS -> trips.add(meeting.trips(competitor, "trips", each));
                        case NAPS -> trips.add(meeting.trips(competitor, "naps", each));
                    }
                }
            }
        }
        return new Group(kind, round, size, cores.first(), cores.second(), cores.sameCore(), nanosBefore,
                Placement.measure(cores), flows, trips);
    }
}
