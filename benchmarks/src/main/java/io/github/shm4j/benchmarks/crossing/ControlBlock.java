package io.github.shm4j.benchmarks.crossing;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * A block through which the side that measures tells the others what to do: the consumer at a ring its producers, or one of two
 * that compete for a lock the other.
 *
 * <pre>
 *       0  state
 *     128  what the other side, or producer 0, has spent compiling while it was measured, in milliseconds
 *     256  the same of producer 1, and so on
 *    2048  a word that goes to the other core and back, to see how far that is
 *    2176  what the other side has allocated while that was counted, in bytes
 * </pre>
 *
 * <p>The programs in C do the same.
 */
public final class ControlBlock {

    public static final long WAIT = 0;
    public static final long WARM_UP = 1;
    public static final long MEASURE = 2;
    public static final long STOP = 3;

    /** All has arrived. */
    public static final long END = 4;

    public static final int SIZE = 4096;

    private static final VarHandle WORD = JAVA_LONG.varHandle();
    private static final long APART = 128;
    private static final long TURN = 2048;
    private static final long ALLOCATED = 2176;

    private static final long NO_TURN = 0;
    private static final long NO_MORE = -1;

    /** How often the word goes there and back between two looks at the clock; and where so short a time proves nothing anyway. */
    private static final int BATCH = 500;

    private static final int SMALL_BATCH = 10;
    private static final long SHORT_MILLIS = 10;

    private static final int BATCHES = 10_000;

    private final MemorySegment block;

    public ControlBlock(int id) throws ShmException {
        block = SharedMemory.ofId(id).attach(AttachMode.READ_WRITE, Arena.global());
    }

    public long state() {
        return (long) WORD.getAcquire(block, 0L);
    }

    public void set(long state) {
        WORD.setRelease(block, 0L, state);
    }

    public long compiledMillis(int producer) {
        return (long) WORD.getAcquire(block, (producer + 1) * APART);
    }

    public void setCompiledMillis(int producer, long millis) {
        WORD.setRelease(block, (producer + 1) * APART, millis);
    }

    public long allocatedBytes() {
        return (long) WORD.getAcquire(block, ALLOCATED);
    }

    public void setAllocatedBytes(long bytes) {
        WORD.setRelease(block, ALLOCATED, bytes);
    }

    /**
     * Measures how long a cache line needs to go to the other side, which calls {@link #pong}, and back.
     *
     * @param millis how long to do so; the last quarter is measured, the rest is for the compiler
     * @return nanoseconds
     */
    public double ping(long millis) {
        int batch = millis < SHORT_MILLIS ? SMALL_BATCH : BATCH;
        double[] nanos = new double[BATCHES];
        long end = System.nanoTime() + millis * 1_000_000;
        int count = 0;
        long turn = NO_TURN;
        long now = System.nanoTime();
        do {
            long start = now;
            turn = pingSome(turn, batch);
            now = System.nanoTime();
            nanos[count++] = (now - start) / (double) batch;
        } while (now < end && count < BATCHES);
        WORD.setRelease(block, TURN, NO_MORE);
        await(NO_TURN);
        double[] measured = Arrays.copyOfRange(nanos, count - 1 - count / 4, count);
        Arrays.sort(measured);
        return measured[measured.length / 2];
    }

    private long pingSome(long last, int batch) {
        long turn = last;
        for (int i = 0; i < batch; i++) {
            WORD.setRelease(block, TURN, ++turn);
            await(++turn);
        }
        return turn;
    }

    private void await(long turn) {
        while ((long) WORD.getAcquire(block, TURN) != turn) {
            Thread.onSpinWait();
        }
    }

    /** Answers {@link #ping}. */
    public void pong() {
        long turn = NO_TURN;
        while (turn != NO_MORE) {
            turn = pongOnce(turn);
        }
        WORD.setRelease(block, TURN, NO_TURN);
    }

    private long pongOnce(long last) {
        long turn;
        do {
            Thread.onSpinWait();
            turn = (long) WORD.getAcquire(block, TURN);
        } while (turn == last);
        if (turn != NO_MORE) {
            WORD.setRelease(block, TURN, ++turn);
        }
        return turn;
    }
}
