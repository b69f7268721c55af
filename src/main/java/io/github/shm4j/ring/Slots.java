package io.github.shm4j.ring;

import static io.github.shm4j.ring.RingLayout.LONG;

import io.github.shm4j.internal.Events;
import io.github.shm4j.internal.Owner;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * The slots of the ring that one producer has signed, for the threads that use it.
 *
 * <p>It refers to no memory, as it is what gives the slots back when the memory has gone.
 */
final class Slots implements Consumer<MemorySegment> {

    /** How many slots of either kind a producer has at most; a power of two. */
    static final int MOST_OWN = 16;

    /** How often a thread lets others run that have claims open in all slots of its producer. */
    private static final int MOST_WAITS = 1000;

    /**
     * How often it does so where others are in the middle of a call. Such a call ends by itself, but the thread that makes it may
     * not run for seconds where many want a processor: so this takes a minute and more.
     */
    private static final int MOST_WAITS_FOR_CALLS = 600_000;

    private static final int MOST_YIELDS = 100;
    private static final long WAIT_NANOS = 100_000;

    private final int count;
    private final long self;
    private final boolean sharesNamespaces;

    /** Those that one thread each takes without an atomic operation; signed when first needed. */
    private final Slot[] owned = new Slot[MOST_OWN];

    /** For threads that find their slot owned by another one, and for further claims of a thread that has one open. */
    private final Slot[] shared = new Slot[MOST_OWN];

    /** What is being signed, or was when something was thrown. */
    private Slot signing;

    /** Whether something was thrown when a claim was to be closed, or before it was known to be one. */
    volatile boolean abandoned;

    private volatile boolean closed;

    /**
     * Makes the slots of a producer that has none.
     *
     * @param count how many slots the ring has
     * @param self how this process signs
     * @param sharesNamespaces whether the pids in the ring mean something here
     */
    Slots(int count, long self, boolean sharesNamespaces) {
        this.count = count;
        this.self = self;
        this.sharesNamespaces = sharesNamespaces;
    }

    /** Signs the first slot, for the calling thread; returns false if the ring has none. */
    boolean open(MemorySegment memory) {
        Thread thread = Thread.currentThread();
        int index = index(thread);
        return owned[index] != null || own(memory, index, thread) != null;
    }

    boolean isClosed() {
        return closed;
    }

    private static int index(Thread thread) {
        return (int) thread.threadId() & MOST_OWN - 1;
    }

    /** Takes a slot for one claim of the calling thread; returns null if none comes free in time. */
    Slot take(MemorySegment memory) {
        if (abandoned) {
            releaseAbandoned(memory);
        }
        Thread thread = Thread.currentThread();
        int index = index(thread);
        Slot slot = owned[index];
        if (slot == null || slot.user != thread) {
            slot = own(memory, index, thread);
        }
        // The thread may have an open claim.
        if (slot == null || slot.state() != Slot.FREE) {
            return takeShared(memory);
        }
        slot.state = Slot.TAKEN;
        return slot;
    }

    /** Gives a slot to a thread, which then needs no atomic operation to take it; returns null if there is none. */
    private synchronized Slot own(MemorySegment memory, int index, Thread thread) {
        Slot slot = owned[index];
        if (slot == null) {
            slot = sign(memory);
            if (slot == null) {
                return null;
            }
        } else if (slot.user.isAlive()) {
            return null;
        }
        slot.user = thread;
        owned[index] = slot;
        return slot;
    }

    /** Takes a slot that any thread of this producer may have. */
    private Slot takeShared(MemorySegment memory) {
        int waits = MOST_WAITS;
        for (int attempt = 0; attempt < waits; attempt++) {
            int found = 0;
            boolean inCalls = false;
            boolean sign = attempt == 0;
            for (int i = 0; i < MOST_OWN; i++) {
                Slot slot = shared(memory, i, sign);
                if (slot != null) {
                    found++;
                    if (slot.tryTake()) {
                        return slot;
                    }
                    inCalls |= slot.state() == Slot.TAKEN;
                } else {
                    // The ring has none left. To look through all of them again would be in vain.
                    sign = false;
                }
            }
            if (found == 0) {
                break;
            }
            waits = inCalls ? MOST_WAITS_FOR_CALLS : MOST_WAITS;
            if (attempt < MOST_YIELDS) {
                Thread.yield();
            } else {
                LockSupport.parkNanos(WAIT_NANOS);
            }
        }
        return null;
    }

    private synchronized Slot shared(MemorySegment memory, int index, boolean sign) {
        if (shared[index] == null && sign) {
            shared[index] = sign(memory);
        }
        return shared[index];
    }

