package io.github.shm4j.benchmarks.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.benchmarks.crossing.LatencySamples;
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

/** What was measured with the cores near each other and far from each other is told apart. */
class RingSectionTest {

    private static final String SPSC = "shm4j SPSC";
    private static final String IN_PLACE = "shm4j SPSC, in place";
    private static final String BATCHES = "shm4j SPSC, batches of 256";
    private static final String AGRONA = "Agrona 1:1";
    private static final String AGRONA_MANY = "Agrona N:1";
    private static final String AERON = "Aeron IPC";
    private static final String C = "C";

    private static final double NEAR = 60;
    private static final double FAR = 400;

    private static final String FAR_TABLE = "The same with the cores far from each other";
    private static final String NOTHING_FAR = "Nothing was measured with the cores far from each other.";
    private static final String FAR_TARGET = ", cores far from each other";

    @TempDir
    private Path directory;

    private boolean draws;
    private final List<Flow> flows = new ArrayList<>();
    private final List<RoundTrips> roundTrips = new ArrayList<>();
    private final Targets targets = new Targets();

    @Test
    void shouldShowFarInATableOfItsOwn() throws IOException {
        flow(1, SPSC, NEAR, 30);
        flow(1, AGRONA, NEAR, 20);
        flow(1, SPSC, FAR, 24);
        flow(1, AGRONA, FAR, 6);
        flow(1, AGRONA, FAR, 6);

        String[] tables = write().get("ringsFlow").split(FAR_TABLE);

        assertEquals(2, tables.length);
        assertEquals("| **shm4j** SPSC | 30.0 | 30.0 – 30.0 | 1.92 | – | 1.50 × |", row(tables[0], "**shm4j** SPSC"));
        assertEquals("| Agrona 1:1 | 20.0 | 20.0 – 20.0 | 1.28 | – | 1.00 × |", row(tables[0], AGRONA));
        assertEquals("| **shm4j** SPSC | 24.0 | – | 4.00 × | 1 |", row(tables[1], "**shm4j** SPSC"));
        assertEquals("| Agrona 1:1 | 6.00 ± 0.00 | – | 1.00 × | 2 |", row(tables[1], AGRONA));
    }

    @Test
    void shouldPreferNearThoughFarWasMetMoreOften() throws IOException {
        flow(1, SPSC, NEAR, 30);
        flow(1, C, NEAR, 15);
        flow(1, SPSC, FAR, 10);
        flow(2, SPSC, FAR, 10);
        flow(3, SPSC, FAR, 10);

        String near = write().get("ringsFlow").split(FAR_TABLE)[0];

        assertTrue(near.contains("Cores near: a cache line there and back takes 60.0 to 60.0 ns."), near);
        assertEquals("| **shm4j** SPSC | 30.0 | 30.0 – 30.0 | 1.92 | 2.00 × | – |", row(near, "**shm4j** SPSC"));
    }

    @Test
    void shouldShowFarAloneIfOursWasNeverNear() throws IOException {
        flow(1, AGRONA, NEAR, 20);
        flow(1, C, NEAR, 20);
        flow(1, SPSC, FAR, 24);
        flow(1, AGRONA, FAR, 6);
        flow(1, C, FAR, 12);

        String text = write().get("ringsFlow");

        assertTrue(text.contains("Cores far: "), text);
        assertEquals("| **shm4j** SPSC | 24.0 | 24.0 – 24.0 | 1.54 | 2.00 × | 4.00 × |", row(text, "**shm4j** SPSC"));
        assertFalse(text.contains(FAR_TABLE) || text.contains(NOTHING_FAR), text);
        assertEquals(List.of("4.00 ×"), target("ring, 64 B, messages per second: to Agrona 1:1" + FAR_TARGET));
        assertEquals(List.of(), target("ring, 64 B, messages per second: to Agrona 1:1"));
    }

