package io.github.shm4j.state;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What this process knows of one lock that others do not see: which of its threads deals with it.
 *
 * <p>The word in shared memory names a process. A thread changes it only while it is inside of the gate, so a word that names
 * this process was written by the thread that the gate names. All objects of a lock in this process share one gate, through
 * whichever mapping they reach the lock.
 *
 * <p>Each change of {@link #inside} is one step, and no other field says who is inside. So it is true whatever is thrown, at
 * whatever instruction.
 */
final class LockGate {

    /** A thread is inside and has not got the lock, or nothing has been noted of it. */
    static final int ENTERED = 1;

    /** The thread has the lock. */
    static final int HOLDING = 2;

    /** The thread was inside when something was thrown. It has left, and the word may name this process. */
    static final int THROWN_OUT = 3;

    private static final int STATE_BITS = 2;
    private static final int STATE_MASK = (1 << STATE_BITS) - 1;

    private static final VarHandle INSIDE;

    static {
        try {
            INSIDE = MethodHandles.lookup().findVarHandle(LockGate.class, "inside", long.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /** The number of a thread, and its state in the last two bits; 0 while nobody is inside. */
    volatile long inside;

    /**
     * What the word was before the lock was acquired, if it was not free: the owner that has terminated, or that the data is
     * inconsistent. Belongs to the thread inside.
     */
    long predecessor = LockWords.FREE;

    /**
     * An owner that cannot be seen, whose place the lock was taken in, until it is sure that it had not come back; otherwise free.
     * Belongs to the thread inside.
     */
    long unconfirmed = LockWords.FREE;

    /** Whether a thread was thrown out, so that a word which names this process is nobody's. Belongs to the thread inside. */
    boolean unsure;

    /** The thread that has the lock, or has had it. */
    private Thread owner;

    private LockGate() {}

    /** {@return how a thread is noted that has entered} */
    static long entered(Thread thread) {
        return thread.threadId() << STATE_BITS | ENTERED;
    }

    /** {@return how a thread is noted that has the lock} */
    static long holding(Thread thread) {
        return thread.threadId() << STATE_BITS | HOLDING;
    }

    /**
     * Lets a thread inside if nobody else is.
     *
     * @param entered the thread, as {@link #entered} says
     * @throws LockReentryException if the thread has the lock
     */
    boolean enter(long entered) {
        return INSIDE.compareAndSet(this, 0L, entered) || succeed(entered);
    }

    /** Lets a thread inside in the place of one that will not come back. */
    private boolean succeed(long entered) {
        long found = inside;
        int state = (int) found & STATE_MASK;
        if (number(found) == number(entered) && found != 0) {
            if (state == HOLDING) {
                throw new LockReentryException("the lock is held by this thread already, " + Thread.currentThread()
                        + ": close what it was acquired with first");
            }
            unsure = true;
            return state == ENTERED || INSIDE.compareAndSet(this, found, entered);
        }
        boolean terminated = state == HOLDING && hasTerminated(found);
        if (state != THROWN_OUT && !terminated || !INSIDE.compareAndSet(this, found, entered)) {
            return false;
        }
        unsure = true;
        if (terminated && predecessor == LockWords.FREE) {
            predecessor = LockWords.INCONSISTENT;
        }
        return true;
    }

    private static long number(long inside) {
        return inside >>> STATE_BITS;
    }

    private boolean hasTerminated(long found) {
        Thread thread = owner;
        return thread != null && thread.threadId() == number(found) && !thread.isAlive();
    }

    /** Notes that the thread inside has the lock. */
    void hold(Thread thread, long entered) {
        if (owner != thread) {
            owner = thread;
        }
        INSIDE.setRelease(this, entered - ENTERED + HOLDING);
    }

    /** {@return whether any thread has the lock} */
    boolean isHeld() {
        return ((int) inside & STATE_MASK) == HOLDING;
    }

    /** {@return whether a thread has the lock} */
    boolean isHeldBy(long entered) {
        return inside == entered - ENTERED + HOLDING;
    }

    /** Lets others inside. */
    void leave() {
        if (predecessor != LockWords.FREE) {
            predecessor = LockWords.FREE;
        }
        INSIDE.setRelease(this, 0L);
    }

    /** {@return who has the lock in this process, or null} */
    String owner() {
        Thread thread = owner;
        long found = inside;
        return ((int) found & STATE_MASK) == HOLDING && thread != null && thread.threadId() == number(found)
                ? thread.toString()
                : null;
    }

    /** Keeps a gate: as long as it is reachable, all objects of the lock in this process get the same one. */
    static final class Handle {

        private LockGate gate;

        private Handle() {}

        LockGate gate() {
            return gate;
        }
    }

    /**
     * The gates of this process.
     *
     * <p>A gate is needed for as long as an object of its lock is, or what the lock was acquired with. It is needed beyond that if
     * a thread has dropped these while it had the lock, or was thrown out: then the gate alone knows what the word means.
     */
    static final class Gates {

        /**
         * Which lock.
         *
         * @param identity what stands in the lock
         * @param self how this process signs there
         */
        private record Key(long identity, long self) {

            // By hand: the first call of what a record has of itself makes the JVM generate it, with all that this takes.
            @Override
            public boolean equals(Object other) {
                return other instanceof Key that && identity == that.identity && self == that.self;
            }

            @Override
            public int hashCode() {
                return 31 * Long.hashCode(identity) + Long.hashCode(self);
            }
        }

        private static final class Entry extends WeakReference<Handle> {

            private final Key key;
            private final LockGate gate;

            Entry(Key key, Handle handle, ReferenceQueue<Handle> queue) {
                super(handle, queue);
                this.key = key;
                this.gate = handle.gate;
            }
        }

        private static final ConcurrentHashMap<Key, Entry> ENTRIES = new ConcurrentHashMap<>();
        private static final ReferenceQueue<Handle> UNUSED = new ReferenceQueue<>();

        private Gates() {}

        /** {@return how many gates are kept} */
        static int count() {
            return ENTRIES.size();
        }

        /** {@return what keeps the gate of a lock} */
        static Handle of(long identity, long self) {
            for (Object entry = UNUSED.poll(); entry != null; entry = UNUSED.poll()) {
                forget((Entry) entry);
            }
            Key key = new Key(identity, self);
            Handle made = new Handle();
            while (true) {
                Entry entry = ENTRIES.compute(key, (same, found) -> {
                    if (found != null && found.get() != null) {
                        return found;
                    }
                    made.gate = found != null ? found.gate : new LockGate();
                    return new Entry(same, made, UNUSED);
                });
                Handle handle = entry.get();
                if (handle != null) {
                    return handle;
                }
            }
        }

        private static void forget(Entry entry) {
            ENTRIES.computeIfPresent(entry.key,
                    (key, found) -> found == entry && entry.gate.inside == 0 ? null : found);
        }
    }
}
