package io.github.shm4j.benchmarks.report;

import java.nio.file.Path;

/** Stub. */
public final class Report {
    public Report(Path results, Path docs) {}
    public void write() {}
}