    @Test
    void shouldTakeRatiosFromTheRoundsThatHaveBoth() throws IOException {
        near();
        flow(1, SPSC, FAR, 24);
        flow(1, AGRONA, FAR, 6);
        flow(2, SPSC, FAR, 100);
        flow(2, SPSC, FAR, 100);

        String far = write().get("ringsFlow").split(FAR_TABLE)[1];

        assertEquals("| **shm4j** SPSC | 100 ± 38 | – | 4.00 × | 3 |", row(far, "**shm4j** SPSC"));
        assertFalse(far.contains("†"), far);
        assertEquals(List.of("4.00 ×"), target("ring, 64 B, messages per second: to Agrona 1:1" + FAR_TARGET));
    }

    @Test
    void shouldSayWhenARatioIsOfDifferentRounds() throws IOException {
        near();
        flow(1, SPSC, FAR, 24);
        flow(2, AGRONA, FAR, 6);

        String far = write().get("ringsFlow").split(FAR_TABLE)[1];

        assertEquals("| **shm4j** SPSC | 24.0 | – | 4.00 × † | 1 |", row(far, "**shm4j** SPSC"));
        assertTrue(far.contains("\n†: not measured like this in the same round"), far);
        assertEquals(
                List.of("4.00 ×"),
                target("ring, 64 B, messages per second: to Agrona 1:1" + FAR_TARGET + ", in different rounds"));
    }

    @Test
    void shouldSayInTheChartThatASizeWasMeasuredFar() throws IOException {
        near();
        flows.add(flow(Kind.FLOW, 1, 1024, SPSC, FAR, FAR, 5));
        flows.add(flow(Kind.FLOW, 1, 1024, AGRONA, FAR, FAR, 4));

        draws = true;
        write();

        String chart = Files.readString(directory.resolve("rings-throughput.svg"));
        assertTrue(chart.contains(">64 B<") && chart.contains(">1 KiB, far<"), chart);
    }

    @Test
    void shouldSayThatNothingWasFar() throws IOException {
        near();

        String text = write().get("ringsFlow");

        assertTrue(text.contains(NOTHING_FAR), text);
        assertFalse(text.contains(FAR_TABLE), text);
    }

    @Test
    void shouldCompareNobodyWhileTheCoresWereMoved() throws IOException {
        near();
        flows.add(flow(Kind.FLOW, 1, 64, BATCHES, NEAR, FAR, 90));

        String text = write().get("ringsFlow");

        assertEquals(
                "| **shm4j** SPSC, batches of 256, cores at another distance | 90.0 | 90.0 – 90.0 | 5.76 | – | – |",
                row(text, "**shm4j** SPSC, batches"));
        assertTrue(text.contains(NOTHING_FAR), text);
    }

    @Test
    void shouldListCompetitorsInTheSameOrderHoweverTheyWereMeasured() throws IOException {
        for (String name : List.of(C, AGRONA, AERON, SPSC, IN_PLACE)) {
            flow(1, name, NEAR, 10);
            flow(1, name, FAR, 5);
        }

        String[] tables = write().get("ringsFlow").split(FAR_TABLE);

        List<String> order = List.of("**shm4j** SPSC", "**shm4j** SPSC, in place", AGRONA, AERON, C);
        assertEquals(order, names(tables[0]));
        assertEquals(order, names(tables[1]));
    }

