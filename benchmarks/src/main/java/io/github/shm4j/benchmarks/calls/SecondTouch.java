package io.github.shm4j.benchmarks.calls;

import io.github.shm4j.AttachMode;
import io.github.shm4j.AttachOption;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** What is left of the cost that {@link FirstTouch} shows once the pages have been touched. */
public class SecondTouch extends CallBenchmark {

    private Arena arena;
    private MemorySegment block;

    @Setup
    public void create() throws ShmException {
        arena = Arena.ofConfined();
        block = SharedMemory.createPrivate(FirstTouch.SIZE)
                .attach(AttachMode.READ_WRITE, arena, AttachOption.PRE_TOUCH, AttachOption.REMOVE_ON_LAST_DETACH);
    }

    @TearDown
    public void remove() {
        arena.close();
    }

    @Benchmark
    @OperationsPerInvocation(FirstTouch.PAGES)
    public MemorySegment secondTouch() {
        for (long offset = 0; offset < FirstTouch.SIZE; offset += PAGE) {
            block.set(ValueLayout.JAVA_BYTE, offset, (byte) 1);
        }
        return block;
    }
}
