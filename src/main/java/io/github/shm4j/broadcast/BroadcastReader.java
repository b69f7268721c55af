package io.github.shm4j.broadcast;

import static io.github.shm4j.broadcast.BroadcastFormat.RECORD_HEADER;
import static io.github.shm4j.broadcast.BroadcastFormat.TRIMS_OFFSET;
import static io.github.shm4j.structure.Format.LONG;

import io.github.shm4j.WaitStrategy;
import io.github.shm4j.internal.WaitLoop;
import io.github.shm4j.structure.Copies;
import io.github.shm4j.structure.Paces;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Objects;

/**
 * A reader of a broadcast ring: gets each message at its own pace, and learns of those that it was too slow for.
 *
 * {@snippet :
 * BroadcastReader in = ring.readerFromNow();
 * while (in.awaitMessage(WaitStrategy.PARK, timeout)) {
 *     in.read(handler, 64);
 * }
 * }
 *
 * <p>All that a reader knows is in this object, nothing of it in the ring: there is nothing to give back, and nobody else notices
 * where it ends. It is for one thread at a time. A thread that takes it over from another one has to see what that one did, as
 * by a lock or by being started after.
 */
public final class BroadcastReader {

    /** How long a copy can be before the buffer has to grow. */
    private static final int FIRST_BUFFER = 64 << 10;

    /** How often it is overtaken in one call, without a message in between, before it returns. */
    static final int MOST_ROUNDS = 100;

    /** With how many of the newest messages it goes on if it was overtaken at the oldest one. */
    private static final int NEWEST_LEFT = 4;

    private final BroadcastRing ring;
    private final MemorySegment memory;
    private final Records records;

    /** Where the next record begins. */
    private long position;

    /** How many messages lie before it, and how many bytes these have. */
    private long messages;
    private long bytes;

    /** How many messages the ring is known to have had. */
    private long published;

    private long lostMessages;
    private long lostBytes;

    /** Where the oldest message that is left began when this was last looked at. */
    private final Mark oldest = new Mark();

    private final Mark newest = new Mark();

    private MemorySegment buffer;

    /** Whether a handler is being called. */
    private boolean delivering;

    /** How many messages were before the one whose handler has exhausted the stack, or -1. */
    private long overflowedAt = -1;

    BroadcastReader(BroadcastRing ring, boolean fromOldest) {
        this.ring = ring;
        this.memory = ring.memory;
        this.records = ring.records;
        this.buffer = allocate(Math.min(records.maxMessageLength, FIRST_BUFFER));
        oldest.readOldest(memory);
        Mark start = oldest;
        if (!fromOldest) {
            newest.readNewest(memory, 0);
            start = newest;
        }
        this.position = start.position;
        this.messages = start.messages;
        this.bytes = start.bytes;
    }

    private static MemorySegment allocate(int length) {
        return Arena.ofAuto().allocate(length, BroadcastFormat.ALIGNMENT);
    }

    /**
     * Reads messages.
     *
     * <p>The handler is told at once, and in between the messages, where some were lost.
     *
     * @param handler receives the messages, and learns of those that were lost
     * @param limit how many messages to read at most
     * @return the number of messages read; 0 if there is none now, or if the producer has overtaken this reader again and again
     * @throws BroadcastCorruptedException if the memory was overwritten
     * @throws BroadcastOvertakenException if the producer has overtaken this reader while that looked for where to go on
     * @throws IllegalStateException if called by a handler of this reader
     */
    public int read(BroadcastHandler handler, int limit) {
        Objects.requireNonNull(handler, "handler");
        requireNotDelivering();
        int read = 0;
        int overtaken = 0;
        while (read < limit && overtaken < MOST_ROUNDS && hasNext()) {
            long begin = position;
            long header = records.header(memory, begin);
            if (records.isPadding(header, begin)) {
                begin += records.toEnd(begin);
                header = records.header(memory, begin);
            }
            int length = Records.length(header);
            boolean possible = records.isMessage(header, begin);
            if (possible && length <= buffer.byteSize()) {
                Copies.copyOut(memory, records.offset(begin) + RECORD_HEADER, buffer, length);
            }
            if (isOvertaken()) {
                goOn(handler, overtaken++);
            } else if (!possible) {
                throw Records.overwritten(header, begin);
            } else if (length > buffer.byteSize()) {
                // The length is what the producer has stored, and the message comes in the next round.
                grow(length);
            } else {
                deliver(handler, header, begin);
                read++;
                overtaken = 0;
            }
        }
        return read;
    }

    private void requireNotDelivering() {
        if (delivering) {
            throw new IllegalStateException("a handler must not read from the reader that calls it");
        }
    }