    @Test
    void shouldJudgeNearAndFarByLimitsOfTheirOwn() throws IOException {
        for (int size : List.of(64, 1024, 65536)) {
            for (double nanos : List.of(NEAR, FAR)) {
                double ours = nanos == FAR ? 40 : 20;
                flows.add(flow(Kind.FLOW, 1, size, SPSC, nanos, nanos, ours));
                for (String other : List.of(AGRONA, AGRONA_MANY, AERON)) {
                    flows.add(flow(Kind.FLOW, 1, size, other, nanos, nanos, 10));
                }
                flows.add(flow(Kind.FLOW, 1, size, C, nanos, nanos, 30));
            }
        }

        write();

        String small = "ring, 64 B, messages per second: to Agrona 1:1";
        String medium = "ring, 1 KiB, messages per second: to Agrona 1:1";
        for (String what : List.of(small, medium)) {
            assertEquals(List.of("2.00 ×"), target(what));
            assertEquals(List.of("4.00 ×"), target(what + FAR_TARGET));
            assertEquals("≥ 5.00 ×", cell(targets.table(), what + FAR_TARGET, 2));
            assertEquals("3.00 ×", cell(targets.table(), what, 5));
            assertEquals("reached", cell(targets.table(), what, 6));
            assertEquals("**missed**", cell(targets.table(), what + FAR_TARGET, 6));
        }
        assertEquals("≥ 1.50 ×", cell(targets.table(), small, 2));
        assertEquals("≥ 1.70 ×", cell(targets.table(), medium, 2));
        assertEquals(List.of("2.00 ×"), target("ring, 64 KiB, messages per second: to Agrona 1:1"));
        assertEquals("≥ 1.10 ×", cell(targets.table(), "ring, 1 KiB, messages per second: to Agrona N:1", 2));
    }

    @Test
    void shouldTellOfAeronWithoutJudgingIt() throws IOException {
        flow(1, SPSC, NEAR, 30);
        flow(1, AERON, NEAR, 40);

        write();

        String what = "ring, 64 B, messages per second: to Aeron IPC";
        assertEquals(List.of("0.750 ×"), target(what));
        assertEquals("–", cell(targets.table(), what, 2));
        assertEquals("for information", cell(targets.table(), what, 6));
    }

    @Test
    void shouldCompareWhoCopiesOutWithThoseWhoDoToo() throws IOException {
        near();
        flows.add(flow(Kind.COPIED_OUT, 1, 64, SPSC, NEAR, NEAR, 24));
        flows.add(flow(Kind.COPIED_OUT, 1, 64, AGRONA, NEAR, NEAR, 20));
        flows.add(flow(Kind.COPIED_OUT, 1, 64, SPSC, FAR, FAR, 12));
        flows.add(flow(Kind.COPIED_OUT, 1, 64, AGRONA, FAR, FAR, 4));

        String[] tables = write().get("ringsCopiedOut").split(FAR_TABLE);

        assertTrue(tables[0].startsWith("### Copied out by the consumer, 64 B\n"), tables[0]);
        assertEquals("| **shm4j** SPSC | 24.0 | 24.0 – 24.0 | 1.54 | – | 1.20 × |", row(tables[0], "**shm4j** SPSC"));
        assertEquals("| **shm4j** SPSC | 12.0 | – | 3.00 × | 1 |", row(tables[1], "**shm4j** SPSC"));
        String what = "ring, 64 B, copied out by the consumer, messages per second: to Agrona 1:1";
        assertEquals("≥ 1.30 ×", cell(targets.table(), what, 2));
        assertEquals(List.of("1.20 ×"), target(what));
        assertEquals("–", cell(targets.table(), what + FAR_TARGET, 2));
    }

    @Test
    void shouldSayNothingOfWhatOlderResultsDoNotHave() throws IOException {
        near();

        Map<String, String> parts = write();

        assertFalse(parts.containsKey("ringsCopiedOut") || parts.containsKey("ringsRoundTripsWithG1")
                || parts.containsKey("ringsSmallerRing"));
        assertFalse(targets.table().contains("copied out"), targets.table());
    }

