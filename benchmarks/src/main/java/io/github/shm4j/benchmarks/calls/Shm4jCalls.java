package io.github.shm4j.benchmarks.calls;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmStatus;
import io.github.shm4j.benchmarks.Cleanup;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** shm4j: what each call costs. */
public class Shm4jCalls extends CallBenchmark {

    private final Path file = Path.of(FILE);
    private ShmKey key;
    private SharedMemory memory;
    private Runnable interrupted;

    @Setup
    public void create() throws ShmException {
        key = ShmKey.random();
        memory = SharedMemory.create(key, PAGE);
        interrupted = Cleanup.register(this::remove);
    }

    @TearDown
    public void remove() {
        Cleanup.done(interrupted);
        try {
            memory.remove();
        } catch (ShmException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Benchmark
    public ShmStatus status() throws ShmException {
        return memory.status();
    }

    @Benchmark
    public SharedMemory open() throws ShmException {
        return SharedMemory.open(key);
    }

    @Benchmark
    public ShmKey ftok() throws ShmException {
        return ShmKey.ftok(file, 'j');
    }

    @Benchmark
    public long attachDetach() throws ShmException {
        try (Arena arena = Arena.ofConfined()) {
            return memory.attach(AttachMode.READ_WRITE, arena).byteSize();
        }
    }

    /** Creates a block, attaches it, writes to it, detaches and removes it. */
    @Benchmark
    public long cycle() throws ShmException {
        SharedMemory fresh = SharedMemory.createPrivate(PAGE);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = fresh.attach(AttachMode.READ_WRITE, arena);
            block.set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
            return block.byteSize();
        } finally {
            fresh.remove();
        }
    }
}
