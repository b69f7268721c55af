package io.github.shm4j.benchmarks.copy;

import io.github.shm4j.benchmarks.Directories;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** A file through {@link FileChannel}, at explicit positions. Nothing is forced to the disk unless the name says so. */
public class PositionalChannel extends CopyBenchmark {

    @Param({Directories.DISK, Directories.TMPFS})
    public String directory;

    private Path file;
    private FileChannel channel;
    private ByteBuffer heapIn;
    private ByteBuffer heapOut;
    private ByteBuffer directIn;
    private ByteBuffer directOut;

    @Override
    void open() throws IOException {
        file = Directories.newFile(directory);
        channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        directIn = ByteBuffer.allocateDirect(size);
        directOut = ByteBuffer.allocateDirect(size);
    }

    /** From and to arrays. */
    @Benchmark
    public ByteBuffer writeThenRead() throws IOException {
        write(heapIn);
        return read(heapOut);
    }

    /** From and to memory outside of the heap, which spares the channel a copy. */
    @Benchmark
    public ByteBuffer writeThenReadDirect() throws IOException {
        write(directIn);
        return read(directOut);
    }

    /** The same, and each write is forced to the disk before the read. */
    @Benchmark
    public ByteBuffer writeForceThenReadDirect() throws IOException {
        write(directIn);
        channel.force(false);
        return read(directOut);
    }

    private void write(ByteBuffer buffer) throws IOException {
        buffer.clear();
        long position = 0;
        while (buffer.hasRemaining()) {
            position += channel.write(buffer, position);
        }
    }

    private ByteBuffer read(ByteBuffer buffer) throws IOException {
        buffer.clear();
        long position = 0;
        while (buffer.hasRemaining()) {
            int count = channel.read(buffer, position);
            if (count < 0) {
                throw new EOFException("at " + position);
            }
            position += count;
        }
        return buffer;
    }

    @Override
    void prepare() {
        heapIn = ByteBuffer.wrap(in);
        heapOut = ByteBuffer.wrap(out);
        directIn.put(0, in);
        directOut.put(0, out);
    }

    @Override
    void fetch() {
        if (method.endsWith("Direct")) {
            directOut.get(0, out);
        }
    }

    @Override
    void close() throws IOException {
        channel.close();
        Files.delete(file);
    }
}
