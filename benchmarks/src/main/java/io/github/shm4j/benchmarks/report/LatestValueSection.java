package io.github.shm4j.benchmarks.report;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a latest value costs beside plain copies. */
final class LatestValueSection {

    private static final int SIZE = 64;

    /** How much longer than a plain copy a read may take. */
    private static final double MOST = 1.5;

    /** Bytes per operation that measuring itself may seem to allocate. */
    private static final double NO_BYTES = 0.01;

    private final Data data;
    private final Targets targets;

    LatestValueSection(Data data, Targets targets) {
        this.data = data;
        this.targets = targets;
    }

    void write(Map<String, String> parts) {
        Table table = new Table(List.of("one thread, 64 B", "ns", "plain copies, ns", "ratio", "bytes allocated"));
        row(table, "`read`", "read", "copy");
        row(table, "`write`, `read`", "writeAndRead", "copyInAndOut");
        parts.put("stateTable", table.toString());
    }

    private void row(Table table, String label, String ours, String plain) {
        Optional<Sample> time = data.get("NewestRecord." + ours, SIZE);
        Optional<Sample> copy = data.get("NewestRecord." + plain, SIZE);
        if (time.isEmpty() || copy.isEmpty()) {
            return;
        }
        Sample ratio = time.get().over(copy.get());
        Optional<Sample> bytes = data.get(Data.allocated("NewestRecord." + ours), SIZE);
        table.add(List.of(
                label,
                Units.withError(time.get()),
                Units.withError(copy.get()),
                Units.times(ratio.median()),
                bytes.map(sample -> sample.median() < NO_BYTES ? "0" : Units.number(sample.median())).orElse("–")));
        if (ours.equals("read")) {
            targets.atMost("latest value, 64 B: `read`, over a plain copy", MOST, ratio);
        }
        bytes.ifPresent(sample -> targets.noBytes("latest value, " + label + ": bytes allocated", NO_BYTES, sample));
    }
}
