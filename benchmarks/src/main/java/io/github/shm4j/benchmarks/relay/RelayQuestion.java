package io.github.shm4j.benchmarks.relay;

import io.github.shm4j.benchmarks.crossing.CoreDistance;
import io.github.shm4j.benchmarks.crossing.Cores;
import io.github.shm4j.benchmarks.crossing.LatencySamples;
import io.github.shm4j.benchmarks.crossing.RepeatBudget;
import io.github.shm4j.benchmarks.crossing.RoundRobin;
import io.github.shm4j.benchmarks.rings.RingQuestion;
import io.github.shm4j.benchmarks.rings.RingQuestion.Flow;
import io.github.shm4j.benchmarks.rings.RingQuestion.Kind;
import io.github.shm4j.benchmarks.rings.RingQuestion.RoundTrips;
import io.github.shm4j.benchmarks.suite.Log;
import io.github.shm4j.benchmarks.suite.Peers;
import io.github.shm4j.benchmarks.suite.Plan;
import io.github.shm4j.benchmarks.suite.Question;
import io.github.shm4j.benchmarks.suite.Results;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.HdrHistogram.Histogram;

/**
 * What does a ring at either end cost where Aeron carries messages over the network?
 *
 * <p>The relay and Aeron without it are measured one after the other, in rounds, and made again as rings are.
 */
public final class RelayQuestion implements Question {

    /** A ring on each side, and a relay between them. */
    public static final String RELAY = "shm4j relay";

    /** A publication and a subscription over UDP. */
    public static final String AERON = "Aeron UDP";

    private static final List<Carrier> CARRIERS = List.of(Carrier.values());

    private final RepeatBudget repeats = new RepeatBudget();

    @Override
    public String name() {
        return "relay";
    }

    /**
     * What messages in one direction allocate on the heap in the threads of both processes, but for Aeron's client and driver.
     *
     * @param size the size of a message in bytes
     * @param name what carried them
     * @param messages how many messages that was
     * @param sending bytes in the process that produces
     * @param receiving bytes in the process that consumes
     */
    public record Allocated(int size, String name, long messages, long sending, long receiving) {}

    /** Makes a measurement once. */
    @FunctionalInterface
    private interface Attempt<T extends CoreDistance> {
        T make(Carrier carrier) throws IOException, InterruptedException;
    }

    @Override
    public void measure(Plan plan, Peers peers, Results results) throws Exception {
        Cores cores = Cores.choose();
        RelayMeasurement measurement = new RelayMeasurement(plan, cores);
        List<Flow> flows = new ArrayList<>();
        List<RoundTrips> roundTrips = new ArrayList<>();
        int smallest = plan.crossingSizes().getFirst();
        for (int round = 1; round <= plan.rounds(); round++) {
            int current = round;
            Log.say("relay: round %d", round);
            for (int size : plan.crossingSizes()) {
                turns(plan, flows, carrier -> flow(measurement, carrier, current, size));
            }
            roundTrips.add(RingQuestion.roundTrips(plan, cores, round, smallest));
            turns(plan, roundTrips, carrier -> roundTrips(measurement, carrier, current, smallest));
        }
        results.write("flows", flows);
        results.write("round-trips", roundTrips);
        List<Allocated> allocated = new ArrayList<>();
        for (Carrier carrier : CARRIERS) {
            RelayProcess.Measured measured =
                    measurement.run(RelayProcess.ALLOCATION, carrier, smallest, Path.of("-"));
            allocated.add(new Allocated(smallest, carrier.label(), measured.messages(), measured.sending(),
                    measured.receiving()));
        }
        results.write("allocated", allocated);
    }

    private <T extends CoreDistance> void turns(Plan plan, List<T> all, Attempt<T> attempt)
            throws IOException, InterruptedException {
        RoundRobin<Carrier> turns = new RoundRobin<>(CARRIERS, CARRIERS, plan.ringAttempts(), repeats);
        for (Optional<Carrier> next = turns.next(); next.isPresent(); next = turns.next()) {
            T made = attempt.make(next.get());
            all.add(made);
            turns.measured(next.get(), made.distance());
        }
    }

    private static Flow flow(RelayMeasurement measurement, Carrier carrier, int round, int size)
            throws IOException, InterruptedException {
        RelayProcess.Measured measured = measurement.run(RelayProcess.STREAM, carrier, size, Path.of("-"));
        double[] sorted = measured.messagesPerSecond().stream().mapToDouble(Double::doubleValue).sorted().toArray();
        Log.say("relay: %-12s %6d B, %3.0f ns: %8.4f million messages/s (%.4f to %.4f)", carrier.label(), size,
                measured.nanosAfter(), sorted[sorted.length / 2] / 1e6, sorted[0] / 1e6,
                sorted[sorted.length - 1] / 1e6);
        Cores cores = measurement.cores();
        return new Flow(Kind.FLOW, round, size, carrier.label(), 1, RelayMeasurement.CAPACITY, cores.first(),
                cores.second(), cores.sameCore(), measured.nanosBefore(), measured.nanosAfter(),
                measured.messagesPerSecond(), List.of());
    }

    private static RoundTrips roundTrips(RelayMeasurement measurement, Carrier carrier, int round, int size)
            throws IOException, InterruptedException {
        Path samples = Files.createTempFile("shm4j-benchmark", ".samples");
        samples.toFile().deleteOnExit();
        try {
            RelayProcess.Measured measured = measurement.run(RelayProcess.ROUND_TRIPS, carrier, size, samples);
            Histogram histogram = LatencySamples.read(samples);
            Cores cores = measurement.cores();
            RoundTrips made = new RoundTrips(
                    Kind.ROUND_TRIPS,
                    round,
                    size,
                    carrier.label(),
                    cores.first(),
                    cores.second(),
                    cores.sameCore(),
                    measured.nanosBefore(),
                    measured.nanosAfter(),
                    histogram.getTotalCount(),
                    histogram.getValueAtPercentile(50),
                    histogram.getValueAtPercentile(90),
                    histogram.getValueAtPercentile(99),
                    histogram.getValueAtPercentile(99.9),
                    histogram.getMaxValue(),
                    LatencySamples.encode(histogram),
                    List.of(),
                    0);
            Log.say("relay: %-12s %6d B, there and back, %3.0f ns: p50 %d ns, p99 %d ns", carrier.label(), size,
                    measured.nanosAfter(), made.p50(), made.p99());
            return made;
        } finally {
            Files.delete(samples);
        }
    }
}
