package io.github.shm4j.benchmarks.rings;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * A block beside the ring through which the consumer tells the producers what to do.
 *
 * <pre>
 *       0  state
 *     128  what the JVM of producer 0 has spent compiling while it was measured, in milliseconds
 *     256  the same of producer 1, and so on
 *    2048  a word that goes to the other core and back, to see how far that is
 * </pre>
 *
 * <p>The programs in C do the same.
 */
final class Control {

    static final long WAIT = 0;
    static final long WARM_UP = 1;
    static final long MEASURE = 2;
    static final long STOP = 3;

    static final int SIZE = 4096;

    private static final VarHandle WORD = JAVA_LONG.varHandle();
    private static final long APART = 128;
    private static final long TURN = 2048;

    private static final int TURNS = 500;
    private static final int BATCHES = 200;

    private final MemorySegment block;

    /** How often the word has changed. */
    private long turn;

    Control(int id) throws ShmException {
        block = SharedMemory.ofId(id).attach(AttachMode.READ_WRITE, Arena.global());
    }

    long state() {
        return (long) WORD.getAcquire(block, 0L);
    }

    void set(long state) {
        WORD.setRelease(block, 0L, state);
    }

    long compiledMillis(int producer) {
        return (long) WORD.getAcquire(block, (producer + 1) * APART);
    }

    void setCompiledMillis(int producer, long millis) {
        WORD.setRelease(block, (producer + 1) * APART, millis);
    }

    /** {@return the nanoseconds that a cache line needs to go to the other side and back, which calls {@link #pong}} */
    double ping() {
        double[] nanos = new double[BATCHES];
        for (int batch = 0; batch < BATCHES; batch++) {
            long start = System.nanoTime();
            turn = ping(turn);
            nanos[batch] = (System.nanoTime() - start) / (double) TURNS;
        }
        // The first half warmed up.
        double[] measured = Arrays.copyOfRange(nanos, BATCHES / 2, BATCHES);
        Arrays.sort(measured);
        return measured[measured.length / 2];
    }

    /** Answers {@link #ping}. */
    void pong() {
        for (int batch = 0; batch < BATCHES; batch++) {
            turn = pong(turn);
        }
    }

    private long ping(long last) {
        long next = last;
        for (int i = 0; i < TURNS; i++) {
            WORD.setRelease(block, TURN, ++next);
            await(++next);
        }
        return next;
    }

    private long pong(long last) {
        long next = last;
        for (int i = 0; i < TURNS; i++) {
            await(++next);
            WORD.setRelease(block, TURN, ++next);
        }
        return next;
    }

    private void await(long expected) {
        while ((long) WORD.getAcquire(block, TURN) != expected) {
            Thread.onSpinWait();
        }
    }
}
