package io.github.shm4j.broadcast;

import static io.github.shm4j.structure.Format.LONG;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmPermissions;
import io.github.shm4j.ShmTrust;
import io.github.shm4j.ShmUntrustedException;
import io.github.shm4j.internal.FutexWaiters;
import io.github.shm4j.internal.WaitLoop;
import io.github.shm4j.structure.Copies;
import io.github.shm4j.structure.Header;
import io.github.shm4j.structure.InBlocks;
import io.github.shm4j.structure.Paces;
import io.github.shm4j.structure.SoleRole;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;

/**
 * Messages from one process to any number of others: each reader gets each message, and the producer waits for none of them.
 *
 * <p>A reader needs the permission to read and nothing else: it stores nothing, so the producer does not know of it and is never
 * held up. The convenient place is a block of its own, which outlives its users as {@link SharedMemory} says:
 *
 * {@snippet class="Example13Broadcast" region="broadcast"}
 *
 * <h2>What readers get</h2>
 *
 * <p>Each reader gets each message from the moment on at which it begins, or from the oldest message on that is left, at its own
 * pace. The ring keeps the newest messages, about fifteen sixteenths of its capacity. Where a reader is slower than that, the
 * producer overtakes it: the reader then {@linkplain BroadcastHandler#onLoss learns} how many messages it has lost and how many
 * bytes these had, and goes on at the oldest one that is left. No reader ever gets half a message, or one twice, or loses one
 * without being told.
 *
 * <p>For messages that must all arrive use a {@linkplain io.github.shm4j.ring.RingBuffer ring}: its producer waits. For the newest
 * message alone use a {@link io.github.shm4j.state.LatestValue}.
 *
 * <h2>The producer</h2>
 *
 * <p>{@link #producer()} gives the role of the producer, which a process has until it closes that object, or terminates. While a
 * process has it which may be alive, others get a {@link BroadcastOccupiedException} that names it. The successor of one that was
 * killed goes on with the next message; what its predecessor had not finished never was there.
 *
 * <p>The same is true of what is thrown out of a call, at whatever instruction, as a {@link StackOverflowError} can be: the
 * message was written or not, and {@link #messages()} tells which.
 *
 * <p>A process is known by its pid and its start time. One of another pid or time namespace than the creator cannot be
 * seen, and counts as alive until it gives the role back, or until nobody else has the block attached. {@link #takeOverProducer()}
 * takes the role from one that has terminated there although others have.
 *
 * <h2>Memory</h2>
 *
 * <p>What the producer stores before it writes a message, there or elsewhere in shared memory, is visible to a reader that has got
 * the message.
 *
 * <p>The memory is not trusted. Any process that may write can change any byte of it at any time; the worst that can happen is
 * a wrong message, a loss that was none, a {@link BroadcastCorruptedException} or a {@link BroadcastOvertakenException}.
 *
 * <p>An object of this class holds nothing, so there is nothing to close, and any number of threads can share it; producers and
 * readers are for one thread at a time. Close the producer before its arena. If the block was opened or created by its key, the
 * end of the arena gives the role back, too.
 *
 * <h2>Layout</h2>
 *
 * <p>All numbers are in the byte order of the machine, and aligned to their size.
 *
 * <pre>
 *  offset  size
 *       0     8  magic number 0x73686d346a626361, "shm4jbca"
 *       8     4  version, 1; written last
 *      12     4  number of marks of each sort, 8
 *      16     8  capacity C in bytes, a power of two
 *      32     8  pid namespace of the creator
 *      40     8  time namespace of the creator
 *      48     8  creator
 *     128     8  messages, the number of all that were written
 *     136     8  producer
 *     144     8  producer successions
 *     256     8  trims, the number of times that the oldest messages were given up
 *     384     4  readers sleep: 0 none ever did, 1 no, 2 yes
 *     512        8 newest marks of 32 bytes
 *     768        8 oldest marks of 32 bytes
 *    1024        C bytes of records
 * </pre>
 *
 * <p>The file {@code docs/broadcast-protocol.md} says who may change what, and why that is enough.
 */
