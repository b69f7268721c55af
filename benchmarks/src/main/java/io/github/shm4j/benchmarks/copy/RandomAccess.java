package io.github.shm4j.benchmarks.copy;

import io.github.shm4j.benchmarks.Directories;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** A file through {@link RandomAccessFile}. Nothing is forced to the disk. */
public class RandomAccess extends CopyBenchmark {

    @Param({Directories.DISK, Directories.TMPFS})
    public String directory;

    private Path path;
    private RandomAccessFile file;

    @Override
    void open() throws IOException {
        path = Directories.newFile(directory);
        file = new RandomAccessFile(path.toFile(), "rw");
    }

    @Benchmark
    public byte[] writeThenRead() throws IOException {
        file.seek(0);
        file.write(in);
        file.seek(0);
        file.readFully(out);
        return out;
    }

    @Override
    void close() throws IOException {
        file.close();
        Files.delete(path);
    }
}
