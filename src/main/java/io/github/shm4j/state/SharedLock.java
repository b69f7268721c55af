package io.github.shm4j.state;

import static io.github.shm4j.state.LockWords.FREE;
import static io.github.shm4j.state.LockWords.INCONSISTENT;
import static io.github.shm4j.state.LockWords.INT;
import static io.github.shm4j.state.LockWords.LONG;
import static io.github.shm4j.state.LockWords.OWNER_OFFSET;
import static io.github.shm4j.state.LockWords.SLEEP_OFFSET;

import io.github.shm4j.internal.Events;
import io.github.shm4j.internal.FutexWaiters;
import io.github.shm4j.internal.Owner;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Objects;

/**
 * A lock in shared memory, which one thread of all processes can hold at a time.
 *
 * {@snippet class="Example09SharedLock" region="lock"}
 *
 * <p>The lock lies in {@value #BYTES} bytes of any block or mapped file, beside the data that it protects. New memory is zeros,
 * and zeros are a lock that is free: there is nothing to create. Each process makes an object for it with
 * {@link #at(MemorySegment, long)}. The object holds nothing, so there is nothing to close, and any number of threads can use
 * it.
 *
 * <p>As long as nobody has to wait, neither acquiring nor releasing makes a system call or allocates memory. A thread that has
 * to wait spins for some microseconds and then sleeps in the kernel until the lock is released. A virtual thread parks
 * instead. Which of several threads gets the lock next is not defined.
 *
 * <h2>Owners that terminate</h2>
 *
 * <p>A process may be killed while one of its threads holds the lock. The next thread that wants the lock gets it, and
 * is told by {@link Held#previousOwnerDied()} that the data may have been left half changed. It repairs the data and says so
 * with {@link Held#markConsistent()}. As long as nobody has done so, each further owner is told as well: one that is killed
 * during the repair, that closes without having called {@code markConsistent}, or whose repair throws an exception, leaves the
 * data to the next one. This is the robust mutex of POSIX, but for one thing: a lock that is released unrepaired
 * stays usable.
 *
 * <p>A thread that waits finds out within some milliseconds that the owner was killed. A process is known by its pid and
 * its start time, so one that gets the pid of another later is not taken for it. A process that is stopped is waited for.
 * A process of another pid or time namespace than that of the first one which has used the lock cannot be seen, and counts
 * as alive as long as anybody but the process that asks has the block attached: if it is killed while it holds the lock, the lock
 * stays held until then, or until its memory is made anew.
 *
 * <p>A thread that terminates without having closed what it acquired counts as an owner that terminated, too, as soon as another
 * thread of the same process wants the lock. Other processes wait until then, or until the process terminates.
 *
 * <h2>Threads</h2>
 *
 * <p>A lock is not reentrant: a thread that acquires it while it holds it gets a {@link LockReentryException}, through
 * whichever object and whichever mapping of the memory. Only the thread that has acquired the lock can release it.
 *
 * <p>Something may be thrown out of a call at any instruction, such as a {@link StackOverflowError}. An {@code acquire} that has
 * thrown has not got the lock for the caller; the next one, of any thread of the process, finds out how far it had come. A
 * {@code close} that has thrown has released the lock or not; calling it again does the rest.
 *
 * <h2>Memory</h2>
 *
 * <p>What a thread did before it released the lock <i>happens before</i> what the next owner does, for all memory that
 * they share, whichever processes they are in. What a killed owner has stored is visible to the next one as far as it
 * had come.
 *
 * <p>Close what you have acquired before the arena of its memory. A lock whose memory has gone cannot be released: it stays
 * held until the process terminates. Locks that different processes acquire often, and data that others write, lie best 128 bytes
 * apart.
 *
 * <p>The memory is not trusted, but a lock is an agreement: a process that overwrites it can make two owners of one, or none.
 * What cannot be a lock is a {@link LockCorruptedException}. Do not copy a lock to another place: a thread that
 * holds one of them would count as the owner of both.
 *
 * <h2>Layout</h2>
 *
 * <p>All numbers are in the byte order of the machine.
 *
 * <pre>
 *  offset  size
 *       0     8  mark 0x73686d346a6c6b01, "shm4jlk" and the version, 1
 *       8     8  identity, any number but 0
 *      16     8  namespaces: of pids in the upper half, of times in the lower
 *      24     8  owner: pid and start time; 0 free, 1 free and inconsistent
 *      32     4  sleepers
 *      36    28  unused, 0
 * </pre>
 *
 * <p>The file {@code docs/lock-protocol.md} says who may change what, and why that is enough.
 */
