package io.github.shm4j.benchmarks.copy;

import io.github.shm4j.benchmarks.Directories;
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

/** How long does one process take to store bytes where another one can find them, and to fetch them back? */
public final class CopyQuestion implements Question {

    /** The name of the rows of C copying with vector instructions only. */
    private static final String VECTORS = "C, vectors";

    private static final String FORCED = "\\.writeForce";

    @Override
    public String name() {
        return "copy";
    }

    @Override
    public void measure(Plan plan, Peers peers, Results results) throws Exception {
        for (int round = 1; round <= plan.rounds(); round++) {
            List<Row> rows = new ArrayList<>();
            try (Jmh jmh = new Jmh(plan)) {
                for (int size : plan.copySizes()) {
                    Log.say("copy: round %d, %d bytes", round, size);
                    // Before and after the JVMs: what changes while they run changes for one of the two.
                    rows.addAll(Row.of(peers.c("copy", size, plan.iterations(), plan.millis())));
                    rows.addAll(Row.of(
                            peers.c("copy", size, plan.iterations(), plan.millis(), VECTORS).map(Peers::vectors)));
                    String bytes = Integer.toString(size);
                    jmh.run("\\.copy\\.", Map.of("size", bytes), FORCED);
                    // Forcing a file in memory does nothing.
                    jmh.run(FORCED, Map.of("size", bytes, "directory", Directories.DISK), "^$");
                    rows.addAll(Row.of(peers.php("copy", size, plan.iterations(), plan.millis())));
                    rows.addAll(Row.of(peers.c("copy", size, plan.iterations(), plan.millis())));
                }
                jmh.keep(round, results);
            }
            results.write(Results.round("programs", round), rows);
        }
    }
}
