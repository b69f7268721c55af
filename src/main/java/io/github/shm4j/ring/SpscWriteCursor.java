package io.github.shm4j.ring;

import static io.github.shm4j.ring.RingLayout.ALIGNMENT;
import static io.github.shm4j.ring.RingLayout.LONG;
import static io.github.shm4j.ring.RingLayout.PADDING_TYPE;
import static io.github.shm4j.ring.RingLayout.RECORD_HEADER;

import io.github.shm4j.structure.RoleSignature;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.OptionalLong;

/** Where the only producer of a ring is: what it has written, what of that the consumer can see, and how much room it has. */
abstract sealed class SpscWriteCursor extends RingProducer permits SpscProducer {

    static final long SLOT = RingLayout.SLOTS_BEGIN;

    /** What {@link #room} is while nothing can be written. */
    static final long NO_ROOM = Long.MIN_VALUE / 2;

    // What this object is to the role of producer.
    static final int NOT_PRODUCING = 0;
    /** A record can be written. */
    static final int READY = 1;
    /** A claim is open. */
    static final int CLAIMING = 2;
    /** Something was thrown out of a call: what was stored is in the memory. */
    static final int UNSURE = 3;

    final RoleSignature signature;
    final OneThread thread = new OneThread();

    private final SpscRecords records;
    final RingRole<SpscProducer> role;

    boolean batching;

    /** Whether the batch was to be closed, and something was thrown. */
    boolean ending;

    volatile boolean closed;

    int producing = NOT_PRODUCING;

    /** What the memory says for as long as nobody has taken the role away, or counts late that it had it before. */
    private long successions;

    /** The number with which this producer has signed. */
    long signing;

    /** Where the next record begins. */
    long position;

    /** Up to where a record can reach without a look at anything, as it is free and not beyond the end of the ring. */
    long room = NO_ROOM;

    /** Where the next record to be published begins; differs from position only in a batch. */
    long publishedPosition;

    /** The header of the record there, which is stored when the batch is published. */
    long pendingHeader;

    /** Up to where records may reach, as far as the consumer had freed when last looked. */
    long limit;

    /**
     * From where on the producer need not store that there is nothing behind a record: the consumer has cleared the room
     * there, or it is the limit, and the ring is full.
     */
    long endedFrom;

    /** Up to where there may be bytes of messages that were never published, of ours or of a predecessor that was killed. */
    long unpublishedUpTo;

    /** How many attempts have found no room, those of predecessors included, as the memory says. */
    long failed;

    /** What that was when this producer began. */
    long failedBefore;

    SpscWriteCursor(SpscRingBuffer ring, RingRole<SpscProducer> role) {
        super(ring);
        this.role = role;
        this.signature = role.signature;
        this.records = ring.records();
    }

    /** Throws if somebody has taken the role away. The field is in a cache line that nobody else writes to. */
    final void requireRole(MemorySegment memory) {
        if (hasLostRole(memory)) {
            throw role.lost();
        }
    }

    final boolean hasLostRole(MemorySegment memory) {
        // SYNC POINT count: with the increment in RoleSignature.settle. Plain, as an acquire would keep the compiler from much; the
        // stores behind this depend on it.
        return (long) LONG.get(memory, SLOT + RingLayout.SLOT_SUCCESSIONS) != successions && isRobbed(memory);
    }

    /** Finds out whether the successions have changed because this producer was robbed, or somebody else before. */
    private boolean isRobbed(MemorySegment memory) {
        OptionalLong count = signature.count(memory, signing);
        successions = count.orElse(successions);
        return count.isEmpty();
    }

    /** Sees to it that a record can be written at the position, after padding if need be; returns false if there is no room. */
    final boolean makeRoom(MemorySegment memory, long record) {
        if (producing != READY) {
            beginProducing();
        }
        long toEnd = capacity - (position & mask);
        long needed = record <= toEnd ? record : toEnd + record;
        if (needed > limit - position && !hasRoom(needed)) {
            publishBatch();
            LONG.setOpaque(memory, SLOT + RingLayout.SLOT_FAILED, failed + 1);
            failed++;
            noteFull();
            return false;
        }
        if (full != null) {
            noteRoom();
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
            signature.giveBack(memory);
            stopProducing();
            requireOpen();
        }
        return true;
    }

