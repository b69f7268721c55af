package io.github.shm4j.benchmarks.report;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.github.shm4j.benchmarks.suite.Machine;
import io.github.shm4j.benchmarks.suite.Results;
import io.github.shm4j.benchmarks.suite.Row;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What JMH and the programs measured for one question.
 *
 * <p>A name is what JMH calls the benchmark, without the packages, and the value of each parameter but the size, as in
 * {@code RandomAccess.writeThenRead:disk}; or tool and name of a program's row, as in {@code C.writeThenRead}.
 */
final class Data {

    private final Map<String, Map<Long, Map<Integer, List<Double>>>> values = new TreeMap<>();
    private final Machine machine;

    /** What JMH calls the bytes per operation of its profiler "gc". */
    private static final String ALLOCATED = "gc.alloc.rate.norm";

    private Data(Machine machine) {
        this.machine = machine;
    }

    static Data read(Results results) throws IOException {
        Data data = new Data(results.read("machine", Machine.class));
        int round = 0;
        for (JsonArray all : results.readRounds("jmh", JsonArray.class)) {
            round++;
            for (JsonElement result : all) {
                data.addJmh(round, result.getAsJsonObject());
            }
        }
        round = 0;
        for (Row[] rows : results.readRounds("programs", Row[].class)) {
            round++;
            for (Row row : rows) {
                data.add(row.tool() + "." + row.name(), row.size(), round, row.values());
            }
        }
        return data;
    }

    private void addJmh(int round, JsonObject result) {
        String benchmark = result.get("benchmark").getAsString();
        int method = benchmark.lastIndexOf('.');
        StringBuilder name = new StringBuilder(benchmark.substring(benchmark.lastIndexOf('.', method - 1) + 1));
        long size = 0;
        if (result.has("params")) {
            for (Map.Entry<String, JsonElement> parameter : result.getAsJsonObject("params").entrySet()) {
                if (parameter.getKey().equals("size")) {
                    size = parameter.getValue().getAsLong();
                } else {
                    name.append(':').append(parameter.getValue().getAsString());
                }
            }
        }
        add(name.toString(), size, round, values(result.getAsJsonObject("primaryMetric")));
        JsonObject secondary = result.getAsJsonObject("secondaryMetrics");
        if (secondary != null && secondary.has(ALLOCATED)) {
            add(allocated(name.toString()), size, round, values(secondary.getAsJsonObject(ALLOCATED)));
        }
    }

    /** One value for each iteration. */
    private static List<Double> values(JsonObject metric) {
        List<Double> all = new ArrayList<>();
        for (JsonElement fork : metric.getAsJsonArray("rawData")) {
            fork.getAsJsonArray().forEach(value -> all.add(value.getAsDouble()));
        }
        return all;
    }

    private void add(String name, long size, int round, List<Double> measured) {
        values.computeIfAbsent(name, unused -> new TreeMap<>())
                .computeIfAbsent(size, unused -> new TreeMap<>())
                .computeIfAbsent(round, unused -> new ArrayList<>())
                .addAll(measured);
    }

    /** {@return the name of the bytes that something allocated} */
    static String allocated(String name) {
        return name + " " + ALLOCATED;
    }

    Machine machine() {
        return machine;
    }

    Optional<Sample> get(String name, long size) {
        return Optional.ofNullable(values.getOrDefault(name, Map.of()).get(size))
                .map(rounds -> new Sample(List.copyOf(rounds.values())));
    }

    Optional<Sample> get(String name) {
        return get(name, 0);
    }

    /** All sizes that anything was measured for. */
    List<Long> sizes() {
        TreeSet<Long> sizes = new TreeSet<>();
        values.values().forEach(bySize -> sizes.addAll(bySize.keySet()));
        return List.copyOf(sizes);
    }
}
