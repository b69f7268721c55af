package io.github.shm4j.ring;

import static io.github.shm4j.ring.RingLayout.ALIGNMENT;
import static io.github.shm4j.ring.RingLayout.LONG;
import static io.github.shm4j.ring.RingLayout.PADDING_TYPE;
import static io.github.shm4j.ring.RingLayout.RECORD_HEADER;

import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * A ring for one producer and one consumer.
 *
 * <p>A message exists from the moment at which the producer stores its header, which is the last of it. A producer that is
 * killed before has written nothing; the next one begins where it began.
 *
 * <p>An object can be used by one producing and one consuming thread at a time.
 *
 * @see RingBuffer
 */
public final class SpscRingBuffer extends RingBuffer {

    private static final long SLOT = RingLayout.SLOTS_BEGIN;

    /** What {@link #room} is while nothing can be written. */
    private static final long NO_ROOM = Long.MIN_VALUE / 2;

    // What this object is to the producer's part.
    private static final int NOT_PRODUCING = 0;
    /** A record can be written. */
    private static final int READY = 1;
    /** A claim is open. */
    private static final int CLAIMING = 2;
    /** Something was thrown out of a call: what was stored is in the memory. */
    private static final int UNSURE = 3;

    // Only the producer uses what follows.
    private final Batch batch = new Batch();
    private final Part producer = new Part(SLOT + RingLayout.SLOT_MAKER, self);
    private boolean batching;

    /** Whether the batch was to be closed, and something was thrown. */
    private boolean ending;

    private int producing = NOT_PRODUCING;

    /** Where the next record begins. */
    private long position;

    /** Up to where a record can reach without a look at anything, as it is free and not beyond the end of the ring. */
    private long room = NO_ROOM;

    /** Where the next record to be shown to the consumer begins; differs from position only in a batch. */
    private long shown;

    /** The header of the record there, which a batch withholds until it is published. */
    private long withheld;

    /** Up to where records may reach, as far as the consumer had freed when last looked. */
    private long limit;

    /**
     * From where on the producer need not store that there is nothing behind a record: the consumer has cleared the room
     * there, or it is the limit, and the ring is full.
     */
    private long endedFrom;

    /** Up to where there may be bytes of messages that were never shown, of ours or of a predecessor that was killed. */
    private long remainsUpTo;

    private long failed;

