package io.github.shm4j.benchmarks.calls;

import io.github.shm4j.AttachMode;
import io.github.shm4j.AttachOption;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** What the kind of arena costs: alone, and with a block attached to it. */
public class Arenas extends CallBenchmark {

    /** The mappings of an automatic arena stay until a collection, and a process may not have many at a time. */
    private static final int AT_A_TIME = 1000;

    private SharedMemory memory;
    private MemorySegment keepsBlock;
    private Arena keeper;

    @Setup
    public void create() throws ShmException {
        keeper = Arena.ofShared();
        memory = SharedMemory.createPrivate(PAGE);
        keepsBlock = memory.attach(AttachMode.READ_WRITE, keeper, AttachOption.REMOVE_ON_LAST_DETACH);
    }

    @TearDown
    public void remove() {
        if (!keepsBlock.scope().isAlive()) {
            throw new AssertionError("the block went away while it was measured");
        }
        keeper.close();
    }

    /** Nothing at all: what the measuring itself costs. */
    @Benchmark
    public void nothing() {}

    @Benchmark
    public Arena confined() {
        Arena arena = Arena.ofConfined();
        arena.close();
        return arena;
    }

    @Benchmark
    public Arena shared() {
        Arena arena = Arena.ofShared();
        arena.close();
        return arena;
    }

    /** There is no closing one. */
    @Benchmark
    public Arena automatic() {
        return Arena.ofAuto();
    }

    @Benchmark
    public long attachConfined() throws ShmException {
        try (Arena arena = Arena.ofConfined()) {
            return memory.attach(AttachMode.READ_WRITE, arena).byteSize();
        }
    }

    @Benchmark
    public long attachShared() throws ShmException {
        try (Arena arena = Arena.ofShared()) {
            return memory.attach(AttachMode.READ_WRITE, arena).byteSize();
        }
    }

    /** Attaching and, once nothing refers to the arenas any more, the collection that finds this out and detaches. */
    @Benchmark
    @OperationsPerInvocation(AT_A_TIME)
    public void attachAutomatic() throws ShmException, InterruptedException {
        for (int i = 0; i < AT_A_TIME; i++) {
            memory.attach(AttachMode.READ_WRITE, Arena.ofAuto());
        }
        System.gc();
        // The cleaner detaches in a thread of its own; one mapping is the keeper's.
        while (memory.status().attachCount() > 1) {
            Thread.sleep(0, 100_000);
        }
    }

    @Setup(Level.Iteration)
    public void collect() {
        System.gc();
    }
}
