package io.github.shm4j.benchmarks.rings;

import io.github.shm4j.benchmarks.crossing.CoreDistance;
import io.github.shm4j.benchmarks.crossing.Cores;
import io.github.shm4j.benchmarks.crossing.RepeatBudget;
import io.github.shm4j.benchmarks.crossing.RoundRobin;
import io.github.shm4j.benchmarks.suite.Jmh;
import io.github.shm4j.benchmarks.suite.Log;
import io.github.shm4j.benchmarks.suite.Peers;
import io.github.shm4j.benchmarks.suite.Plan;
import io.github.shm4j.benchmarks.suite.Question;
import io.github.shm4j.benchmarks.suite.Results;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.openjdk.jmh.profile.GCProfiler;

/**
 * How fast do messages go through a ring from one process to another?
 *
 * <p>What is compared is measured one after the other, in rounds. As the cores can be moved at any time, each measurement
 * says itself how far apart they were at its beginning and at its end. One during which they were moved, or were far from
 * each other, is kept too, but made again. With messages in one direction, far is a question of its own.
 */
public final class RingQuestion implements Question {

    /** The competitors that all are compared with. They come first when the cores are far from each other for a moment. */
    private static final List<String> COMPARED = List.of(
            Ring.SPSC.label(),
            Ring.AGRONA_ONE_TO_ONE.label(),
            Competitor.C,
            Ring.AERON.label(),
            Ring.AGRONA_MANY_TO_ONE.label());

    private final Pattern names;
    private final RepeatBudget repeats = new RepeatBudget();
    private int attempts;

    /**
     * Makes the question.
     *
     * @param names what must be found in the name of a competitor
     */
    public RingQuestion(Pattern names) {
        this.names = names;
    }

    @Override
    public String name() {
        return "rings";
    }

    /** {@return the names of all competitors, in the order of tables; in which order they are measured, the cores decide} */
    public static List<String> competitors() {
        return Competitor.names();
    }

    /** {@return messages there and back through rings for one producer, for who has more than rings between processes} */
    public static RoundTrips roundTrips(Plan plan, Cores cores, int round, int size)
            throws IOException, InterruptedException {
        return new RingMeasurement(plan, cores, round, size)
                .roundTrips(Kind.ROUND_TRIPS, Competitor.of(Ring.SPSC), plan.ringCapacity(size));
    }

    /** What a measurement is about. */
    public enum Kind {
        /** Messages in one direction, read where they lie, of each competitor. */
        FLOW,
        /** Messages in one direction that the consumer copies into memory of its own. */
        COPIED_OUT,
        /** Large messages in one direction, through a ring of a quarter of the usual capacity. */
        SMALLER_RING,
        /** Messages there and back, one at a time. */
        ROUND_TRIPS,
        /** The same in JVMs with the collector that is the default where a process has more than one processor. */
        ROUND_TRIPS_G1,
        /** Messages in one direction from one and from several producers, for those rings that are made for it. */
        PRODUCERS,
        /** Messages in one direction through rings of several sizes. */
        CAPACITIES,
        /** Messages there and back, between sides that sleep. */
        WAKE_UPS
    }

    /**
     * Messages in one direction, as fast as the producers can.
     *
     * @param kind what this is about
     * @param round the number of the round, from 1
     * @param size the size of a message in bytes
     * @param name the competitor
     * @param producers how many processes produce
     * @param capacity the capacity of the ring in bytes
     * @param first the core of the consumer
     * @param second the core of the producers
     * @param sameCore whether these are two threads of one core
     * @param nanosBefore the way of a cache line to the other core and back, before
     * @param nanosAfter and after it
     * @param messagesPerSecond what arrived, one value for each slice of time
     * @param compiledMillis how long the compiler worked meanwhile, in the consumer and in each producer
     */
    public record Flow(
            Kind kind,
            int round,
            int size,
            String name,
            int producers,
            long capacity,
            int first,
            int second,
            boolean sameCore,
            double nanosBefore,
            double nanosAfter,
            List<Double> messagesPerSecond,
            List<Long> compiledMillis)
            implements
                CoreDistance {}

    /**
     * Messages there and back, one at a time.
     *
     * @param kind what this is about
     * @param round the number of the round, from 1
     * @param size the size of a message in bytes
     * @param name the competitor
     * @param first the core of the measuring side
     * @param second the core of the answering side
     * @param sameCore whether these are two threads of one core
     * @param nanosBefore the way of a cache line to the other core and back, before
     * @param nanosAfter and after it
     * @param count how many were measured
     * @param p50 nanoseconds, the median
     * @param p90 nanoseconds that 90 % do not exceed
     * @param p99 nanoseconds that 99 % do not exceed
     * @param p999 nanoseconds that 99.9 % do not exceed
     * @param max nanoseconds of the longest
     * @param histogram all of them: an HdrHistogram, compressed and in Base64
     * @param compiledMillis how long the compiler worked meanwhile, on either side
     * @param slept how often the measuring side gave up its core, while waking
     */
    public record RoundTrips(
            Kind kind,
            int round,
            int size,
            String name,
            int first,
            int second,
            boolean sameCore,
            double nanosBefore,
            double nanosAfter,
            long count,
            long p50,
            long p90,
            long p99,
            long p999,
            long max,
            String histogram,
            List<Long> compiledMillis,
            long slept)
            implements
                CoreDistance {}

