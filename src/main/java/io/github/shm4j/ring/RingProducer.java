package io.github.shm4j.ring;

import static io.github.shm4j.ring.RingLayout.LONG;
import static io.github.shm4j.ring.RingLayout.RECORD_HEADER;

import io.github.shm4j.WaitStrategy;
import io.github.shm4j.internal.Events;
import io.github.shm4j.internal.FutexWaiters;
import io.github.shm4j.internal.WaitLoop;
import io.github.shm4j.structure.Paces;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Objects;
import java.util.function.BooleanSupplier;

/**
 * A producer of a ring: writes messages, which the consumer reads in the same order.
 *
 * {@snippet :
 * try (RingProducer out = ring.producer()) {
 *     out.write(1, message);
 * }
 * }
 *
 * <p>A process has this role from {@link RingBuffer#producer()} until {@link #close()}, or until it terminates. The producer of a
 * {@link SpscRingBuffer} is for one thread, that of a {@link MpscRingBuffer} for any number of them.
 *
 * <p>For each thread that uses it, a producer of many takes a slot of the ring. Threads for which none is left share those that
 * it has for further claims. If none of these comes free within about a tenth of a second, a call does what it does for a
 * full ring: it writes or claims nothing, and returns {@code false}.
 *
 * <p>What a producer writes before it commits, in the ring or elsewhere in shared memory, is visible to the consumer when
 * its handler is called with the message.
 *
 * @see RingSinkChannel
 */
