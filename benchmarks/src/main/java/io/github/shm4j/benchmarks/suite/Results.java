package io.github.shm4j.benchmarks.suite;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The directory in which the answers to one question are kept: what JMH wrote, one file for each round; what everything
 * else measured, also by round; and the machine.
 */
public final class Results {

    private static final Gson GSON =
            new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().serializeSpecialFloatingPointValues().create();

    private final Path directory;

    public Results(Path results, String question) {
        directory = results.resolve(question);
    }

    /** Whether there are any. */
    public boolean exist() {
        return Files.exists(directory.resolve("machine.json"));
    }

    /** Takes the place of an earlier run's results. */
    void replace(Results earlier) throws IOException {
        Files.createDirectories(earlier.directory);
        earlier.clear();
        for (Path file : files()) {
            Files.move(file, earlier.directory.resolve(file.getFileName()));
        }
        Files.delete(directory);
    }

    /** Removes what a run left. */
    void clear() throws IOException {
        Files.createDirectories(directory);
        for (Path file : files()) {
            Files.delete(file);
        }
    }

    /** Keeps something as JSON. */
    public void write(String name, Object value) throws IOException {
        Files.writeString(directory.resolve(name + ".json"), GSON.toJson(value) + "\n");
    }

    /** Reads what was kept under a name. */
    public <T> T read(String name, Class<T> type) throws IOException {
        return read(directory.resolve(name + ".json"), type);
    }

    /** Reads what was kept under a name, unless an earlier version of the benchmarks kept nothing under it. */
    public <T> Optional<T> readIfExists(String name, Class<T> type) throws IOException {
        return Files.exists(directory.resolve(name + ".json")) ? Optional.of(read(name, type)) : Optional.empty();
    }

    /** Reads all that was kept under a name and the number of a round, in the order of the rounds. */
    public <T> List<T> readRounds(String name, Class<T> type) throws IOException {
        List<T> rounds = new ArrayList<>();
        for (int round = 1; Files.exists(directory.resolve(round(name, round) + ".json")); round++) {
            rounds.add(read(round(name, round), type));
        }
        return rounds;
    }

    public static String round(String name, int round) {
        return name + "-round-" + round;
    }

    /** Keeps several results of JMH as one, which JMH's own tools can read as well. */
    void writeJmh(int round, List<Path> parts) throws IOException {
        JsonArray all = new JsonArray();
        for (Path part : parts) {
            for (JsonElement result : read(part, JsonArray.class)) {
                // A path that means nothing elsewhere; the machine's description says which JDK it was.
                result.getAsJsonObject().remove("jvm");
                all.add(result);
            }
        }
        write(round("jmh", round), all);
    }

    private static <T> T read(Path file, Class<T> type) throws IOException {
        return GSON.fromJson(Files.readString(file), type);
    }

    private List<Path> files() throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, "*.json")) {
            stream.forEach(files::add);
        }
        return files;
    }
}
