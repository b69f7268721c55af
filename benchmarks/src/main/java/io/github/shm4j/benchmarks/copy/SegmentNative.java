package io.github.shm4j.benchmarks.copy;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.github.shm4j.AttachMode;
import io.github.shm4j.AttachOption;
import io.github.shm4j.SharedMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.Benchmark;

/** shm4j: an attached block, from and to memory outside of the heap. */
public class SegmentNative extends CopyBenchmark {

    private Arena arena;
    private MemorySegment block;
    private MemorySegment from;
    private MemorySegment to;

    @Override
    void open() throws Exception {
        arena = Arena.ofConfined();
        block = SharedMemory.createPrivate(size)
                .attach(AttachMode.READ_WRITE, arena, AttachOption.REMOVE_ON_LAST_DETACH);
        from = arena.allocate(size);
        to = arena.allocate(size);
    }

    @Benchmark
    public MemorySegment write() {
        MemorySegment.copy(from, 0, block, 0, size);
        return block;
    }

    @Benchmark
    public MemorySegment read() {
        MemorySegment.copy(block, 0, to, 0, size);
        return to;
    }

    @Benchmark
    public MemorySegment writeThenRead() {
        MemorySegment.copy(from, 0, block, 0, size);
        MemorySegment.copy(block, 0, to, 0, size);
        return to;
    }

    @Override
    void prepare() {
        MemorySegment.copy(in, 0, way.equals("read") ? block : from, JAVA_BYTE, 0, size);
        if (!way.equals("read")) {
            block.fill((byte) 0);
        }
        to.fill((byte) 0);
    }

    @Override
    void fetch() {
        MemorySegment.copy(way.equals("write") ? block : to, JAVA_BYTE, 0, out, 0, size);
    }

    @Override
    void close() {
        arena.close();
    }
}
