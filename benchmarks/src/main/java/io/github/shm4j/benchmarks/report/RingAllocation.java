package io.github.shm4j.benchmarks.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a message through a ring allocates. */
final class RingAllocation {

    private static final int SIZE = 64;

    /** Bytes per operation that measuring itself may seem to allocate: less than one object in a thousand messages. */
    private static final double NO_BYTES = 0.01;

    private final Data allocation;

    RingAllocation(Data allocation) {
        this.allocation = allocation;
    }

    private static Map<String, String> operations() {
        Map<String, String> operations = new LinkedHashMap<>();
        operations.put("writeAndRead", "`write`, `read`");
        operations.put("claimAndRead", "`tryClaim`, `commit`, `read`");
        operations.put("claimSegmentAndRead", "`tryClaim`, `segment`, `commit`, `read`");
        operations.put("nothing", "an empty benchmark");
        return operations;
    }

    String table() {
        Table table =
                new Table(List.of("one thread, 64 B", "SPSC, bytes per message", "SPSC, ns", "MPSC, bytes per message",
                        "MPSC, ns"));
        operations().forEach((method, label) -> {
            List<String> cells = new ArrayList<>(List.of(label));
            for (String ring : List.of("SPSC", "MPSC")) {
                String name = "Allocation." + method + ":" + ring;
                cells.add(allocation.get(Data.allocated(name), SIZE).map(bytes -> bytes(bytes.median())).orElse("–"));
                cells.add(allocation.get(name, SIZE).map(Units::withError).orElse("–"));
            }
            table.add(cells);
        });
        return table.toString();
    }

    private static String bytes(double bytes) {
        return bytes < NO_BYTES ? "0" : Units.number(bytes);
    }

    void addTargets(Targets targets) {
        for (String ring : List.of("SPSC", "MPSC")) {
            operations().forEach((method, label) -> {
                if (!method.equals("nothing")) {
                    allocation.get(Data.allocated("Allocation." + method + ":" + ring), SIZE)
                            .ifPresent(
                                    bytes -> targets.noBytes(ring + " ring, " + label + ": bytes allocated per message",
                                            NO_BYTES, bytes));
                }
            });
        }
    }
}
