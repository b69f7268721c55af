package io.github.shm4j.ring;

import static io.github.shm4j.ring.Layout.ALIGNMENT;
import static io.github.shm4j.ring.Layout.LONG;
import static io.github.shm4j.ring.Layout.PADDING_TYPE;
import static io.github.shm4j.ring.Layout.RECORD_HEADER;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Objects;

/**
 * A ring for one producer and one consumer.
 *
 * <p>A message exists from the moment at which the producer advances its position, a single store. A producer that is
 * killed before has written nothing; the next one begins where it began.
 *
 * <p>An object can be used by one producing and one consuming thread at a time.
 *
 * @see RingBuffer
 */
public final class SpscRingBuffer extends RingBuffer {

    private static final long SLOT = Layout.SLOTS_BEGIN;

    // Only the producer uses what follows.
    private final Batch batch = new Batch();
    private boolean batching;
    private boolean producing;

    /** Whether a record can be written: the part is ours, and no claim is open. */
    private boolean ready;

    /** Where the next record begins. */
    private long position;

    /** Up to where the consumer may look. */
    private long shown;

    /** Up to where the consumer has freed, when last looked. */
    private long limit;

    private long failed;

    // Only the consumer uses what follows.
    /** The producer's position, when last looked. */
    private long available;

    SpscRingBuffer(MemorySegment memory, Layout.Header header) {
        super(memory, header);
    }

    /**
     * Returns how much memory a ring takes.
     *
     * @param capacity the number of bytes for records, a power of two of at least 64
     * @return the number of bytes with the header
     * @throws IllegalArgumentException if the capacity is not a power of two of at least 64
     */
    public static long sizeFor(long capacity) {
        return Layout.sizeFor(Layout.SPSC, capacity);
    }

