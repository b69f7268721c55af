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
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * A ring for many producers and one consumer.
 *
 * <p>A producer claims bytes by advancing the producer position, which all of them share, and completes its record at its
 * own pace. Messages are delivered in the order of the claims, so a producer that is stopped between the two steps holds
 * up the consumer until it goes on, and one that terminates there until the consumer has noticed, which takes some milliseconds.
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

    /** The slots of all producers that were made through this object. */
    private static final class AllSlots implements Consumer<MemorySegment> {

        /** Replaced by a new array when a producer comes or goes. */
        private volatile Slots[] open = {};

        synchronized void add(Slots slots) {
            Slots[] more = Arrays.copyOf(open, open.length + 1);
            more[open.length] = slots;
            open = more;
        }

        synchronized void remove(Slots slots) {
            open = Arrays.stream(open).filter(each -> each != slots).toArray(Slots[]::new);
        }

        @Override
        public void accept(MemorySegment memory) {
            for (Slots slots : open) {
                slots.accept(memory);
            }
        }
    }

    private final AllSlots allSlots = new AllSlots();

    /** A producer that was made and has no slot yet, or something was thrown then. */
    private MpscProducer opening;

    MpscRingBuffer(MemorySegment memory, Header header, SharedMemory block) {
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
        return RingKind.MPSC.sizeFor(capacity);
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
    public static MpscRingBuffer create(MemorySegment memory, long capacity) {
        RingFormat.create(memory, RingKind.MPSC, capacity);
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
    public static MpscRingBuffer open(MemorySegment memory, Duration timeout) {
        return open(memory, timeout, null);
    }

    private static MpscRingBuffer open(MemorySegment memory, Duration timeout, SharedMemory block) {
        return new MpscRingBuffer(memory, RingFormat.of(RingKind.MPSC).open(memory, timeout), block);
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
    public static MpscRingBuffer create(ShmKey key, long capacity, ShmPermissions permissions, Arena arena)
            throws ShmException {
        return inBlocks().create(key, RingKind.MPSC.code, capacity, permissions, arena);
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
    public static MpscRingBuffer open(ShmKey key, Arena arena) throws ShmException {
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
    public static MpscRingBuffer open(ShmKey key, ShmTrust trust, Arena arena) throws ShmException {
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
    public static Opened<MpscRingBuffer> openOrCreate(ShmKey key, long capacity, Arena arena) throws ShmException {
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
    public static Opened<MpscRingBuffer> openOrCreate(
            ShmKey key, long capacity, ShmPermissions permissions, ShmTrust trust, Arena arena) throws ShmException {
        InBlocks.Opened<MpscRingBuffer> opened =
                inBlocks().openOrCreate(key, RingKind.MPSC.code, capacity, permissions, trust, arena);
        return new Opened<>(opened.structure(), opened.created());
    }

    private static InBlocks<MpscRingBuffer> inBlocks() {
        return new InBlocks<>(RingFormat.of(RingKind.MPSC), MpscRingBuffer::open, RingBuffer::beforeDetach);
    }

    @Override
    public RingKind kind() {
        return RingKind.MPSC;
    }

    /**
     * {@inheritDoc}
     *
     * <p>Any number of threads can use it, and there can be any number of them in a process. It takes a slot of the ring for
     * the calling thread now, and one for each further thread with its first call.
     */
    @Override
    public RingProducer producer() {
        requireWritable();
        synchronized (allSlots) {
            for (Slots slots : allSlots.open) {
                // Something may have been thrown when its producer was closed.
                if (slots.isClosed() && slots.isIdle()) {
                    slots.close(memory);
                    allSlots.remove(slots);
                }
            }
            if (opening == null) {
                opening = new MpscProducer(this);
                allSlots.add(opening.slots);
            }
            MpscProducer next = opening;
            if (!next.slots.open(memory)) {
                throw new RingOccupiedException("the ring has as many producers as it can have: all " + slots
                        + " slots are taken");
            }
            opening = null;
            return next;
        }
    }

    /** Takes note that a producer was closed. */
    void forget(Slots slots) {
        allSlots.remove(slots);
    }

    /** Lets go of the records that producers of this object have left behind when something was thrown. */
    void releaseAbandoned() {
        for (Slots slots : allSlots.open) {
            if (slots.abandoned) {
                slots.releaseAbandoned(memory);
            }
        }
    }

    @Override
    MpscRecords records() {
        return new MpscRecords(this);
    }

    @Override
    Consumer<MemorySegment> producersBeforeDetach() {
        return allSlots;
    }
}
