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

    private static final int LINE = 64;

    private Arena arena;
    private MemorySegment block;
    private MemorySegment fromBuffer;
    private MemorySegment toBuffer;
    private MemorySegment from;
    private MemorySegment to;

    @Override
    void open() throws Exception {
        arena = Arena.ofConfined();
        block = SharedMemory.createPrivate(size)
                .attach(AttachMode.READ_WRITE, arena, AttachOption.REMOVE_ON_LAST_DETACH);
        fromBuffer = arena.allocate(size + LINE, LINE);
        toBuffer = arena.allocate(size + LINE, LINE);
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
        from = fromBuffer.asSlice(random.nextInt(LINE / 8) * 8, size);
        to = toBuffer.asSlice(random.nextInt(LINE / 8) * 8, size);
        MemorySegment.copy(in, 0, method.equals("read") ? block : from, JAVA_BYTE, 0, size);
        if (!method.equals("read")) {
            block.fill((byte) 0);
        }
        to.fill((byte) 0);
    }

    @Override
    void fetch() {
        MemorySegment.copy(method.equals("write") ? block : to, JAVA_BYTE, 0, out, 0, size);
    }

    @Override
    void close() {
        arena.close();
    }
}
