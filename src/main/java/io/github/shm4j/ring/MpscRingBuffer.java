package io.github.shm4j.ring;

import static io.github.shm4j.ring.RingLayout.ALIGNMENT;
import static io.github.shm4j.ring.RingLayout.LONG;
import static io.github.shm4j.ring.RingLayout.PADDING_TYPE;
import static io.github.shm4j.ring.RingLayout.RECORD_HEADER;

import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * A ring for many producers and one consumer.
 *
 * <p>A producer claims bytes by advancing the producer position, which all of them share, and completes its record at its
 * own pace. Messages are delivered in the order of the claims, so a producer that is stopped between the two steps holds
 * up the consumer until it goes on, and one that ends there until the consumer has noticed, which takes some milliseconds.
 *
 * <p>An object can be used by any number of producing threads and one consuming thread at a time.
 *
 * <h2>How a killed producer is noticed</h2>
 *
 * <p>Before a producer tries to advance the producer position it notes the position in a <i>slot</i> that is signed with
 * its process and start time, and the note stays until the record is complete. So for each incomplete record there is a
 * slot that names its position, from before the record was claimed until it is complete. If the consumer finds an
 * incomplete record, and no slot of a process that may be alive names its position, then nobody will ever complete it.
 *
 * @see RingBuffer
 */
public final class MpscRingBuffer extends RingBuffer {

    /** In place of a position. */
    private static final long NOT_CLAIMED = -1;

    /** A slot's note is a position, which is a multiple of 8, with this bit; 0 is no claim. */
    private static final long CLAIMING = 1;

    /** A bound on lost races, so that memory which changes all the time cannot keep a producer for ever. */
    private static final int MOST_ATTEMPTS = 1 << 20;

    /** How often a thread lets others run that hold all slots of its object. */
    private static final int MOST_WAITS = 1000;

    private static final int MOST_YIELDS = 100;
    private static final long WAIT_NANOS = 100_000;

    /** How many slots of either kind an object has at most; a power of two. */
    private static final int MOST_OWN_SLOTS = 16;

    private static final int EMPTY_READS_BETWEEN_CHECKS = 16;
    private static final long FIRST_CHECK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long NEXT_CHECK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /** A slot of the ring that this object has signed, for one claim at a time. */
    static final class Slot {

        static final int FREE = 0;
        /** A thread is about to write. */
        static final int TAKEN = 1;
        /** A claim is open. */
        static final int CLAIMED = 2;
        /** Something was thrown out of a call that had taken the slot: it may name a record that nobody will complete. */
        static final int ABANDONED = 3;

        private static final VarHandle STATE = stateHandle();

        private final Part part;
        private final long offset;

        /** The only thread that takes the slot; null if any thread may. */
        private Thread owner;

        /** Where nothing may be called, as the stack may be exhausted, this is set without the handle. */
        int state = FREE;

        private Slot(long offset, long self) {
            this.part = new Part(offset + RingLayout.SLOT_MAKER, self);
            this.offset = offset;
        }

        private static VarHandle stateHandle() {
            try {
                return MethodHandles.lookup().findVarHandle(Slot.class, "state", int.class);
            } catch (ReflectiveOperationException impossible) {
                throw new AssertionError(impossible);
            }
        }

        private synchronized boolean tryTake() {
            if (state() != FREE) {
                return false;
            }
            state = TAKEN;
            return true;
        }

        private int state() {
            return (int) STATE.getAcquire(this);
        }

        /** Lets the next claim have the slot, after everything that this one does with it. */
        private void release() {
            if (owner != null) {
                STATE.setRelease(this, FREE);
            } else {
                releaseShared();
            }
        }

        /** Nothing is called behind the store: from there on the slot is another thread's. */
        private synchronized void releaseShared() {
            state = FREE;
        }

        /** Takes back the name of a record that nobody will complete, so that the consumer skips it. */
        private synchronized void mend(MemorySegment memory) {
            if (state() == ABANDONED) {
                if (part.mayBeHeld()) {
                    // SYNC POINT slot: with the acquire in recover. It comes after all that was stored to the record.
                    LONG.setRelease(memory, offset + RingLayout.SLOT_CLAIM, 0L);
                }
                state = FREE;
            }
        }
    }

