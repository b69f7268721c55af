package io.github.shm4j.benchmarks.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.benchmarks.crossing.LatencySamples;
import io.github.shm4j.benchmarks.relay.RelayQuestion;
import io.github.shm4j.benchmarks.relay.RelayQuestion.Allocated;
import io.github.shm4j.benchmarks.rings.RingQuestion.Flow;
import io.github.shm4j.benchmarks.rings.RingQuestion.Kind;
import io.github.shm4j.benchmarks.rings.RingQuestion.RoundTrips;
import io.github.shm4j.benchmarks.suite.Results;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A relay is compared with Aeron in the same round, with the cores at one distance, and a round trip with what it may take. */
class RelaySectionTest {

    private static final String RELAY = RelayQuestion.RELAY;
    private static final String AERON = RelayQuestion.AERON;
    private static final String RING = "shm4j SPSC";

    private static final double NEAR = 60;
    private static final double FAR = 400;

    private static final String ROUND_TRIP =
            "relay, 64 B there and back, p50: to Aeron UDP and a ring hop on each side";

    private final List<Flow> flows = new ArrayList<>();
    private final List<RoundTrips> roundTrips = new ArrayList<>();
    private final List<Allocated> allocated = new ArrayList<>();
    private final Targets targets = new Targets();

    @Test
    void shouldCompareEachSizeWithAeron() {
        flow(64, RELAY, NEAR, 1800);
        flow(64, AERON, NEAR, 2000);
        flow(65_536, RELAY, NEAR, 8);
        flow(65_536, AERON, NEAR, 10);

        String table = write().get("relayFlow");

        assertTrue(table.contains("| 64 B | **shm4j relay** | 1,800 | 1,800 – 1,800 | 115 | 0.900 × | near, "), table);
        assertTrue(table.contains("| 64 B | Aeron UDP | 2,000 | 2,000 – 2,000 | 128 | 1.00 × | near, "), table);
        assertTrue(table.contains("| 64 KiB | **shm4j relay** | 8.00 | 8.00 – 8.00 | 524 | 0.800 × | near, "), table);
        assertEquals("reached", cell("relay, 64 B, messages per second: to Aeron UDP", 6));
        assertEquals("0.800 ×", cell("relay, 64 KiB, messages per second: to Aeron UDP", 3));
        assertEquals("**missed**", cell("relay, 64 KiB, messages per second: to Aeron UDP", 6));
    }

    @Test
    void shouldNotCompareWhatWasMeasuredWithTheCoresAtAnotherDistance() {
        flow(64, RELAY, FAR, 9000);
        flow(64, RELAY, NEAR, 1000);
        flow(64, AERON, NEAR, 2000);

        String table = write().get("relayFlow");

        assertTrue(table.contains("| **shm4j relay** | 1,000 | 1,000 – 1,000 | 64.0 | 0.500 × | near, "), table);
        assertFalse(table.contains("9,000"), table);
    }

    @Test
    void shouldGrantARoundTripAWayThroughTwoRings() {
        roundTrip(1, RELAY, NEAR, 11_000);
        roundTrip(1, AERON, NEAR, 10_000);
        roundTrip(1, RING, NEAR, 1000);
        roundTrip(2, RELAY, NEAR, 12_000);
        roundTrip(2, AERON, NEAR, 9_000);
        roundTrip(2, RING, NEAR, 1000);

        String table = write().get("relayRoundTrips");

        assertTrue(table.lines().anyMatch(line -> line.startsWith("| **shm4j relay** | 11 µs | 12 µs | 12 µs | 12 µs")),
                table);
        assertTrue(table.lines().anyMatch(line -> line.startsWith("| shm4j SPSC | 1 µs |")), table);
        // Between 11,000 / 11,000 and 12,000 / 10,000.
        assertEquals("1.10 ×", cell(ROUND_TRIP, 3));
        assertEquals("**missed**, reached in some rounds", cell(ROUND_TRIP, 6));
    }

    @Test
    void shouldSayWhatEachSideAllocates() {
        allocated.add(new Allocated(64, RELAY, 1_000_000, 900, 24_000_000));
        allocated.add(new Allocated(64, AERON, 2_000_000, 0, 0));

        String table = write().get("relayAllocated");

        assertTrue(table.contains("| 64 B, **shm4j relay** | 0 | 24.0 | 1,000,000 |"), table);
        assertTrue(table.contains("| 64 B, Aeron UDP | 0 | 0 | 2,000,000 |"), table);
        assertEquals("reached", cell("relay, sender: bytes allocated per message", 6));
        assertEquals("**missed**", cell("relay, receiver: bytes allocated per message", 6));
    }

    @Test
    void shouldSayOnThePageWhetherItWasMeasured(@TempDir Path directory) throws IOException {
        new Report(directory, directory).writeWithoutCharts();
        String before = Files.readString(directory.resolve("benchmarks.md"));
        assertTrue(before.contains("*Not measured yet: `benchmarks/run --only relay` does it.*\n"), before);
        assertFalse(before.contains("| relay, "), before);

        flow(64, RELAY, NEAR, 1800);
        flow(64, AERON, NEAR, 2000);
        Results results = new Results(directory, "relay");
        Files.createDirectories(directory.resolve("relay"));
        results.write("machine", Map.of("missing", Map.of()));
        results.write("flows", flows);
        results.write("round-trips", roundTrips);
        results.write("allocated", allocated);
        new Report(directory, directory).writeWithoutCharts();

        String after = Files.readString(directory.resolve("benchmarks.md"));
        assertTrue(after.contains("| 64 B | **shm4j relay** | 1,800 |"), after);
        assertTrue(after.contains("| relay, 64 B, messages per second: to Aeron UDP | ≥ 0.900 × | 0.900 × |"), after);
        assertFalse(after.contains("--only relay` does it"), after);
    }

    private void flow(int size, String name, double nanos, double thousands) {
        flows.add(new Flow(Kind.FLOW, 1, size, name, 1, 1 << 20, 0, 1, false, nanos, nanos, List.of(thousands * 1e3),
                List.of()));
    }

    private void roundTrip(int round, String name, double nanos, long p50) {
        Histogram histogram = new Histogram(3);
        histogram.recordValue(p50);
        roundTrips.add(new RoundTrips(Kind.ROUND_TRIPS, round, 64, name, 0, 1, false, nanos, nanos, 1, p50, p50, p50,
                p50, p50, LatencySamples.encode(histogram), List.of(), 0));
    }

    private Map<String, String> write() {
        Map<String, String> parts = new LinkedHashMap<>();
        new RelaySection(flows, roundTrips, allocated, targets).write(parts);
        return parts;
    }

    private String cell(String what, int column) {
        return targets.table().lines().filter(line -> line.startsWith("| " + what + " "))
                .findFirst().orElseThrow().split(" ?\\| ?")[column];
    }
}
