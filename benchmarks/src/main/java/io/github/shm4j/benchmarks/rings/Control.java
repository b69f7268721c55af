package io.github.shm4j.benchmarks.rings;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * A block beside the ring through which the consumer tells the producers what to do.
 *
 * <pre>
 *       0  state
 *     128  what the JVM of producer 0 has spent compiling while it was measured, in milliseconds
 *     256  the same of producer 1, and so on
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

    private final MemorySegment block;

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
}
