package io.github.shm4j.ring;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The pauses of one wait: what the thread does between looking and looking again. */
final class WaitLoop {

    private static final int SPINS = 100;
    private static final int YIELDS = 10;
    private static final int ROUNDS_BETWEEN_LOOKS = 64;

    private static final long SHORTEST_PARK_NANOS = 1_000;
    private static final long LONGEST_PARK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    // Whoever ought to wake a thread can end before it does, so no thread sleeps for long.
    private static final long SHORTEST_SLEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long LONGEST_SLEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final WaitStrategy strategy;
    private final long begin = System.nanoTime();
    private final long timeout;
    private int round;
    private long length;

    WaitLoop(WaitStrategy strategy, boolean kernelAvailable, Duration timeout) {
        this.strategy = strategy == WaitStrategy.BLOCKING && !kernelAvailable ? WaitStrategy.PARK : strategy;
        this.timeout = TimeUnit.NANOSECONDS.convert(timeout);
        this.length = this.strategy == WaitStrategy.BLOCKING ? SHORTEST_SLEEP_NANOS : SHORTEST_PARK_NANOS;
    }

    /**
     * Makes a pause, unless the strategy is to sleep in the kernel and it is time to: that is for the caller.
     *
     * @return whether to look again; otherwise the time is over
     * @throws InterruptedException if the thread is interrupted
     */
    boolean next() throws InterruptedException {
        round++;
        boolean spinning = strategy == WaitStrategy.BUSY_SPIN || round < SPINS;
        if ((!spinning || round % ROUNDS_BETWEEN_LOOKS == 1) && isOver()) {
            return false;
        }
        if (spinning) {
            Thread.onSpinWait();
        } else if (strategy == WaitStrategy.YIELD || round < SPINS + YIELDS) {
            Thread.yield();
        } else if (strategy == WaitStrategy.PARK) {
            LockSupport.parkNanos(Math.min(length, remaining()));
            length = Math.min(2 * length, LONGEST_PARK_NANOS);
        }
        return true;
    }

    /**
     * {@return whether the time is over}
     *
     * @throws InterruptedException if the thread is interrupted
     */
    boolean isOver() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted while waiting for a ring");
        }
        return System.nanoTime() - begin >= timeout;
    }

    /** {@return whether the caller shall sleep in the kernel now} */
    boolean sleeps() {
        return strategy == WaitStrategy.BLOCKING && round >= SPINS + YIELDS;
    }

    /** {@return whether the thread has begun to let time pass between looking and looking again} */
    boolean isPatient() {
        return strategy != WaitStrategy.BUSY_SPIN && round >= SPINS;
    }

    /** {@return for how many nanoseconds to sleep at most} */
    long nextSleep() {
        long sleep = Math.min(length, remaining());
        length = Math.min(2 * length, LONGEST_SLEEP_NANOS);
        return sleep;
    }

    private long remaining() {
        return Math.max(0, timeout - (System.nanoTime() - begin));
    }
}