public final class BroadcastRing {

    /**
     * The outcome of an {@code openOrCreate}.
     *
     * @param ring the ring
     * @param created {@code true} if this call has created it, {@code false} if it was there
     */
    public record Opened(BroadcastRing ring, boolean created) {}

    private static final BroadcastFormat FORMAT = BroadcastFormat.INSTANCE;
    private static final InBlocks<BroadcastRing> BLOCKS =
            new InBlocks<>(FORMAT, BroadcastRing::open, ring -> ring.role.beforeDetach());

    final MemorySegment memory;
    final Records records;
    final FutexWaiters sleepers;

    private final SharedMemory block;
    private final SoleRole role;

    private BroadcastRing(MemorySegment memory, Header header, SharedMemory block) {
        this.memory = memory.asSlice(0, header.size());
        this.records = new Records(header.length());
        this.sleepers = new FutexWaiters(this.memory, BroadcastFormat.READERS_SLEEP_OFFSET);
        this.block = block;
        this.role = new SoleRole(
                FORMAT,
                header,
                BroadcastFormat.PRODUCER_OFFSET,
                BroadcastFormat.PRODUCER_SUCCESSIONS_OFFSET,
                "producer");
        // A class that is initialized first in a call on an exhausted stack can never be used.
        WaitLoop.prepare();
        Paces.prepare();
        if (!memory.isReadOnly()) {
            Copies.prepare();
            SoleRole.prepare();
            FutexWaiters.prepare();
        }
    }

    /**
     * Returns how much memory a ring takes.
     *
     * @param capacity the number of bytes for records, a power of two from 256 to 2<sup>60</sup>
     * @return the number of bytes with header and records
     * @throws IllegalArgumentException if the capacity is not such a number
     */
    public static long sizeFor(long capacity) {
        return FORMAT.size(BroadcastFormat.MARKS, BroadcastFormat.requireCapacity(capacity));
    }

    /**
     * Returns whether some memory holds a ring, complete or being created. One that was damaged is one, too: opening it says
     * what is wrong.
     *
     * @param memory the memory; may be read-only, of any size and alignment
     * @return whether its first bytes are those of a ring
     */
    public static boolean isBroadcastRing(MemorySegment memory) {
        return Header.isIn(memory, FORMAT);
    }

    /**
     * Creates a ring in memory that is all zeros, as a new block or a new file is. Of the records, this call looks at the first
     * MiB, and stores zeros to each page of the rest.
     *
     * @param memory the memory, of at least {@link #sizeFor(long) sizeFor(capacity)} bytes
     * @param capacity the number of bytes for records, a power of two from 256 to 2<sup>60</sup>
     * @return the ring, which is empty
     * @throws IllegalArgumentException if the capacity is not such a number, or if the memory is too
     *     small, read-only or not aligned to 8 bytes
     * @throws BroadcastFormatException if the memory is not all zeros, because it holds a ring already or something else
     * @throws BroadcastMemoryException if the system has no memory for a part of the ring
     */
    public static BroadcastRing create(MemorySegment memory, long capacity) {
        Header.create(memory, FORMAT, BroadcastFormat.MARKS, BroadcastFormat.requireCapacity(capacity));
        return open(memory, Duration.ZERO);
    }

    /**
     * Opens the ring in some memory, waiting up to a second for its creator.
     *
     * @param memory the memory; may be read-only if the ring is only to be read
     * @return the ring
     * @throws IllegalArgumentException if the memory is not aligned to 8 bytes
     * @throws BroadcastException if the memory holds no complete ring, or one that cannot be used
     */
    public static BroadcastRing open(MemorySegment memory) {
        return open(memory, Header.TIMEOUT);
    }

    /**
     * Opens the ring in some memory.
     *
     * @param memory the memory; may be read-only if the ring is only to be read
     * @param timeout how long to wait for a creator that is still at work; an interrupt ends the wait early
     * @return the ring
     * @throws IllegalArgumentException if the memory is not aligned to 8 bytes
     * @throws BroadcastException if the memory holds no complete ring, or one that cannot be used
     */
    public static BroadcastRing open(MemorySegment memory, Duration timeout) {
        return open(memory, timeout, null);
    }

