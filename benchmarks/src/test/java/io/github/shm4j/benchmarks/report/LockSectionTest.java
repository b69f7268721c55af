package io.github.shm4j.benchmarks.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.benchmarks.state.Contention;
import io.github.shm4j.benchmarks.suite.Results;
import io.github.shm4j.benchmarks.suite.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A lock is compared with C's and with those of files, and with the cores at one distance. */
class LockSectionTest {

    private static final String OURS = "shm4j";
    private static final String C = "C";

    private static final double NEAR = 60;
    private static final double FAR = 400;

    private static final String FAR_TABLE = "The same with the cores far from each other";
    private static final String NOTHING_FAR = "Nothing was measured with the cores far from each other.";
    private static final String FAR_TARGET = ", cores far from each other";

    private static final String TO_C = "lock, one thread, time to acquire and release: to C";
    private static final String TO_FILE =
            "lock, one thread, time to acquire and release: faster `FileChannel.lock()` to shm4j";
    private static final String CONTENDED = "lock, two processes, acquisitions per second: to C";

    @TempDir
    private Path directory;

    private final List<Map<String, Object>> jmh = new ArrayList<>();
    private final List<Row> rows = new ArrayList<>();
    private final List<Contention> contentions = new ArrayList<>();
    private final Targets targets = new Targets();

    @Test
    void shouldCompareEachWithCAndWithOurs() throws IOException {
        alone(24, 0.001);
        c(20);
        file("tmpfs", 1200);
        file("disk", 1440);

        String table = write().get("stateLock");

        assertEquals("| **shm4j**, `SharedLock` | 24.0 | 1.20 × | 1.00 × | 0 |", row(table, "**shm4j**"));
        assertEquals("| C, robust mutex | 20.0 | 1.00 × | 0.833 × | – |", row(table, "C,"));
        assertEquals("| `FileChannel.lock()`, tmpfs | 1,200 | 60.0 × | 50.0 × | 96.0 |",
                row(table, "`FileChannel.lock()`, tmpfs"));
        assertEquals("| `FileChannel.lock()`, disk | 1,440 | 72.0 × | 60.0 × | 96.0 |",
                row(table, "`FileChannel.lock()`, disk"));
    }

    @Test
    void shouldJudgeOursByCAndByTheFasterFile() throws IOException {
        alone(24, 0.001);
        c(20);
        file("tmpfs", 480);
        file("disk", 240);

        write();

        assertEquals("≤ 1.30 ×", cell(TO_C, 2));
        assertEquals("1.20 ×", cell(TO_C, 3));
        assertEquals("reached", cell(TO_C, 6));
        assertEquals("≥ 20.0 ×", cell(TO_FILE, 2));
        assertEquals("10.0 ×", cell(TO_FILE, 3));
        assertEquals("**missed**", cell(TO_FILE, 6));
        assertEquals("reached", cell("lock, one thread: bytes allocated", 6));
    }

    @Test
    void shouldSayWhatALockAllocates() throws IOException {
        alone(24, 16);

        assertEquals("| **shm4j**, `SharedLock` | 24.0 | – | 1.00 × | 16.0 |",
                row(write().get("stateLock"), "**shm4j**"));
        assertEquals("**missed**", cell("lock, one thread: bytes allocated", 6));
        assertEquals(List.of(), rows(targets.table(), TO_C + " "));
        assertEquals(List.of(), rows(targets.table(), TO_FILE + " "));
    }

    @Test
    void shouldCountBothSidesAndSayHowTheySharedTheLock() throws IOException {
        contention(1, OURS, NEAR, List.of(3.0, 5.0), List.of(3.0, 1.0));
        contention(1, C, NEAR, List.of(1.0, 1.5), List.of(3.0, 2.5));

        String text = write().get("stateContention");

        assertTrue(text.startsWith("Cores near: a cache line there and back takes 60.0 to 60.0 ns.\n\n| two"), text);
        assertEquals("| **shm4j** | 6.00 ± 0.00 | 6.00 – 6.00 | 1.50 × | 33.3 % | 16.7 % |", row(text, "**shm4j**"));
        assertEquals("| C | 4.00 ± 0.00 | 4.00 – 4.00 | 1.00 × | 31.3 % | 25.0 % |", row(text, "C "));
        assertTrue(text.contains(NOTHING_FAR), text);
        assertEquals("≥ 1.00 ×", cell(CONTENDED, 2));
        assertEquals("1.50 ×", cell(CONTENDED, 3));
        assertEquals("reached", cell(CONTENDED, 6));
    }