    /** Makes a measurement once. */
    @FunctionalInterface
    private interface Attempt<T extends CoreDistance> {
        T make() throws IOException, InterruptedException;
    }

    @Override
    public void measure(Plan plan, Peers peers, Results results) throws Exception {
        attempts = plan.ringAttempts();
        Cores cores = Cores.choose();
        List<Competitor> competitors = Competitor.all(peers).stream()
                .filter(competitor -> names.matcher(competitor.name()).find())
                .toList();
        List<Flow> flows = new ArrayList<>();
        List<RoundTrips> roundTrips = new ArrayList<>();
        for (int round = 1; round <= plan.rounds(); round++) {
            for (int size : plan.crossingSizes()) {
                Log.say("rings: round %d, %d bytes", round, size);
                RingMeasurement measurement = new RingMeasurement(plan, cores, round, size);
                long capacity = plan.ringCapacity(size);
                boolean smallest = size == plan.crossingSizes().getFirst();
                flows(measurement, Kind.FLOW, competitors, capacity, flows);
                if (smallest) {
                    flows(measurement, Kind.COPIED_OUT, competitors, capacity, flows);
                }
                if (plan.hasSmallerRing(size)) {
                    flows(measurement, Kind.SMALLER_RING, competitors, capacity / 4, flows);
                }
                roundTrips(measurement, Kind.ROUND_TRIPS, competitors, capacity, roundTrips);
                for (int producers : plan.ringProducers()) {
                    for (Competitor each : of(Kind.PRODUCERS, competitors)) {
                        add(flows, () -> measurement.flow(Kind.PRODUCERS, each, producers, capacity));
                    }
                }
                if (smallest) {
                    roundTrips(measurement, Kind.ROUND_TRIPS_G1, competitors, capacity, roundTrips);
                    roundTrips(measurement, Kind.WAKE_UPS, competitors, capacity, roundTrips);
                }
                if (round == 1) {
                    capacities(plan, measurement, competitors, size, flows);
                }
            }
        }
        results.write("flows", flows);
        results.write("round-trips", roundTrips);
        if (names.pattern().isEmpty()) {
            Log.say("rings: allocation");
            try (Jmh jmh = new Jmh(plan)) {
                jmh.run("\\.rings\\.Allocation\\.", Map.of(), "^$", GCProfiler.class);
                jmh.keep(1, results);
            }
        }
    }

    private void roundTrips(RingMeasurement measurement, Kind kind, List<Competitor> competitors, long capacity,
            List<RoundTrips> roundTrips) throws IOException, InterruptedException {
        for (Competitor each : of(kind, competitors)) {
            add(roundTrips, () -> measurement.roundTrips(kind, each, capacity));
        }
    }

    private void flows(RingMeasurement measurement, Kind kind, List<Competitor> competitors, long capacity,
            List<Flow> flows)
            throws IOException, InterruptedException {
        List<Competitor> fitting = of(kind, competitors).stream()
                .filter(each -> each.fits(measurement.size(), capacity))
                .toList();
        List<Competitor> compared = COMPARED.stream()
                .flatMap(name -> fitting.stream().filter(each -> each.name().equals(name)))
                .toList();
        RoundRobin<Competitor> turns = new RoundRobin<>(fitting, compared, attempts, repeats);
        for (Optional<Competitor> next = turns.next(); next.isPresent(); next = turns.next()) {
            Flow made = measurement.flow(kind, next.get(), 1, capacity);
            flows.add(made);
            turns.measured(next.get(), made.distance());
            if (made.distance() != CoreDistance.Distance.NEAR) {
                Log.say("rings: %s", notNear(made));
            }
        }
    }

    private void capacities(Plan plan, RingMeasurement measurement, List<Competitor> competitors, int size,
            List<Flow> flows)
            throws IOException, InterruptedException {
        for (long capacity : plan.ringCapacities()) {
            // No ring here takes messages of more than an eighth of it.
            if (size * 8L <= capacity) {
                for (Competitor each : of(Kind.CAPACITIES, competitors)) {
                    add(flows, () -> measurement.flow(Kind.CAPACITIES, each, 1, capacity));
                }
            }
        }
    }

    private static List<Competitor> of(Kind kind, List<Competitor> competitors) {
        return competitors.stream().filter(each -> each.kinds().contains(kind)).toList();
    }

    /** Makes a measurement until the cores were near each other all the time, or it has taken too long. */
    private <T extends CoreDistance> void add(List<T> all, Attempt<T> attempt)
            throws IOException, InterruptedException {
        repeats.countFirst();
        for (int i = 1;; i++) {
            T made = attempt.make();
            all.add(made);
            if (made.distance() == CoreDistance.Distance.NEAR || i == attempts || !repeats.again()) {
                return;
            }
            repeats.countAgain();
            Log.say("rings: %s; once again", notNear(made));
        }
    }

    private static String notNear(CoreDistance made) {
        return String.format("the cores were far from each other or were moved (%.0f ns before, %.0f after)",
                made.nanosBefore(), made.nanosAfter());
    }
}