    /** The slots that an object has signed. Both kinds are signed when they are first needed. */
    private static final class Slots implements Consumer<MemorySegment> {

        private final Slot[] owned = new Slot[MOST_OWN_SLOTS];

        /** For threads that find their slot owned by another one, and for further claims of a thread that has one open. */
        private final Slot[] shared = new Slot[MOST_OWN_SLOTS];

        /** What is being signed, or was when something was thrown. */
        private Slot signing;

        /** Gives all of them back, with what they name, when the memory that the object uses has gone. */
        @Override
        public void accept(MemorySegment memory) {
            accept(memory, signing);
            for (int i = 0; i < MOST_OWN_SLOTS; i++) {
                accept(memory, owned[i]);
                accept(memory, shared[i]);
            }
        }

        private static void accept(MemorySegment memory, Slot slot) {
            if (slot != null) {
                slot.part.giveBack(memory);
                slot.state = Slot.FREE;
            }
        }
    }

    // Used by producers.
    private final Slots slotsOfMine = new Slots();
    private final Slot[] ownedSlots = slotsOfMine.owned;
    private final Slot[] sharedSlots = slotsOfMine.shared;

    private final int lapShift = Long.numberOfTrailingZeros(capacity);

    /**
     * The free position, when a thread of this object last looked. An old value is safe, and one as old as this says that there is
     * no room. It stays so as long as there may be no memory, so that each claim has to ask.
     */
    private long free = Long.MIN_VALUE / 2;

    // Only the consumer uses what follows.
    private int emptyReads;
    private long stalledAt = -1;
    private long nextCheck;

    /** Where there is nothing but what a dead producer has left, and the padding that stands for it. */
    private long skippedAt = -1;

    private long skipped;

    /** How long the consumer waits for an incomplete record before it asks what its maker does, and before it asks again. */
    private long firstCheckNanos = FIRST_CHECK_NANOS;

    private long nextCheckNanos = NEXT_CHECK_NANOS;

    MpscRingBuffer(MemorySegment memory, RingLayout.Header header) {
        super(memory, header);
        if (backing.isComplete()) {
            free = 0;
        }
    }

    /**
     * Returns how much memory a ring takes.
     *
     * @param capacity the number of bytes for records, a power of two of at least 64
     * @return the number of bytes with the header
     * @throws IllegalArgumentException if the capacity is not a power of two of at least 64
     */
    public static long sizeFor(long capacity) {
        return RingLayout.sizeFor(RingLayout.MPSC, capacity);
    }

    /**
     * Creates a ring in memory that is all zeros.
     *
     * <p>As a new block or a new file is. Of records, this call looks at the first MiB, so that it does not take memory for all of
     * a sparse block; that the rest is zeros is for the caller to see to.
     *
     * @param memory the memory, of at least {@link #sizeFor(long) sizeFor(capacity)} bytes
     * @param capacity the number of bytes for records, a power of two of at least 64
     * @return the ring, empty
     * @throws IllegalArgumentException if the capacity is not a power of two of at least 64, or if the memory is too small,
     *     read-only or not aligned to 8 bytes
     * @throws RingFormatException if the memory is not all zeros, because it holds a ring already or something else
     * @throws RingMemoryException if the system has no memory for the beginning of the ring
     */
    public static MpscRingBuffer create(MemorySegment memory, long capacity) {
        RingLayout.create(memory, RingLayout.MPSC, capacity);
        return open(memory, Duration.ZERO);
    }

    /**
     * Opens the ring in some memory, waiting up to a second for its creator.
     *
     * @param memory the memory; may be read-only if the ring is only to be looked at
     * @return the ring
     * @throws IllegalArgumentException if the memory is not aligned to 8 bytes
     * @throws RingFormatException if the memory holds no complete ring of this kind and version
     * @throws RingCorruptedException if the header contradicts itself
     * @throws RingMemoryException if the system has no memory for the beginning of the ring
     */
    public static MpscRingBuffer open(MemorySegment memory) {
        return open(memory, PATIENCE);
    }

