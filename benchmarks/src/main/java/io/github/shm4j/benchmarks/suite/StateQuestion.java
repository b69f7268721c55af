package io.github.shm4j.benchmarks.suite;

import java.util.Map;
import org.openjdk.jmh.profile.GCProfiler;

/** How much more than a plain copy does it take to read the newest record of a latest value? */
final class StateQuestion implements Question {

    @Override
    public String name() {
        return "state";
    }

    @Override
    public void measure(Plan plan, Peers peers, Results results) throws Exception {
        for (int round = 1; round <= plan.rounds(); round++) {
            Log.say("state: round %d", round);
            try (Jmh jmh = new Jmh(plan)) {
                jmh.run("\\.state\\.", Map.of(), "^$", GCProfiler.class);
                jmh.keep(round, results);
            }
        }
    }
}
