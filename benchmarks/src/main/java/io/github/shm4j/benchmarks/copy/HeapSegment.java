package io.github.shm4j.benchmarks.copy;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.Benchmark;

/** The copies of {@link SegmentArray} to and from another array of the heap, which nobody else can see. */
public class HeapSegment extends CopyBenchmark {

    private MemorySegment store;

    @Override
    void open() {
        store = MemorySegment.ofArray(new byte[size]);
    }

    @Benchmark
    public byte[] writeThenRead() {
        MemorySegment.copy(in, 0, store, JAVA_BYTE, 0, size);
        MemorySegment.copy(store, JAVA_BYTE, 0, out, 0, size);
        return out;
    }

    @Override
    void prepare() {
        store.fill((byte) 0);
    }

    @Override
    void close() {}
}
