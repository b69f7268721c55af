package io.github.shm4j.benchmarks.state;

import io.github.shm4j.benchmarks.rings.BroadcastFlow;
import io.github.shm4j.benchmarks.rings.BroadcastMeasurement;
import io.github.shm4j.benchmarks.suite.Jmh;
import io.github.shm4j.benchmarks.suite.Log;
import io.github.shm4j.benchmarks.suite.Peers;
import io.github.shm4j.benchmarks.suite.Plan;
import io.github.shm4j.benchmarks.suite.Question;
import io.github.shm4j.benchmarks.suite.Results;
import io.github.shm4j.benchmarks.suite.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.profile.GCProfiler;

/**
 * How much more than a plain copy does it take to read the newest record of a latest value? What does a lock cost that nobody
 * else wants, and how often can two processes have one that both want? How fast do messages go to each of several readers?
 */
public final class StateQuestion implements Question {

    private static final String NEWEST_RECORD = "\\.state\\.NewestRecord\\.";

    @Override
    public String name() {
        return "state";
    }

    @Override
    public void measure(Plan plan, Peers peers, Results results) throws Exception {
        ContendedLock contended = new ContendedLock(plan, peers);
        BroadcastMeasurement broadcast = new BroadcastMeasurement(plan);
        List<BroadcastFlow> broadcasts = new ArrayList<>();
        List<Contention> contentions = new ArrayList<>();
        for (int round = 1; round <= plan.rounds(); round++) {
            Log.say("state: round %d", round);
            List<Row> rows = new ArrayList<>();
            try (Jmh jmh = new Jmh(plan)) {
                jmh.run(NEWEST_RECORD, Map.of(), "^$", GCProfiler.class);
                rows.addAll(Row.of(peers.c("lock", "alone", plan.iterations(), plan.millis())));
                jmh.run("\\.state\\.", Map.of(), NEWEST_RECORD, GCProfiler.class);
                rows.addAll(Row.of(peers.c("lock", "alone", plan.iterations(), plan.millis())));
                jmh.keep(round, results);
            }
            results.write(Results.round("programs", round), rows);
            contentions.addAll(contended.measure(round));
            broadcasts.addAll(broadcast.measure(round));
        }
        results.write("contentions", contentions);
        results.write("broadcasts", broadcasts);
    }
}