public final class SharedLock {

    /** The number of bytes that a lock needs. They begin at an address that is a multiple of 8. */
    public static final long BYTES = LockWords.BYTES;

    private static final Duration FOREVER = Duration.ofSeconds(Long.MAX_VALUE);

    private static final int MOST_ROUNDS = 1000;

    // What an attempt finds, if it is no owner: no owner is 0 or 1.
    static final long TAKEN = FREE;
    private static final long BUSY = INCONSISTENT;

    private final MemorySegment memory;

    // Never read: it keeps the gate.
    private final LockGate.Handle handle;
    private final LockGate gate;
    private final long self;
    private final boolean sharesNamespaces;
    private final FutexWaiters waiters;

    private SharedLock(MemorySegment memory) {
        this.memory = memory;
        this.self = LockWords.self(memory);
        this.sharesNamespaces = LockWords.sharesNamespaces(memory);
        this.handle = LockGate.Gates.of(LockWords.identity(memory), self);
        this.gate = handle.gate();
        this.waiters = new FutexWaiters(memory, SLEEP_OFFSET);
    }

    /**
     * Returns an object for the lock at a place in shared memory. Any process may call this at any time.
     *
     * @param memory the memory, mapped for reading and writing
     * @param offset where in the memory the lock begins; that is an address which is a multiple of 8
     * @return the lock
     * @throws IllegalArgumentException if the lock does not fit there, or the memory is read-only or not shared
     * @throws LockCorruptedException if the memory holds neither a lock nor zeros
     * @throws LockMemoryException if the system has no memory for the lock
     * @throws IllegalStateException if the arena of the memory has been closed
     */
    public static SharedLock at(MemorySegment memory, long offset) {
        MemorySegment lock = LockWords.slice(Objects.requireNonNull(memory, "memory"), offset);
        Events.prepare();
        FutexWaiters.prepare();
        Owner.prepare();
        LockWait.prepare();
        LockWords.complete(lock);
        return new SharedLock(lock);
    }

    /**
     * Acquires the lock, waiting until it is free. Any thread that does not hold it may call this.
     *
     * @return what releases the lock
     * @throws InterruptedException if the thread is interrupted while it waits
     * @throws LockReentryException if this thread holds the lock
     * @throws LockCorruptedException if the lock was overwritten
     * @throws IllegalStateException if the arena of the memory has been closed
     */
    public Held acquire() throws InterruptedException {
        return acquire(FOREVER);
    }

    /**
     * Acquires the lock if it becomes free in time. Any thread that does not hold it may call this.
     *
     * @param timeout how long to wait at most; if that is zero or less, the lock must be free
     * @return what releases the lock
     * @throws LockTimeoutException if the lock was not free in time
     * @throws InterruptedException if the thread is interrupted while it waits
     * @throws LockReentryException if this thread holds the lock
     * @throws LockCorruptedException if the lock was overwritten
     * @throws IllegalStateException if the arena of the memory has been closed
     */
    public Held acquire(Duration timeout) throws InterruptedException {
        Objects.requireNonNull(timeout, "timeout");
        // Made first: there may be no memory for it.
        Held held = new Held(this);
        if (take(FREE) != TAKEN) {
            new LockWait(this, waiters).take(timeout);
        }
        // No call: it might find the stack exhausted.
        held.previousOwnerDied = gate.predecessor != FREE;
        return held;
    }

