package io.github.shm4j.benchmarks.calls;

import io.github.shm4j.CreateOption;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmPermissions;
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

/** What do the calls cost, the kinds of arenas, and the first touch of a page? */
public final class CallQuestion implements Question {

    private static final int TOUCHED_BYTES = 64 << 20;

    @Override
    public String name() {
        return "calls";
    }

    @Override
    public void measure(Plan plan, Peers peers, Results results) throws Exception {
        String except = "\\.FirstTouch\\.";
        String why = whyNoHugePages();
        if (why != null) {
            peers.missing().put("huge pages", why);
        }
        for (int round = 1; round <= plan.rounds(); round++) {
            Log.say("calls: round %d", round);
            List<Row> rows = new ArrayList<>();
            try (Jmh jmh = new Jmh(plan)) {
                rows.addAll(Row.of(peers.c("calls", "/proc/version", plan.iterations(), plan.millis())));
                jmh.run("\\.calls\\.", Map.of(), except);
                rows.addAll(Row.of(peers.c("calls", "/proc/version", plan.iterations(), plan.millis())));
                jmh.run(except, Map.of("pages", "4k"), "^$");
                if (why == null) {
                    jmh.run(except, Map.of("pages", "huge"), "^$");
                }
                rows.addAll(Row.of(peers.c("touch", TOUCHED_BYTES, plan.iterations())));
                jmh.keep(round, results);
            }
            results.write(Results.round("programs", round), rows);
        }
    }

    private static String whyNoHugePages() {
        try {
            SharedMemory.createPrivate(TOUCHED_BYTES, ShmPermissions.OWNER_ONLY, CreateOption.HUGE_PAGES).remove();
            return null;
        } catch (ShmException refused) {
            return "the system has none to give (" + refused.errnoName()
                    + "); /proc/sys/vm/nr_hugepages sets some aside";
        }
    }
}
