package io.github.shm4j.benchmarks.suite;

import com.google.gson.Gson;
import java.util.ArrayList;
import java.util.List;

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

    /** Reads rows as the programs print them, one a line. */
    static List<Row> parse(String output) {
        Gson gson = new Gson();
        List<Row> rows = new ArrayList<>();
        output.lines().forEach(line -> rows.add(gson.fromJson(line, Row.class)));
        return rows;
    }
}
