package io.github.shm4j.benchmarks.rings;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.shm4j.AttachMode;
import io.github.shm4j.AttachOption;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ring.Claim;
import io.github.shm4j.ring.MessageHandler;
import io.github.shm4j.ring.MpscRingBuffer;
import io.github.shm4j.ring.RingBuffer;
import io.github.shm4j.ring.RingConsumer;
import io.github.shm4j.ring.RingProducer;
import io.github.shm4j.ring.SpscRingBuffer;
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
 * A message written and read by one thread: what a ring costs when nothing has to cross, and, with {@code -prof gc},
 * whether anything is allocated.
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
            "--sun-misc-unsafe-memory-access=allow",
            "-Xms512m",
            "-Xmx512m",
            "-XX:+AlwaysPreTouch"
        })
public class Allocation {

    private static final int CAPACITY = 1 << 20;

    @Param({"SPSC", "MPSC"})
    public String ring;

    @Param("64")
    public int size;

    private Arena arena;
    private RingProducer producer;
    private RingConsumer consumer;
    private MemorySegment message;
    private final Claim claim = new Claim();
    private long number;
    private long read;
    private final MessageHandler handler = (type, memory, offset, length) -> read = memory.get(JAVA_LONG, offset);

    @Setup(Level.Trial)
    public void open() throws ShmException {
        arena = Arena.ofConfined();
        boolean single = ring.equals("SPSC");
        SharedMemory block = SharedMemory.createPrivate(
                single ? SpscRingBuffer.sizeFor(CAPACITY) : MpscRingBuffer.sizeFor(CAPACITY));
        MemorySegment memory = block.attach(AttachMode.READ_WRITE, arena, AttachOption.REMOVE_ON_LAST_DETACH);
        RingBuffer buffer =
                single ? SpscRingBuffer.create(memory, CAPACITY) : MpscRingBuffer.create(memory, CAPACITY);
        producer = buffer.producer();
        consumer = buffer.consumer();
        message = arena.allocate(size, Long.BYTES);
    }

    @TearDown(Level.Trial)
    public void close() {
        producer.close();
        consumer.close();
        arena.close();
    }

    /** What measuring itself allocates. */
    @Benchmark
    public long nothing() {
        return ++number;
    }

    @Benchmark
    public long writeAndRead() {
        message.set(JAVA_LONG, 0, ++number);
        if (!producer.write(1, message)) {
            throw new AssertionError("there is no room for message " + number);
        }
        return read();
    }

    @Benchmark
    public long claimAndRead() {
        if (!producer.tryClaim(1, size, claim)) {
            throw new AssertionError("there is no room for message " + number);
        }
        claim.memory().set(JAVA_LONG, claim.offset(), ++number);
        claim.commit();
        return read();
    }

    /** The claim as a segment of its own. */
    @Benchmark
    public long claimSegmentAndRead() {
        if (!producer.tryClaim(1, size, claim)) {
            throw new AssertionError("there is no room for message " + number);
        }
        claim.segment().set(JAVA_LONG, 0, ++number);
        claim.commit();
        return read();
    }

    private long read() {
        if (consumer.read(handler, 1) != 1 || read != number) {
            throw new AssertionError("expected message " + number + ", read " + read);
        }
        return read;
    }
}
