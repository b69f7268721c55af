package io.github.shm4j.benchmarks.calls;

import io.github.shm4j.AttachMode;
import io.github.shm4j.AttachOption;
import io.github.shm4j.CreateOption;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmPermissions;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What the first write to each 4 KiB of a new block costs, when the kernel has to find memory and clear it.
 *
 * <p>Each invocation has a new block of 64 MiB, made and removed outside of what is measured.
 */
public class FirstTouch extends CallBenchmark {

    static final int SIZE = 64 << 20;
    static final int PAGES = SIZE / PAGE;

    /** Huge pages exist only where the administrator has set some aside. */
    @Param({"4k", "huge"})
    public String pages;

    private Arena arena;
    private SharedMemory memory;
    private MemorySegment block;

    @Setup(Level.Invocation)
    public void create() throws ShmException {
        memory = pages.equals("huge")
                ? SharedMemory.createPrivate(SIZE, ShmPermissions.OWNER_ONLY, CreateOption.HUGE_PAGES)
                : SharedMemory.createPrivate(SIZE);
        arena = Arena.ofConfined();
        block = memory.attach(AttachMode.READ_WRITE, arena, AttachOption.REMOVE_ON_LAST_DETACH);
    }

    @TearDown(Level.Invocation)
    public void remove() {
        arena.close();
    }

    @Benchmark
    @OperationsPerInvocation(PAGES)
    public MemorySegment firstTouch() {
        return touch(block);
    }

    /** A second mapping asks the kernel for all pages in one call. */
    @Benchmark
    @OperationsPerInvocation(PAGES)
    public MemorySegment preTouch() throws ShmException {
        return memory.attach(AttachMode.READ_WRITE, arena, AttachOption.PRE_TOUCH);
    }

    private static MemorySegment touch(MemorySegment block) {
        for (long offset = 0; offset < SIZE; offset += PAGE) {
            block.set(ValueLayout.JAVA_BYTE, offset, (byte) 1);
        }
        return block;
    }
}
