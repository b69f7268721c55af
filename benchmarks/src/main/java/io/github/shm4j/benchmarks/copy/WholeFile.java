package io.github.shm4j.benchmarks.copy;

import io.github.shm4j.benchmarks.Directories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** A file opened, written and closed, then opened, read and closed, each time. Nothing is forced to the disk. */
public class WholeFile extends CopyBenchmark {

    @Param({Directories.DISK, Directories.TMPFS})
    public String directory;

    private Path file;

    @Override
    void open() {
        file = Directories.newFile(directory);
    }

    @Benchmark
    public byte[] writeThenRead() throws IOException {
        Files.write(file, in);
        return Files.readAllBytes(file);
    }

    @Override
    void fetch() throws IOException {
        out = Files.readAllBytes(file);
    }

    @Override
    void close() throws IOException {
        Files.delete(file);
    }
}
