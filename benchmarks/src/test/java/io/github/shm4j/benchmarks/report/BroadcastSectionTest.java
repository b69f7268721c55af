package io.github.shm4j.benchmarks.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.benchmarks.rings.BroadcastFlow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A broadcast is compared with Agrona's, for each size and number of readers by itself, and with the cores at one distance. */
class BroadcastSectionTest {

    private static final double NEAR = 60;
    private static final double FAR = 400;

    private final List<BroadcastFlow> flows = new ArrayList<>();
    private final Targets targets = new Targets();

    private void flow(int size, String name, int readers, double nanos, double millions) {
        flows.add(new BroadcastFlow(1, size, name, readers, 0, 1, false, nanos, nanos, List.of(millions * 1e6)));
    }

    private Map<String, String> write() {
        Map<String, String> parts = new LinkedHashMap<>();
        new BroadcastSection(flows, targets).write(parts);
        return parts;
    }

    @Test
    void shouldCompareEachSizeAndNumberOfReadersWithAgronas() {
        flow(64, BroadcastFlow.OURS, 1, NEAR, 30);
        flow(64, BroadcastFlow.AGRONA, 1, NEAR, 20);
        flow(64, BroadcastFlow.OURS, 2, NEAR, 5);
        flow(64, BroadcastFlow.AGRONA, 2, NEAR, 10);

        String table = write().get("stateBroadcast");

        assertTrue(table.contains("| 64 B, one reader | **shm4j broadcast** | 30.0 | 30.0 – 30.0 | 1.50 × | near, "),
                table);
        assertTrue(table.contains("| 64 B, one reader | Agrona broadcast | 20.0 | 20.0 – 20.0 | 1.00 × | near, "),
                table);
        assertTrue(table.contains("| 64 B, 2 readers | **shm4j broadcast** | 5.00 | 5.00 – 5.00 | 0.500 × | near, "),
                table);
        String judged = targets.table();
        assertTrue(
                judged.contains("| broadcast, 64 B, one reader, messages per second: to Agrona | ≥ 1.00 × | 1.50 × |"),
                judged);
        assertTrue(judged.lines().anyMatch(line -> line.contains("64 B, 2 readers") && line.contains("**missed**")),
                judged);
    }

    @Test
    void shouldShowTheCoresAtOneDistanceOnly() {
        flow(1024, BroadcastFlow.OURS, 1, NEAR, 6);
        flow(1024, BroadcastFlow.AGRONA, 1, NEAR, 4);
        flow(1024, BroadcastFlow.OURS, 1, FAR, 1);

        String table = write().get("stateBroadcast");

        assertTrue(table.contains("| **shm4j broadcast** | 6.00 | 6.00 – 6.00 | 1.50 × | near, "), table);
        assertFalse(table.contains("far"), table);
    }

    @Test
    void shouldSayNothingOfWhatOlderResultsDoNotHave() {
        assertEquals(Map.of(), write());
        assertEquals(new Targets().table(), targets.table());
    }
}
