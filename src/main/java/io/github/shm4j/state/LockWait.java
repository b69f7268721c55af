package io.github.shm4j.state;

import static io.github.shm4j.state.LockWords.FREE;

import io.github.shm4j.internal.FutexWaiters;
import io.github.shm4j.internal.WaitLoop;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * How a thread waits for a lock.
 *
 * <p>{@link WaitLoop#await} will not do. It also looks while it goes to sleep, and calls more after that. A look that takes the
 * lock has to be the last call, as the stack may be exhausted.
 */
final class LockWait {

    // To ask whether the owner is alive takes tens of microseconds.
    private static final long NANOS_BETWEEN_QUESTIONS = TimeUnit.MILLISECONDS.toNanos(1);

    private static final long GATE_PAUSE_NANOS = 1_000;

    private final SharedLock lock;
    private final LockSteps steps;
    private final FutexWaiters waiters;

    LockWait(SharedLock lock, LockSteps steps) {
        this.lock = lock;
        this.steps = steps;
        this.waiters = steps.waiters;
    }

    /** Initializes this class, where there is stack for it. */
    static void prepare() {
        WaitLoop.prepare();
    }

    /**
     * Makes attempts until this thread holds the lock. Once it does, nothing is called: the stack may be exhausted.
     *
     * @throws LockTimeoutException if the lock was not free in time
     */
    void take(Duration timeout) throws InterruptedException {
        WaitLoop loop = new WaitLoop(WaitLoop.Pace.SLEEP, waiters.canSleep(), timeout);
        long asked = System.nanoTime();
        while (loop.next()) {
            // Whoever was woken looks before it finds that it was interrupted: it may be the only one that was woken.
            if (loop.sleeps()) {
                sleep(loop.nextSleep());
            }
            long found = steps.take(FREE);
            if (found == LockSteps.TAKEN) {
                return;
            }
            if (loop.isPastSpinning() && System.nanoTime() - asked >= NANOS_BETWEEN_QUESTIONS) {
                if (steps.takeFromTerminated(found) == LockSteps.TAKEN) {
                    return;
                }
                asked = System.nanoTime();
            }
        }
        long found = steps.takeFromTerminated(steps.take(FREE));
        if (found != LockSteps.TAKEN) {
            throw new LockTimeoutException("the lock was not to be had within " + timeout.toMillis() + " ms: it is "
                    + lock.describeWithWayOut(found));
        }
    }

    private void sleep(long nanos) {
        if (LockSteps.isFree(steps.owner())) {
            // Another thread of this process is about to take the word, or has just released it.
            LockSupport.parkNanos(Math.min(nanos, GATE_PAUSE_NANOS));
        } else {
            waiters.sleep(() -> !LockSteps.isFree(steps.owner()), nanos);
            // A release wakes one. Others may be asleep still, whether or not this thread is going to have the lock.
            waiters.othersMaySleep();
        }
    }
}