    /**
     * Signs a free slot in the ring with this process, or returns null if there is none. Those of processes that have
     * terminated tell who that was: they come last.
     */
    private Slot sign(MemorySegment memory) {
        if (closed) {
            throw RingProducer.closed();
        }
        if (signing != null && signing.signature.isHeld(memory)) {
            return signed(memory);
        }
        Slot slot = null;
        for (int i = 0; i < count && slot == null; i++) {
            slot = sign(memory, RingLayout.SLOTS_BEGIN + i * RingLayout.SLOT_LENGTH, false);
        }
        for (int i = 0; i < count && slot == null; i++) {
            slot = sign(memory, RingLayout.SLOTS_BEGIN + i * RingLayout.SLOT_LENGTH, true);
        }
        return slot;
    }

    private Slot sign(MemorySegment memory, long offset, boolean ofTerminated) {
        long owner = (long) LONG.getAcquire(memory, offset + RingLayout.SLOT_OWNER);
        if (owner != Owner.NOBODY && !(ofTerminated && Owner.isGone(owner, sharesNamespaces, memory))) {
            return null;
        }
        signing = new Slot(this, offset, self);
        boolean unseen = Owner.isUnseen(owner, sharesNamespaces);
        if (signing.signature.sign(memory, owner, unseen) != owner || !signing.signature.isHeld(memory)) {
            return null;
        }
        if (owner != Owner.NOBODY) {
            Events.succeeded(memory, "ring", "producer", owner, false);
        }
        return signed(memory);
    }

    /** Makes a slot usable that has just been signed. */
    private Slot signed(MemorySegment memory) {
        Slot slot = signing;
        // What a process that has terminated was claiming is nobody's now, and so is its slot.
        LONG.setRelease(memory, slot.offset + RingLayout.SLOT_CLAIM, 0L);
        signing = null;
        return slot;
    }

    /** Lets go of the records that calls have left behind out of which something was thrown. */
    void releaseAbandoned(MemorySegment memory) {
        abandoned = false;
        try {
            releaseAbandoned(memory, owned);
            releaseAbandoned(memory, shared);
        } catch (Throwable failure) {
            // Nothing is called here: the stack may be exhausted.
            abandoned = true;
            throw failure;
        }
    }

    private static void releaseAbandoned(MemorySegment memory, Slot[] mine) {
        for (Slot slot : mine) {
            if (slot != null && slot.state() == Slot.ABANDONED) {
                slot.releaseAbandoned(memory);
            }
        }
    }

    /** {@return whether no thread is seen to use any of them} */
    synchronized boolean isIdle() {
        return count(Slot.TAKEN) == 0 && count(Slot.CLAIMED) == 0;
    }

    /** Gives all of them back, unless a claim is open. */
    synchronized void close(MemorySegment memory) {
        if (abandoned) {
            releaseAbandoned(memory);
        }
        requireNoClaim();
        closed = true;
        VarHandle.fullFence();
        for (int wait = 0; count(Slot.TAKEN) != 0; wait++) {
            // A thread is about to write. It gets no slot after that.
            if (wait == MOST_WAITS_FOR_CALLS) {
                throw new IllegalStateException(
                        "another thread is in a call of this producer and does not come out of it");
            }
            LockSupport.parkNanos(WAIT_NANOS);
        }
        // What that thread was about to do may have been to claim.
        requireNoClaim();
        if (signing != null) {
            signing.signature.giveBack(memory);
            signing = null;
        }
        giveBack(memory, owned);
        giveBack(memory, shared);
    }

    private void requireNoClaim() {
        int claimed = count(Slot.CLAIMED);
        if (claimed != 0) {
            throw new IllegalStateException(claimed + " claims are open: commit or abort them first");
        }
    }

    private int count(int state) {
        int found = 0;
        for (int i = 0; i < MOST_OWN; i++) {
            found += owned[i] != null && owned[i].state() == state ? 1 : 0;
            found += shared[i] != null && shared[i].state() == state ? 1 : 0;
        }
        return found;
    }

    private static void giveBack(MemorySegment memory, Slot[] mine) {
        for (int i = 0; i < mine.length; i++) {
            if (mine[i] != null) {
                mine[i].signature.giveBack(memory);
                mine[i] = null;
            }
        }
    }

    /** Gives all of them back, with what they name, when the memory that the producer uses has gone. */
    @Override
    public void accept(MemorySegment memory) {
        accept(memory, signing);
        for (int i = 0; i < MOST_OWN; i++) {
            accept(memory, owned[i]);
            accept(memory, shared[i]);
        }
    }

    private static void accept(MemorySegment memory, Slot slot) {
        if (slot != null) {
            slot.signature.giveBack(memory);
            slot.state = Slot.FREE;
        }
    }
}
