package io.github.shm4j.cli.demo;

import io.github.shm4j.ShmKey;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;

/** A child process of the demo as its parent sees it: its report, its signs of life, and how it terminated. */
final class DemoProcess {

    /** The processor time that counts as a sign of life. A JVM that only waits uses less in a minute. */
    private static final Duration WORK = Duration.ofMillis(250);

    private static final int SIGNALLED = 128;

    private final int number;
    private final ShmKey key;
    private final boolean crash;
    private final Process process;
    private final long startNanos;
    private final CompletableFuture<Void> end;
    private final List<Thread> readers = new ArrayList<>();
    private final List<String> report = new ArrayList<>();
    private final StringBuilder complaints = new StringBuilder();
    private Duration work = Duration.ZERO;
    private int signs;
    private int signsSeen;
    private long endNanos;

    /**
     * Follows a process.
     *
     * @param crash whether to kill it as soon as it has created its block
     */
    DemoProcess(int number, ShmKey key, boolean crash, Process process, long startNanos) {
        this.number = number;
        this.key = key;
        this.crash = crash;
        this.process = process;
        this.startNanos = startNanos;
        follow(process.inputReader(StandardCharsets.UTF_8), this::reported);
        follow(process.errorReader(StandardCharsets.UTF_8), this::complained);
        end = process.onExit().thenRun(this::terminated);
    }

    private interface Listener {
        void take(String line);
    }

    private void follow(BufferedReader stream, Listener listener) {
        Thread reader = new Thread(() -> {
            try (stream) {
                for (String line = stream.readLine(); line != null; line = stream.readLine()) {
                    listener.take(line);
                }
            } catch (IOException broken) {
                complained("its output cannot be read: " + broken.getMessage());
            }
        }, "shm4j-demo-child-" + number);
        reader.setDaemon(true);
        reader.start();
        readers.add(reader);
    }

    private synchronized void reported(String line) {
        signs++;
        report.add(line);
        if (crash) {
            kill();
        }
    }

    private synchronized void complained(String line) {
        signs++;
        complaints.append(complaints.isEmpty() ? "" : System.lineSeparator()).append(line);
    }

    private synchronized void terminated() {
        signs++;
        endNanos = System.nanoTime();
    }

    /** Kills the process. Process.destroyForcibly() would also close the streams with what it has printed. */
    void kill() {
        process.toHandle().destroyForcibly();
    }

    /** Waits until the process has terminated and all of its output is read. */
    void await() throws InterruptedException {
        end.join();
        for (Thread reader : readers) {
            reader.join();
        }
    }

    /** {@return whether the process has shown a sign of life since the last call} */
    synchronized boolean showsSignOfLife() {
        Duration now = process.info().totalCpuDuration().orElse(work);
        if (now.minus(work).compareTo(WORK) >= 0) {
            work = now;
            signs++;
        }
        boolean more = signs > signsSeen;
        signsSeen = signs;
        return more;
    }

    int number() {
        return number;
    }

    ShmKey key() {
        return key;
    }

    long pid() {
        return process.pid();
    }

    boolean isToCrash() {
        return crash;
    }

    boolean isRunning() {
        return process.isAlive();
    }

    /** {@return the word that the process reports as written, or {@code null}} */
    synchronized String wrote() {
        String wrote = DemoChild.WROTE + " ";
        for (String line : report) {
            if (line.startsWith(wrote)) {
                return line.substring(wrote.length());
            }
        }
        return null;
    }

    /** {@return whether the process reports that it has created its block} */
    synchronized boolean hasCreated() {
        return !report.isEmpty();
    }

    /** {@return whether the process has written its word and terminated with exit code 0} */
    boolean isGood() {
        return wrote() != null && process.exitValue() == 0;
    }

    /** {@return whether SIGHUP, SIGINT or SIGTERM terminated the process: a terminal sends such a signal to a whole group} */
    boolean wasToldToEnd() {
        return switch (process.exitValue() - SIGNALLED) {
            case 1, 2, 15 -> true;
            default -> false;
        };
    }

    /** {@return how the process terminated, and its error output} */
    synchronized String end() {
        int exit = process.exitValue();
        String name = switch (exit - SIGNALLED) {
            case 1 -> "SIGHUP";
            case 2 -> "SIGINT";
            case 9 -> "SIGKILL";
            case 15 -> "SIGTERM";
            default -> null;
        };
        return (name == null ? "failed with exit code " + exit : "was terminated by " + name)
                + (complaints.isEmpty() ? "" : ": " + complaints);
    }

    /** {@return how long the process has run} */
    synchronized String seconds() {
        return String.format(Locale.ROOT, "%.2f s", (endNanos - startNanos) / 1e9);
    }
}
