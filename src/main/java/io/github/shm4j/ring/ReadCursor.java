package io.github.shm4j.ring;

import static io.github.shm4j.ring.RingLayout.ALIGNMENT;
import static io.github.shm4j.ring.RingLayout.LONG;

import io.github.shm4j.internal.FutexWaiters;
import io.github.shm4j.internal.WaitLoop;
import io.github.shm4j.structure.RoleSignature;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.OptionalLong;

/** Where a consumer is in its ring: what it has consumed, and what of that it has given back to the producers. */
abstract sealed class ReadCursor extends Padding permits ConsumerRole {

    /** A ring that fits into the caches of one core, where it is worth its while to clear also longer records. */
    private static final int SMALL_RING = 1 << 20;

    /** The mean length of records that are worth it in any ring. */
    private static final int SMALL_RECORD = 1100;

    /** How much of a cache line's neighbourhood the consumer leaves alone while a producer may be writing to it. */
    private static final int CACHE_LINE = 64;

    /** After how many reads in a row that found nothing the consumer gives back the rest of the last cache line, too. */
    private static final int IDLE_READS = 16;

    /** The most that the consumer keeps before it gives it back. */
    private static final long LARGEST_STEP = 64 << 10;

    /** How many records the consumer keeps at most: as long as they are small, they are in its nearest cache then. */
    private static final int MOST_RECORDS_IN_STEP = 256;

    /** How many bytes the consumer keeps in a ring that is looked at without success, until it gives them back. */
    private static final int IDLE_STEP = 1024;

    /** In rings whose steps are smaller than this, everything is given back at once. */
    private static final int SMALLEST_STEP_OF_LINES = 1024;

    /** How many records of padding one look passes over. */
    private static final int MOST_PADDING_IN_LOOK = 1024;

    // What this object is to the role of consumer.
    static final int NOT_CONSUMING = 0;
    static final int CONSUMING = 1;
    /** A handler is being called. */
    static final int DELIVERING = 2;

    /** A handler that is being called has closed the consumer. */
    static final int CLOSING = 3;

    /** Something was thrown out of a call: what was stored is in the memory. */
    static final int UNSURE = 4;

    final MemorySegment memory;
    final Records records;
    final long capacity;
    final long mask;

    /** Where the records begin. */
    final long data;

    final ReadAhead stream;
    final OneThread thread = new OneThread();

    /** The messages between consumed and next. */
    final PeekedMessages peeked = new PeekedMessages();

    private final Backing backing;
    private final FutexWaiters sleepingProducers;
    private final long freeStep;
    private final int freeAlignment;

    /** The mean length up to which records are cleared for speed. */
    private int mostCleared;

    private int idleReads;

    final RoleSignature signature;
    private final RingRole<RingConsumer> role;

    int consuming = NOT_CONSUMING;

    /** What the memory says for as long as nobody has taken the role away, or counts late that it had it before. */
    private long successions;

    /** The number with which this consumer has signed. */
    private long signing;

    /** Up to where messages are consumed, while it is not known how much of that was stored. */
    long unsureUpTo;

    /** Where the record ends whose message was being delivered when the stack was exhausted last. */
    long overflowedAt = -1;

    /** Where the next record to deliver begins; differs from consumed only after peek. */
    long next;

    long consumed;
    long freed;
    long recordsSinceFreed;
    long messagesRead;
    long bytesRead;
    private long longestBacklog;

    ReadCursor(RingBuffer ring, RingRole<RingConsumer> role) {
        this.role = role;
        this.signature = role.signature;
        this.memory = ring.memory;
        this.records = ring.records();
        this.capacity = ring.capacity;
        this.mask = ring.mask;
        this.data = ring.data;
        this.backing = ring.backing;
        this.sleepingProducers = ring.sleepingProducers;
        this.freeStep = Math.min(capacity / 16, LARGEST_STEP);
        this.stream = new ReadAhead(freeStep);
        this.mostCleared = capacity <= SMALL_RING ? BulkCopy.LARGE : SMALL_RECORD;
        this.freeAlignment = freeStep < SMALLEST_STEP_OF_LINES ? ALIGNMENT : CACHE_LINE;
    }