    @Override
    final void handOver() {
        thread.handOver();
    }

    @Override
    final long position() {
        if (producing != READY) {
            beginProducing();
        }
        return position;
    }

    /** Checks that there is memory for a record at the position, and for the word behind it that ends the records. */
    private void requireMemory(long record) {
        if (!backing.isComplete()) {
            backing.require(data + (position & mask), record);
            backing.require(data + (position + record & mask), RECORD_HEADER);
        }
    }

    final long roomInOnePiece() {
        // As long as there may be no memory, each record has to ask.
        return backing.isComplete() ? Math.min(limit, position + capacity - (position & mask)) : NO_ROOM;
    }

    private boolean hasRoom(long needed) {
        // SYNC POINT free position: with the release in ReadCursor.publishFree. The consumer has done with these bytes.
        long free = (long) LONG.getAcquire(memory, RingLayout.FREE_POSITION_OFFSET);
        if (free < 0 || free > publishedPosition || position - free > capacity || (free & (ALIGNMENT - 1)) != 0) {
            throw RingCorruptedException
                    .overwritten("the free position is " + free + ", the producer's is " + publishedPosition);
        }
        // If the consumer has stored it after that, it is beyond the free position, and nothing counts as cleared.
        long cleared = (long) LONG.get(memory, RingLayout.CLEARED_FROM_OFFSET);
        endedFrom = Math.min(free + capacity, Math.max(unpublishedUpTo, cleared + capacity));
        limit = free + capacity;
        return needed <= limit - position;
    }

    /** Takes note that there is something in the room up to a position that was never published. */
    final void leaveUnpublished(long end) {
        unpublishedUpTo = Math.max(unpublishedUpTo, end);
        endedFrom = Math.max(endedFrom, end);
    }

    /** Completes the record at the producer's position, and publishes it if no batch was begun. */
    final void append(MemorySegment memory, long begin, long header, long end) {
        if (end < endedFrom) {
            // Where the consumer looks next there must be nothing. From endedFrom on there is nothing already; or the ring is
            // full, and the first record still lies there.
            LONG.set(memory, data + (end & mask), 0L);
        }
        if (batching) {
            appendToBatch(memory, begin, header, end);
        } else {
            publish(memory, begin, header, end);
        }
    }

    private void appendToBatch(MemorySegment memory, long begin, long header, long end) {
        if (position == publishedPosition) {
            // The consumer comes to the others by way of this one.
            pendingHeader = header;
        } else {
            LONG.set(memory, begin, header);
        }
        position = end;
    }

    /** Publishes a record and what follows it up to a position. */
    private void publish(MemorySegment memory, long begin, long header, long end) {
        // Here, as it is cheap beside other plain accesses.
        boolean sleepers = sleepingConsumer.exist(memory);
        if (batching) {
            // Much may have been written since.
            requireRole(memory);
        }
        // SYNC POINT record: with the acquires in SpscRecords.nextRecord and Browser.next. The consumer sees all of the record.
        LONG.setRelease(memory, begin, header);
        // SYNC POINT producer position: with the acquire in SpscWriteCursor.resume. It never gets ahead of a header.
        LONG.setRelease(memory, RingLayout.PRODUCER_POSITION_OFFSET, end);
        position = end;
        publishedPosition = end;
        if (sleepers) {
            sleepingConsumer.wake();
        }
    }