    /**
     * Opens the ring in some memory.
     *
     * @param memory the memory; may be read-only if the ring is only to be looked at
     * @param patience how long to wait for a creator that is still at work; an interrupt ends the wait early
     * @return the ring
     * @throws IllegalArgumentException if the memory is not aligned to 8 bytes
     * @throws RingFormatException if the memory holds no complete ring of this kind and version
     * @throws RingCorruptedException if the header contradicts itself
     * @throws RingMemoryException if the system has no memory for the beginning of the ring
     */
    public static MpscRingBuffer open(MemorySegment memory, Duration patience) {
        return new MpscRingBuffer(memory, RingLayout.open(memory, RingLayout.MPSC, patience));
    }

    /**
     * Creates a block with a ring in it, for its owner only.
     *
     * @param key the key that no other block may have
     * @param capacity the number of bytes for records, a power of two of at least 64
     * @param arena the lifetime of the mapping; the ring is used by the threads that may use the arena
     * @return the ring, empty
     * @throws IllegalArgumentException if the capacity is not a power of two of at least 64
     * @throws ShmException if the block cannot be created or mapped
     */
    public static MpscRingBuffer create(ShmKey key, long capacity, Arena arena) throws ShmException {
        return RingBlocks.create(key, sizeFor(capacity), arena, memory -> create(memory, capacity));
    }

    /**
     * Opens the ring in the block that has a key.
     *
     * @param key the key
     * @param arena the lifetime of the mapping; the ring is used by the threads that may use the arena
     * @return the ring
     * @throws RingFormatException if the block holds no complete ring of this kind and version
     * @throws RingCorruptedException if the header contradicts itself
     * @throws ShmException if there is no such block or it cannot be mapped
     */
    public static MpscRingBuffer open(ShmKey key, Arena arena) throws ShmException {
        return RingBlocks.open(key, arena, MpscRingBuffer::open);
    }

    @Override
    public boolean write(int type, MemorySegment source, long offset, long length) {
        requireMessage(type, length);
        Objects.checkFromIndexSize(offset, length, source.byteSize());
        // In a local variable, so that the compiler need not look after each barrier what kind of segment it is.
        MemorySegment memory = this.memory;
        int lengthWithHeader = (int) length + RECORD_HEADER;
        Slot slot = takeSlot();
        long position = NOT_CLAIMED;
        boolean sleepers;
        try {
            position = claim(memory, slot, lengthWithHeader);
            if (position < 0) {
                slot.release();
                return false;
            }
            long begin = data + (position & mask);
            BulkCopy.copy(source, offset, memory, begin + RECORD_HEADER, length);
            // From here on it may be complete.
            position = NOT_CLAIMED;
            sleepers = complete(memory, slot, begin, RingLayout.committed(type, lengthWithHeader));
        } catch (Throwable failure) {
            // The source may be closed or belong to another thread.
            try {
                giveUp(memory, slot, position, lengthWithHeader);
            } catch (Throwable again) {
                // Nothing is called here: the stack may be exhausted.
                slot.state = Slot.ABANDONED;
                abandoned = true;
            }
            throw failure;
        }
        if (sleepers) {
            sleepingConsumer.wake();
        }
        return true;
    }

    @Override
    public boolean tryClaim(int type, int length, Claim claim) {
        claim.requireNotOpen();
        requireMessage(type, length);
        Slot slot = takeSlot();
        long position;
        try {
            position = claim(memory, slot, length + RECORD_HEADER);
            if (position < 0) {
                slot.release();
                return false;
            }
        } catch (Throwable failure) {
            // Nothing is called here: the stack may be exhausted.
            slot.state = Slot.ABANDONED;
            abandoned = true;
            throw failure;
        }
        slot.state = Slot.CLAIMED;
        claim.ring = this;
        claim.memory = memory;
        claim.offset = data + (position & mask) + RECORD_HEADER;
        claim.type = type;
        claim.length = length;
        claim.position = position;
        claim.slot = slot;
        return true;
    }

    @Override
    void commit(Claim claim) {
        finish(claim, claim.type);
    }

    @Override
    void abort(Claim claim) {
        finish(claim, PADDING_TYPE);
    }