    @Test
    void shouldNotTakeTheSideThatHadMoreInOneMeasurementForTheOneInAnother() throws IOException {
        contention(1, OURS, NEAR, List.of(9.0), List.of(1.0));
        contention(2, OURS, NEAR, List.of(1.0), List.of(9.0));

        assertTrue(row(write().get("stateContention"), "**shm4j**").endsWith("| 10.0 % | 10.0 % |"));
    }

    @Test
    void shouldShowFarInATableOfItsOwn() throws IOException {
        near();
        contention(1, OURS, FAR, List.of(1.0), List.of(1.0));
        contention(1, C, FAR, List.of(2.0), List.of(2.0));
        contention(2, C, FAR, List.of(2.0), List.of(2.0));

        String[] tables = write().get("stateContention").split(FAR_TABLE);

        assertEquals(2, tables.length);
        assertTrue(row(tables[0], "**shm4j**").startsWith("| **shm4j** | 6.00 |"), tables[0]);
        assertEquals("| **shm4j** | 2.00 | 0.500 × | 50.0 % | 50.0 % | 1 |", row(tables[1], "**shm4j**"));
        assertEquals("| C | 4.00 ± 0.00 | 1.00 × | 50.0 % | 50.0 % | 2 |", row(tables[1], "C "));
        assertEquals("0.500 ×", cell(CONTENDED + FAR_TARGET, 3));
        assertEquals("**missed**", cell(CONTENDED + FAR_TARGET, 6));
        assertEquals("1.50 ×", cell(CONTENDED, 3));
    }

    @Test
    void shouldSayWhenARatioIsOfDifferentRounds() throws IOException {
        near();
        contention(1, OURS, FAR, List.of(1.0), List.of(1.0));
        contention(2, C, FAR, List.of(2.0), List.of(2.0));

        String far = write().get("stateContention").split(FAR_TABLE)[1];

        assertEquals("| **shm4j** | 2.00 | 0.500 × † | 50.0 % | 50.0 % | 1 |", row(far, "**shm4j**"));
        assertEquals("0.500 ×", cell(CONTENDED + FAR_TARGET + ", in different rounds", 3));
    }

    @Test
    void shouldPreferNearThoughFarWasMetMoreOften() throws IOException {
        near();
        for (int round = 1; round <= 3; round++) {
            contention(round, OURS, FAR, List.of(1.0), List.of(1.0));
            contention(round, C, FAR, List.of(1.0), List.of(1.0));
        }

        assertTrue(write().get("stateContention").startsWith("Cores near: "));
    }

    @Test
    void shouldShowFarAloneIfOneOfThemWasNeverNear() throws IOException {
        contention(1, C, NEAR, List.of(9.0), List.of(9.0));
        contention(1, OURS, FAR, List.of(2.0), List.of(1.0));
        contention(1, C, FAR, List.of(1.0), List.of(1.0));

        String text = write().get("stateContention");

        assertTrue(text.startsWith("Cores far: "), text);
        assertTrue(row(text, "**shm4j**").startsWith("| **shm4j** | 3.00 | 3.00 – 3.00 | 1.50 × |"), text);
        assertFalse(text.contains(FAR_TABLE) || text.contains(NOTHING_FAR), text);
        assertEquals("1.50 ×", cell(CONTENDED + FAR_TARGET, 3));
        assertEquals(List.of(), rows(targets.table(), CONTENDED + " "));
    }

