package io.github.shm4j.state;

import static io.github.shm4j.state.LockSteps.TAKEN;
import static io.github.shm4j.state.LockWords.FREE;

import io.github.shm4j.internal.Events;
import io.github.shm4j.internal.FutexWaiters;
import io.github.shm4j.internal.Owner;
import io.github.shm4j.internal.TakeOver;
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
 * stays held until then, or until somebody takes it over.
 *
 * <p>A thread that terminates without having closed what it acquired counts as an owner that terminated, too, as soon as another
 * thread of the same process wants the lock. Other processes wait until then, or until the process terminates.
 *
 * <h2 id="take-over">Taking a lock over</h2>
 *
 * <p>{@link #takeOver()} takes the lock from the process that holds it, whether that is alive or not. It is for whoever knows better
 * than the library, which cannot see a process of another pid namespace, such as that of another container. Call it where the owner
 * has certainly terminated, or must not go on. It is not for the ordinary start of a program: two that take over from each other
 * both change the data.
 *
 * <p>The new owner is told that the previous one died, as the data may be half changed. An owner that is alive knows nothing of it as
 * long as it does not ask {@link Held#isLost()}, and goes on changing the data. {@link #takeOver()} waits for half a second, so that an
 * owner that runs and holds the lock for less than that has done. Its {@link Held#close()} does not touch the lock, which is the new
 * owner's, and throws a {@link LockLostException}.
 *
 * <h2>Threads</h2>
 *
 * <p>A lock is not reentrant: a thread that acquires it while it holds it gets a {@link LockReentryException}, through
 * whichever object and whichever mapping of the memory. Only the thread that has acquired the lock can release it.
 *
 * <p>Let one copy of the library use a lock in a JVM. Two of them, as two class loaders can have them, and a program in C in the same
 * process, are one process to each other that they do not rob; but if a stack is exhausted in a call of the one while the other one
 * holds the lock, it can be released under that.
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

    private final LockSteps steps;
    private final LockGate gate;

    private SharedLock(MemorySegment memory) {
        this.steps = new LockSteps(memory);
        this.gate = steps.gate;
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
        TakeOver.prepare();
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
        if (steps.take(FREE) != TAKEN) {
            new LockWait(this, steps).take(timeout);
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
        long found = steps.take(FREE);
        if (found != TAKEN && steps.takeFromTerminated(found) != TAKEN) {
            return null;
        }
        // No call: it might find the stack exhausted.
        held.previousOwnerDied = gate.predecessor != FREE;
        return held;
    }

    /**
     * Acquires the lock in the place of another process, whether that is alive or not: see "Taking a lock over" above. Any thread that
     * does not hold it may call this.
     *
     * <p>Where no process has the lock, or one that has certainly terminated, this is {@link #tryAcquire()}, and does not wait.
     *
     * @return what releases the lock; its {@link Held#previousOwnerDied()} is {@code true} if there was an owner
     * @throws LockOccupiedException if another thread of this process holds the lock
     * @throws LockReentryException if this thread holds the lock
     * @throws LockLostException if a third process has taken the lock over from this one while this method waited
     * @throws LockCorruptedException if the lock was overwritten
     * @throws IllegalStateException if the arena of the memory has been closed
     */
    public Held takeOver() {
        Held held = new Held(this);
        steps.takeFromAnybody();
        if (gate.unconfirmed != FREE) {
            try {
                steps.awaitRobbed();
            } catch (Throwable thrown) {
                // Whoever was robbed, and not waited for, has the lock again. On an exhausted stack, nothing can be called here, so that what cannot be done
                // now is left to the thread that comes next.
                long next = held.inside - LockGate.HOLDING + LockGate.THROWN_OUT;
                try {
                    steps.rollBack();
                    next = 0;
                } catch (Throwable again) {
                    // See above.
                }
                gate.inside = next;
                throw thrown;
            }
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
            return describe(steps.owner());
        } catch (WrongThreadException confined) {
            return "not to be seen: its memory is for another thread";
        } catch (IllegalStateException closed) {
            return "not to be seen: its memory is detached";
        }
    }

    /** {@return who holds the lock, with what to do where nobody can see whether that process is alive} */
    String describeWithWayOut(long owner) {
        return describe(owner)
                + (!LockSteps.isFree(owner) && Owner.isUnseen(owner, steps.sharesNamespaces) && owner != steps.self
                        ? ", of which nobody can see here whether it is running; the lock can be had once no other process has the"
                                + " memory attached, nor this one by other means than this library, or at once with takeOver, if it is known that it has terminated"
                        : "");
    }

    String describe(long owner) {
        if (LockSteps.isFree(owner)) {
            return owner == FREE ? "free" : "free, and its data may be inconsistent";
        }
        String thread = owner == steps.self ? gate.owner() : null;
        return "held by " + Owner.describe(owner, steps.sharesNamespaces)
                + (thread == null ? "" : ", through its " + thread);
    }

    /** Releases the word, and then the gate. */
    private void release(Held held) {
        long found = steps.release(held.isInconsistent());
        gate.leave();
        if (found == steps.self) {
            held.state = Held.RELEASED;
            return;
        }
        held.state = Held.CLOSED;
        throw steps.lost(found);
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

        private Held(SharedLock lock) {
            this.lock = lock;
        }

        /**
         * {@return whether the data may be half changed: an owner has terminated without releasing the lock, or has lost it to
         * {@link #takeOver()}, and no owner since has called {@link #markConsistent()} and released it}
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

        /**
         * {@return whether another process has {@linkplain SharedLock##take-over taken the lock over} since this thread has acquired
         * it, or has overwritten it} For the thread that has acquired the lock: it may ask before it stores what must not be stored
         * beside another owner. An answer holds for a moment.
         *
         * @throws IllegalStateException if the lock has been released already, or the arena of the memory has been closed
         */
        public boolean isLost() {
            if (state != HOLDING) {
                throw new IllegalStateException("the lock has been released: it cannot be lost any more");
            }
            return lock.steps.owner() != lock.steps.self;
        }

        private boolean isInconsistent() {
            return previousOwnerDied && !consistent;
        }

        /**
         * Releases the lock. Only the thread that has acquired it may do so; to do it again has no effect.
         *
         * @throws IllegalMonitorStateException if another thread has acquired the lock
         * @throws LockLostException if another process has taken the lock over while it was held; this one stores nothing then
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
                    lock.steps.giveBack(inside - LockGate.HOLDING + LockGate.THROWN_OUT);
                }
                lock.steps.wakeNext();
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
                        lock.steps.giveBack(thrownOut);
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