    @Test
    void shouldJudgeTheTailOfRoundTripsWithG1() throws IOException {
        roundTrip(Kind.ROUND_TRIPS, 1, SPSC, NEAR, 100);
        roundTrip(Kind.ROUND_TRIPS, 1, AGRONA, NEAR, 100);
        roundTrip(Kind.ROUND_TRIPS_G1, 1, SPSC, NEAR, 300);
        roundTrip(Kind.ROUND_TRIPS_G1, 1, AGRONA, NEAR, 1200);

        assertTrue(write().get("ringsRoundTripsWithG1").startsWith("### There and back, 64 B, with G1\n"));

        String what = "ring, 64 B there and back, p99.9 with G1: to Agrona 1:1";
        assertEquals(List.of("0.250 ×"), target(what));
        assertEquals("≤ 0.500 ×", cell(targets.table(), what, 2));
        assertEquals(List.of("1.00 ×"), target("ring, 64 B there and back, p50: to Agrona 1:1"));
    }

    @Test
    void shouldShowRoundTripsFarInATableOfTheirOwn() throws IOException {
        roundTrip(1, SPSC, NEAR, 200);
        roundTrip(1, AGRONA, NEAR, 100);
        roundTrip(1, SPSC, FAR, 900);
        roundTrip(2, SPSC, FAR, 900);
        roundTrip(1, AGRONA, FAR, 600);

        String[] tables = write().get("ringsRoundTrips").split(FAR_TABLE);

        assertEquals(2, tables.length);
        assertTrue(row(tables[0], "**shm4j** SPSC").startsWith("| **shm4j** SPSC | 200 ns |"), tables[0]);
        assertTrue(row(tables[0], "**shm4j** SPSC").contains(" 2.00 × |"), tables[0]);
        assertEquals("| **shm4j** SPSC | 900 ns | 900 ns | 900 ns | – | 1.50 × | 1.50 × | 2 |",
                row(tables[1], "**shm4j** SPSC"));
    }

    private void near() {
        flow(1, SPSC, NEAR, 30);
        flow(1, AGRONA, NEAR, 20);
    }

    private void flow(int round, String name, double nanos, double millions) {
        flows.add(flow(Kind.FLOW, round, 64, name, nanos, nanos, millions));
    }

    private static Flow flow(Kind kind, int round, int size, String name, double before, double after,
            double millions) {
        return new Flow(kind, round, size, name, 1, 1 << 20, 0, 1, false, before, after, List.of(millions * 1e6),
                List.of(0L));
    }

    private void roundTrip(int round, String name, double distance, long nanos) {
        roundTrip(Kind.ROUND_TRIPS, round, name, distance, nanos);
    }

    private void roundTrip(Kind kind, int round, String name, double distance, long nanos) {
        Histogram histogram = new Histogram(3);
        histogram.recordValue(nanos);
        roundTrips.add(new RoundTrips(kind, round, 64, name, 0, 1, false, distance, distance, 1, nanos,
                nanos, nanos, nanos,
                nanos, LatencySamples.encode(histogram), List.of(0L), 0));
    }

    private Map<String, String> write() throws IOException {
        Files.createDirectories(directory.resolve("rings"));
        Results results = new Results(directory, "rings");
        results.write("machine", Map.of());
        Map<String, String> parts = new LinkedHashMap<>();
        new RingSection(flows, roundTrips, Data.read(results), new Charts(directory, draws), targets).write(parts);
        return parts;
    }

    /** What was measured for a target, if there is such a row. */
    private List<String> target(String what) {
        return rows(targets.table(), what + " ").stream().map(row -> row.split(" \\| ")[2]).toList();
    }

    private static String cell(String table, String what, int column) {
        return rows(table, what + " ").getFirst().split(" ?\\| ?")[column];
    }

    private static String row(String table, String start) {
        return rows(table, start).getFirst();
    }

    private static List<String> rows(String table, String start) {
        return table.lines().filter(line -> line.startsWith("| " + start)).toList();
    }

    private static List<String> names(String table) {
        return rows(table, "").stream()
                .map(row -> row.split(" ?\\| ?")[1])
                .filter(name -> !name.isBlank() && !name.startsWith("---"))
                .toList();
    }
}