    @Test
    void shouldCompareNobodyWhileTheCoresWereMoved() throws IOException {
        contention(1, OURS, NEAR, List.of(3.0), List.of(3.0));
        contentions.add(contention(1, C, NEAR, FAR, List.of(9.0), List.of(9.0)));

        String text = write().get("stateContention");

        assertTrue(row(text, "**shm4j**").startsWith("| **shm4j** | 6.00 | 6.00 – 6.00 | – |"), text);
        assertTrue(row(text, "C, cores at another distance").startsWith(
                "| C, cores at another distance | 18.0 | 18.0 – 18.0 | – |"), text);
        assertEquals(List.of(), rows(targets.table(), CONTENDED));
    }

    @Test
    void shouldSayNothingOfWhatOlderResultsDoNotHave() throws IOException {
        assertEquals(Map.of(), write());
        assertEquals(new Targets().table(), targets.table());
    }

    @Test
    void shouldWriteThePageFromOlderResults() throws IOException {
        writeResults();
        Path docs = directory.resolve("docs");

        new Report(directory, docs).write();

        String page = Files.readString(docs.resolve("benchmarks.md"));
        assertTrue(page.contains("wants:\n\n*Not measured yet: `benchmarks/run --only state` does it.*\n"), page);
    }

    @Test
    void shouldReadWhatTheRunHasWritten() throws IOException {
        near();
        alone(24, 0);
        writeResults().write("contentions", contentions);
        Path docs = directory.resolve("docs");

        new Report(directory, docs).write();

        String page = Files.readString(docs.resolve("benchmarks.md"));
        assertTrue(page.contains("\n| **shm4j** | 6.00 | 6.00 – 6.00 | 1.50 × | 50.0 % | 50.0 % |\n"), page);
        assertTrue(page.contains("\n| **shm4j**, `SharedLock` | 24.0 | – | 1.00 × | 0 |\n"), page);
        assertTrue(page.contains("\n| " + CONTENDED + " | ≥ 1.00 × | 1.50 × |"), page);
    }

    private void near() {
        contention(1, OURS, NEAR, List.of(3.0), List.of(3.0));
        contention(1, C, NEAR, List.of(2.0), List.of(2.0));
    }

    private void contention(int round, String name, double nanos, List<Double> first, List<Double> second) {
        contentions.add(contention(round, name, nanos, nanos, first, second));
    }

    private static Contention contention(int round, String name, double before, double after, List<Double> first,
            List<Double> second) {
        return new Contention(round, name, 0, 1, false, before, after, perSecond(first), perSecond(second), List.of());
    }

    private static List<Double> perSecond(List<Double> millions) {
        return millions.stream().map(value -> value * 1e6).toList();
    }

    private void alone(double nanos, double bytes) {
        measured("UncontendedLock.acquireRelease", Map.of(), nanos, bytes);
    }

    private void file(String where, double nanos) {
        measured("ChannelLock.acquireRelease", Map.of("directory", where), nanos, 96);
    }

    private void measured(String name, Map<String, String> parameters, double nanos, double bytes) {
        jmh.add(Map.of(
                "benchmark", "io.github.shm4j.benchmarks.state." + name,
                "params", parameters,
                "primaryMetric", raw(nanos),
                "secondaryMetrics", Map.of("gc.alloc.rate.norm", raw(bytes))));
    }

    private static Map<String, Object> raw(double value) {
        return Map.of("rawData", List.of(List.of(value)));
    }

    private void c(double nanos) {
        rows.add(new Row("C", "acquireRelease", 0, "ns/op", List.of(nanos)));
    }

    private Results writeResults() throws IOException {
        Files.createDirectories(directory.resolve("state"));
        Results results = new Results(directory, "state");
        results.write("machine", Map.of("missing", Map.of()));
        results.write("jmh-round-1", jmh);
        results.write("programs-round-1", rows);
        return results;
    }

    private Map<String, String> write() throws IOException {
        Map<String, String> parts = new LinkedHashMap<>();
        new LockSection(Data.read(writeResults()), contentions, targets).write(parts);
        return parts;
    }

    private String cell(String what, int column) {
        return rows(targets.table(), what + " ").getFirst().split(" ?\\| ?")[column];
    }

    private static String row(String table, String start) {
        return rows(table, start).getFirst();
    }

    private static List<String> rows(String table, String start) {
        return table.lines().filter(line -> line.startsWith("| " + start)).toList();
    }
}
