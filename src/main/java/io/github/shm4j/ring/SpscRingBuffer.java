package io.github.shm4j.ring;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmPermissions;
import io.github.shm4j.ShmTrust;
import io.github.shm4j.ShmUntrustedException;
import io.github.shm4j.structure.Header;
import io.github.shm4j.structure.InBlocks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * A ring for one producer and one consumer.
 *
 * <p>A message exists from the moment at which the producer stores its header, which is the last of it. A producer that is
 * killed before has written nothing; the next one begins where it began.
 *
 * @see RingBuffer
 */
public final class SpscRingBuffer extends RingBuffer {

    private final RingRole<SpscProducer> producer =
            new RingRole<>(
                    this,
                    "producer",
                    RingLayout.SLOTS_BEGIN + RingLayout.SLOT_OWNER,
                    RingLayout.SLOTS_BEGIN + RingLayout.SLOT_SUCCESSIONS,
                    SpscProducer::isOpen,
                    SpscProducer::begin,
                    SpscProducer::leave);

    SpscRingBuffer(MemorySegment memory, Header header, SharedMemory block) {
        super(memory, header, block);
    }

    /**
     * Returns how much memory a ring takes.
     *
     * @param capacity the number of bytes for records, a power of two of at least 64
     * @return the number of bytes with the header
     * @throws IllegalArgumentException if the capacity is not a power of two of at least 64
     */
    public static long sizeFor(long capacity) {
        return RingKind.SPSC.sizeFor(capacity);
    }