    private void finish(Claim claim, int type) {
        Slot slot = claim.slot;
        boolean sleepers;
        try {
            requireNotLost(claim);
            sleepers = complete(memory, slot, claim.offset - RECORD_HEADER,
                    RingLayout.committed(type, claim.length + RECORD_HEADER));
        } catch (Throwable failure) {
            // Nothing is called here: the stack may be exhausted.
            slot.state = Slot.ABANDONED;
            abandoned = true;
            claim.ring = null;
            throw failure;
        }
        claim.ring = null;
        if (sleepers) {
            sleepingConsumer.wake();
        }
    }

    /** Checks that the claim was not given away. Doing this and the store in one step would be no safer, and slower. */
    private void requireNotLost(Claim claim) {
        long header = (long) LONG.getAcquire(memory, claim.offset - RECORD_HEADER);
        if (header != RingLayout.claimed(lap(claim.position), claim.length + RECORD_HEADER)) {
            throw new ClaimLostException("the claim at position " + claim.position
                    + " is lost: its bytes were given away");
        }
    }

    /** Turns a record that will not be written into padding, if it is known to be one. */
    private void giveUp(MemorySegment memory, Slot slot, long position, int lengthWithHeader) {
        if (position != NOT_CLAIMED) {
            complete(memory, slot, data + (position & mask), RingLayout.committed(PADDING_TYPE, lengthWithHeader));
        } else {
            slot.state = Slot.ABANDONED;
            slot.mend(memory);
        }
    }

    /** Lets go of the records that calls have left behind out of which something was thrown. */
    private void mend() {
        abandoned = false;
        try {
            mend(ownedSlots);
            mend(sharedSlots);
        } catch (Throwable failure) {
            // Nothing is called here: the stack may be exhausted.
            abandoned = true;
            throw failure;
        }
    }

    private void mend(Slot[] mine) {
        for (Slot slot : mine) {
            if (slot != null && slot.state() == Slot.ABANDONED) {
                slot.mend(memory);
            }
        }
    }

    /**
     * Claims a record, whose header then says so. The slot names the record's position from before it is claimed.
     *
     * @return the position, or {@link #NOT_CLAIMED} if there is no room
     */
    private long claim(MemorySegment memory, Slot slot, int lengthWithHeader) {
        long record = RingLayout.recordLength(lengthWithHeader);
        // Plain, as the compare-and-set finds out what is not true any more, and whoever fails reads it again with acquire.
        long position = (long) LONG.get(memory, RingLayout.PRODUCER_POSITION_OFFSET);
        boolean named = false;
        // The first attempt succeeds almost always; short as it is, it becomes part of the callers.
        if (record <= capacity - (position & mask)
                && Long.compareUnsigned(position - free, capacity - record) <= 0
                && (position & (ALIGNMENT - 1)) == 0) {
            if (advance(memory, slot, position, position + record)) {
                begin(memory, position, lengthWithHeader);
                return position;
            }
            named = true;
        }
        return claimSlowly(memory, slot, lengthWithHeader, named);
    }

    /** Advances the producer position, naming it in the slot before. */
    private static boolean advance(MemorySegment memory, Slot slot, long position, long end) {
        // SYNC POINT slot: with the acquire in recover. It comes before the position is advanced, and after the record
        // which the slot named before is complete.
        LONG.setRelease(memory, slot.offset + RingLayout.SLOT_CLAIM, position | CLAIMING);
        return LONG.compareAndSet(memory, RingLayout.PRODUCER_POSITION_OFFSET, position, end);
    }

    /** Says in the header of a record that it is claimed. */
    private void begin(MemorySegment memory, long position, int lengthWithHeader) {
        // The bytes are zeros until here; that this is the first of them to change lets recover find it.
        LONG.set(memory, data + (position & mask), RingLayout.claimed(lap(position), lengthWithHeader));
        VarHandle.storeStoreFence();
    }

