package io.github.shm4j.benchmarks.suite;

import io.github.shm4j.benchmarks.Cleanup;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** A process that is killed when this is closed. */
public final class Program implements AutoCloseable {

    private static final int TIMEOUT_SECONDS = 300;

    /** How long a program has to clean up when it is told to end. */
    private static final int FAREWELL_SECONDS = 5;

    private static final String SERIAL = "-XX:+UseSerialGC";

    /** Not the common pool, which may have a single thread: most of these only wait. */
    private static final Executor THREADS = Executors.newCachedThreadPool(
            task -> Thread.ofPlatform().daemon().unstarted(task));

    private final String what;
    private final Process process;
    private final Runnable kill;
    private final CompletableFuture<String> errors;

    private Program(String what, Process process) {
        this.what = what;
        this.process = process;
        this.kill = Cleanup.register(this::end);
        this.errors = async(() -> text(process.errorReader(StandardCharsets.UTF_8)));
    }

    /** Starts a program. */
    public static Program start(String what, List<String> command) throws IOException {
        return new Program(what, new ProcessBuilder(command).start());
    }

    /**
     * Runs a program to its end.
     *
     * @return what it printed
     * @throws IllegalStateException if it fails
     */
    public static String run(String what, List<String> command) throws IOException, InterruptedException {
        try (Program program = start(what, command)) {
            CompletableFuture<String> output = async(program::output);
            if (!program.process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                throw program.failure("did not end within " + TIMEOUT_SECONDS + " s");
            }
            if (program.process.exitValue() != 0) {
                throw program.failure("failed");
            }
            return output.join();
        }
    }

    /** {@return the command line of a JVM like this one} */
    public static List<String> java(String... arguments) {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java")
                .toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    /** {@return the command line of a JVM that runs a class of this program and is measured, with as much memory as all} */
    public static List<String> measured(Class<?> main, List<String> options, Object... arguments) {
        List<String> command =
                java(SERIAL, "-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch", "--enable-native-access=ALL-UNNAMED");
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return command;
    }

    /**
     * {@return the same command line, with the collector G1 if it runs a JVM} G1 is the JVM's default, but not in a process
     * that may use one core only, as all that are measured.
     */
    public static List<String> withG1(List<String> measured) {
        return measured.stream().map(option -> option.equals(SERIAL) ? "-XX:+UseG1GC" : option).toList();
    }

    /** {@return what a task will have computed, in a thread of its own} */
    public static <T> CompletableFuture<T> async(Supplier<T> task) {
        return CompletableFuture.supplyAsync(task, THREADS);
    }

    /** {@return the process} */
    public Process process() {
        return process;
    }

    /** {@return all that the program prints, once it has ended} */
    public String output() {
        return text(process.inputReader(StandardCharsets.UTF_8));
    }

    /** {@return an exception that says what became of the program} */
    public IllegalStateException failure(String how) throws InterruptedException {
        // By its handle, as Process.destroy closes the streams that say what was wrong.
        process.toHandle().destroyForcibly();
        int status = process.waitFor();
        String said = errors.join().strip();
        return new IllegalStateException(what + " " + how + " (process " + process.pid() + ", exit status " + status
                + "); " + (said.isEmpty() ? "it reported no error" : "it said: " + said));
    }

    /** {@return the next line, or {@code null} if there is none} */
    public static String line(BufferedReader reader) {
        try {
            return reader.readLine();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static String text(BufferedReader reader) {
        StringBuilder text = new StringBuilder();
        for (String line = line(reader); line != null; line = line(reader)) {
            text.append(line).append('\n');
        }
        return text.toString();
    }

    @Override
    public void close() {
        end();
        process.onExit().join();
        Cleanup.done(kill);
    }

    /** Kills the program, after it had time to remove what it has made. */
    private void end() {
        process.toHandle().destroy();
        try {
            process.onExit().get(FAREWELL_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            process.toHandle().destroyForcibly();
        } catch (ExecutionException | TimeoutException late) {
            process.toHandle().destroyForcibly();
        }
    }
}
