package io.github.shm4j.benchmarks.suite;

import com.google.gson.Gson;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * What a program that is not a JMH benchmark measured.
 *
 * @param tool the program's language
 * @param name what was measured
 * @param size the size in bytes, or 0
 * @param unit the values' unit
 * @param values one value for each iteration
 */
public record Row(String tool, String name, long size, String unit, List<Double> values) {

    /** {@return the rows that a program prints, one a line, or none if there is no such program} */
    public static List<Row> of(Optional<List<String>> command) throws IOException, InterruptedException {
        if (command.isEmpty()) {
            return List.of();
        }
        Gson gson = new Gson();
        return Program.run(command.get().getFirst(), command.get())
                .lines()
                .map(line -> gson.fromJson(line, Row.class))
                .toList();
    }
}
