package io.github.shm4j.benchmarks.state;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.shm4j.AttachMode;
import io.github.shm4j.AttachOption;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.state.LatestValue;
import io.github.shm4j.state.LatestValueWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A record read by one thread, and one written and read, each beside plain copies of the same bytes between the same memory:
 * what the versions cost when nothing has to cross, and, with {@code -prof gc}, whether anything is allocated.
 */
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
public class NewestRecord {

    @Param("64")
    public int size;

    private Arena arena;
    private MemorySegment plain;
    private LatestValue readable;
    private LatestValueWriter writer;
    private MemorySegment record;
    private MemorySegment target;
    private long number;

    @Setup(Level.Trial)
    public void open() throws ShmException {
        arena = Arena.ofShared();
        SharedMemory block = SharedMemory.createPrivate(LatestValue.sizeFor(size));
        MemorySegment mapping = block.attach(AttachMode.READ_WRITE, arena, AttachOption.REMOVE_ON_LAST_DETACH);
        LatestValue value = LatestValue.create(mapping, size);
        writer = value.writer();
        readable = LatestValue.open(mapping.asReadOnly());
        SharedMemory other = SharedMemory.createPrivate(size);
        plain = other.attach(AttachMode.READ_WRITE, arena, AttachOption.REMOVE_ON_LAST_DETACH);
        record = arena.allocate(size, 64);
        target = arena.allocate(size, 64);
        writer.write(record);
    }

    @TearDown(Level.Trial)
    public void close() {
        writer.close();
        arena.close();
    }

    @Benchmark
    public long read() {
        long version = readable.read(target);
        if (version == 0) {
            throw new AssertionError("nothing was written");
        }
        return target.get(JAVA_LONG, 0);
    }

    /** What a read would be at best. */
    @Benchmark
    public long copy() {
        MemorySegment.copy(plain, 0, target, 0, size);
        return target.get(JAVA_LONG, 0);
    }

    @Benchmark
    public long writeAndRead() {
        record.set(JAVA_LONG, 0, ++number);
        writer.write(record);
        readable.read(target);
        return requireNumber();
    }

    @Benchmark
    public long copyInAndOut() {
        record.set(JAVA_LONG, 0, ++number);
        MemorySegment.copy(record, 0, plain, 0, size);
        MemorySegment.copy(plain, 0, target, 0, size);
        return requireNumber();
    }

    private long requireNumber() {
        long read = target.get(JAVA_LONG, 0);
        if (read != number) {
            throw new AssertionError("read " + read + " instead of " + number);
        }
        return read;
    }
}
