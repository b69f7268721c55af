package io.github.shm4j.internal;

import java.lang.foreign.MemorySegment;

/**
 * The process that owns something in shared memory, in one word that can be compared and set: its pid and its start time.
 *
 * <pre>
 *   63        62 ............ 41   40 .............................. 0
 *   foreign   pid                  start time in clock ticks since boot
 * </pre>
 *
 * <p>The foreign bit marks a process of another pid or time namespace than the memory's creator. It has a number of its own in
 * place of the start time, which would mean nothing to others: processes of two containers often have the same pid, and can
 * have been started in the same tick. Nobody can see whether it is alive, so it counts as alive until it gives back what it
 * owns, or until the kernel says that nobody else has the memory. 0 is nobody.
 */
public final class Owner {

    public static final long NOBODY = 0;

    private static final long FOREIGN = 1L << 63;
    private static final int PID_SHIFT = 41;
    private static final long PID_MASK = (1L << 22) - 1;
    private static final long START_MASK = (1L << PID_SHIFT) - 1;

    private static final long GOLDEN = 0x9e3779b97f4a7c15L;

    /** What no other process has in place of its start time, but by an accident of 41 bits. */
    private static final long NUMBER = newNumber();

    private Owner() {}

    /** Links what this class calls, where there is stack for it. */
    public static void prepare() {
        ProcessIdentity.prepare();
        Attachments.prepare();
    }

    /** {@return this process, as it is to be written into memory whose header names these namespaces} */
    public static long self(long pidNamespace, long timeNamespace) {
        long pid = ProcessIdentity.pid() & PID_MASK;
        boolean known = sharesNamespaces(pidNamespace, timeNamespace) && ProcessIdentity.startTime() > 0;
        return known ? of(pid, ProcessIdentity.startTime()) : foreign(pid);
    }

    private static long foreign(long pid) {
        return FOREIGN | of(pid, NUMBER);
    }

    private static long newNumber() {
        long seed = System.nanoTime() ^ ProcessIdentity.startTime() * GOLDEN ^ ProcessIdentity.pidNamespace() << 32;
        long mixed = (seed ^ seed >>> 33) * 0xff51afd7ed558ccdL;
        return mixed ^ mixed >>> 33;
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

    /** {@return whether pids mean the same here as where the memory was created} */
    public static boolean sharesNamespaces(long pidNamespace, long timeNamespace) {
        // Kernels before 5.6 have no time namespaces: 0 on both sides.
        return pidNamespace != 0
                && pidNamespace == ProcessIdentity.pidNamespace()
                && timeNamespace == ProcessIdentity.timeNamespace();
    }

    public static long pid(long owner) {
        return owner >>> PID_SHIFT & PID_MASK;
    }

    /** {@return whether a process can have signed so: it has a pid, and a start time unless that cannot be known} */
    public static boolean isPlausible(long owner) {
        return pid(owner) != 0 && (isForeign(owner) || (owner & START_MASK) != 0);
    }

    public static boolean isForeign(long owner) {
        return (owner & FOREIGN) != 0;
    }

    /** {@return whether only the number of attachments can say that a process is gone} */
    public static boolean isUnseen(long owner, boolean sharesNamespaces) {
        return owner != NOBODY && (isForeign(owner) || !sharesNamespaces);
    }

    /**
     * {@return whether a process has certainly terminated, asked of the system}
     *
     * @param owner the process
     * @param sharesNamespaces what {@link #sharesNamespaces} says of the memory
     */
    public static boolean isTerminated(long owner, boolean sharesNamespaces) {
        return owner != NOBODY
                && !isForeign(owner)
                && sharesNamespaces
                && ProcessIdentity.hasTerminated(pid(owner), owner & START_MASK);
    }

    /**
     * {@return whether a process can certainly do nothing more in some memory: it has terminated, or it cannot be seen, and
     * nobody but this process has the memory attached}
     *
     * <p>The second is asked of the kernel, and holds for that moment: a process that attaches the memory after that has no role in
     * it that was there before, but can take the same one again, and signs in the same way. So whoever comes in the place of one
     * that cannot be seen asks again after that, and withdraws if the answer is another one.
     *
     * @param owner the process
     * @param sharesNamespaces what {@link #sharesNamespaces} says of the memory
     */
    public static boolean isGone(long owner, boolean sharesNamespaces, MemorySegment memory) {
        return isUnseen(owner, sharesNamespaces)
                ? owner != foreign(ProcessIdentity.pid() & PID_MASK)
                        && Attachments.isAttachedHereOnly(memory)
                : isTerminated(owner, true);
    }

    public static String describe(long owner, boolean sharesNamespaces) {
        if (owner == NOBODY) {
            return "nobody";
        }
        return "process " + pid(owner)
                + (isForeign(owner) || !sharesNamespaces
                        ? " of another namespace"
                        : isTerminated(owner, true) ? ", which has terminated" : ", which is running");
    }
}
