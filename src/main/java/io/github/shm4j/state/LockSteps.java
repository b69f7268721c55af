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
import io.github.shm4j.internal.TakeOver;
import java.lang.foreign.MemorySegment;

/** What a thread does, inside of the gate, to the word that names the owner of a lock. */
final class LockSteps {

    private static final int MOST_ROUNDS = 1000;

    // What an attempt finds, if it is no owner: no owner is 0 or 1.
    static final long TAKEN = FREE;
    private static final long BUSY = INCONSISTENT;

    final MemorySegment memory;

    // Never read: it keeps the gate.
    private final LockGate.Handle handle;
    final LockGate gate;
    final long self;
    final boolean sharesNamespaces;
    final FutexWaiters waiters;

    LockSteps(MemorySegment memory) {
        this.memory = memory;
        this.self = LockWords.self(memory);
        this.sharesNamespaces = LockWords.sharesNamespaces(memory);
        this.handle = LockGate.Gates.of(LockWords.identity(memory), self);
        this.gate = handle.gate();
        this.waiters = new FutexWaiters(memory, SLEEP_OFFSET);
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
     * Makes attempts until this thread holds the lock, in the place of whichever other process. Once it does, nothing is called, as in
     * {@link #takeFromTerminated}: see {@link #awaitRobbed} for what is to follow.
     */
    void takeFromAnybody() {
        long found = take(FREE);
        int round = 0;
        while (found != TAKEN) {
            if (found == BUSY) {
                Thread.yield();
                found = take(FREE);
            } else if (found == self) {
                String thread = gate.owner();
                throw new LockOccupiedException("this process has the lock itself, "
                        + (thread == null ? "through a thread or a program that is not to be seen"
                                : "through its " + thread)
                        + ": a lock is taken over from other processes only, so let it be released here");
            } else if (round++ == MOST_ROUNDS) {
                throw new LockCorruptedException("the owner changes all the time: the lock was overwritten");
            } else {
                found = take(found, !Owner.isTerminated(found, sharesNamespaces));
            }
        }
    }

    /** Lets an owner that may be alive, in whose place this thread has come, finish what it does. */
    void awaitRobbed() {
        TakeOver.awaitNotice();
        // From here on it does not get the lock back: it may have found out, and have left.
        gate.unconfirmed = FREE;
        long found = owner();
        if (found != self) {
            throw lost(found);
        }
    }

    /** {@return what to throw where somebody else has changed the word of a lock that was held} */
    LockException lost(long found) {
        String meanwhile = ", so that others may have changed the data meanwhile";
        if (!isFree(found) && !Owner.isPlausible(found)) {
            return new LockCorruptedException("the lock was overwritten while it was held: its owner is 0x"
                    + Long.toHexString(found) + " in place of 0x" + Long.toHexString(self) + meanwhile);
        }
        return new LockLostException("the lock was taken over while it was held: "
                + (isFree(found) ? "whoever has done so has released it since"
                        : Owner.describe(found, sharesNamespaces) + ", has it now")
                + meanwhile);
    }

    /**
     * Makes one attempt.
     *
     * @param terminated an owner that has terminated, in whose place this thread may come; or {@code FREE}
     * @return as {@link #take(long, boolean)}
     */
    long take(long terminated) {
        return take(terminated, false);
    }

    /**
     * Makes one attempt.
     *
     * @param replaced an owner in whose place this thread may come; or {@code FREE}
     * @param takingOver whether that may be alive. It is to be waited for then, and stands in the gate until that is over
     * @return {@link #TAKEN} if this thread holds the lock now; {@link #BUSY} if another one of this process is inside of the
     *     gate, and has not got the lock; or else the owner of the lock
     */
    long take(long replaced, boolean takingOver) {
        Thread thread = Thread.currentThread();
        long entered = LockGate.entered(thread);
        try {
            if (!gate.enter(entered)) {
                return gate.isHeld() ? self : BUSY;
            }
            long found = takeWord(replaced, takingOver);
            if (found == TAKEN) {
                if (replaced != FREE && gate.predecessor == replaced) {
                    // Before the gate says so: if something is thrown here, the lock is given back.
                    Events.succeeded(memory, "lock", "owner", replaced, takingOver);
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

    private long takeWord(long replaced, boolean takingOver) {
        if (gate.unsure && isLeftToUs()) {
            return TAKEN;
        }
        // SYNC POINT owner: with the release in LockSteps.release.
        long found = (long) LONG.compareAndExchange(memory, OWNER_OFFSET, FREE, self);
        return found == FREE ? TAKEN : takeFrom(found, replaced, takingOver);
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

    /** Takes the lock in the place of what stands there, if that is nobody any more, or is to be replaced. */
    private long takeFrom(long first, long replaced, boolean takingOver) {
        long found = first;
        // Each further round means that the owner has changed between two of our steps.
        for (int round = 0; round < MOST_ROUNDS; round++) {
            LockWords.requirePlausible(found);
            if (!isFree(found) && found != replaced) {
                return found;
            }
            // Noted first: if something is thrown, who comes next has to know.
            gate.predecessor = found;
            gate.unconfirmed = !isFree(found) && (takingOver || Owner.isUnseen(found, sharesNamespaces)) ? found : FREE;
            // SYNC POINT owner: with the release in LockSteps.release.
            long now = (long) LONG.compareAndExchange(memory, OWNER_OFFSET, found, self);
            if (now == found) {
                return takingOver || isConfirmed() ? TAKEN : found;
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
    void rollBack() {
        if (owner() == self) {
            if (gate.unconfirmed != FREE) {
                putBack();
            } else {
                release(gate.predecessor != FREE);
                wakeNext();
            }
        }
        gate.predecessor = FREE;
        gate.unconfirmed = FREE;
        gate.unsure = false;
    }

    /**
     * Makes the lock free, if the word names this process still.
     *
     * @param inconsistent whether the next owner is told that the data may be inconsistent
     * @return what the word was
     */
    long release(boolean inconsistent) {
        // SYNC POINT owner: with the compare-and-sets in LockSteps.takeWord and LockSteps.takeFrom. A compare-and-set, as somebody
        // may take the lock over at this instant.
        return (long) LONG.compareAndExchange(memory, OWNER_OFFSET, self, inconsistent ? INCONSISTENT : FREE);
    }

    /**
     * Gives back what a thread may have had that was thrown out of its release, unless another one has come since.
     *
     * @param thrownOut how the gate names that thread
     */
    void giveBack(long thrownOut) {
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

    void wakeNext() {
        // SYNC POINT sleep: with the fence in FutexWaiters.sleep. Volatile accesses have one order: the release of the word came
        // before this. So if this does not see the sleeper, the sleeper sees that the lock is free.
        if ((int) INT.getVolatile(memory, SLEEP_OFFSET) == FutexWaiters.ASLEEP) {
            waiters.wakeOne();
        }
    }
}
