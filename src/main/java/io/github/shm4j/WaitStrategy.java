package io.github.shm4j;

/** How a thread waits for another process. */
public enum WaitStrategy {

    /**
     * Looks again all the time.
     *
     * <p>The fastest, and the processor does nothing else meanwhile. Wants a processor for each thread that waits.
     */
    BUSY_SPIN,

    /** Looks again each time after other threads had a chance to run ({@link Thread#yield()}). */
    YIELD,

    /**
     * Looks again after pauses that grow up to a millisecond.
     *
     * <p>Costs next to nothing where little happens, and up to such a pause when something does.
     */
    PARK,

    /**
     * Sleeps in the kernel until the other side wakes the thread, with a Linux futex in the shared memory itself.
     *
     * <p>The others make a system call only when somebody sleeps; while there are threads that wait in this way, each
     * message costs them a memory fence. If the one who ought to wake the thread terminates, or another program has to be asked
     * whether it lives, the thread looks for itself some time later.
     *
     * <p>Where this is not possible it is {@link #PARK}: on other systems than Linux, without native access for this library,
     * in a heap array, and where the one who waits leaves no trace in the memory, as a reader of a latest value. So it is
     * for a virtual thread, whose carrier would run no other thread meanwhile.
     */
    BLOCKING
}