    /**
     * Creates a ring in memory that is all zeros.
     *
     * <p>A new block or a new file is all zeros. This call looks at the first MiB only, so that it does not take memory for all of
     * a sparse block. The caller has to see to it that the rest is zeros.
     *
     * @param memory the memory, of at least {@link #sizeFor(long) sizeFor(capacity)} bytes
     * @param capacity the number of bytes for records, a power of two of at least 64
     * @return the ring, empty
     * @throws IllegalArgumentException if the capacity is not a power of two of at least 64, or if the memory is too small,
     *     read-only or not aligned to 8 bytes
     * @throws RingFormatException if the memory is not all zeros, because it holds a ring already or something else
     * @throws RingMemoryException if the system has no memory for the beginning of the ring
     */
    public static SpscRingBuffer create(MemorySegment memory, long capacity) {
        RingFormat.create(memory, RingKind.SPSC, capacity);
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
    public static SpscRingBuffer open(MemorySegment memory) {
        return open(memory, TIMEOUT);
    }

    /**
     * Opens the ring in some memory.
     *
     * @param memory the memory; may be read-only if the ring is only to be looked at
     * @param timeout how long to wait for a creator that is still at work; an interrupt ends the wait early
     * @return the ring
     * @throws IllegalArgumentException if the memory is not aligned to 8 bytes
     * @throws RingFormatException if the memory holds no complete ring of this kind and version
     * @throws RingCorruptedException if the header contradicts itself
     * @throws RingMemoryException if the system has no memory for the beginning of the ring
     */
    public static SpscRingBuffer open(MemorySegment memory, Duration timeout) {
        return open(memory, timeout, null);
    }

    private static SpscRingBuffer open(MemorySegment memory, Duration timeout, SharedMemory block) {
        return new SpscRingBuffer(memory, RingFormat.of(RingKind.SPSC).open(memory, timeout), block);
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
    public static SpscRingBuffer create(ShmKey key, long capacity, Arena arena) throws ShmException {
        return create(key, capacity, ShmPermissions.OWNER_ONLY, arena);
    }

    /**
     * Creates a block with a ring in it.
     *
     * @param key the key that no other block may have
     * @param capacity the number of bytes for records, a power of two of at least 64
     * @param permissions who may use the ring; to read messages one must be allowed to write, too
     * @param arena the lifetime of the mapping; the ring is used by the threads that may use the arena
     * @return the ring, empty
     * @throws IllegalArgumentException if the capacity is not a power of two of at least 64
     * @throws ShmException if the block cannot be created or mapped
     */
    public static SpscRingBuffer create(ShmKey key, long capacity, ShmPermissions permissions, Arena arena)
            throws ShmException {
        return inBlocks().create(key, RingKind.SPSC.code, capacity, permissions, arena);
    }

    /**
     * Opens the ring in the block that has a key, if the block is this user's or root's.
     *
     * @param key the key
     * @param arena the lifetime of the mapping; the ring is used by the threads that may use the arena
     * @return the ring
     * @throws RingFormatException if the block holds no complete ring of this kind and version
     * @throws RingCorruptedException if the header contradicts itself
     * @throws ShmUntrustedException if the block is somebody else's
     * @throws ShmException if there is no such block or it cannot be mapped
     */
    public static SpscRingBuffer open(ShmKey key, Arena arena) throws ShmException {
        return open(key, ShmTrust.callerOrRoot(), arena);
    }

    /**
     * Opens the ring in the block that has a key.
     *
     * @param key the key
     * @param trust whose block it may be
     * @param arena the lifetime of the mapping; the ring is used by the threads that may use the arena
     * @return the ring
     * @throws RingFormatException if the block holds no complete ring of this kind and version
     * @throws RingCorruptedException if the header contradicts itself
     * @throws ShmUntrustedException if the block is somebody's who is not trusted
     * @throws ShmException if there is no such block or it cannot be mapped
     */
    public static SpscRingBuffer open(ShmKey key, ShmTrust trust, Arena arena) throws ShmException {
        return inBlocks().open(key, trust, AttachMode.READ_WRITE, arena);
    }

    /**
     * Opens the ring in the block that has a key, or creates it, for its owner only, if no block has. An existing block must be
     * this user's or root's.
     *
     * @param key the key
     * @param capacity the number of bytes for records, a power of two of at least 64; an existing ring may have more
     * @param arena the lifetime of the mapping; the ring is used by the threads that may use the arena
     * @return the ring, and whether it was created
     * @throws IllegalArgumentException if the capacity is not a power of two of at least 64
     * @throws RingFormatException if there is a block, and it holds no complete ring of this kind and version
     * @throws RingCorruptedException if the header contradicts itself
     * @throws ShmUntrustedException if there is a block, and it is somebody else's
     * @throws ShmException if the block is too small, or cannot be created or mapped
     */
    public static Opened<SpscRingBuffer> openOrCreate(ShmKey key, long capacity, Arena arena) throws ShmException {
        return openOrCreate(key, capacity, ShmPermissions.OWNER_ONLY, ShmTrust.callerOrRoot(), arena);
    }

    /**
     * Opens the ring in the block that has a key, or creates it if no block has.
     *
     * <p>Of several processes that call this at the same time one creates the ring, and the others open it. A block of
     * exactly the right size that is all zeros counts as one whose creator has terminated before it created the ring.
     *
     * @param key the key
     * @param capacity the number of bytes for records, a power of two of at least 64; an existing ring may have more
     * @param permissions who may use the ring if it is created
     * @param trust whose block it may be if there is one
     * @param arena the lifetime of the mapping; the ring is used by the threads that may use the arena
     * @return the ring, and whether it was created
     * @throws IllegalArgumentException if the capacity is not a power of two of at least 64
     * @throws RingFormatException if there is a block, and it holds no complete ring of this kind and version
     * @throws RingCorruptedException if the header contradicts itself
     * @throws ShmUntrustedException if there is a block, and it is somebody's who is not trusted
     * @throws ShmException if the block is too small, or cannot be created or mapped
     */
    public static Opened<SpscRingBuffer> openOrCreate(
            ShmKey key, long capacity, ShmPermissions permissions, ShmTrust trust, Arena arena) throws ShmException {
        InBlocks.Opened<SpscRingBuffer> opened =
                inBlocks().openOrCreate(key, RingKind.SPSC.code, capacity, permissions, trust, arena);
        return new Opened<>(opened.structure(), opened.created());
    }

    private static InBlocks<SpscRingBuffer> inBlocks() {
        return new InBlocks<>(RingFormat.of(RingKind.SPSC), SpscRingBuffer::open, RingBuffer::beforeDetach);
    }

    @Override
    public RingKind kind() {
        return RingKind.SPSC;
    }

    @Override
    public SpscProducer producer() {
        return producer.take(new SpscProducer(this, producer));
    }

    /**
     * Becomes the producer in the place of another process, whether that is alive or not.
     *
     * <p>{@linkplain RingBuffer##take-over Taking a role over} is for whoever knows that its owner has terminated. If that is alive, its
     * next call that writes, claims, commits or publishes throws a {@link RingRoleLostException}. What it had not published was
     * never written. If it has an open claim, and goes on writing to that, it overwrites what this producer writes there.
     *
     * @return the producer, which others cannot be until it is closed
     * @throws RingOccupiedException if this process has the role, through this or another object: close that producer
     * @throws RingRoleLostException if a third process has taken the role over before this call was complete
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if the memory is read-only
     */
    public SpscProducer takeOverProducer() {
        return producer.takeOver(new SpscProducer(this, producer));
    }

    @Override
    SpscRecords records() {
        return new SpscRecords(this);
    }

    @Override
    Consumer<MemorySegment> producersBeforeDetach() {
        return producer.signature::giveBack;
    }
}
