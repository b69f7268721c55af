package io.github.shm4j.benchmarks.state;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import com.google.gson.Gson;
import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.benchmarks.crossing.ControlBlock;
import io.github.shm4j.state.SharedLock;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/**
 * One of two processes that compete for a lock: each acquires it, adds one to a counter by plain accesses, and releases it, as
 * often as it can. {@code ping} counts in slices of time what both do, and requires in the end that the counter is what they
 * say; {@code pong} does nothing else.
 *
 * <pre>
 *       0  lock
 *     128  counter
 *     256  how often ping has acquired the lock
 *     384  how often pong has
 * </pre>
 *
 * <p>The arguments: role, id of the block, id of the {@link ControlBlock} block, milliseconds to warm up, milliseconds of a
 * slice, number of slices. Pong prints a line "ready", ping what it measured, as JSON. The program in C does the same.
 */
final class LockProcess {

    static final int SIZE = 4096;

    private static final long LOCK = 0;
    private static final long COUNTER = 128;
    private static final long PING = 256;
    private static final long PONG = 384;

    /** How many times a side acquires the lock before it looks at anything else. */
    private static final int BATCH = 16;

    private static final long WAITING_MILLIS = 1;

    /** How long to measure how far apart the cores are, at the beginning; and at the end, when the code is compiled. */
    private static final long MOST_MEET_MILLIS = 120;

    private static final long PART_MILLIS = 10;

    private static final VarHandle WORD = JAVA_LONG.varHandle();
    private static final CompilationMXBean COMPILER = ManagementFactory.getCompilationMXBean();

    private final MemorySegment block;
    private final SharedLock lock;
    private final ControlBlock control;
    private final long warmMillis;
    private final long sliceMillis;
    private final int slices;

    /** Where this side says how often it has acquired the lock. */
    private final long own;

    private long acquired;

    private LockProcess(MemorySegment block, String[] arguments) throws IOException {
        this.block = block;
        lock = SharedLock.at(block, LOCK);
        own = arguments[0].equals("ping") ? PING : PONG;
        control = new ControlBlock(Integer.parseInt(arguments[2]));
        warmMillis = Long.parseLong(arguments[3]);
        sliceMillis = Long.parseLong(arguments[4]);
        slices = Integer.parseInt(arguments[5]);
    }

    /**
     * What ping prints.
     *
     * @param nanosBefore the way of a cache line to the other core and back, before
     * @param nanosAfter and afterwards
     * @param pingPerSecond how often ping acquired the lock, one value for each slice
     * @param pongPerSecond how often pong did
     * @param compiledMillis how long the compiler worked meanwhile, in ping and in pong
     */
    record Measured(
            double nanosBefore,
            double nanosAfter,
            List<Double> pingPerSecond,
            List<Double> pongPerSecond,
            List<Long> compiledMillis) {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment block =
                    SharedMemory.ofId(Integer.parseInt(arguments[1])).attach(AttachMode.READ_WRITE, arena);
            LockProcess side = new LockProcess(block, arguments);
            if (side.own == PING) {
                System.out.println(new Gson().toJson(side.measure()));
            } else {
                System.out.println("ready");
                side.compete();
            }
        }
    }

    private Measured measure() throws InterruptedException {
        double nanosBefore = control.ping(Math.min(warmMillis, MOST_MEET_MILLIS));
        control.set(ControlBlock.WARM_UP);
        long end = System.nanoTime() + warmMillis * 1_000_000;
        do {
            acquireForASlice();
        } while (System.nanoTime() < end || acquiredByPong() == 0);
        long compiled = compiledMillis();
        control.set(ControlBlock.MEASURE);
        List<Double> pingPerSecond = new ArrayList<>();
        List<Double> pongPerSecond = new ArrayList<>();
        for (int slice = 0; slice < slices; slice++) {
            long pingBefore = acquired;
            long pongBefore = acquiredByPong();
            long nanos = acquireForASlice();
            pingPerSecond.add((acquired - pingBefore) * 1e9 / nanos);
            pongPerSecond.add((acquiredByPong() - pongBefore) * 1e9 / nanos);
        }
        compiled = compiledMillis() - compiled;
        control.set(ControlBlock.STOP);
        // Pong answers when it has released the lock for the last time.
        double nanosAfter = control.ping(Math.min(warmMillis, PART_MILLIS));
        requireExact(block.get(JAVA_LONG, COUNTER), acquired, acquiredByPong());
        return new Measured(nanosBefore, nanosAfter, pingPerSecond, pongPerSecond,
                List.of(compiled, control.compiledMillis(0)));
    }

    private void compete() throws InterruptedException {
        control.pong();
        while (control.state() == ControlBlock.WAIT) {
            Thread.sleep(WAITING_MILLIS);
        }
        acquireDuring(ControlBlock.WARM_UP);
        long compiled = compiledMillis();
        acquireDuring(ControlBlock.MEASURE);
        control.setCompiledMillis(0, compiledMillis() - compiled);
        control.pong();
    }

    private void acquireDuring(long state) throws InterruptedException {
        while (control.state() == state) {
            acquireSome();
        }
    }

    /** Returns how many nanoseconds the slice was long. */
    private long acquireForASlice() throws InterruptedException {
        long start = System.nanoTime();
        long end = start + sliceMillis * 1_000_000;
        long now;
        do {
            acquireSome();
            now = System.nanoTime();
        } while (now < end);
        return now - start;
    }

    // A method: what is called often is compiled as it is in a program that runs for long, and a loop that is never left is
    // not.
    private void acquireSome() throws InterruptedException {
        for (int i = 0; i < BATCH; i++) {
            try (SharedLock.Held held = lock.acquire()) {
                if (held.previousOwnerDied()) {
                    throw new AssertionError("nobody has died");
                }
                block.set(JAVA_LONG, COUNTER, block.get(JAVA_LONG, COUNTER) + 1);
            }
        }
        acquired += BATCH;
        WORD.setRelease(block, own, acquired);
    }

    private long acquiredByPong() {
        return (long) WORD.getAcquire(block, PONG);
    }

    /** Fails unless a lock has let in one at a time. */
    static void requireExact(long counter, long ping, long pong) {
        if (counter != ping + pong) {
            throw new AssertionError("the counter is " + counter + "; acquired were " + ping + " and " + pong
                    + ": the lock let both in");
        }
    }

    private static long compiledMillis() {
        return COMPILER.getTotalCompilationTime();
    }
}
