package io.github.shm4j.benchmarks.copy;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.github.shm4j.AttachMode;
import io.github.shm4j.AttachOption;
import io.github.shm4j.SharedMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.Benchmark;

/** shm4j: an attached block, from and to arrays. */
public class SegmentArray extends CopyBenchmark {

    private Arena arena;
    private MemorySegment block;

    @Override
    void open() throws Exception {
        arena = Arena.ofConfined();
        block = SharedMemory.createPrivate(size)
                .attach(AttachMode.READ_WRITE, arena, AttachOption.REMOVE_ON_LAST_DETACH);
    }

    @Benchmark
    public MemorySegment write() {
        MemorySegment.copy(in, 0, block, JAVA_BYTE, 0, size);
        return block;
    }

    @Benchmark
    public byte[] read() {
        MemorySegment.copy(block, JAVA_BYTE, 0, out, 0, size);
        return out;
    }

    @Benchmark
    public byte[] writeThenRead() {
        MemorySegment.copy(in, 0, block, JAVA_BYTE, 0, size);
        MemorySegment.copy(block, JAVA_BYTE, 0, out, 0, size);
        return out;
    }

    @Override
    void prepare() {
        if (method.equals("read")) {
            MemorySegment.copy(in, 0, block, JAVA_BYTE, 0, size);
        } else {
            block.fill((byte) 0);
        }
    }

    @Override
    void fetch() {
        if (method.equals("write")) {
            MemorySegment.copy(block, JAVA_BYTE, 0, out, 0, size);
        }
    }

    @Override
    void close() {
        arena.close();
    }
}
