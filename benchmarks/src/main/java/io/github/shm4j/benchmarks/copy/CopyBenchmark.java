package io.github.shm4j.benchmarks.copy;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * How long does it take to store bytes where another process can find them, and to fetch them back?
 *
 * <p>Every subclass moves the same bytes: {@code size} bytes from {@link #in}, which never is the buffer they come back
 * to, {@link #out}. Nothing is allocated unless the name says so. Whether each byte arrived is checked after every
 * iteration, outside of what is measured, and the next iteration moves others, from and to other places in memory: how
 * fast a copy is can depend on where in a cache line its buffers begin.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {
            "-XX:+IgnoreUnrecognizedVMOptions",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Xms1g",
            "-Xmx1g",
            "-XX:+AlwaysPreTouch",
            "-XX:MaxDirectMemorySize=1g"
        })
public abstract class CopyBenchmark {

    /** Arrays of this size on have a place of their own, which always begins at the same place in a cache line. */
    private static final int HUMONGOUS = 512 << 10;

    @Param({"8", "64", "1024", "65536", "1048576", "67108864"})
    public int size;

    byte[] in;
    byte[] out;

    /** The name of the measured method. */
    String method;

    /** What lies between the arrays. */
    public byte[] padding;

    final SplittableRandom random = new SplittableRandom();

    @Setup(Level.Trial)
    public void openStore(BenchmarkParams params) throws Exception {
        method = params.getBenchmark().substring(params.getBenchmark().lastIndexOf('.') + 1);
        in = new byte[size];
        out = new byte[size];
        open();
    }

    @Setup(Level.Iteration)
    public void renew() throws Exception {
        if (size < HUMONGOUS) {
            // Where in a cache line an array begins is chance, which must not decide a whole fork.
            padding = new byte[random.nextInt(8) * 8];
            in = new byte[size];
            padding = new byte[random.nextInt(8) * 8];
            out = new byte[size];
        }
        random.nextBytes(in);
        Arrays.fill(out, (byte) 0);
        prepare();
    }

    @TearDown(Level.Iteration)
    public void check() throws Exception {
        fetch();
        if (!Arrays.equals(in, out)) {
            throw new AssertionError("what was read is not what was written");
        }
    }

    @TearDown(Level.Trial)
    public void closeStore() throws Exception {
        close();
    }

    /** Makes the store. */
    abstract void open() throws Exception;

    /** Brings the contents of {@link #in} to where the measured method takes them from, if that is elsewhere. */
    void prepare() throws Exception {}

    /** Brings what the measured method has moved to {@link #out}, if it has moved it to elsewhere. */
    void fetch() throws Exception {}

    /** Removes the store. */
    abstract void close() throws Exception;
}