    private static BroadcastRing open(MemorySegment memory, Duration timeout, SharedMemory block) {
        return new BroadcastRing(memory, Header.open(memory, FORMAT, timeout), block);
    }

    /**
     * Opens the ring in a block, waiting up to a second for its creator. Whose block it is is for the caller to judge.
     *
     * @param block the block
     * @param mode {@link AttachMode#READ_ONLY} if the ring is only to be read
     * @param arena the lifetime of the mapping; the ring is used by the threads that may use the arena
     * @return the ring
     * @throws BroadcastException if the block holds no complete ring, or one that cannot be used
     * @throws ShmException if the block cannot be mapped
     */
    public static BroadcastRing open(SharedMemory block, AttachMode mode, Arena arena) throws ShmException {
        return BLOCKS.open(block, mode, arena);
    }

    /**
     * Creates a block with a ring in it, for its owner only.
     *
     * @param key the key that no other block may have
     * @param capacity the number of bytes for records, a power of two from 256 to 2<sup>60</sup>
     * @param arena the lifetime of the mapping; the ring is used by the threads that may use the arena
     * @return the ring, which is empty
     * @throws IllegalArgumentException if the capacity is not such a number
     * @throws ShmException if the block cannot be created or mapped
     */
    public static BroadcastRing create(ShmKey key, long capacity, Arena arena) throws ShmException {
        return create(key, capacity, ShmPermissions.OWNER_ONLY, arena);
    }

    /**
     * Creates a block with a ring in it.
     *
     * @param key the key that no other block may have
     * @param capacity the number of bytes for records, a power of two from 256 to 2<sup>60</sup>
     * @param permissions who may use the ring; to read it, one needs to be allowed to read only
     * @param arena the lifetime of the mapping; the ring is used by the threads that may use the arena
     * @return the ring, which is empty
     * @throws IllegalArgumentException if the capacity is not such a number
     * @throws ShmException if the block cannot be created or mapped
     */
    public static BroadcastRing create(ShmKey key, long capacity, ShmPermissions permissions, Arena arena)
            throws ShmException {
        return BLOCKS.create(
                key, BroadcastFormat.MARKS, BroadcastFormat.requireCapacity(capacity), permissions, arena);
    }

    /**
     * Opens the ring in the block that has a key, if the block is this user's or root's, to write and to read.
     *
     * @param key the key
     * @param arena the lifetime of the mapping; the ring is used by the threads that may use the arena
     * @return the ring
     * @throws BroadcastException if the block holds no complete ring, or one that cannot be used
     * @throws ShmUntrustedException if the block is somebody else's
     * @throws ShmException if there is no such block or it cannot be mapped
     */
    public static BroadcastRing open(ShmKey key, Arena arena) throws ShmException {
        return open(key, ShmTrust.callerOrRoot(), arena);
    }

    /**
     * Opens the ring in the block that has a key, to write and to read.
     *
     * @param key the key
     * @param trust whose block it may be
     * @param arena the lifetime of the mapping; the ring is used by the threads that may use the arena
     * @return the ring
     * @throws BroadcastException if the block holds no complete ring, or one that cannot be used
     * @throws ShmUntrustedException if the block is somebody's who is not trusted
     * @throws ShmException if there is no such block or it cannot be mapped
     */
    public static BroadcastRing open(ShmKey key, ShmTrust trust, Arena arena) throws ShmException {
        return BLOCKS.open(key, trust, AttachMode.READ_WRITE, arena);
    }

    /**
     * Opens the ring in the block that has a key, to read it. The block must be this user's or root's.
     *
     * @param key the key
     * @param arena the lifetime of the mapping; the ring is used by the threads that may use the arena
     * @return the ring
     * @throws BroadcastException if the block holds no complete ring, or one that cannot be used
     * @throws ShmUntrustedException if the block is somebody else's
     * @throws ShmException if there is no such block or it cannot be mapped
     */
    public static BroadcastRing openReadOnly(ShmKey key, Arena arena) throws ShmException {
        return openReadOnly(key, ShmTrust.callerOrRoot(), arena);
    }