    /**
     * Acquires the lock if it is free, or if its owner has terminated. Any thread that does not hold it may call this.
     *
     * @return what releases the lock, or {@code null} if another thread or process holds it
     * @throws LockReentryException if this thread holds the lock
     * @throws LockCorruptedException if the lock was overwritten
     * @throws IllegalStateException if the arena of the memory has been closed
     */
    public Held tryAcquire() {
        Held held = new Held(this);
        long found = take(FREE);
        if (found != TAKEN && takeFromTerminated(found) != TAKEN) {
            return null;
        }
        // No call: it might find the stack exhausted.
        held.previousOwnerDied = gate.predecessor != FREE;
        return held;
    }

    /** {@return whether the calling thread holds the lock} */
    public boolean isHeldByCurrentThread() {
        return gate.isHeldBy(LockGate.entered(Thread.currentThread()));
    }

    /** {@return who holds the lock, for people to read} */
    @Override
    public String toString() {
        return "SharedLock[" + describe() + "]";
    }

    private String describe() {
        try {
            return describe(owner());
        } catch (WrongThreadException confined) {
            return "not to be seen: its memory is for another thread";
        } catch (IllegalStateException closed) {
            return "not to be seen: its memory is detached";
        }
    }

    String describe(long owner) {
        if (isFree(owner)) {
            return owner == FREE ? "free" : "free, and its data may be inconsistent";
        }
        String thread = owner == self ? gate.owner() : null;
        return "held by " + Owner.describe(owner, sharesNamespaces)
                + (thread == null ? "" : ", through its " + thread);
    }

    long owner() {
        return (long) LONG.getVolatile(memory, OWNER_OFFSET);
    }

    static boolean isFree(long owner) {
        return owner == FREE || owner == INCONSISTENT;
    }

    /**
     * Makes attempts until it is known who holds the lock.
     *
     * @param first what the first attempt has found
     * @return {@link #TAKEN} if this thread holds the lock now, or else its owner, which may be alive
     */
    long takeFromTerminated(long first) {
        long found = first;
        int round = 0;
        while (found != TAKEN && round < MOST_ROUNDS) {
            if (found == BUSY) {
                // The other thread does not wait for anything.
                Thread.yield();
                found = take(FREE);
            } else if (found != self && Owner.isGone(found, sharesNamespaces, memory)) {
                found = take(found);
                round++;
            } else {
                return found;
            }
        }
        return found;
    }

    /**
     * Makes one attempt.
     *
     * @param terminated an owner that has terminated, in whose place this thread may come; or {@code FREE}
     * @return {@link #TAKEN} if this thread holds the lock now; {@link #BUSY} if another one of this process is inside of the
     *     gate, and has not got the lock; or else the owner of the lock
     */
    long take(long terminated) {
        Thread thread = Thread.currentThread();
        long entered = LockGate.entered(thread);
        try {
            if (!gate.enter(entered)) {
                return gate.isHeld() ? self : BUSY;
            }
            long found = takeWord(terminated);
            if (found == TAKEN) {
                if (terminated != FREE && gate.predecessor == terminated) {
                    // Before the gate says so: if something is thrown here, the lock is given back.
                    Events.succeeded(memory, "lock", "owner", terminated, false);
                }
                gate.hold(thread, entered);
                return TAKEN;
            }
            gate.leave();
            return found;
        } catch (Throwable thrown) {
            if (gate.inside == entered) {
                long next = entered - LockGate.ENTERED + LockGate.THROWN_OUT;
                try {
                    rollBack();
                    next = 0;
                } catch (Throwable again) {
                    // The next thread finds out what was done. On an exhausted stack, nothing can be called here.
                }
                gate.inside = next;
            }
            throw thrown;
        }
    }

