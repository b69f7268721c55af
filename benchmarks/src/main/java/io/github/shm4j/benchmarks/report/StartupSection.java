package io.github.shm4j.benchmarks.report;

import io.github.shm4j.benchmarks.suite.Results;
import io.github.shm4j.benchmarks.suite.Row;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How long does a new process need to its first byte? */
final class StartupSection {

    private static final String OURS = "shm4j";
    private static final String C = "C";
    private static final String EMPTY_JVM = "a JVM that only prints";

    private final Results results;
    private final Charts charts;

    StartupSection(Results results, Charts charts) {
        this.results = results;
        this.charts = charts;
    }

    void write(Map<String, String> parts) throws IOException {
        Map<String, Sample> firstBytes = new LinkedHashMap<>();
        Map<String, Sample> ends = new LinkedHashMap<>();
        for (Row row : results.read("starts", Row[].class)) {
            (row.name().equals("end") ? ends : firstBytes).put(row.tool(), Sample.of(row.values()));
        }
        Table table = new Table(List.of("ms", "to the first byte", "to the end of the process",
                "more than an empty JVM"));
        firstBytes.forEach((name, first) -> table.add(List.of(
                name.startsWith("shm4j") ? "**shm4j**" + name.substring("shm4j".length()) : name,
                Units.withError(first),
                Units.withError(ends.get(name)),
                Optional.of(first.median() - firstBytes.get(EMPTY_JVM).median())
                        .filter(more -> name.startsWith("shm4j"))
                        .map(more -> String.format("%+.0f", more))
                        .orElse("–"))));
        parts.put("startupTable", table.toString());
        Map.of("startupOurs", OURS, "startupEmptyJvm", EMPTY_JVM, "startupC", C)
                .forEach((part, name) -> parts.put(part, Optional.ofNullable(firstBytes.get(name))
                        .map(first -> Units.number(first.median()))
                        .orElse(Report.NOT_MEASURED)));
        parts.put("startupChart", charts.bars(
                "startup",
                "From the start of a process to its first byte",
                "ms",
                Units::plain,
                false,
                List.copyOf(firstBytes.keySet()),
                Map.of("first byte", firstBytes.values().stream().map(Sample::median).toList())));
    }
}