    /**
     * Opens the ring in the block that has a key, to read it.
     *
     * @param key the key
     * @param trust whose block it may be
     * @param arena the lifetime of the mapping; the ring is used by the threads that may use the arena
     * @return the ring
     * @throws BroadcastException if the block holds no complete ring, or one that cannot be used
     * @throws ShmUntrustedException if the block is somebody's who is not trusted
     * @throws ShmException if there is no such block or it cannot be mapped
     */
    public static BroadcastRing openReadOnly(ShmKey key, ShmTrust trust, Arena arena) throws ShmException {
        return BLOCKS.open(key, trust, AttachMode.READ_ONLY, arena);
    }

    /**
     * Opens the ring in the block that has a key, or creates it, for its owner only, if no block has. An existing block must be
     * this user's or root's.
     *
     * @param key the key
     * @param capacity the number of bytes for records, a power of two from 256 to 2<sup>60</sup>, which an existing
     *     ring must have
     * @param arena the lifetime of the mapping; the ring is used by the threads that may use the arena
     * @return the ring, and whether it was created
     * @throws IllegalArgumentException if the capacity is not such a number
     * @throws BroadcastException if there is a block, and it holds no complete ring of this capacity, or one that cannot be used
     * @throws ShmUntrustedException if there is a block, and it is somebody else's
     * @throws ShmException if the block is too small, or cannot be created or mapped
     */
    public static Opened openOrCreate(ShmKey key, long capacity, Arena arena) throws ShmException {
        return openOrCreate(key, capacity, ShmPermissions.OWNER_ONLY, ShmTrust.callerOrRoot(), arena);
    }

    /**
     * Opens the ring in the block that has a key, or creates it if no block has.
     *
     * <p>Of several processes that call this at the same time one creates the ring, and the others open it. A block of
     * exactly the right size that is all zeros counts as one whose creator has terminated before it created the ring.
     *
     * @param key the key
     * @param capacity the number of bytes for records, a power of two from 256 to 2<sup>60</sup>, which an existing
     *     ring must have
     * @param permissions who may use the ring if it is created
     * @param trust whose block it may be if there is one
     * @param arena the lifetime of the mapping; the ring is used by the threads that may use the arena
     * @return the ring, and whether it was created
     * @throws IllegalArgumentException if the capacity is not such a number
     * @throws BroadcastException if there is a block, and it holds no complete ring of this capacity, or one that cannot be used
     * @throws ShmUntrustedException if there is a block, and it is somebody's who is not trusted
     * @throws ShmException if the block is too small, or cannot be created or mapped
     */
    public static Opened openOrCreate(
            ShmKey key, long capacity, ShmPermissions permissions, ShmTrust trust, Arena arena) throws ShmException {
        InBlocks.Opened<BroadcastRing> opened =
                BLOCKS.openOrCreate(
                        key, BroadcastFormat.MARKS, BroadcastFormat.requireCapacity(capacity), permissions, trust,
                        arena);
        BroadcastRing ring = opened.structure();
        if (ring.capacity() != capacity) {
            throw new BroadcastFormatException("the capacity of the broadcast ring is " + ring.capacity()
                    + " bytes; expected was " + capacity);
        }
        return new Opened(ring, opened.created());
    }

    /**
     * Returns how many bytes the ring has for records.
     *
     * @return the number of bytes, fixed when the ring was created
     */
    public long capacity() {
        return records.capacity;
    }

    /**
     * Returns how long a message can be.
     *
     * @return the number of bytes: an eighth of the capacity, and at most 2<sup>30</sup>
     */
    public int maxMessageLength() {
        return records.maxMessageLength;
    }