    /** Goes on where the last consumer was, which may have been killed at any point. */
    final void resume() {
        signing = signature.signing();
        successions = signature.count();
        long free = (long) LONG.getAcquire(memory, RingLayout.FREE_POSITION_OFFSET);
        // SYNC POINT consumer position: with the releases in ReadCursor.noteConsumed and ReadCursor.noteReleased.
        long position = (long) LONG.getAcquire(memory, RingLayout.CONSUMER_POSITION_OFFSET);
        if (((free | position) & (ALIGNMENT - 1)) != 0
                || free < 0
                || position < free
                || position - free > capacity
                || position > RingLayout.GREATEST_POSITION) {
            // Another consumer may have gone on in between.
            requireRole(memory);
            throw contradiction(free, position);
        }
        records.consumerResumed(position);
        next = position;
        consumed = position;
        freed = free;
        messagesRead = (long) LONG.getOpaque(memory, RingLayout.MESSAGES_READ_OFFSET);
        bytesRead = (long) LONG.getOpaque(memory, RingLayout.BYTES_READ_OFFSET);
        stream.begin(messagesRead);
        longestBacklog = (long) LONG.getOpaque(memory, RingLayout.LONGEST_BACKLOG_OFFSET);
        // The predecessor may have been killed while it cleared these bytes.
        publishFree();
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
        return (long) LONG.get(memory, RingLayout.CONSUMER_SUCCESSIONS_OFFSET) != successions && isRobbed(memory);
    }

    /** Finds out whether the successions have changed because this consumer was robbed, or somebody else before. */
    private boolean isRobbed(MemorySegment memory) {
        OptionalLong count = signature.count(memory, signing);
        successions = count.orElse(successions);
        return count.isEmpty();
    }

    /** Finds out what was stored when something was thrown out of a call, and does the rest of it. */
    final void reconcile() {
        requireRole(memory);
        long free = (long) LONG.getAcquire(memory, RingLayout.FREE_POSITION_OFFSET);
        long position = unsureUpTo;
        if (free < freed || free > position || (free & (ALIGNMENT - 1)) != 0) {
            throw contradiction(free, position);
        }
        freed = free;
        consumed = position;
        next = Math.max(next, position);
        peeked.releaseUpTo(position);
        if (records.consumerPosition() != position) {
            noteReleased(memory, position);
        }
        recordsSinceFreed++;
        publishFree();
        consuming = CONSUMING;
    }

    private static RingCorruptedException contradiction(long free, long position) {
        return RingCorruptedException.overwritten(
                "the positions are " + free + " (free) and " + position + " (consumer)");
    }

    final long nextRecord(MemorySegment memory, long position) {
        if (stream.isAtEnd(position)) {
            lookAhead(position);
        }
        return records.nextRecord(memory, data + (position & mask), position);
    }

    /** Looks up to where a stream of messages has got. */
    private void lookAhead(long position) {
        if (stream.goesOn(messagesRead)) {
            long produced = records.producerPosition();
            stream.saw(produced, position);
            noteBacklog(produced);
        }
    }

    /**
     * Looks for a message at the next position. Padding before it is passed over, so that it does not look like one; after
     * much of that, there may be more.
     *
     * @param pastSpinning whether there is time to ask what has become of a record that is not complete
     */
    final int look(boolean pastSpinning) {
        requireRole(memory);
        if (pastSpinning) {
            records.recoverIfStalled(next);
        }
        long lap = next + capacity;
        for (int found = 0; next - freed != capacity; found++) {
            long header = records.nextRecord(next);
            if (header == 0) {
                stream.caughtUp(next, messagesRead);
                return WaitLoop.NOTHING;
            }
            if ((int) (header >> 32) != RingLayout.PADDING_TYPE) {
                return WaitLoop.FOUND;
            }
            if (found == MOST_PADDING_IN_LOOK || next >= lap) {
                return WaitLoop.MORE;
            }
            long behind = next + records.requireRecord(header, next, freed);
            if (peeked.count() == 0) {
                consume(memory, behind);
            } else {
                // What lies before it is still in use.
                recordsSinceFreed++;
                next = behind;
            }
        }
        return WaitLoop.NOTHING;
    }

    /** {@return whether nothing was claimed behind the next position, where nothing was found} */
    final boolean isAtEnd() {
        return records.producerPosition() <= next;
    }

    final void consume(MemorySegment memory, long position) {
        noteConsumed(memory, position);
        recordsSinceFreed++;
        next = position;
        consumed = position;
        if (isStep(position)) {
            if (!stream.isStreaming()) {
                noteBacklog(records.producerPosition());
            }
            publishFree(position & -freeAlignment);
        }
    }

    /** Whether so much was consumed that it is given back, although there may be more to read. */
    private boolean isStep(long position) {
        // A single large message is given back by the next read: clearing it would delay the answer to it.
        return position - freed >= freeStep && (recordsSinceFreed > 1 || freeAlignment == ALIGNMENT)
                || recordsSinceFreed >= MOST_RECORDS_IN_STEP;
    }

