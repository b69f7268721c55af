package io.github.shm4j.broadcast;

import static io.github.shm4j.broadcast.BroadcastFormat.MESSAGES_OFFSET;
import static io.github.shm4j.broadcast.BroadcastFormat.NEWEST_MARKS;
import static io.github.shm4j.broadcast.BroadcastFormat.OLDEST_MARKS;
import static io.github.shm4j.broadcast.BroadcastFormat.PADDING_TYPE;
import static io.github.shm4j.broadcast.BroadcastFormat.PRODUCER_SUCCESSIONS_OFFSET;
import static io.github.shm4j.broadcast.BroadcastFormat.RECORD_HEADER;
import static io.github.shm4j.broadcast.BroadcastFormat.TRIMS_OFFSET;
import static io.github.shm4j.structure.Format.LONG;

import io.github.shm4j.internal.FutexWaiters;
import io.github.shm4j.structure.Copies;
import io.github.shm4j.structure.Format;
import io.github.shm4j.structure.SoleRole;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.Objects;

/**
 * The producer of a broadcast ring: writes messages, and waits for nobody.
 *
 * {@snippet :
 * try (BroadcastProducer out = ring.producer()) {
 *     out.write(type, message);
 * }
 * }
 *
 * <p>A ring has one producer at a time, from {@link BroadcastRing#producer()} until {@link #close()}, or until its process
 * terminates; {@link BroadcastRing#takeOverProducer()} takes the role away before. It is for one thread at a time. A thread that takes it over from another one has to see what that one did, as by a
 * lock or by being started after.
 */
public final class BroadcastProducer implements AutoCloseable {

    /** A little before the greatest position, as that is not looked at for each message. */
    private static final long GREATEST_END = Format.GREATEST_POSITION - BroadcastFormat.GREATEST_CAPACITY;

    private final MemorySegment memory;
    private final Records records;
    private final FutexWaiters sleepers;
    private final SoleRole role;
    private final SoleRole.Hold hold;

    /** Whether the fields below are what is in the memory. They are not if something was thrown out of a call. */
    private boolean sure;

    /** The end of the newest message. */
    private long position;

    private long messages;
    private long bytes;

    /** Up to where records may reach without a trim. */
    private long limit;

    /** The beginning of the oldest message that is left. */
    private final Mark oldest = new Mark();

    private final Mark newest = new Mark();

    private final Sections sections;

    BroadcastProducer(BroadcastRing ring, SoleRole role, SoleRole.Hold hold) {
        this.memory = ring.memory;
        this.records = ring.records;
        this.sections = new Sections(records.capacity);
        this.sleepers = ring.sleepers;
        this.role = role;
        this.hold = hold;
    }

    /**
     * Writes a message, for the producing thread. It never waits: the oldest messages give way to the newest.
     *
     * <p>If something is thrown out of this method, the message was written as a whole or not at all, and
     * {@link BroadcastRing#messages()} tells which.
     *
     * @param type what kind of message it is, greater than 0; the meaning is up to the users of the ring
     * @param source the message
     * @return how many messages were written to the ring so far, this one included
     * @throws IllegalArgumentException if the type is not positive, or the message longer than an eighth of the ring
     * @throws BroadcastRoleLostException if somebody has taken the role over
     * @throws BroadcastCorruptedException if the memory was overwritten
     * @throws IllegalStateException if this producer was closed
     */
    public long write(int type, MemorySegment source) {
        return write(type, source, 0, source.byteSize());
    }

    /**
     * Writes a message that is a part of a segment, for the producing thread. It never waits: the oldest messages give way to the
     * newest.
     *
     * <p>If something is thrown out of this method, the message was written as a whole or not at all, and
     * {@link BroadcastRing#messages()} tells which.
     *
     * @param type what kind of message it is, greater than 0; the meaning is up to the users of the ring
     * @param source where the message is
     * @param offset where in {@code source} the message begins
     * @param length its length in bytes, at most {@link BroadcastRing#maxMessageLength()}
     * @return how many messages were written to the ring so far, this one included
     * @throws IndexOutOfBoundsException if the message is not within the source
     * @throws IllegalArgumentException if the type is not positive, or the message longer than an eighth of the ring
     * @throws BroadcastRoleLostException if somebody has taken the role over
     * @throws BroadcastCorruptedException if the memory was overwritten
     * @throws IllegalStateException if this producer was closed
     */
    public long write(int type, MemorySegment source, long offset, long length) {
        requireMessage(type, length);
        Objects.checkFromIndexSize(offset, length, source.byteSize());
        // In local variables, so that the compiler need not look again after each barrier.
        MemorySegment memory = this.memory;
        Records records = this.records;
        if (!sure) {
            resume();
        } else {
            requireSigned(memory);
        }
        sure = false;
        int lengthWithHeader = (int) length + RECORD_HEADER;
        long record = BroadcastFormat.recordLength(lengthWithHeader);
        long begin = position;
        long toEnd = records.toEnd(begin);
        long end = begin + record + (record <= toEnd ? 0 : toEnd);
        if (end > limit) {
            trim(end);
        }
        // SYNC POINT trim: with the fence in BroadcastReader.isOvertaken. Nothing is overwritten before the messages there were
        // given up, by this process or a predecessor.
        VarHandle.releaseFence();
        if (record > toEnd) {
            // A record lies in one piece.
            LONG.set(memory, records.offset(begin), BroadcastFormat.header(PADDING_TYPE, (int) toEnd));
            begin += toEnd;
        }
        long at = records.offset(begin);
        Copies.copy(source, offset, memory, at + RECORD_HEADER, length);
        // Once more: much may have been copied since.
        requireRole(memory);
        LONG.set(memory, at, BroadcastFormat.header(type, lengthWithHeader));
        long number = messages + 1;
        long total = bytes + length;
        // SYNC POINT mark: with the fence in Mark.read. The fence above keeps this behind the number of the last mark.
        Mark.store(memory, BroadcastFormat.mark(NEWEST_MARKS, number), end, number, total);
        // SYNC POINT message: with the acquire in BroadcastRing.messages and in Mark.read. Whoever sees the number sees all of the
        // message and its mark.
        LONG.setRelease(memory, MESSAGES_OFFSET, number);
        position = end;
        messages = number;
        bytes = total;
        if (end >= sections.nextBegin()) {
            sections.add(end, number, total);
        }
        sure = true;
        if (sleepers.exist(memory)) {
            sleepers.wake();
        }
        return number;
    }