    /**
     * Returns how many messages were written to the ring since it was created, for any thread.
     *
     * @return the number of messages
     * @throws BroadcastCorruptedException if the memory was overwritten
     */
    public long messages() {
        // SYNC POINT message: with the release in BroadcastProducer.write. Whoever sees the number sees all of the message.
        return Mark.requireCount((long) LONG.getAcquire(memory, BroadcastFormat.MESSAGES_OFFSET));
    }

    /**
     * Makes a reader that begins with the next message.
     *
     * @return the reader, of which the producer learns nothing
     * @throws BroadcastCorruptedException if the memory was overwritten
     * @throws BroadcastOvertakenException if the producer overwrites again and again what this call looks at
     */
    public BroadcastReader readerFromNow() {
        return new BroadcastReader(this, false);
    }

    /**
     * Makes a reader that begins with the oldest message that is left.
     *
     * @return the reader, of which the producer learns nothing
     * @throws BroadcastCorruptedException if the memory was overwritten
     * @throws BroadcastOvertakenException if the producer overwrites again and again what this call looks at
     */
    public BroadcastReader readerFromOldest() {
        return new BroadcastReader(this, true);
    }

    /**
     * Becomes the producer. The next message follows the newest one that there is.
     *
     * <p>If something is thrown that keeps this from giving the role back, an exhausted stack for one, the next call for this
     * object finishes it.
     *
     * @return the producer, which others cannot be until it is closed
     * @throws BroadcastOccupiedException if the ring has a producer, in this process or another one that may be alive
     * @throws BroadcastCorruptedException if the memory was overwritten
     * @throws IllegalStateException if the memory is read-only
     */
    public BroadcastProducer producer() {
        return producer(false);
    }

    /**
     * Becomes the producer in the place of another process, whether that is alive or not.
     *
     * <p>{@linkplain io.github.shm4j.ring.RingBuffer##take-over Taking a role over} is for whoever knows that its owner has
     * terminated. If that is alive, its next {@link BroadcastProducer#write(int, MemorySegment) write} throws a
     * {@link BroadcastRoleLostException}. If it is stopped while it writes, and goes on after this method has waited for it, a message
     * of this producer can be wrong, and readers can lose some or get one again, which is a {@link BroadcastCorruptedException} where
     * they notice.
     *
     * @return the producer, which others cannot be until it is closed
     * @throws BroadcastOccupiedException if this process has the role, through this or another object: close that producer
     * @throws BroadcastCorruptedException if the memory was overwritten
     * @throws IllegalStateException if the memory is read-only
     */
    public BroadcastProducer takeOverProducer() {
        return producer(true);
    }

    private BroadcastProducer producer(boolean takingOver) {
        if (memory.isReadOnly()) {
            throw new IllegalStateException(
                    "the memory of the broadcast ring is read-only here: it can only be read; open it for writing to become"
                            + " its producer");
        }
        SoleRole.Hold hold = new SoleRole.Hold();
        BroadcastProducer producer = new BroadcastProducer(this, role, hold);
        if (takingOver) {
            role.takeOver(hold, memory);
        } else {
            role.take(hold, memory);
        }
        return producer;
    }

    /** {@return whether a reader can sleep in the kernel here, which it has to note in the memory} */
    boolean canSleep() {
        return !memory.isReadOnly() && sleepers.canSleep();
    }

    /**
     * Returns the block that the ring lies in, if it was opened or created there by its key or its {@link SharedMemory}.
     *
     * @return the block
     * @throws IllegalStateException if the ring was opened or created in a {@link MemorySegment}, of which nobody knows whether
     *     it is a block
     */
    public SharedMemory block() {
        if (block == null) {
            throw new IllegalStateException("the ring was opened in a memory segment: it does not know a block");
        }
        return block;
    }

    /**
     * Removes the block that the ring lies in, as {@link SharedMemory#remove()} does. Those who have it mapped can go on using
     * it.
     *
     * <p>It is removed by its id: if another block has the key meanwhile, that one stays.
     *
     * @throws ShmException if the block cannot be removed, as when it was removed before
     * @throws IllegalStateException if the ring was opened or created in a {@link MemorySegment}
     */
    public void remove() throws ShmException {
        block().remove();
    }
}