    final void noteConsumed(MemorySegment memory, long position) {
        requireRole(memory);
        LONG.set(memory, RingLayout.MESSAGES_READ_OFFSET, messagesRead);
        LONG.set(memory, RingLayout.BYTES_READ_OFFSET, bytesRead);
        // SYNC POINT consumer position: with the acquire in ReadCursor.resume. A successor goes on behind this record.
        LONG.setRelease(memory, RingLayout.CONSUMER_POSITION_OFFSET, position);
    }

    /** As {@link #noteConsumed}, where what was peeked at behind the position is not consumed yet. */
    final void noteReleased(MemorySegment memory, long position) {
        requireRole(memory);
        int released = peeked.countUpTo(position);
        LONG.set(memory, RingLayout.MESSAGES_READ_OFFSET, messagesRead - (peeked.count() - released));
        LONG.set(memory, RingLayout.BYTES_READ_OFFSET, peeked.bytesBefore(released, bytesRead));
        // SYNC POINT consumer position: with the acquire in ReadCursor.resume. A successor goes on behind this record.
        LONG.setRelease(memory, RingLayout.CONSUMER_POSITION_OFFSET, position);
    }

    /** Takes note of a read that has found messages, and whether it has read all of them. */
    final void haveRead(long position, boolean all) {
        stream.haveRead(messagesRead);
        idleReads = 0;
        if (all) {
            stream.caughtUp(position, messagesRead);
            publishFreeIfMuch(position);
        }
    }

    /**
     * Gives back what was consumed, if there was nothing to read. As long as messages keep coming, the rest of the last cache
     * line has to wait, since a producer is writing to that line.
     */
    final void readNothing(long position) {
        stream.caughtUp(position, messagesRead);
        if (++idleReads >= IDLE_READS) {
            idleReads = IDLE_READS;
            publishFree(position);
        } else {
            publishFreeIfMuch(position);
        }
    }

    private void publishFreeIfMuch(long position) {
        if (position - freed >= IDLE_STEP || freeAlignment == ALIGNMENT) {
            publishFree(position & -freeAlignment);
        }
    }

    final void publishFree() {
        publishFree(consumed);
    }

    /** Clears what was consumed, if the kind of ring or the speed asks for it, and then gives it to the producers. */
    private void publishFree(long upTo) {
        if (upTo <= freed) {
            return;
        }
        requireRole(memory);
        noteBacklog(consumed);
        // SYNC POINT cleared: with the acquires in SpscWriteCursor.endOfRecords and Browser.next. The consumer's position comes before what is cleared.
        VarHandle.storeStoreFence();
        if (records.mustClear() || upTo - freed - CACHE_LINE < mostCleared * recordsSinceFreed) {
            clear(freed, upTo);
            if (upTo - freed >= BulkCopy.LARGE) {
                // Once more: it can have taken longer than whoever takes over waits.
                requireRole(memory);
            }
        } else {
            LONG.set(memory, RingLayout.CLEARED_FROM_OFFSET, upTo);
            // Where the ring was full up to here, no producer could say that the records end here.
            LONG.set(memory, data + (freed & mask), 0L);
        }
        // SYNC POINT free position: with the acquires in SpscWriteCursor.hasRoom and MpscProducer.room. They see cleared
        // memory.
        LONG.setRelease(memory, RingLayout.FREE_POSITION_OFFSET, upTo);
        freed = upTo;
        recordsSinceFreed = 0;
        if (sleepingProducers.exist(memory)) {
            sleepingProducers.wake();
        }
    }

    private void noteBacklog(long produced) {
        long backlog = produced - freed;
        if (backlog > longestBacklog && backlog <= capacity) {
            LONG.setOpaque(memory, RingLayout.LONGEST_BACKLOG_OFFSET, backlog);
            longestBacklog = backlog;
        }
    }

    /** For tests of what is not cleared, with rings that are small enough to be looked through. */
    final void clearAsInLargeRings() {
        mostCleared = SMALL_RECORD;
    }

    private void clear(long from, long to) {
        long begin = from & mask;
        long length = to - from;
        long first = Math.min(length, capacity - begin);
        clearPiece(data + begin, first);
        clearPiece(data, length - first);
    }

    private void clearPiece(long begin, long length) {
        if (length >= BulkCopy.LARGE_CLEARING) {
            backing.require(begin, length);
        }
        BulkCopy.clear(memory, begin, length);
    }
}
