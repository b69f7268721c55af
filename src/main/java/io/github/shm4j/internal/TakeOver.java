package io.github.shm4j.internal;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** What a process does that takes a role away from another one which may be alive. */
public final class TakeOver {

    /** Far longer than a process that is running takes from a look at whether it has its role to what it stores because of that. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private TakeOver() {}

    /** Initializes this class now: one that could not be, on an exhausted stack for one, is of no use for ever. */
    public static void prepare() {}

    /** Waits until the other process, if it is running, has finished what it had begun when the role was taken away. */
    public static void awaitNotice() {
        long end = System.nanoTime() + PAUSE_NANOS;
        boolean interrupted = false;
        for (long rest = PAUSE_NANOS; rest > 0; rest = end - System.nanoTime()) {
            LockSupport.parkNanos(rest);
            // Otherwise the next park would return at once.
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