    private long takeWord(long terminated) {
        if (gate.unsure && isLeftToUs()) {
            return TAKEN;
        }
        // SYNC POINT owner: with the release in SharedLock.release.
        long found = (long) LONG.compareAndExchange(memory, OWNER_OFFSET, FREE, self);
        return found == FREE ? TAKEN : takeFrom(found, terminated);
    }

    /** Finds out whether a thread that was thrown out had the lock. If so, what it had noted of its predecessor stays. */
    private boolean isLeftToUs() {
        boolean ours = owner() == self;
        if (ours && gate.unconfirmed != FREE) {
            // It is taken again if nobody has come back.
            putBack();
            ours = false;
        }
        if (!ours) {
            gate.predecessor = FREE;
            gate.unconfirmed = FREE;
        }
        gate.unsure = false;
        return ours;
    }

    /** Takes the lock in the place of what stands there, if that is nobody any more. */
    private long takeFrom(long first, long terminated) {
        long found = first;
        // Each further round means that the owner has changed between two of our steps.
        for (int round = 0; round < MOST_ROUNDS; round++) {
            LockWords.requirePlausible(found);
            if (!isFree(found) && found != terminated) {
                return found;
            }
            // Noted first: if something is thrown, who comes next has to know.
            gate.predecessor = found;
            gate.unconfirmed = !isFree(found) && Owner.isUnseen(found, sharesNamespaces) ? found : FREE;
            // SYNC POINT owner: with the release in SharedLock.release.
            long now = (long) LONG.compareAndExchange(memory, OWNER_OFFSET, found, self);
            if (now == found) {
                return isConfirmed() ? TAKEN : found;
            }
            gate.predecessor = FREE;
            gate.unconfirmed = FREE;
            found = now;
        }
        throw new LockCorruptedException("the owner changes all the time: the lock was overwritten");
    }

    /**
     * Counts the attachments again. An owner that cannot be seen may have attached the lock between the first count and the change of
     * the word, and have acquired it as it had before. If it has not done so by now, the word has not named it since.
     */
    private boolean isConfirmed() {
        long owner = gate.unconfirmed;
        if (owner != FREE && !Owner.isGone(owner, sharesNamespaces, memory)) {
            putBack();
            gate.predecessor = FREE;
            gate.unconfirmed = FREE;
            return false;
        }
        gate.unconfirmed = FREE;
        return true;
    }

    private void putBack() {
        LONG.compareAndExchange(memory, OWNER_OFFSET, self, gate.unconfirmed);
    }

    /** Gives back what an attempt may have taken out of which something was thrown. */
    private void rollBack() {
        if (owner() == self) {
            if (gate.unconfirmed != FREE) {
                putBack();
            } else {
                LONG.setVolatile(memory, OWNER_OFFSET, gate.predecessor == FREE ? FREE : INCONSISTENT);
                wakeNext();
            }
        }
        gate.predecessor = FREE;
        gate.unconfirmed = FREE;
        gate.unsure = false;
    }

    private void release(Held held) {
        long found = (long) LONG.getOpaque(memory, OWNER_OFFSET);
        if (found == self) {
            held.releasing = true;
            // SYNC POINT owner: with the compare-and-sets in SharedLock.takeWord and SharedLock.takeFrom.
            LONG.setVolatile(memory, OWNER_OFFSET, held.isInconsistent() ? INCONSISTENT : FREE);
        }
        gate.leave();
        if (held.releasing) {
            held.state = Held.RELEASED;
            return;
        }
        held.state = Held.CLOSED;
        throw new LockCorruptedException("the lock was overwritten while it was held: its owner is 0x"
                + Long.toHexString(found) + " in place of 0x" + Long.toHexString(self)
                + ", so that others may have changed the data meanwhile");
    }

    /**
     * Gives back what a thread may have had that was thrown out of its release, unless another one has come since.
     *
     * @param thrownOut how the gate names that thread
     */
    private void giveBack(long thrownOut) {
        long entered = LockGate.entered(Thread.currentThread());
        try {
            if (gate.inside == thrownOut && gate.enter(entered)) {
                rollBack();
                gate.leave();
            }
        } catch (Throwable thrown) {
            if (gate.inside == entered) {
                gate.inside = thrownOut;
            }
            throw thrown;
        }
    }