    @Override
    final void publishBatch() {
        if (batching && publishedPosition != position) {
            if (producing == UNSURE) {
                reconcile();
                requireReady();
            }
            try {
                if (publishedPosition != position) {
                    publish(memory, data + (publishedPosition & mask), pendingHeader, position);
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

    /**
     * Finds out what was stored when something was thrown out of a call, as a successor does. A batch that was not published
     * goes on.
     */
    final void reconcile() {
        if (hasLostRole(memory)) {
            stopProducing();
            batching = false;
            throw role.lost();
        }
        if (!signature.isSigned(memory)) {
            stopProducing();
            signature.forget(signing);
            batching = false;
            return;
        }
        long free = (long) LONG.getAcquire(memory, RingLayout.FREE_POSITION_OFFSET);
        long end = endOfRecords(publishedPosition, free);
        if (batching && publishedPosition != position && end == publishedPosition) {
            if (position - free < capacity) {
                // The header of what was to be the next record may be there already.
                LONG.set(memory, data + (position & mask), 0L);
            }
        } else {
            if (end != records.producerPosition()) {
                LONG.setRelease(memory, RingLayout.PRODUCER_POSITION_OFFSET, end);
            }
            position = end;
            publishedPosition = end;
        }
        limit = free + capacity;
        leaveUnpublished(limit);
        // Who closes this object reconciles it, too. It writes nothing after that.
        room = closed ? NO_ROOM : roomInOnePiece();
        producing = READY;
        if (ending) {
            endBatch();
        }
    }

    /** Goes on where the last producer was, which may have been killed at any point. */
    final void resume() {
        signing = signature.signing();
        successions = signature.count();
        // SYNC POINT producer position: with the release in SpscWriteCursor.publish. The records before it are complete.
        long produced = (long) LONG.getAcquire(memory, RingLayout.PRODUCER_POSITION_OFFSET);
        long free = (long) LONG.getAcquire(memory, RingLayout.FREE_POSITION_OFFSET);
        long position;
        try {
            position = endOfRecords(produced, free);
        } catch (RingCorruptedException contradiction) {
            requireRole(memory);
            throw contradiction;
        }
        if (position != produced) {
            // Another process may have taken the role over already, and write behind that.
            requireRole(memory);
            LONG.setRelease(memory, RingLayout.PRODUCER_POSITION_OFFSET, position);
        }
        this.position = position;
        publishedPosition = position;
        limit = free + capacity;
        leaveUnpublished(limit);
        failed = (long) LONG.getOpaque(memory, SLOT + RingLayout.SLOT_FAILED);
        failedBefore = failed;
    }

    /**
     * Returns where the last complete record ends. A predecessor that was killed before it had advanced its position has
     * left records behind it, which the consumer may have read already. What it has written behind them never existed.
     */
    private long endOfRecords(long produced, long free) {
        long consumed = records.consumerPosition();
        records.requireNear(produced, consumed);
        long position = Math.max(produced, consumed);
        // Each round gets further, and not beyond what can be in use.
        while (true) {
            if (((position | free) & (ALIGNMENT - 1)) != 0
                    || free < 0
                    || position < free
                    || position - free > capacity
                    || position > RingLayout.GREATEST_POSITION) {
                throw RingCorruptedException.overwritten(
                        "the positions are " + free + " (free) and " + produced + " (producer), with records up"
                                + " to " + position);
            }
            if (position - free == capacity) {
                // The ring is full: the first record is met again.
                return position;
            }
            long header = (long) LONG.getAcquire(memory, data + (position & mask));
            // SYNC POINT cleared: with the fence in ReadCursor.publishFree. Whoever meets what is being cleared, whole or in part, sees
            // next that the consumer is behind it.
            consumed = records.consumerPosition();
            if (consumed > position) {
                position = consumed;
            } else if (header == 0) {
                return position;
            } else {
                position += records.requireRecord(header, position, free);
            }
        }
    }

    final void beginProducing() {
        requireNoOpenClaim();
        requireOpen();
        if (producing == UNSURE) {
            reconcile();
        }
        requireReady();
    }

    private void requireReady() {
        if (producing != READY) {
            requireRole(memory);
            throw RingCorruptedException.overwritten("the producer is another one");
        }
    }

    final void requireNoOpenClaim() {
        if (producing == CLAIMING && abandoned) {
            abandoned = false;
            producing = UNSURE;
        }
        if (producing == CLAIMING) {
            throw new IllegalStateException("the producer has an open claim: commit or abort it first");
        }
    }

    final void endBatch() {
        publishBatch();
        batching = false;
        ending = false;
    }

    final void stopProducing() {
        producing = NOT_PRODUCING;
        room = NO_ROOM;
    }
}
