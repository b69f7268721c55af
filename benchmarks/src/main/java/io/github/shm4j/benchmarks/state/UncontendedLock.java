package io.github.shm4j.benchmarks.state;

import io.github.shm4j.AttachMode;
import io.github.shm4j.AttachOption;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.state.SharedLock;
import java.lang.foreign.Arena;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A lock in a block that nobody else wants, acquired and released by one thread. The program {@code lock.c} does the same. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {
            "-XX:+IgnoreUnrecognizedVMOptions",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow"
        })
public class UncontendedLock {

    private Arena arena;
    private SharedLock lock;

    @Setup(Level.Trial)
    public void open() throws ShmException {
        arena = Arena.ofShared();
        SharedMemory block = SharedMemory.createPrivate(SharedLock.BYTES);
        lock = SharedLock.at(block.attach(AttachMode.READ_WRITE, arena, AttachOption.REMOVE_ON_LAST_DETACH), 0);
    }

    @TearDown(Level.Trial)
    public void close() {
        arena.close();
    }

    @Benchmark
    public void acquireRelease() throws InterruptedException {
        try (SharedLock.Held held = lock.acquire()) {
            if (held.previousOwnerDied()) {
                throw new AssertionError("nobody has died");
            }
        }
    }
}
