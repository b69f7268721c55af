package io.github.shm4j.internal;

/**
 * Who has a part in a ring, in one word that can be compared and set: the process's number and its start time.
 *
 * <pre>
 *   63        62 ............ 41   40 .............................. 0
 *   foreign   pid                  start time in clock ticks since boot
 * </pre>
 *
 * <p>The foreign bit marks a process of another pid or time namespace than the ring's creator. Nobody can tell whether it
 * is alive, so it counts as alive until it gives its part back. 0 is nobody.
 */
public final class Owner {

    public static final long NOBODY = 0;

    private static final long FOREIGN = 1L << 63;
    private static final int PID_SHIFT = 41;
    private static final long PID_MASK = (1L << 22) - 1;
    private static final long START_MASK = (1L << PID_SHIFT) - 1;

    private Owner() {}

    /** Links what this class calls, where there is stack for it. */
    public static void prepare() {
        ProcessIdentity.prepare();
    }

    /** {@return this process, as it is to be written into a ring whose header names these namespaces} */
    public static long self(long pidNamespace, long timeNamespace) {
        long pid = ProcessIdentity.pid() & PID_MASK;
        boolean known = sharesNamespaces(pidNamespace, timeNamespace) && ProcessIdentity.startTime() > 0;
        return known ? of(pid, ProcessIdentity.startTime()) : FOREIGN | of(pid, ProcessIdentity.startTime());
    }

    public static long pidNamespace() {
        return ProcessIdentity.pidNamespace();
    }

    public static long timeNamespace() {
        return ProcessIdentity.timeNamespace();
    }

    public static long of(long pid, long startTime) {
        return pid << PID_SHIFT | startTime & START_MASK;
    }

    /** {@return whether numbers of processes mean the same here as where the ring was created} */
    public static boolean sharesNamespaces(long pidNamespace, long timeNamespace) {
        // Kernels before 5.6 have no time namespaces: 0 on both sides.
        return pidNamespace != 0
                && pidNamespace == ProcessIdentity.pidNamespace()
                && timeNamespace == ProcessIdentity.timeNamespace();
    }

    public static long pid(long maker) {
        return maker >>> PID_SHIFT & PID_MASK;
    }

    public static boolean isForeign(long maker) {
        return (maker & FOREIGN) != 0;
    }

    /**
     * {@return whether a process has certainly ended, asked of the system}
     *
     * @param maker the process
     * @param sharesNamespaces what {@link #sharesNamespaces} says of the ring
     */
    public static boolean isTerminated(long maker, boolean sharesNamespaces) {
        return maker != NOBODY
                && !isForeign(maker)
                && sharesNamespaces
                && ProcessIdentity.hasTerminated(pid(maker), maker & START_MASK);
    }

    public static String describe(long maker, boolean sharesNamespaces) {
        if (maker == NOBODY) {
            return "nobody";
        }
        return "process " + pid(maker)
                + (isForeign(maker) || !sharesNamespaces
                        ? " of another namespace"
                        : isTerminated(maker, true) ? ", which has ended" : ", which is running");
    }
}