    /** Throws if the ring names another process, or this one has the role through another object. */
    private void requireSigned(MemorySegment memory) {
        if (!role.isSigned(memory)) {
            throw role.lost(memory);
        }
        requireRole(memory);
    }

    /** Throws if somebody has taken the role away. The field is in a cache line that nobody else writes to. */
    private void requireRole(MemorySegment memory) {
        // SYNC POINT count: with the increment in RoleSignature.settle. Plain, as an acquire would keep the compiler from much; the
        // stores behind this depend on it.
        if ((long) LONG.get(memory, PRODUCER_SUCCESSIONS_OFFSET) != hold.count() && role.isLost(hold, memory)) {
            throw role.lost(memory);
        }
    }

    private void requireMessage(int type, long length) {
        if (type <= 0) {
            throw new IllegalArgumentException("type is " + type + "; it must be greater than 0");
        }
        if (length < 0 || length > records.maxMessageLength) {
            throw new IllegalArgumentException("length is " + length + "; it must be from 0 to "
                    + records.maxMessageLength + ", an eighth of the ring's capacity");
        }
    }

    /** Finds out where the ring is: what this object wrote last, or a predecessor that may have been killed. */
    private void resume() {
        if (!hold.isOpen()) {
            throw new IllegalStateException("this producer was closed");
        }
        requireSigned(memory);
        newest.readNewest(memory, 0);
        oldest.readOldest(memory);
        long length = newest.position - oldest.position;
        if (length < 0
                || length > records.capacity
                || oldest.messages > newest.messages
                || oldest.bytes > newest.bytes
                || newest.position > GREATEST_END) {
            // Somebody else may have written since the role was lost.
            requireSigned(memory);
            throw Mark.overwritten("the oldest message is at position " + oldest.position + " behind " + oldest.messages
                    + " messages of " + oldest.bytes + " bytes; the newest one ends at position " + newest.position
                    + " behind " + newest.messages + " messages of " + newest.bytes + " bytes");
        }
        position = newest.position;
        messages = newest.messages;
        bytes = newest.bytes;
        limit = oldest.position + records.capacity;
        sections.restart(position);
        sure = true;
    }

    /** Gives up the oldest messages, up to the next section, so that a record may reach up to a position. */
    private void trim(long end) {
        if (end > GREATEST_END) {
            throw Mark.overwritten("the newest message ends at position " + position);
        }
        MemorySegment memory = this.memory;
        long begin = sections.beginBehind(end - records.capacity);
        long number = oldest.number + 1;
        if (!sections.find(begin, oldest)) {
            goOver(begin);
        }
        Mark.store(memory, BroadcastFormat.mark(OLDEST_MARKS, number), oldest.position, oldest.messages, oldest.bytes);
        // SYNC POINT trim: with the acquire in Mark.read. Whoever sees the number sees its mark.
        LONG.setRelease(memory, TRIMS_OFFSET, number);
        oldest.number = number;
        limit = oldest.position + records.capacity;
        // Stores that bypass the cache, as those of a long copy may, stay behind this only by a full fence.
        VarHandle.fullFence();
    }

    /** Goes over the oldest records, which a predecessor has written or this object before something was thrown. */
    private void goOver(long begin) {
        MemorySegment memory = this.memory;
        long at = oldest.position;
        long passed = oldest.messages;
        long size = oldest.bytes;
        while (at < begin) {
            long header = records.header(memory, at);
            if (records.isPadding(header, at)) {
                at += records.toEnd(at);
            } else if (records.isMessage(header, at)) {
                at += BroadcastFormat.recordLength((int) header);
                passed++;
                size += Records.length(header);
            } else {
                requireRole(memory);
                throw Records.overwritten(header, at);
            }
        }
        // Somebody else may have written since the role was lost.
        requireRole(memory);
        if (at > position || passed > messages || size > bytes) {
            throw Mark.overwritten("the records up to position " + at + " are " + passed + " messages of " + size
                    + " bytes; there were " + messages + " of " + bytes + " bytes up to position " + position);
        }
        oldest.position = at;
        oldest.messages = passed;
        oldest.bytes = size;
    }

    /** Gives the role back, so that another process can have it. What was written stays. */
    @Override
    public void close() {
        sure = false;
        role.giveBack(hold, memory);
    }
}