    private boolean hasNext() {
        if (messages < published) {
            return true;
        }
        published = ring.messages();
        if (published < messages) {
            throw Mark.overwritten("the number of messages is " + published + " and was " + messages);
        }
        return published != messages;
    }

    /** {@return whether the record at the position may have been overwritten before this call} */
    private boolean isOvertaken() {
        // SYNC POINT trim: with the fence in BroadcastProducer.write. If we have copied anything of a later message, we now see that
        // this one was given up.
        VarHandle.acquireFence();
        long trims = (long) LONG.getAcquire(memory, TRIMS_OFFSET);
        if (trims != oldest.number) {
            if (trims < oldest.number) {
                throw Mark.overwritten("the number of trims was " + oldest.number + " and then is " + trims);
            }
            oldest.readOldest(memory);
        }
        // Also if the mark is an old one: something may have been thrown before this reader had gone on.
        return position < oldest.position;
    }

    /** Goes on where there are messages left. */
    private void goOn(BroadcastHandler handler, int round) {
        Mark next = oldest;
        if (round > 0) {
            newest.readNewest(memory, NEWEST_LEFT);
            if (newest.position > next.position) {
                next = newest;
            }
        }
        long lost = next.messages - messages;
        long size = next.bytes - bytes;
        if (lost < 0 || size < 0) {
            throw Mark.overwritten("before position " + next.position + " there were " + next.messages
                    + " messages of " + next.bytes + " bytes; before position " + position + " there were " + messages
                    + " of " + bytes + " bytes");
        }
        position = next.position;
        messages = next.messages;
        bytes = next.bytes;
        lostMessages += lost;
        lostBytes += size;
        if (lost > 0) {
            delivering = true;
            try {
                handler.onLoss(lost, size);
            } finally {
                delivering = false;
            }
        }
    }

    private void grow(int length) {
        // Powers of two, so that this happens seldom.
        buffer = allocate(Math.min(records.maxMessageLength, Integer.highestOneBit(length - 1) << 1));
    }

    private void deliver(BroadcastHandler handler, long header, long begin) {
        int length = Records.length(header);
        long was = position;
        // From here on the message is read, even if the handler throws.
        position = begin + BroadcastFormat.recordLength((int) header);
        messages++;
        bytes += length;
        delivering = true;
        try {
            handler.onMessage(Records.type(header), buffer, 0, length);
        } catch (StackOverflowError exhausted) {
            // Nothing is called here. Nobody can say whether the handler had begun.
            if (overflowedAt != messages - 1) {
                messages--;
                bytes -= length;
                position = was;
                overflowedAt = messages;
            }
            throw exhausted;
        } finally {
            delivering = false;
        }
    }

    /**
     * Waits until there is something to read.
     *
     * <p>With {@link WaitStrategy#BLOCKING}, a reader that may write to the memory sleeps in the kernel until the producer wakes it.
     * One that may only read can tell nobody that it sleeps, and does what {@link WaitStrategy#PARK} does. So does one on a virtual
     * thread.
     *
     * @param strategy how to wait
     * @param timeout how long to wait at most; zero or less to look once
     * @return {@code true} if there is something to read; {@code false} if the time is over
     * @throws InterruptedException if the thread is interrupted before or while it waits
     * @throws BroadcastCorruptedException if the memory was overwritten
     * @throws IllegalStateException if called by a handler of this reader
     */
    public boolean awaitMessage(WaitStrategy strategy, Duration timeout) throws InterruptedException {
        Objects.requireNonNull(strategy, "strategy");
        Objects.requireNonNull(timeout, "timeout");
        requireNotDelivering();
        if (hasNext()) {
            return true;
        }
        return new WaitLoop(Paces.of(strategy), ring.canSleep(), timeout)
                .await(patient -> hasNext() ? WaitLoop.FOUND : WaitLoop.NOTHING, ring.sleepers, false);
    }

    /**
     * Returns how many messages this reader has lost since it began, because the producer has overtaken it.
     *
     * @return the number of messages, of which {@link BroadcastHandler#onLoss} has told
     */
    public long lostMessages() {
        return lostMessages;
    }

    /**
     * Returns how many bytes the messages had that this reader has lost since it began.
     *
     * @return the number of bytes, headers not included
     */
    public long lostBytes() {
        return lostBytes;
    }

    /** {@return how many messages of the ring lie before the next one} */
    long passed() {
        return messages;
    }

    /**
     * Returns how many messages are before this reader that it has neither read nor lost yet. Some of them may be lost to it
     * already.
     *
     * @return the number of messages
     * @throws BroadcastCorruptedException if the memory was overwritten
     */
    public long backlog() {
        return ring.messages() - messages;
    }
}
