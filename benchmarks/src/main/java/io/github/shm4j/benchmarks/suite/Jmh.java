package io.github.shm4j.benchmarks.suite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.profile.Profiler;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs JMH for one round of one question. */
public final class Jmh implements AutoCloseable {

    private final Plan plan;
    private final List<Path> parts = new ArrayList<>();

    public Jmh(Plan plan) {
        this.plan = plan;
    }

    /** Runs one fork of each benchmark that a pattern matches, and measures what profilers measure too. */
    @SafeVarargs
    public final void run(
            String pattern, Map<String, String> parameters, String except, Class<? extends Profiler>... profilers)
            throws IOException, RunnerException {
        Path part = Files.createTempFile("shm4j-benchmark", ".json");
        part.toFile().deleteOnExit();
        parts.add(part);
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include(pattern)
                .exclude(except)
                .forks(plan.forks())
                .warmupIterations(plan.warmUps())
                .warmupTime(TimeValue.milliseconds(plan.millis()))
                .measurementIterations(plan.iterations())
                .measurementTime(TimeValue.milliseconds(plan.millis()))
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT)
                .resultFormat(ResultFormatType.JSON)
                .result(part.toString());
        parameters.forEach(options::param);
        for (Class<? extends Profiler> profiler : profilers) {
            options.addProfiler(profiler);
        }
        new Runner(options.build()).run();
    }

    /** Keeps what was measured. */
    public void keep(int round, Results results) throws IOException {
        results.writeJmh(round, parts);
    }

    @Override
    public void close() throws IOException {
        for (Path part : parts) {
            Files.deleteIfExists(part);
        }
    }
}