public abstract sealed class RingProducer extends Padding implements AutoCloseable
        permits SpscWriteCursor, MpscRoom {

    final MemorySegment memory;
    final long capacity;
    final long mask;

    /** Where the records begin. */
    final long data;

    final int maxMessageLength;

    /** This process, as it signs in the ring. */
    final long self;

    final Backing backing;
    final FutexWaiters sleepingConsumer;
    private final FutexWaiters sleepingProducers;

    /** Whether something was thrown when a claim was to be closed. {@link Claim#close()} sets it, which must not call anything then. */
    volatile boolean abandoned;

    /** What the flight recorder is told once there is room; {@code null} while there is, or nothing is recorded. */
    Object full;

    RingProducer(RingBuffer ring) {
        this.memory = ring.memory;
        this.capacity = ring.capacity;
        this.mask = ring.mask;
        this.data = ring.data;
        this.maxMessageLength = ring.maxMessageLength;
        this.self = ring.self;
        this.backing = ring.backing;
        this.sleepingConsumer = ring.sleepingConsumer;
        this.sleepingProducers = ring.sleepingProducers;
    }

    /**
     * Writes a message.
     *
     * @param type what kind of message it is, greater than 0; the meaning is up to the users of the ring
     * @param source where the message is
     * @return {@code true} if the message was written; {@code false} if the ring has no room for it now
     * @throws IllegalArgumentException if the type is not positive, or the message longer than an eighth of the ring
     * @throws RingRoleLostException if the ring is for one producer and somebody has taken the role over
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if this producer was closed
     */
    public final boolean write(int type, MemorySegment source) {
        return write(type, source, 0, source.byteSize());
    }

    /**
     * Writes a message.
     *
     * @param type what kind of message it is, greater than 0; the meaning is up to the users of the ring
     * @param source where the message is
     * @param offset where in the source it begins
     * @param length its length in bytes, at most {@link RingBuffer#maxMessageLength()}
     * @return {@code true} if the message was written; {@code false} if the ring has no room for it now
     * @throws IndexOutOfBoundsException if the message is not within the source
     * @throws IllegalArgumentException if the type is not positive, or the message longer than an eighth of the ring
     * @throws RingRoleLostException if the ring is for one producer and somebody has taken the role over
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if this producer was closed
     */
    public abstract boolean write(int type, MemorySegment source, long offset, long length);

    /**
     * Claims room for a message that is then written in place.
     *
     * @param type what kind of message it is, greater than 0; the meaning is up to the users of the ring
     * @param length its length in bytes, at most {@link RingBuffer#maxMessageLength()}
     * @param claim the claim to set, which must not be open
     * @return {@code true} if the claim was set and is open now; {@code false} if the ring has no room now
     * @throws IllegalArgumentException if the type is not positive, or the length negative or too great
     * @throws RingRoleLostException if the ring is for one producer and somebody has taken the role over
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if the claim is open, or if this producer was closed
     */
    public abstract boolean tryClaim(int type, int length, Claim claim);

    /**
     * Returns where the record of a message would end if it were the next one. If it does not fit before the end of the ring, it
     * lies at the beginning, behind padding. Where there are several producers, another one may write first.
     *
     * @param length the length of the message in bytes, at most {@link RingBuffer#maxMessageLength()}
     * @return the position, in bytes since the ring was created, whether there is room up to there or not
     * @throws IllegalArgumentException if the length is negative or too great
     * @throws RingRoleLostException if the ring is for one producer and somebody has taken the role over
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if this producer was closed, or is for one thread and has an open claim
     */
    public final long positionAfter(int length) {
        requireMessage(1, length);
        requireOpen();
        long position = position();
        if (position < 0 || position > RingLayout.GREATEST_POSITION || (position & (RingLayout.ALIGNMENT - 1)) != 0) {
            throw RingCorruptedException.overwritten("the producer position is " + position);
        }
        return position + needed(position, RingLayout.recordLength(length + RECORD_HEADER));
    }

    /** How much room a record takes at a position, with padding before it if it does not fit before the end of the ring. */
    final long needed(long position, long record) {
        long toEnd = capacity - (position & mask);
        return record <= toEnd ? record : toEnd + record;
    }

    /** Where the next record begins. */
    abstract long position();

    /**
     * Returns how many attempts of this producer to write or claim have found no room in the ring.
     * {@link RingStatistics#failedClaims()} counts those of all producers that the ring has had.
     *
     * @return the number, which is not lost when the producer is closed
     */
    public abstract long failedClaims();

    abstract void commit(Claim claim);

    abstract void abort(Claim claim);

    /**
     * Waits until a message can be written.
     *
     * <p>Where there are several producers, another one may then be faster.
     *
     * @param length the length of the message in bytes, at most {@link RingBuffer#maxMessageLength()}
     * @param strategy how to wait
     * @param timeout how long to wait at most; zero or less to look once
     * @return {@code true} if there is room for the message; {@code false} if the time is over
     * @throws InterruptedException if the thread is interrupted before or while it waits
     * @throws IllegalArgumentException if the length is negative or too great
     * @throws RingRoleLostException if the ring is for one producer and somebody has taken the role over
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if this producer was closed
     */
    public final boolean awaitRoom(int length, WaitStrategy strategy, Duration timeout) throws InterruptedException {
        return awaitRoom(length, strategy, timeout, null);
    }

    /**
     * Waits until a message can be written, or the caller gives up.
     *
     * @param givenUp whether it does, or null if it never does
     */
    final boolean awaitRoom(int length, WaitStrategy strategy, Duration timeout, BooleanSupplier givenUp)
            throws InterruptedException {
        Objects.requireNonNull(strategy, "strategy");
        Objects.requireNonNull(timeout, "timeout");
        requireMessage(1, length);
        requireOpen();
        publishBatch();
        long record = RingLayout.recordLength(length + RECORD_HEADER);
        if (hasRoomFor(record)) {
            return true;
        }
        noteFull();
        boolean found = new WaitLoop(Paces.of(strategy), sleepingProducers.canSleep(), timeout)
                .await(
                        pastSpinning -> hasRoomFor(record) || givenUp != null && givenUp.getAsBoolean()
                                ? WaitLoop.FOUND
                                : WaitLoop.NOTHING,
                        sleepingProducers,
                        false);
        if (found && full != null) {
            noteRoom();
        }
        return found;
    }

    /** Tells the flight recorder that there is no room, unless it knows. */
    final void noteFull() {
        if (full == null) {
            full = Events.ringFull(memory);
        }
    }

    /** Tells the flight recorder for how long there was no room. */
    final synchronized void noteRoom() {
        Object since = full;
        if (since != null) {
            full = null;
            Events.roomFound(since);
        }
    }

    /**
     * Writes a message, waiting while the ring has no room for it, or no slot for the calling thread.
     *
     * @param type what kind of message it is, greater than 0; the meaning is up to the users of the ring
     * @param source where the message is
     * @param strategy how to wait
     * @param timeout how long to wait at most; zero or less to try once
     * @return {@code true} if the message was written; {@code false} if the time is over
     * @throws InterruptedException if the thread is interrupted before or while it waits; the message was not written then
     * @throws IllegalArgumentException if the type is not positive, or the message longer than an eighth of the ring
     * @throws RingRoleLostException if the ring is for one producer and somebody has taken the role over
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if this producer was closed
     */
    public final boolean write(int type, MemorySegment source, WaitStrategy strategy, Duration timeout)
            throws InterruptedException {
        Objects.requireNonNull(strategy, "strategy");
        Objects.requireNonNull(timeout, "timeout");
        if (write(type, source)) {
            return true;
        }
        long record = RingLayout.recordLength(source.byteSize() + RECORD_HEADER);
        // The loop looks once more before it sleeps, and then again: it must not write a second time.
        boolean[] written = new boolean[1];
        return new WaitLoop(Paces.of(strategy), sleepingProducers.canSleep(), timeout).await(pastSpinning -> {
            // Where there is room, another producer may be faster, or all slots are taken.
            if (!written[0] && hasRoomFor(record)) {
                written[0] = write(type, source);
            }
            return written[0] ? WaitLoop.FOUND : WaitLoop.NOTHING;
        }, sleepingProducers, false);
    }

    /** Looks at the positions in the memory. */
    final boolean hasRoomFor(long record) {
        requireOpen();
        // In this order, what is free can only seem to be less.
        long free = (long) LONG.getAcquire(memory, RingLayout.FREE_POSITION_OFFSET);
        long position = (long) LONG.getAcquire(memory, RingLayout.PRODUCER_POSITION_OFFSET);
        return position - free <= capacity - needed(position, record);
    }

    final void requireMessage(int type, long length) {
        if (type <= 0) {
            throw new IllegalArgumentException("type is " + type + "; it must be greater than 0");
        }
        if (length < 0 || length > maxMessageLength) {
            throw new IllegalArgumentException("length is " + length + "; it must be from 0 to " + maxMessageLength
                    + ", an eighth of the ring's capacity");
        }
    }

    /** Publishes what this producer has written and nobody can see yet. */
    void publishBatch() {}

    abstract void requireOpen();

    /** Lets several threads use a producer that is for one, of which the caller lets one do so at a time. */
    void handOver() {}

    static IllegalStateException closed() {
        return new IllegalStateException("this producer was closed");
    }

    /**
     * Gives the role back, so that others can have it. An open batch is published.
     *
     * <p>No other thread must be in a call of this producer: what such a call writes could overwrite what the next producer writes
     * there. Of a producer of many this waits for other threads that it sees at work, but it cannot see one that has just begun. A
     * thread that calls later gets an {@link IllegalStateException}.
     *
     * @throws RingRoleLostException if somebody has taken the role over, and with that the messages of an open batch are lost. This
     *     producer is closed then
     * @throws IllegalStateException if a claim is open, or another thread of a producer of many does not come out of a call for a
     *     minute and more
     */
    @Override
    public abstract void close();
}