    private void wakeNext() {
        // SYNC POINT sleep: with the fence in FutexWaiters.sleep. Volatile accesses have one order: the release of the word came
        // before this. So if this does not see the sleeper, the sleeper sees that the lock is free.
        if ((int) INT.getVolatile(memory, SLEEP_OFFSET) == FutexWaiters.ASLEEP) {
            waiters.wakeOne();
        }
    }

    /**
     * A lock that is held, until this is closed.
     *
     * <p>It belongs to the thread that has acquired the lock.
     */
    public static final class Held implements AutoCloseable {

        private static final int HOLDING = 0;

        /** Something was thrown when it was released. The next thread that comes finds out what had been done. */
        private static final int THROWN_OUT = 1;

        /** Somebody else can have the lock, and somebody who sleeps has to be woken. */
        private static final int RELEASED = 2;

        private static final int CLOSED = 3;

        private final SharedLock lock;

        /** How the gate names the thread while it holds the lock. */
        private final long inside = LockGate.holding(Thread.currentThread());

        private int state = HOLDING;
        private boolean previousOwnerDied;
        private boolean consistent;

        /** Whether the word may have been released. */
        private boolean releasing;

        private Held(SharedLock lock) {
            this.lock = lock;
        }

        /**
         * {@return whether the data may be half changed: an owner has terminated without releasing the lock, and no owner
         * since has called {@link #markConsistent()} and released it}
         */
        public boolean previousOwnerDied() {
            return previousOwnerDied;
        }

        /**
         * Notes that the data is as it has to be, so that after this owner has released the lock, the next one is not told any
         * more of the one that terminated. Does nothing if {@link #previousOwnerDied()} is false.
         *
         * @throws IllegalStateException if the lock has been released already
         */
        public void markConsistent() {
            if (state != HOLDING) {
                throw new IllegalStateException("the lock has been released: who repairs the data has to hold it");
            }
            consistent = true;
        }

        private boolean isInconsistent() {
            return previousOwnerDied && !consistent;
        }

        /**
         * Releases the lock. Only the thread that has acquired it may do so; to do it again has no effect.
         *
         * @throws IllegalMonitorStateException if another thread has acquired the lock
         * @throws LockCorruptedException if the lock was overwritten while it was held; it is not held any more then
         * @throws IllegalStateException if the arena of the memory has been closed; the lock stays held until the process terminates
         */
        @Override
        public void close() {
            if (state == CLOSED) {
                return;
            }
            boolean anothers = false;
            try {
                if (state == HOLDING) {
                    anothers = !lock.isHeldByCurrentThread();
                    if (anothers) {
                        throw new IllegalMonitorStateException(
                                "a lock is released by the thread that has acquired it, and "
                                        + Thread.currentThread() + " has not; the lock is " + lock.describe());
                    }
                    lock.release(this);
                } else if (state == THROWN_OUT) {
                    lock.giveBack(inside - LockGate.HOLDING + LockGate.THROWN_OUT);
                }
                lock.wakeNext();
                state = CLOSED;
            } catch (Error thrown) {
                // Whoever closes may not come back. On an exhausted stack, nothing can be called here, so what cannot be done now
                // is left to the thread that comes next.
                if (state == HOLDING && !anothers && lock.gate.inside == inside) {
                    if (!previousOwnerDied || consistent) {
                        lock.gate.predecessor = FREE;
                    }
                    long thrownOut = inside - LockGate.HOLDING + LockGate.THROWN_OUT;
                    lock.gate.inside = thrownOut;
                    state = THROWN_OUT;
                    try {
                        lock.giveBack(thrownOut);
                        state = CLOSED;
                    } catch (Throwable again) {
                        // See above.
                    }
                }
                throw thrown;
            }
        }
    }
}