    SpscRingBuffer(MemorySegment memory, RingLayout.Header header) {
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
        return RingLayout.sizeFor(RingLayout.SPSC, capacity);
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
    public static SpscRingBuffer create(MemorySegment memory, long capacity) {
        RingLayout.create(memory, RingLayout.SPSC, capacity);
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
    public static SpscRingBuffer open(MemorySegment memory, Duration patience) {
        return new SpscRingBuffer(memory, RingLayout.open(memory, RingLayout.SPSC, patience));
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
    public static SpscRingBuffer open(ShmKey key, Arena arena) throws ShmException {
        return RingBlocks.open(key, arena, SpscRingBuffer::open);
    }

    @Override
    public boolean write(int type, MemorySegment source, long offset, long length) {
        requireMessage(type, length);
        Objects.checkFromIndexSize(offset, length, source.byteSize());
        // In a local variable, so that the compiler need not look after each barrier what kind of segment it is.
        MemorySegment memory = this.memory;
        int lengthWithHeader = (int) length + RECORD_HEADER;
        long record = RingLayout.recordLength(lengthWithHeader);
        try {
            if (record > room - position && !makeRoom(memory, record)) {
                return false;
            }
            long position = this.position;
            long begin = data + (position & mask);
            BulkCopy.copy(source, offset, memory, begin + RECORD_HEADER, length);
            append(memory, begin, RingLayout.committed(type, lengthWithHeader), position + record);
        } catch (Throwable failure) {
            // The source is closed, belongs to another thread, or is a file that was cut off while it was copied; or the
            // stack is exhausted, so that nothing is called here.
            if (producing == READY) {
                producing = UNSURE;
                room = NO_ROOM;
            }
            throw failure;
        }
        return true;
    }

    @Override
    public boolean tryClaim(int type, int length, Claim claim) {
        claim.requireNotOpen();
        requireMessage(type, length);
        long record = RingLayout.recordLength(length + RECORD_HEADER);
        try {
            if (record > room - position && !makeRoom(memory, record)) {
                return false;
            }
        } catch (Throwable failure) {
            // Nothing is called here: the stack may be exhausted.
            if (producing == READY) {
                producing = UNSURE;
                room = NO_ROOM;
            }
            throw failure;
        }
        producing = CLAIMING;
        room = NO_ROOM;
        claim.ring = this;
        claim.memory = memory;
        claim.offset = data + (position & mask) + RECORD_HEADER;
        claim.type = type;
        claim.length = length;
        claim.position = position;
        return true;
    }

    /** Sees to it that a record can be written at the position, after padding if need be; returns false if there is no room. */
    private boolean makeRoom(MemorySegment memory, long record) {
        if (producing != READY) {
            beginProducing();
        }
        long toEnd = capacity - (position & mask);
        long needed = record <= toEnd ? record : toEnd + record;
        if (needed > limit - position && !hasRoom(needed)) {
            showBatch();
            LONG.setOpaque(memory, SLOT + RingLayout.SLOT_FAILED, failed + 1);
            failed++;
            return false;
        }
        if (record > toEnd) {
            requireMemory(toEnd);
            // A record lies in one piece.
            append(memory, data + (position & mask), RingLayout.committed(PADDING_TYPE, (int) toEnd), position + toEnd);
        }
        requireMemory(record);
        room = roomInOnePiece();
        // Another thread that closes this object takes the room away after it has said so.
        VarHandle.fullFence();
        if (closed) {
            stopProducing();
            producer.giveBack(memory);
            requireUsable();
        }
        return true;
    }

    /** Checks that there is memory for a record at the position, and for the word behind it that ends the records. */
    private void requireMemory(long record) {
        if (!backing.isComplete()) {
            backing.require(data + (position & mask), record);
            backing.require(data + (position + record & mask), RECORD_HEADER);
        }
    }

    private long roomInOnePiece() {
        // As long as there may be no memory, each record has to ask.
        return backing.isComplete() ? Math.min(limit, position + capacity - (position & mask)) : NO_ROOM;
    }

    private boolean hasRoom(long needed) {
        // SYNC POINT free position: with the release in publishFree. The consumer has done with these bytes.
        long free = (long) LONG.getAcquire(memory, RingLayout.FREE_POSITION_OFFSET);
        if (free < 0 || free > shown || position - free > capacity || (free & (ALIGNMENT - 1)) != 0) {
            throw corrupted("the free position is " + free + ", the producer's is " + shown);
        }
        // If the consumer has stored it after that, it is beyond the free position, and nothing counts as cleared.
        long cleared = (long) LONG.get(memory, RingLayout.CLEARED_FROM_OFFSET);
        endedFrom = Math.min(free + capacity, Math.max(remainsUpTo, cleared + capacity));
        limit = free + capacity;
        return needed <= limit - position;
    }

    /** Takes note that there is something in the room up to a position that was never shown. */
    private void leaveRemains(long end) {
        remainsUpTo = Math.max(remainsUpTo, end);
        endedFrom = Math.max(endedFrom, end);
    }

    /** Completes the record at the producer's position, and shows it to the consumer if no batch was begun. */
    private void append(MemorySegment memory, long begin, long header, long end) {
        if (end < endedFrom) {
            // Where the consumer looks next there must be nothing. From endedFrom on there is nothing already; or the ring is
            // full, and the first record still lies there.
            LONG.set(memory, data + (end & mask), 0L);
        }
        if (batching) {
            appendToBatch(memory, begin, header, end);
        } else {
            show(memory, begin, header, end);
        }
    }

    private void appendToBatch(MemorySegment memory, long begin, long header, long end) {
        if (position == shown) {
            // The consumer comes to the others by way of this one.
            withheld = header;
        } else {
            LONG.set(memory, begin, header);
        }
        position = end;
    }

    /** Shows the consumer a record and what follows it up to a position. */
    private void show(MemorySegment memory, long begin, long header, long end) {
        // Here, as it is cheap beside other plain accesses.
        boolean sleepers = sleepingConsumer.exist(memory);
        // SYNC POINT record: with the acquire in header. The consumer sees all of the record.
        LONG.setRelease(memory, begin, header);
        // SYNC POINT producer position: with the acquire in resumeProducer. It never gets ahead of a header.
        LONG.setRelease(memory, RingLayout.PRODUCER_POSITION_OFFSET, end);
        position = end;
        shown = end;
        if (sleepers) {
            sleepingConsumer.wake();
        }
    }

    /**
     * Begins a batch. For the producer.
     *
     * <p>What it writes or commits from now on reaches the consumer when the batch is published or closed: all of it at
     * once, with a single store. That saves work for each message, and the consumer from looking at what is just being
     * written, so that more messages get through, and each of them later.
     *
     * {@snippet :
     * try (var _ = ring.beginBatch()) {
     *     while (hasNext() && ring.write(type, next())) {
     *     }
     * }
     * }
     *
     * <p>If a batch is open, its messages are published, and it goes on. An exhausted stack can keep the {@code close()} of a
     * batch from running.
     *
     * @return the batch, which is the same object each time
     * @throws IllegalStateException if this object was closed or if the memory is read-only
     * @throws RingOccupiedException if another producer is there
     * @throws RingCorruptedException if the memory was overwritten
     */
    public Batch beginBatch() {
        if (ending && producing == UNSURE) {
            beginProducing();
        }
        if (batching) {
            showBatch();
            return batch;
        }
        if (producing != READY) {
            beginProducing();
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
            try {
                endBatch();
            } catch (Throwable failure) {
                // Nobody may call this again. Nothing is called here: the stack may be exhausted.
                ending = batching;
                if (producing == READY) {
                    producing = UNSURE;
                    room = NO_ROOM;
                }
                throw failure;
            }
        }
    }

    private void endBatch() {
        showBatch();
        batching = false;
        ending = false;
    }

    @Override
    void showBatch() {
        if (batching && shown != position) {
            if (producing == UNSURE) {
                settleProducer();
            }
            try {
                if (shown != position) {
                    show(memory, data + (shown & mask), withheld, position);
                }
            } catch (Throwable failure) {
                // Nothing is called here: the stack may be exhausted.
                if (producing == READY) {
                    producing = UNSURE;
                    room = NO_ROOM;
                }
                throw failure;
            }
        }
    }

    @Override
    void commit(Claim claim) {
        try {
            if (!producer.isSigned(memory)) {
                stopProducing();
                producer.forget();
                batching = false;
                throw new ClaimLostException("the claim at position " + claim.position
                        + " is lost: the ring has another producer");
            }
            int lengthWithHeader = claim.length + RECORD_HEADER;
            append(memory, claim.offset - RECORD_HEADER, RingLayout.committed(claim.type, lengthWithHeader),
                    claim.position
                            + RingLayout.recordLength(lengthWithHeader));
            becomeReady();
            claim.ring = null;
        } catch (Throwable failure) {
            // Nothing is called here: the stack may be exhausted.
            if (producing == CLAIMING) {
                producing = UNSURE;
                room = NO_ROOM;
            }
            claim.ring = null;
            throw failure;
        }
    }

    @Override
    void abort(Claim claim) {
        try {
            leaveRemains(claim.position + RingLayout.recordLength(claim.length + RECORD_HEADER));
            becomeReady();
        } catch (Throwable failure) {
            // Nothing is called here: the stack may be exhausted.
            producing = UNSURE;
            claim.ring = null;
            throw failure;
        }
        claim.ring = null;
    }

    private void becomeReady() {
        if (ending) {
            producing = UNSURE;
        } else {
            room = roomInOnePiece();
            producing = READY;
        }
    }

    private void beginProducing() {
        requireNoOpenClaim();
        requireUsable();
        if (producing == UNSURE) {
            settleProducer();
        }
        if (producing != READY) {
            becomeProducer();
        }
    }

    private void becomeProducer() {
        take(producer, "producer");
        try {
            resumeProducer();
        } catch (Throwable failure) {
            producer.giveBack(memory);
            throw failure;
        }
        room = roomInOnePiece();
        producing = READY;
    }

    /**
     * Finds out what was stored when something was thrown out of a call, as a successor does. A batch that was not published
     * goes on.
     */
    private void settleProducer() {
        if (!producer.isSigned(memory)) {
            stopProducing();
            producer.forget();
            batching = false;
            return;
        }
        long free = (long) LONG.getAcquire(memory, RingLayout.FREE_POSITION_OFFSET);
        long end = endOfRecords(shown, free);
        if (batching && shown != position && end == shown) {
            if (position - free < capacity) {
                // The header of what was to be the next record may be there already.
                LONG.set(memory, data + (position & mask), 0L);
            }
        } else {
            if (end != producerPosition()) {
                LONG.setRelease(memory, RingLayout.PRODUCER_POSITION_OFFSET, end);
            }
            position = end;
            shown = end;
        }
        limit = free + capacity;
        leaveRemains(limit);
        room = roomInOnePiece();
        producing = READY;
        if (ending) {
            endBatch();
        }
    }

    /** Goes on where the last producer was, which may have been killed at any point. */
    private void resumeProducer() {
        // SYNC POINT producer position: with the release in show. The records before it are complete.
        long produced = (long) LONG.getAcquire(memory, RingLayout.PRODUCER_POSITION_OFFSET);
        long free = (long) LONG.getAcquire(memory, RingLayout.FREE_POSITION_OFFSET);
        long position = endOfRecords(produced, free);
        if (position != produced) {
            LONG.setRelease(memory, RingLayout.PRODUCER_POSITION_OFFSET, position);
        }
        this.position = position;
        shown = position;
        limit = free + capacity;
        leaveRemains(limit);
        failed = (long) LONG.getOpaque(memory, SLOT + RingLayout.SLOT_FAILED);
    }

    /**
     * Returns where the last complete record ends. A predecessor that was killed before it had advanced its position has
     * left records behind it, which the consumer may have read already. What it has written behind them never existed.
     */
    private long endOfRecords(long produced, long free) {
        long consumed = consumerPosition();
        requireNear(produced, consumed);
        long position = Math.max(produced, consumed);
        // Each round gets further, and not beyond what can be in use.
        while (true) {
            if (((position | free) & (ALIGNMENT - 1)) != 0
                    || free < 0
                    || position < free
                    || position - free > capacity
                    || position > RingLayout.GREATEST_POSITION) {
                throw corrupted("the positions are " + free + " (free) and " + produced + " (producer), with records up"
                        + " to " + position);
            }
            if (position - free == capacity) {
                // The ring is full: the first record is met again.
                return position;
            }
            long header = (long) LONG.getAcquire(memory, data + (position & mask));
            // SYNC POINT cleared: with the fence in publishFree. Whoever meets what is being cleared, whole or in part, sees
            // next that the consumer is behind it.
            consumed = consumerPosition();
            if (consumed > position) {
                position = consumed;
            } else if (header == 0) {
                return position;
            } else {
                position += requireRecord(header, position, free);
            }
        }
    }

    /** Checks the producer's position, which may be behind the consumer's: it is stored last, or never after a kill. */
    private void requireNear(long produced, long consumed) {
        if (produced < 0
                || produced - consumed > capacity
                || consumed - produced > capacity
                || (produced & (ALIGNMENT - 1)) != 0) {
            throw corrupted("the positions are " + consumed + " (consumer) and " + produced + " (producer)");
        }
    }

    private void requireNoOpenClaim() {
        if (producing == CLAIMING && abandoned) {
            abandoned = false;
            producing = UNSURE;
        }
        if (producing == CLAIMING) {
            throw new IllegalStateException("the producer has an open claim: commit or abort it first");
        }
    }

    private void stopProducing() {
        producing = NOT_PRODUCING;
        room = NO_ROOM;
    }

    @Override
    Consumer<MemorySegment> producersAtLast() {
        return producer::giveBack;
    }

    @Override
    void closeProducer() {
        requireNoOpenClaim();
        closed = true;
        VarHandle.fullFence();
        room = NO_ROOM;
        if (!producer.isHeld(memory)) {
            producing = NOT_PRODUCING;
            return;
        }
        try {
            showBatch();
        } catch (RingException corrupted) {
            // The next producer says so.
        }
        batching = false;
        // If it cannot be given back now, the next call finds out.
        producing = UNSURE;
        producer.giveBack(memory);
        producing = NOT_PRODUCING;
    }

    @Override
    long header(MemorySegment memory, long begin, long from) {
        // SYNC POINT record: with the release in show.
        return (long) LONG.getAcquire(memory, begin);
    }

    @Override
    long headerIfStalled(long from) {
        return 0;
    }

    @Override
    boolean mustClear() {
        return false;
    }

    @Override
    long written(long produced, long consumed) {
        // The producer stores its position after the message, which may have been read by then.
        return produced < consumed && consumed - produced <= capacity ? consumed : produced;
    }

    @Override
    boolean mayBeClaimed() {
        return false;
    }

    @Override
    boolean mayBePadding(long position, long record) {
        // Otherwise somebody could fill the ring with it, and the consumer would go around for ever.
        return (position + record & mask) == 0 && record <= RingLayout.recordLength(maxMessageLength + RECORD_HEADER);
    }

    @Override
    void consumerResumed(long from) {
        requireNear(producerPosition(), from);
    }
}
