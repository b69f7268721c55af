package io.github.shm4j.benchmarks.copy;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.github.shm4j.benchmarks.Directories;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** A file mapped into memory. Nothing is forced to the disk, but the kernel writes it back in its own time. */
public class MappedFile extends CopyBenchmark {

    @Param({Directories.DISK, Directories.TMPFS})
    public String directory;

    private Path file;
    private Arena arena;
    private MemorySegment segment;
    private MappedByteBuffer buffer;

    @Override
    void open() throws IOException {
        file = Directories.newFile(directory);
        arena = Arena.ofConfined();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            segment = channel.map(FileChannel.MapMode.READ_WRITE, 0, size, arena);
            buffer = channel.map(FileChannel.MapMode.READ_WRITE, 0, size);
        }
    }

    @Benchmark
    public byte[] segmentWriteThenRead() {
        MemorySegment.copy(in, 0, segment, JAVA_BYTE, 0, size);
        MemorySegment.copy(segment, JAVA_BYTE, 0, out, 0, size);
        return out;
    }

    @Benchmark
    public byte[] bufferWriteThenRead() {
        buffer.put(0, in, 0, size);
        buffer.get(0, out, 0, size);
        return out;
    }

    @Override
    void close() throws IOException {
        arena.close();
        Files.delete(file);
    }
}