    /** Claims a record after others were faster, or at the end of the ring. */
    private long claimSlowly(MemorySegment memory, Slot slot, int lengthWithHeader, boolean alreadyNamed) {
        long record = RingLayout.recordLength(lengthWithHeader);
        boolean named = alreadyNamed;
        for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
            long position = (long) LONG.getAcquire(memory, RingLayout.PRODUCER_POSITION_OFFSET);
            long toEnd = capacity - (position & mask);
            long needed = record <= toEnd ? record : toEnd + record;
            if (Long.compareUnsigned(position - free, capacity - needed) > 0 || (position & (ALIGNMENT - 1)) != 0) {
                int room = room(position, needed);
                if (room == NONE) {
                    LONG.getAndAdd(memory, slot.offset + RingLayout.SLOT_FAILED, 1L);
                    if (named) {
                        // It is not ours: if its owner ends, this process must not seem to be at work there.
                        LONG.setRelease(memory, slot.offset + RingLayout.SLOT_CLAIM, 0L);
                    }
                    return NOT_CLAIMED;
                }
                if (room == UNKNOWN) {
                    continue;
                }
            }
            boolean fits = record <= toEnd;
            backing.require(data + (position & mask), fits ? record : toEnd);
            named = true;
            if (!advance(memory, slot, position, position + (fits ? record : toEnd))) {
                continue;
            }
            if (fits) {
                begin(memory, position, lengthWithHeader);
                return position;
            }
            named = false;
            // A record lies in one piece. The padding is a record of its own, complete at once.
            LONG.setRelease(memory, data + (position & mask), RingLayout.committed(PADDING_TYPE, (int) toEnd));
        }
        throw corrupted("the producer position changes all the time");
    }

    private static final int NONE = 0;
    private static final int ROOM = 1;
    private static final int UNKNOWN = 2;

    /** Looks at how far the consumer is. */
    private int room(long position, long needed) {
        // SYNC POINT free position: with the release in publishFree. The bytes up to there are zeros again.
        long nowFree = (long) LONG.getAcquire(memory, RingLayout.FREE_POSITION_OFFSET);
        if (nowFree > position) {
            // The position is an old one if others have claimed since, and the consumer has consumed that.
            if (producerPosition() != position) {
                return UNKNOWN;
            }
            throw corrupted("the free position is " + nowFree + ", the producer position " + position);
        }
        long used = position - nowFree;
        if (nowFree < 0
                || used > capacity
                || ((nowFree | position) & (ALIGNMENT - 1)) != 0
                || position > RingLayout.GREATEST_POSITION) {
            throw corrupted("the free position is " + nowFree + ", the producer position " + position);
        }
        if (backing.isComplete()) {
            free = nowFree;
        }
        return used <= capacity - needed ? ROOM : NONE;
    }

    private long lap(long position) {
        return position >>> lapShift;
    }

    /**
     * Completes a record. The slot goes on naming it, which means nothing from here on: no complete record is recovered.
     *
     * @return whether the consumer may have to be woken
     */
    private boolean complete(MemorySegment memory, Slot slot, long begin, long header) {
        // Here, as it is cheap beside other plain accesses.
        boolean sleepers = sleepingConsumer.exist(memory);
        // SYNC POINT record: with the acquire in header. The consumer sees all of the record.
        LONG.setRelease(memory, begin, header);
        slot.release();
        return sleepers;
    }

    /** Takes a slot for one claim of the calling thread. */
    private Slot takeSlot() {
        if (abandoned) {
            mend();
        }
        Thread thread = Thread.currentThread();
        int index = (int) thread.threadId() & MOST_OWN_SLOTS - 1;
        Slot slot = ownedSlots[index];
        if (slot == null || slot.owner != thread) {
            slot = own(index, thread);
        }
        // The thread may have an open claim.
        if (slot == null || slot.state() != Slot.FREE) {
            return takeSharedSlot();
        }
        slot.state = Slot.TAKEN;
        return slot;
    }

    /** Gives a slot to a thread, which then needs no atomic operation to take it; returns null if there is none. */
    private synchronized Slot own(int index, Thread thread) {
        Slot slot = ownedSlots[index];
        if (slot == null) {
            slot = sign();
            if (slot == null) {
                return null;
            }
        } else if (slot.owner.isAlive()) {
            return null;
        }
        slot.owner = thread;
        ownedSlots[index] = slot;
        return slot;
    }

    /** Takes a slot that any thread of this object may have. */
    private Slot takeSharedSlot() {
        for (int attempt = 0; attempt < MOST_WAITS; attempt++) {
            int found = 0;
            for (int i = 0; i < MOST_OWN_SLOTS; i++) {
                Slot slot = sharedSlot(i, attempt == 0);
                if (slot != null) {
                    found++;
                    if (slot.tryTake()) {
                        return slot;
                    }
                }
            }
            if (found == 0) {
                break;
            }
            if (attempt < MOST_YIELDS) {
                Thread.yield();
            } else {
                LockSupport.parkNanos(WAIT_NANOS);
            }
        }
        throw new RingOccupiedException(
                "no slot is free for a claim: all " + slots + " slots of the ring are taken, or the "
                        + MOST_OWN_SLOTS + " that this object may have for further claims of a thread");
    }

    private synchronized Slot sharedSlot(int index, boolean sign) {
        if (sharedSlots[index] == null && sign) {
            sharedSlots[index] = sign();
        }
        return sharedSlots[index];
    }

    /**
     * Signs a free slot in the ring with this process, or returns null if there is none. Those of processes that have
     * ended tell who that was: they come last.
     */
    private Slot sign() {
        requireUsable();
        if (slotsOfMine.signing != null && slotsOfMine.signing.part.isHeld(memory)) {
            return signed();
        }
        Slot slot = null;
        for (int i = 0; i < slots && slot == null; i++) {
            slot = sign(RingLayout.SLOTS_BEGIN + i * RingLayout.SLOT_LENGTH, false);
        }
        for (int i = 0; i < slots && slot == null; i++) {
            slot = sign(RingLayout.SLOTS_BEGIN + i * RingLayout.SLOT_LENGTH, true);
        }
        return slot;
    }

    private Slot sign(long offset, boolean ended) {
        long maker = (long) LONG.getAcquire(memory, offset + RingLayout.SLOT_MAKER);
        if (maker != Owner.NOBODY && !(ended && Owner.hasEnded(maker, sharesNamespaces))) {
            return null;
        }
        slotsOfMine.signing = new Slot(offset, self);
        return slotsOfMine.signing.part.sign(memory, maker) == maker ? signed() : null;
    }

    /** Makes a slot usable that has just been signed. */
    private Slot signed() {
        Slot slot = slotsOfMine.signing;
        // What a process that has ended was claiming is nobody's now, and so is its slot.
        LONG.setRelease(memory, slot.offset + RingLayout.SLOT_CLAIM, 0L);
        slotsOfMine.signing = null;
        return slot;
    }

    @Override
    Consumer<MemorySegment> producersAtLast() {
        return slotsOfMine;
    }

    @Override
    synchronized void closeProducer() {
        if (abandoned) {
            mend();
        }
        int claimed = count(Slot.CLAIMED);
        if (claimed != 0) {
            throw new IllegalStateException(claimed + " claims are open: commit or abort them first");
        }
        closed = true;
        VarHandle.fullFence();
        for (int wait = 0; count(Slot.TAKEN) != 0; wait++) {
            // A thread is about to write. It gets no slot after that.
            if (wait == MOST_WAITS) {
                throw new IllegalStateException("another thread is writing");
            }
            LockSupport.parkNanos(WAIT_NANOS);
        }
        if (slotsOfMine.signing != null) {
            slotsOfMine.signing.part.giveBack(memory);
            slotsOfMine.signing = null;
        }
        giveBack(ownedSlots);
        giveBack(sharedSlots);
    }

    private int count(int state) {
        int count = 0;
        for (int i = 0; i < MOST_OWN_SLOTS; i++) {
            count += ownedSlots[i] != null && ownedSlots[i].state() == state ? 1 : 0;
            count += sharedSlots[i] != null && sharedSlots[i].state() == state ? 1 : 0;
        }
        return count;
    }

    private void giveBack(Slot[] mine) {
        for (int i = 0; i < mine.length; i++) {
            if (mine[i] != null) {
                mine[i].part.giveBack(memory);
                mine[i] = null;
            }
        }
    }

    @Override
    long header(MemorySegment memory, long begin, long position) {
        // SYNC POINT record: with the release in complete.
        long header = (long) LONG.getAcquire(memory, begin);
        return (int) header > 0 ? header : headerIfSkipped(position);
    }

    /** Returns the padding that stands for what a dead producer has left at a position, or 0. */
    private long headerIfSkipped(long position) {
        if (position == skippedAt) {
            return skipped;
        }
        return ++emptyReads % EMPTY_READS_BETWEEN_CHECKS != 0 ? 0 : headerIfStalled(position);
    }

    /**
     * Looks why there is no complete record: because there is none at all, or because a producer has not completed it. After
     * some time, this asks whether that producer is still there.
     */
    @Override
    long headerIfStalled(long position) {
        if (abandoned) {
            mend();
        }
        long now = System.nanoTime();
        if (stalledAt != position) {
            stalledAt = position;
            nextCheck = now + firstCheckNanos;
            return 0;
        }
        if (now - nextCheck < 0) {
            return 0;
        }
        nextCheck = now + nextCheckNanos;
        // Reading this more often would slow down the producers, which fight for it.
        long produced = (long) LONG.getAcquire(memory, RingLayout.PRODUCER_POSITION_OFFSET);
        requireProduced(produced, position);
        return produced == position ? 0 : recover(position, produced);
    }

    private void requireProduced(long produced, long position) {
        if (produced < position || produced - position > capacity || (produced & (ALIGNMENT - 1)) != 0) {
            throw corrupted("the producer position is " + produced + ", the consumer's " + position);
        }
    }

    /**
     * Returns a padding record that covers what dead producers have left behind at a position, the record itself if it has
     * been completed, or 0 if a producer that may be alive can still complete it.
     *
     * @param position where the consumer is
     * @param produced the producer position, read before the slots
     */
    private long recover(long position, long produced) {
        // No record that begins before this was claimed by a living producer, except a complete one.
        long living = produced;
        for (int i = 0; i < slots; i++) {
            long slot = RingLayout.SLOTS_BEGIN + i * RingLayout.SLOT_LENGTH;
            // SYNC POINT slot: with the releases in claim and releaseSlot. Each record before "produced" that is still
            // incomplete is named by a slot now; if a slot names another one already, the read below sees the complete one.
            long claim = (long) LONG.getAcquire(memory, slot + RingLayout.SLOT_CLAIM) - CLAIMING;
            if (claim >= position && claim < living && (claim & (ALIGNMENT - 1)) == 0) {
                long maker = (long) LONG.getAcquire(memory, slot + RingLayout.SLOT_MAKER);
                if (maker != Owner.NOBODY && !Owner.hasEnded(maker, sharesNamespaces)) {
                    living = claim;
                }
            }
        }
        if (living == position) {
            return 0;
        }
        long begin = data + (position & mask);
        long header = (long) LONG.getAcquire(memory, begin);
        if ((int) header > 0) {
            return header;
        }
        long most = Math.min(living - position, capacity - (position & mask));
        long length;
        if (header != 0) {
            length = RingLayout.recordLength(-(long) (int) header);
            if ((int) header == 0 || length < RECORD_HEADER || length > most) {
                throw corrupted("the claim at position " + position + " has length " + -(long) (int) header + ", with "
                        + most + " bytes up to the next");
            }
        } else {
            // Its maker has ended before it wrote the header. All of it is zeros, up to the next header or position.
            length = zeros(begin, Math.min(most, 1 << 30));
        }
        long padding = RingLayout.committed(PADDING_TYPE, (int) length);
        noteSkipped(length);
        skipped = padding;
        skippedAt = position;
        return padding;
    }

    private long zeros(long begin, long most) {
        long length = RECORD_HEADER;
        while (length < most && (long) LONG.getAcquire(memory, begin + length) == 0) {
            length += RECORD_HEADER;
        }
        return length;
    }

    /** For tests of the recovery. */
    void checkWithoutWaiting() {
        firstCheckNanos = 0;
        nextCheckNanos = 0;
    }

    @Override
    boolean mustClear() {
        return true;
    }

    @Override
    long written(long produced, long consumed) {
        return produced;
    }

    @Override
    boolean mayBeClaimed() {
        return true;
    }

    @Override
    boolean mayBePadding(long position, long record) {
        // It also stands for what was aborted or skipped. What the consumer has passed over is zeros, so that it ends.
        return true;
    }

    @Override
    void consumerResumed(long from) {
        requireProduced(producerPosition(), from);
        emptyReads = 0;
        stalledAt = -1;
        skippedAt = -1;
    }
}
