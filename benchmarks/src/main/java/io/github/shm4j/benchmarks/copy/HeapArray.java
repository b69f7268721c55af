package io.github.shm4j.benchmarks.copy;

import org.openjdk.jmh.annotations.Benchmark;

/** From one array of the heap to another: as fast as this JVM copies where there is nothing to check. */
public class HeapArray extends CopyBenchmark {

    @Override
    void open() {}

    @Benchmark
    public byte[] write() {
        System.arraycopy(in, 0, out, 0, size);
        return out;
    }

    @Override
    void close() {}
}
