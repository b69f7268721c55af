package io.github.shm4j.internal;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The pauses of one wait: what the thread does between looking and looking again. */
public final class WaitLoop {

    /** How the thread lets time pass. */
    public enum Pace {

        /** It only spins. */
        SPIN,

        /** It lets other threads run. */
        YIELD,

        /** It parks, for longer and longer. */
        PARK,

        /** It sleeps in the kernel, which is for the caller to do: see {@link #sleeps()}. A virtual thread parks. */
        SLEEP
    }

    /** What a look finds: nothing to go on with. */
    public static final int NOTHING = 0;

    /** What a look finds: what the thread waits for. */
    public static final int FOUND = 1;

    /** What a look finds: so much to look through that the time has to be looked at first. */
    public static final int MORE = 2;

    /** A look for what the thread waits for. */
    @FunctionalInterface
    public interface Look {

        /**
         * Looks.
         *
         * @param pastSpinning whether the thread has begun to let time pass between looks, so that a longer one costs nothing
         * @return {@link #NOTHING}, {@link #FOUND} or {@link #MORE}
         */
        int look(boolean pastSpinning);
    }

    private static final int SPINS = 100;
    private static final int YIELDS = 10;
    private static final int ROUNDS_BETWEEN_LOOKS = 64;

    private static final long SHORTEST_PARK_NANOS = 1_000;
    private static final long LONGEST_PARK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    // Whoever ought to wake a thread can terminate before it does, so no thread sleeps for long.
    private static final long SHORTEST_SLEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long LONGEST_SLEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Pace pace;
    private final long begin = System.nanoTime();
    private final long timeout;

    /** How often the thread has looked, or fewer times once that is more than an {@code int} can count. */
    int round;

    private long length;

    /** Initializes this class and what it uses, where there is stack for it. */
    public static void prepare() {
        Pace.SLEEP.ordinal();
    }

    public WaitLoop(Pace pace, boolean canSleep, Duration timeout) {
        // In the kernel, a virtual thread would keep its carrier from running others.
        this.pace = pace == Pace.SLEEP && (!canSleep || Thread.currentThread().isVirtual()) ? Pace.PARK : pace;
        this.timeout = TimeUnit.NANOSECONDS.convert(timeout);
        this.length = this.pace == Pace.SLEEP ? SHORTEST_SLEEP_NANOS : SHORTEST_PARK_NANOS;
    }

    /**
     * Waits until a look finds something.
     *
     * @param look looks for it
     * @param waiters where the thread sleeps, if its pace is to do that
     * @param alone whether nobody else sleeps there
     * @return whether something was found; otherwise the time is over
     * @throws InterruptedException if the thread is interrupted
     */
    public boolean await(Look look, FutexWaiters waiters, boolean alone) throws InterruptedException {
        int found = NOTHING;
        while (found == MORE ? !isOver() : next()) {
            if (found == NOTHING && sleeps()) {
                waiters.sleep(() -> look.look(false) == NOTHING, nextSleep());
                if (alone) {
                    waiters.wokenUp();
                }
            }
            found = look.look(isPastSpinning());
            if (found == FOUND) {
                return true;
            }
        }
        return false;
    }

    /**
     * Makes a pause, unless the pace is to sleep in the kernel and it is time to: that is for the caller.
     *
     * @return whether to look again; otherwise the time is over
     * @throws InterruptedException if the thread is interrupted
     */
    public boolean next() throws InterruptedException {
        round++;
        if (round < 0) {
            // A wait without a timeout gets here: after a minute, if it only spins.
            round = SPINS + YIELDS;
        }
        boolean spinning = pace == Pace.SPIN || round < SPINS;
        if ((!spinning || round % ROUNDS_BETWEEN_LOOKS == 1) && isOver()) {
            return false;
        }
        if (spinning) {
            Thread.onSpinWait();
        } else if (pace == Pace.YIELD || round < SPINS + YIELDS) {
            Thread.yield();
        } else if (pace == Pace.PARK) {
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
    public boolean isOver() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted while waiting");
        }
        return System.nanoTime() - begin >= timeout;
    }

    /** {@return whether the caller shall sleep in the kernel now} */
    public boolean sleeps() {
        return pace == Pace.SLEEP && round >= SPINS + YIELDS;
    }

    /** {@return whether the thread has begun to let time pass between looking and looking again} */
    public boolean isPastSpinning() {
        return pace != Pace.SPIN && round >= SPINS;
    }

    /** {@return for how many nanoseconds to sleep at most} */
    public long nextSleep() {
        long sleep = Math.min(length, remaining());
        length = Math.min(2 * length, LONGEST_SLEEP_NANOS);
        return sleep;
    }

    private long remaining() {
        return Math.max(0, timeout - (System.nanoTime() - begin));
    }
}