    /**
     * Creates a ring in memory that is all zeros.
     *
     * @param memory the memory, of at least {@link #sizeFor(long) sizeFor(capacity)} bytes
     * @param capacity the number of bytes for records, a power of two of at least 64
     * @return the ring, empty
     * @throws IllegalArgumentException if the capacity is not a power of two of at least 64, or if the memory is too small,
     *     read-only or not aligned to 8 bytes
     * @throws RingFormatException if the memory is not all zeros, because it holds a ring already or something else
     */
    public static SpscRingBuffer create(MemorySegment memory, long capacity) {
        Layout.create(memory, Layout.SPSC, capacity);
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
     */
    public static SpscRingBuffer open(MemorySegment memory) {
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
     */
    public static SpscRingBuffer open(MemorySegment memory, Duration patience) {
        return new SpscRingBuffer(memory, Layout.open(memory, Layout.SPSC, patience));
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
        return Blocks.create(key, sizeFor(capacity), arena, memory -> create(memory, capacity));
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
    public static SpscRingBuffer open(ShmKey key, Arena arena) throws ShmException {
        return open(SharedMemory.open(key).attach(AttachMode.READ_WRITE, arena));
    }

    @Override
    public boolean write(int type, MemorySegment source, long offset, long length) {
        requireMessage(type, length);
        Objects.checkFromIndexSize(offset, length, source.byteSize());
        // In a local variable, so that the compiler need not look after each barrier what kind of segment it is.
        MemorySegment memory = this.memory;
        int lengthWithHeader = (int) length + RECORD_HEADER;
        long begin = reserve(memory, lengthWithHeader);
        if (begin < 0) {
            return false;
        }
        copy(source, offset, memory, begin + RECORD_HEADER, length);
        append(memory, begin, type, lengthWithHeader);
        return true;
    }

    @Override
    public boolean tryClaim(int type, int length, Claim claim) {
        claim.requireNotOpen();
        requireMessage(type, length);
        long begin = reserve(memory, length + RECORD_HEADER);
        if (begin < 0) {
            return false;
        }
        ready = false;
        claim.ring = this;
        claim.memory = memory;
        claim.offset = begin + RECORD_HEADER;
        claim.type = type;
        claim.length = length;
        claim.position = position;
        return true;
    }

    /** Returns the offset of a free record at the producer's position, or -1 if there is no room. */
    private long reserve(MemorySegment memory, int lengthWithHeader) {
        long record = Layout.recordLength(lengthWithHeader);
        long index = position & mask;
        if (ready && record <= capacity - index && record <= limit - position) {
            return data + index;
        }
        return reserveSlowly(memory, record);
    }

    private long reserveSlowly(MemorySegment memory, long record) {
        if (!ready) {
            becomeProducer();
        }
        long index = position & mask;
        long toEnd = capacity - index;
        long needed = record <= toEnd ? record : toEnd + record;
        if (needed > limit - position && !hasRoom(needed)) {
            showBatch();
            failed++;
            LONG.setOpaque(memory, SLOT + Layout.SLOT_FAILED, failed);
            return -1;
        }
        if (record <= toEnd) {
            return data + index;
        }
        // A record lies in one piece. The padding is published together with the record behind it.
        LONG.set(memory, data + index, Layout.committed(PADDING_TYPE, (int) toEnd));
        position += toEnd;
        return data;
    }

    private boolean hasRoom(long needed) {
        // SYNC POINT free position: with the release in publishFree. The consumer has done with these bytes.
        long free = (long) LONG.getAcquire(memory, Layout.FREE_POSITION_OFFSET);
        if (free > shown || position - free > capacity || (free & (ALIGNMENT - 1)) != 0) {
            throw corrupted("the free position is " + free + ", the producer's is " + shown);
        }
        limit = free + capacity;
        return needed <= limit - position;
    }

    /** Completes the record at the producer's position, and shows it to the consumer if no batch was begun. */
    private void append(MemorySegment memory, long begin, int type, int lengthWithHeader) {
        LONG.set(memory, begin, Layout.committed(type, lengthWithHeader));
        long end = position + Layout.recordLength(lengthWithHeader);
        position = end;
        if (!batching) {
            show(memory, end);
        }
    }

    /** Shows the consumer everything up to a position. */
    private void show(MemorySegment memory, long end) {
        shown = end;
        // Here, as it is cheap beside other plain accesses.
        boolean sleepers = sleepingConsumer.exist(memory);
        // SYNC POINT producer position: with the acquire in header. The consumer sees all of the record, and the padding.
        LONG.setRelease(memory, Layout.PRODUCER_POSITION_OFFSET, end);
        if (sleepers) {
            sleepingConsumer.wake();
        }
    }

    /**
     * Begins a batch. For the producer.
     *
     * <p>What it writes or commits from now on reaches the consumer when the batch is published or closed. That saves the
     * two processes from fighting over the producer's position for each message, so that more messages get through, and
     * each of them later.
     *
     * {@snippet :
     * try (var _ = ring.beginBatch()) {
     *     while (hasNext() && ring.write(type, next())) {
     *     }
     * }
     * }
     *
     * @return the batch, which is the same object each time
     * @throws IllegalStateException if a batch was begun already, if this object was closed or if the memory is read-only
     * @throws RingOccupiedException if another producer is there
     * @throws RingCorruptedException if the memory was overwritten
     */
    public Batch beginBatch() {
        if (batching) {
            throw new IllegalStateException("a batch was begun already: close it first");
        }
        if (!producing) {
            becomeProducer();
        }
        batching = true;
        return batch;
    }

    /**
     * Messages that reach the consumer together.
     *
     * <p>If there is no room for a further message, those written so far are published at once, as the consumer has to
     * read them to make room. If the producer's process is killed, what was not published has never been written.
     *
     * <p>A batch is for the producing thread.
     */
    public final class Batch implements AutoCloseable {

        private Batch() {}

        /** Publishes the messages so far. The batch goes on. */
        public void publish() {
            showBatch();
        }

        /** Publishes the messages and ends the batch. */
        @Override
        public void close() {
            showBatch();
            batching = false;
        }
    }

    @Override
    void showBatch() {
        if (batching && shown != position) {
            show(memory, position);
        }
    }

    @Override
    void commit(Claim claim) {
        ready = true;
        if ((long) LONG.getAcquire(memory, SLOT + Layout.SLOT_MAKER) != self) {
            ready = false;
            producing = false;
            batching = false;
            throw new ClaimLostException("the claim at position " + claim.position
                    + " is lost: the ring has another producer");
        }
        append(memory, claim.offset - RECORD_HEADER, claim.type, claim.length + RECORD_HEADER);
    }

    @Override
    void abort(Claim claim) {
        ready = producing;
    }

    private void becomeProducer() {
        requireNoOpenClaim();
        requireUsable();
        takePart(SLOT + Layout.SLOT_MAKER, "producer");
        // What a killed predecessor wrote behind its position never existed.
        long produced = producerPosition();
        long free = (long) LONG.getAcquire(memory, Layout.FREE_POSITION_OFFSET);
        if (((free | produced) & (ALIGNMENT - 1)) != 0
                || free < 0
                || produced < free
                || produced - free > capacity
                || produced > Layout.GREATEST_POSITION) {
            LONG.setRelease(memory, SLOT + Layout.SLOT_MAKER, Maker.NOBODY);
            throw corrupted("the positions are " + free + " (free) and " + produced + " (producer)");
        }
        position = produced;
        shown = produced;
        limit = free + capacity;
        failed = (long) LONG.getOpaque(memory, SLOT + Layout.SLOT_FAILED);
        producing = true;
        ready = true;
    }

    private void requireNoOpenClaim() {
        if (producing && !ready) {
            throw new IllegalStateException("the producer has an open claim: commit or abort it first");
        }
    }

    @Override
    void closeProducer() {
        requireNoOpenClaim();
        if (producing) {
            batch.close();
            producing = false;
            ready = false;
            LONG.setRelease(memory, SLOT + Layout.SLOT_MAKER, Maker.NOBODY);
        }
    }

    @Override
    long header(long from) {
        if (from == available && !lookForMore(from)) {
            return 0;
        }
        long header = (long) LONG.get(memory, data + (from & mask));
        // Where the producer says that a record is, one is: anything else is refused here as nothing or too long.
        if ((int) header <= 0 || Layout.recordLength((int) header) > available - from) {
            throw corrupted("the record at position " + from + " has length " + (int) header + ", with " + (available
                    - from) + " bytes up to the producer's position");
        }
        return header;
    }

    @Override
    long headerIfStalled(long from) {
        return 0;
    }

    private boolean lookForMore(long from) {
        // SYNC POINT producer position: with the release in publish.
        long produced = (long) LONG.getAcquire(memory, Layout.PRODUCER_POSITION_OFFSET);
        if (produced < from || produced - from > capacity || (produced & (ALIGNMENT - 1)) != 0) {
            throw corrupted("the producer's position is " + produced + ", the consumer's " + from);
        }
        available = produced;
        return produced != from;
    }

    @Override
    boolean mustClear() {
        return false;
    }

    @Override
    void consumerResumed(long from) {
        available = from;
    }
}
