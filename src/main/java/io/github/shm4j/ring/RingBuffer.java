package io.github.shm4j.ring;

import static io.github.shm4j.ring.RingLayout.ALIGNMENT;
import static io.github.shm4j.ring.RingLayout.LONG;
import static io.github.shm4j.ring.RingLayout.PADDING_TYPE;
import static io.github.shm4j.ring.RingLayout.RECORD_HEADER;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * A ring of messages in shared memory.
 *
 * <p>Producers write messages, a consumer reads them in the same order. Each message has a type and a length; it lies in
 * the ring in one piece, and is read where it lies. Any {@link MemorySegment} that processes share can hold a ring. The
 * convenient way is a block of its own, which outlives them as {@link io.github.shm4j.SharedMemory} says:
 *
 * {@snippet class="Example08Ring" region="ring"}
 *
 * <h2>Who may do what</h2>
 *
 * <p>Opening a ring gives no part in it. A process becomes a producer with the first {@link #write write} or
 * {@link #tryClaim tryClaim}, and the consumer with the first {@link #read read}, {@link #controlledRead controlledRead} or
 * {@link #peek peek}; it stays so until {@link #close()} or its end. Each part that is taken by a process which may be alive
 * is a {@link RingOccupiedException} for others. The methods say in their first sentence for whom they are.
 *
 * <h2>Processes that end at any moment</h2>
 *
 * <p>A process may be killed, or stopped and continued, at any instruction; the others go on:
 * <ul>
 * <li>Of a producer that is killed, each message is either delivered whole or not at all. What it has claimed and not
 * committed is skipped and counted in the {@link #statistics()}.
 * <li>After a consumer is killed, the next one goes on behind the last message whose handler had returned, so that at most
 * the message which was being handled is delivered twice: <b>at least once</b>, and exactly once as long as no consumer
 * is killed. Meanwhile the ring fills, and producers are told that there is no room.
 * <li>A producer or consumer that is alive but stopped is waited for: it never loses what it has claimed.
 * <li>If the creator is killed before the ring is complete, others get a {@link RingFormatException} that says so.
 * </ul>
 *
 * <p>The same is true of what is thrown out of a call, at whatever instruction, as a {@link StackOverflowError} can be: the
 * next call of the object finds out how far that call had come, and so does {@link #close()}. The message of a call that
 * has thrown may have been written or not; the message that was delivered when the stack was exhausted is delivered again.
 *
 * <p>A process is known by its number and its start time, so one that has got the number of another later is not taken for
 * it. A process of another pid or time namespace than the ring's creator cannot be seen, and counts as alive until it
 * gives its part back. A ring that is kept in a file does not survive a restart of the machine: create it anew.
 *
 * <h2>Memory</h2>
 *
 * <p>The memory is not trusted. Any other process may change any byte of it at any time; the worst that can happen is
 * that messages are lost or wrong, or a {@link RingCorruptedException}.
 *
 * <p>What a producer writes before it commits, in the ring or elsewhere in shared memory, is visible to the consumer when
 * its handler is called with the message.
 *
 * <p>Of the arenas that a block can be attached in, a shared one and the global one serve a ring best. In a confined one each
 * access compares the thread with the arena's, which for small messages is a tenth of all there is to do.
 * A shared arena cannot be closed while another thread copies a large message into the ring or sleeps until there is one:
 * {@link java.lang.foreign.Arena#close()} throws an {@link IllegalStateException} then. Let all threads that use the ring
 * end first: JDK 25.0.3 was seen to go on accessing memory behind the end of its shared arena, which ends the JVM.
 *
 * <p>Close the ring before its arena. If a ring has attached its block itself, as {@code open} and {@code create} with a key
 * do, the end of the arena gives back the parts that nobody has closed, and open claims with them. In other memory they are
 * held until the process ends, and an open claim, or a write that the end of the arena has cut off, holds up the consumer
 * of a ring with many producers until then. What a batch has not published is lost in either case.
 *
 * <h2>Layout</h2>
 *
 * <p>All numbers are in the byte order of the machine, and aligned to their size. What different processes write lies 128
 * bytes apart.
 *
 * <pre>
 *  offset  size
 *       0     8  magic number 0x73686d346a726e67, "shm4jrng"
 *       8     4  version, 1; written last
 *      12     4  kind: 1 SPSC, 2 MPSC
 *      16     8  capacity C in bytes, a power of two
 *      24     4  number of slots S for producers
 *      32     8  pid namespace of the creator
 *      40     8  time namespace of the creator
 *      48     8  creator
 *     128     8  producer position
 *     256     8  free position
 *     264     8  cleared from
 *     384     8  consumer
 *     392     8  consumer position
 *     400     8  messages read
 *     408     8  bytes read
 *     416     8  records skipped
 *     424     8  bytes skipped
 *     432     8  longest backlog
 *     512     4  consumer sleeps
 *     640     4  producers sleep
 *     768        S slots of 128 bytes:
 *             8    producer
 *             8    claim: its position + 1, 0 if none
 *             8    failed claims
 *   768+128S  C  records, each aligned to 8 bytes:
 *             4    length with these 8 bytes; negative while the record is claimed; 0 where there is none
 *             4    type, greater than 0; -1 padding
 *                  message
 * </pre>
 *
 * <p>Length and type are one {@code long}, the length in its lower half. Positions count bytes since the ring was created;
 * the record at position p begins at byte p modulo C of the records. The file {@code docs/ring-protocol.md} says who may
 * change what, and why that is enough.
 */
public abstract sealed class RingBuffer implements AutoCloseable permits SpscRingBuffer, MpscRingBuffer {

    static final Duration PATIENCE = Duration.ofSeconds(1);

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

    /** How often to look again at a ring that changes while it is looked at. */
    private static final int MOST_LOOKS = 8;

    // What a look for a message finds.
    private static final int NOTHING = 0;
    private static final int MESSAGE = 1;
    /** So much padding that the time has to be looked at first. */
    private static final int MORE = 2;

    /** How many records of padding one look passes over. */
    private static final int MOST_PADDING_IN_LOOK = 1024;

    // What this object is to the consumer's part.
    private static final int NOT_CONSUMING = 0;
    private static final int CONSUMING = 1;
    /** A handler is being called. */
    private static final int DELIVERING = 2;

    /** A handler that is being called has closed the ring. */
    private static final int CLOSING = 3;

    /** Something was thrown out of a call: what was stored is in the memory. */
    private static final int UNSURE = 4;

    final MemorySegment memory;
    final long capacity;
    final long mask;
    final int maxMessageLength;

    /** Where the records begin. */
    final long data;

    final int slots;

    /** This process, as it signs what it claims. */
    final long self;

    /** Whether the numbers of processes in this ring mean something here. */
    final boolean sharesNamespaces;

    final Backing backing;

    final FutexWaiters sleepingConsumer;
    final FutexWaiters sleepingProducers;

    volatile boolean closed;

    /** Whether something was thrown when a claim was to be closed, or before it was known to be one. */
    volatile boolean abandoned;

    // Only the consumer uses what follows.
    private final MemorySegment view;
    private final ReadAhead stream;
    private final long freeStep;
    private final int freeAlignment;

    /** The mean length up to which records are cleared for speed. */
    private int mostCleared;

    private int idleReads;

    private final Part consumer;
    private int consuming = NOT_CONSUMING;

    /** Up to where messages are consumed, while it is not known how much of that was stored. */
    private long unsureUpTo;

    /** Where the next record to deliver begins; differs from consumed only after peek. */
    private long next;

    /** How many messages lie between consumed and next. */
    private long peeked;

    private long consumed;
    private long freed;
    private long recordsSinceFreed;
    private long messagesRead;
    private long bytesRead;
    private long recordsSkipped;
    private long bytesSkipped;
    private long longestBacklog;

    RingBuffer(MemorySegment memory, RingLayout.Header header) {
        this.data = RingLayout.dataOffset(header.slots());
        this.capacity = header.capacity();
        this.memory = memory.asSlice(0, data + capacity);
        this.view = this.memory.asReadOnly();
        this.backing = new Backing(this.memory);
        this.mask = capacity - 1;
        this.slots = header.slots();
        this.maxMessageLength = RingLayout.maxMessageLength(capacity);
        this.freeStep = Math.min(capacity / 16, LARGEST_STEP);
        this.stream = new ReadAhead(freeStep);
        this.mostCleared = capacity <= SMALL_RING ? BulkCopy.LARGE : SMALL_RECORD;
        this.freeAlignment = freeStep < SMALLEST_STEP_OF_LINES ? ALIGNMENT : CACHE_LINE;
        this.self = Owner.self(header.pidNamespace(), header.timeNamespace());
        this.sharesNamespaces = Owner.sharesNamespaces(header.pidNamespace(), header.timeNamespace());
        this.consumer = new Part(RingLayout.CONSUMER_OFFSET, self);
        this.sleepingConsumer = new FutexWaiters(this.memory, RingLayout.CONSUMER_SLEEP_OFFSET);
        this.sleepingProducers = new FutexWaiters(this.memory, RingLayout.PRODUCER_SLEEP_OFFSET);
    }

    /**
     * Returns whether some memory holds a ring, complete or being created. A ring that was damaged is one, too: opening it
     * says what is wrong.
     *
     * @param memory the memory; may be read-only, of any size and alignment
     * @return whether its first bytes are those of a ring
     */
    public static boolean isRing(MemorySegment memory) {
        return RingLayout.isRing(memory);
    }

    /**
     * Opens the ring in some memory, whichever kind it is, waiting up to a second for its creator.
     *
     * @param memory the memory; may be read-only if the ring is only to be looked at
     * @return the ring
     * @throws RingFormatException if the memory holds no complete ring of a known version
     * @throws RingCorruptedException if the header contradicts itself
     * @throws IllegalArgumentException if the memory is not aligned to 8 bytes
     */
    public static RingBuffer open(MemorySegment memory) {
        return open(memory, PATIENCE);
    }

    /**
     * Opens the ring in some memory, whichever kind it is.
     *
     * @param memory the memory; may be read-only if the ring is only to be looked at
     * @param patience how long to wait for a creator that is still at work; an interrupt ends the wait early
     * @return the ring
     * @throws RingFormatException if the memory holds no complete ring of a known version
     * @throws RingCorruptedException if the header contradicts itself
     * @throws IllegalArgumentException if the memory is not aligned to 8 bytes
     */
    public static RingBuffer open(MemorySegment memory, Duration patience) {
        RingLayout.Header header = RingLayout.open(memory, 0, patience);
        return header.kind() == RingLayout.SPSC ? new SpscRingBuffer(memory, header)
                : new MpscRingBuffer(memory, header);
    }

    /**
     * Writes a message. For producers.
     *
     * @param type what kind of message it is, greater than 0; the meaning is up to the users of the ring
     * @param source where the message is
     * @return {@code true} if the message was written; {@code false} if the ring has no room for it now
     * @throws IllegalArgumentException if the type is not positive, or the message longer than {@link #maxMessageLength()}
     * @throws RingOccupiedException if this process gets no part as a producer
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if this object was closed or the memory is read-only
     */
    public final boolean write(int type, MemorySegment source) {
        return write(type, source, 0, source.byteSize());
    }

    /**
     * Writes a message. For producers.
     *
     * @param type what kind of message it is, greater than 0; the meaning is up to the users of the ring
     * @param source where the message is
     * @param offset where in the source it begins
     * @param length its length in bytes, at most {@link #maxMessageLength()}
     * @return {@code true} if the message was written; {@code false} if the ring has no room for it now
     * @throws IndexOutOfBoundsException if the message is not within the source
     * @throws IllegalArgumentException if the type is not positive, or the message longer than {@link #maxMessageLength()}
     * @throws RingOccupiedException if this process gets no part as a producer
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if this object was closed or the memory is read-only
     */
    public abstract boolean write(int type, MemorySegment source, long offset, long length);

    /**
     * Claims room for a message that is then written in place. For producers.
     *
     * @param type what kind of message it is, greater than 0; the meaning is up to the users of the ring
     * @param length its length in bytes, at most {@link #maxMessageLength()}
     * @param claim the claim to set, which must not be open
     * @return {@code true} if the claim was set and is open now; {@code false} if the ring has no room now
     * @throws IllegalArgumentException if the type is not positive, or the length negative or too great
     * @throws RingOccupiedException if this process gets no part as a producer
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if the claim is open, if this object was closed or if the memory is read-only
     */
    public abstract boolean tryClaim(int type, int length, Claim claim);

    abstract void commit(Claim claim);

    abstract void abort(Claim claim);

    /**
     * Reads messages and consumes them. For the consumer.
     *
     * <p>A message is consumed when its handler returns or throws. If the consumer's process is killed, the next one
     * receives the message again whose handler had not returned, and no other: <b>at least once</b>.
     *
     * <p>A call that has caught up with a stream of ten or more million messages a second waits for 4 microseconds before it
     * looks for more of them: to look for each of them would hold up the producer. Messages that come more slowly are
     * returned as soon as they are there.
     *
     * <p>Who answers each message does so sooner with a limit of 1: to look for a second message takes its place in the
     * cache away from the producer that is about to write there.
     *
     * @param handler receives the messages
     * @param limit how many messages to read at most
     * @return the number of messages read; 0 if there is none now
     * @throws RingOccupiedException if another consumer is there
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if messages that were peeked at are not freed yet, if called by a handler of this
     *     ring, if this object was closed or if the memory is read-only
     */
    public final int read(MessageHandler handler, int limit) {
        Objects.requireNonNull(handler, "handler");
        if (consuming != CONSUMING) {
            beginConsuming();
        }
        requireNothingPeeked();
        // In local variables, as the compiler has to read fields again after each call of the handler and each barrier.
        MemorySegment memory = this.memory;
        long position = consumed;
        long handled = position;
        int length = 0;
        try {
            long header = limit > 0 ? nextHeader(memory, position) : 0;
            if (header == 0) {
                // As little as can be: who waits for a message comes here again and again.
                readNothing(position);
                return 0;
            }
            MemorySegment view = this.view;
            long data = this.data;
            long mask = this.mask;
            long end = position + capacity;
            int messages = 0;
            consuming = DELIVERING;
            while (true) {
                long begin = data + (position & mask);
                // From here on the message is consumed, even if the handler throws.
                position += requireRecord(header, position, freed);
                int type = (int) (header >> 32);
                if (type != PADDING_TYPE) {
                    length = (int) header - RECORD_HEADER;
                    handler.onMessage(type, view, begin + RECORD_HEADER, length);
                    messages++;
                    messagesRead++;
                    bytesRead += length;
                }
                handled = position;
                consume(memory, position);
                if (messages == limit || position >= end || consuming != DELIVERING) {
                    break;
                }
                header = nextHeader(memory, position);
                if (header == 0) {
                    break;
                }
            }
            endDelivery();
            stream.haveRead(messagesRead);
            idleReads = 0;
            if (header == 0) {
                stream.caughtUp(position, messagesRead);
                publishFreeIfMuch(position);
            }
            return messages;
        } catch (Throwable failure) {
            // Nothing is called here before the fields say what is true: the stack may be exhausted.
            if (position != handled && !(failure instanceof StackOverflowError)) {
                messagesRead++;
                bytesRead += length;
                handled = position;
            }
            unsureUpTo = handled;
            consuming = UNSURE;
            settleIfPossible();
            throw failure;
        }
    }

    private long nextHeader(MemorySegment memory, long position) {
        if (stream.isAtEnd(position)) {
            lookAhead(position);
        }
        return header(memory, data + (position & mask), position);
    }

    /**
     * Gives back what was consumed, if there was nothing to read. As long as messages keep coming, the rest of the last cache
     * line has to wait, since a producer is writing to that line.
     */
    private void readNothing(long position) {
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

    /** Looks up to where a stream of messages has got. */
    private void lookAhead(long position) {
        if (stream.goesOn(messagesRead)) {
            long produced = producerPosition();
            stream.saw(produced, position);
            noteBacklog(produced);
        }
    }

    /**
     * Reads messages and consumes them as the handler says. For the consumer.
     *
     * <p>What {@link #read read} says of a killed consumer holds here too.
     *
     * @param handler receives the messages
     * @param limit how many messages to read at most
     * @return the number of messages consumed; 0 if there is none now or the handler has left the first one
     * @throws RingOccupiedException if another consumer is there
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if messages that were peeked at are not freed yet, if called by a handler of this
     *     ring, if this object was closed or if the memory is read-only
     */
    public final int controlledRead(ControlledMessageHandler handler, int limit) {
        Objects.requireNonNull(handler, "handler");
        if (consuming != CONSUMING) {
            beginConsuming();
        }
        requireNothingPeeked();
        long position = consumed;
        long handled = position;
        long end = position + capacity;
        int length = 0;
        int messages = 0;
        ControlledMessageHandler.Action action = ControlledMessageHandler.Action.CONTINUE;
        try {
            consuming = DELIVERING;
            while (messages < limit
                    && position < end
                    && consuming == DELIVERING
                    && action != ControlledMessageHandler.Action.BREAK) {
                long header = header(position);
                if (header == 0) {
                    break;
                }
                long begin = data + (position & mask) + RECORD_HEADER;
                // From here on the message is consumed, even if the handler throws.
                position += requireRecord(header, position, freed);
                int type = (int) (header >> 32);
                if (type != PADDING_TYPE) {
                    length = (int) header - RECORD_HEADER;
                    action = handler.onMessage(type, view, begin, length);
                    if (action == ControlledMessageHandler.Action.ABORT) {
                        position = handled;
                        break;
                    }
                    messages++;
                    messagesRead++;
                    bytesRead += length;
                }
                handled = position;
                consume(memory, position);
                if (action == ControlledMessageHandler.Action.COMMIT) {
                    publishFree();
                }
            }
            endDelivery();
            publishFree();
            return messages;
        } catch (Throwable failure) {
            // Nothing is called here before the fields say what is true: the stack may be exhausted.
            if (position != handled && !(failure instanceof StackOverflowError)) {
                messagesRead++;
                bytesRead += length;
                handled = position;
            }
            unsureUpTo = handled;
            consuming = UNSURE;
            settleIfPossible();
            throw failure;
        }
    }

    /**
     * Reads messages without consuming them. For the consumer.
     *
     * <p>Each call goes on behind the last one. The messages stay where they are, and what the handler got of them stays
     * valid, until {@link #free()}. If the consumer's process is killed before, the next one receives them again.
     *
     * @param handler receives the messages
     * @param limit how many messages to read at most
     * @return the number of messages delivered; 0 if there is none now
     * @throws RingOccupiedException if another consumer is there
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if called by a handler of this ring, if this object was closed or if the memory is
     *     read-only
     */
    public final int peek(MessageHandler handler, int limit) {
        Objects.requireNonNull(handler, "handler");
        if (consuming != CONSUMING) {
            beginConsuming();
        }
        int messages = 0;
        int length = 0;
        long behind = next;
        try {
            consuming = DELIVERING;
            // Once around the ring, the first message is met again.
            while (messages < limit && consuming == DELIVERING && next - freed != capacity) {
                long header = header(next);
                if (header == 0) {
                    break;
                }
                long begin = data + (next & mask) + RECORD_HEADER;
                behind += requireRecord(header, next, freed);
                int type = (int) (header >> 32);
                if (type != PADDING_TYPE) {
                    length = (int) header - RECORD_HEADER;
                    handler.onMessage(type, view, begin, length);
                    messages++;
                    peeked++;
                    messagesRead++;
                    bytesRead += length;
                }
                recordsSinceFreed++;
                next = behind;
            }
            endDelivery();
            return messages;
        } catch (Throwable failure) {
            // Nothing is called here before the fields say what is true: the stack may be exhausted.
            if (behind != next && !(failure instanceof StackOverflowError)) {
                peeked++;
                messagesRead++;
                bytesRead += length;
                recordsSinceFreed++;
                next = behind;
            }
            unsureUpTo = consumed;
            consuming = UNSURE;
            settleIfPossible();
            throw failure;
        }
    }

    /**
     * Consumes all messages that {@link #peek peek} has delivered, and gives their space back to the producers. For the
     * consumer.
     *
     * @throws IllegalStateException if called by a handler of this ring
     */
    public final void free() {
        if (consuming == DELIVERING || consuming == CLOSING) {
            throw new IllegalStateException("a handler must not free what is being delivered");
        }
        if (consuming == UNSURE) {
            settleConsumer();
        }
        if (consuming == CONSUMING) {
            try {
                noteConsumed(memory, next);
                consumed = next;
                peeked = 0;
                publishFree();
            } catch (Throwable failure) {
                // Nothing is called here before the fields say what is true: the stack may be exhausted.
                peeked = 0;
                unsureUpTo = next;
                consuming = UNSURE;
                throw failure;
            }
        }
    }

    /**
     * Shows the messages that wait in the ring and leaves them there. For any thread of any process, also where the memory is
     * read-only.
     *
     * <p>It takes no part in the ring and writes nothing: neither the consumer nor the producers notice. It begins at
     * the consumer's position and goes once around the ring at most. What is claimed and not committed is passed over; a
     * killed producer's claim without length hides what lies behind it, until the consumer has skipped that.
     *
     * <p>Each message is a copy of the whole message, valid until the handler returns. If the consumer consumes a message
     * while it is copied, it is left out. The consumer may have consumed a message by the time the handler receives it.
     *
     * @param handler receives the messages
     * @param limit how many messages to show at most
     * @return the number of messages shown; 0 if none waits
     * @throws RingCorruptedException if the memory was overwritten
     */
    public final int browse(MessageHandler handler, int limit) {
        Objects.requireNonNull(handler, "handler");
        try (Arena arena = Arena.ofConfined()) {
            return new Browser(this, arena).browse(handler, limit);
        }
    }

    /**
     * Waits until there is something to read. For the consumer.
     *
     * @param strategy how to wait
     * @param timeout how long to wait at most; zero or less to look once
     * @return {@code true} if there is something to read; {@code false} if the time is over
     * @throws InterruptedException if the thread is interrupted before or while it waits
     * @throws RingOccupiedException if another consumer is there
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if called by a handler of this ring, if this object was closed or if the memory is
     *     read-only
     */
    public final boolean awaitMessage(WaitStrategy strategy, Duration timeout) throws InterruptedException {
        Objects.requireNonNull(strategy, "strategy");
        Objects.requireNonNull(timeout, "timeout");
        if (consuming != CONSUMING) {
            beginConsuming();
        }
        try {
            long lap = next + capacity;
            int found = look();
            while (found == MORE && (timeout.isZero() || timeout.isNegative()) && next < lap) {
                found = look();
            }
            return found == MESSAGE || awaitMessage(new WaitLoop(strategy, sleepingConsumer.canSleep(), timeout));
        } catch (Throwable failure) {
            // Nothing is called here: the stack may be exhausted.
            unsureUpTo = consumed;
            consuming = UNSURE;
            throw failure;
        }
    }

    private boolean awaitMessage(WaitLoop pause) throws InterruptedException {
        publishFree();
        int found = NOTHING;
        while (found == MORE ? !pause.isOver() : pause.next()) {
            if (found == NOTHING && pause.sleeps()) {
                sleepingConsumer.sleep(() -> look() == NOTHING, pause.nextSleep());
                sleepingConsumer.wokenUp();
            }
            if (pause.isPatient()) {
                headerIfStalled(next);
            }
            found = look();
            if (found == MESSAGE) {
                return true;
            }
        }
        return false;
    }

    /**
     * Looks for a message at the next position. Padding before it is passed over, so that it does not look like one; after
     * much of that, there may be more.
     */
    private int look() {
        long lap = next + capacity;
        for (int records = 0; next - freed != capacity; records++) {
            long header = header(next);
            if (header == 0) {
                stream.caughtUp(next, messagesRead);
                return NOTHING;
            }
            if ((int) (header >> 32) != PADDING_TYPE) {
                return MESSAGE;
            }
            if (records == MOST_PADDING_IN_LOOK || next >= lap) {
                return MORE;
            }
            long behind = next + requireRecord(header, next, freed);
            if (peeked == 0) {
                consume(memory, behind);
            } else {
                // What lies before it is still in use.
                recordsSinceFreed++;
                next = behind;
            }
        }
        return NOTHING;
    }

    /**
     * Waits until a message can be written. For producers.
     *
     * <p>Where there are several producers, another one may then be faster.
     *
     * @param length the length of the message in bytes, at most {@link #maxMessageLength()}
     * @param strategy how to wait
     * @param timeout how long to wait at most; zero or less to look once
     * @return {@code true} if there is room for the message; {@code false} if the time is over
     * @throws InterruptedException if the thread is interrupted before or while it waits
     * @throws IllegalArgumentException if the length is negative or too great
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if this object was closed or the memory is read-only
     */
    public final boolean awaitRoom(int length, WaitStrategy strategy, Duration timeout) throws InterruptedException {
        Objects.requireNonNull(strategy, "strategy");
        Objects.requireNonNull(timeout, "timeout");
        requireMessage(1, length);
        requireUsable();
        showBatch();
        long record = RingLayout.recordLength(length + RECORD_HEADER);
        if (hasRoomFor(record)) {
            return true;
        }
        WaitLoop pause = new WaitLoop(strategy, sleepingProducers.canSleep(), timeout);
        while (pause.next()) {
            if (pause.sleeps()) {
                sleepingProducers.sleep(() -> !hasRoomFor(record), pause.nextSleep());
            }
            if (hasRoomFor(record)) {
                return true;
            }
        }
        return false;
    }

    /** Looks at the positions in the memory. */
    private boolean hasRoomFor(long record) {
        // In this order, what is free can only seem to be less. A producer that was killed may have left its position behind
        // by what it published last: the first write of the next one finds out.
        long free = (long) LONG.getAcquire(memory, RingLayout.FREE_POSITION_OFFSET);
        long position = producerPosition();
        long toEnd = capacity - (position & mask);
        long needed = record <= toEnd ? record : toEnd + record;
        return position - free <= capacity - needed;
    }

    /** As {@link #header} where no record is complete, and asks about the makers of incomplete ones if it is time to. */
    abstract long headerIfStalled(long position);

    /**
     * Returns the header of the record at a position, or 0 if none is complete there. It has been read with acquire: the
     * rest of the record is visible.
     *
     * @param begin where in the memory the record is
     */
    abstract long header(MemorySegment memory, long begin, long position);

    private long header(long position) {
        return header(memory, data + (position & mask), position);
    }

    /**
     * Checks a header that has been read once, and returns the record's length in the ring.
     *
     * @param free up to where the ring is free: the record must end before it is met again
     */
    final long requireRecord(long header, long position, long free) {
        int length = (int) header;
        int type = (int) (header >> 32);
        long record = RingLayout.recordLength(length);
        if (length < RECORD_HEADER
                || record > capacity - (position & mask)
                || record > capacity - (position - free)
                || type < 0 && !(type == PADDING_TYPE && mayBePadding(position, record))
                || type > 0 && length - RECORD_HEADER > maxMessageLength
                || type == 0) {
            throw corrupted("the record at position " + position + " has length " + length + " and type " + type);
        }
        return record;
    }

    /** Whether a record can be claimed and not complete yet. */
    abstract boolean mayBeClaimed();

    /** Whether padding at a position can have this length. */
    abstract boolean mayBePadding(long position, long record);

    private void consume(MemorySegment memory, long position) {
        noteConsumed(memory, position);
        recordsSinceFreed++;
        next = position;
        consumed = position;
        if (isStep(position)) {
            if (!stream.isStreaming()) {
                noteBacklog(producerPosition());
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

    private void noteConsumed(MemorySegment memory, long position) {
        LONG.set(memory, RingLayout.MESSAGES_READ_OFFSET, messagesRead);
        LONG.set(memory, RingLayout.BYTES_READ_OFFSET, bytesRead);
        // SYNC POINT consumer position: with the acquire in resumeConsumer. A successor goes on behind this record.
        LONG.setRelease(memory, RingLayout.CONSUMER_POSITION_OFFSET, position);
    }

    private void endDelivery() {
        if (consuming == CLOSING) {
            consuming = CONSUMING;
            close();
        } else {
            consuming = CONSUMING;
        }
    }

    /** Notes that a record was skipped. */
    final void noteSkipped(long bytes) {
        LONG.setOpaque(memory, RingLayout.RECORDS_SKIPPED_OFFSET, recordsSkipped + 1);
        LONG.setOpaque(memory, RingLayout.BYTES_SKIPPED_OFFSET, bytesSkipped + bytes);
        recordsSkipped++;
        bytesSkipped += bytes;
    }

    private void publishFree() {
        publishFree(consumed);
    }

    /** Clears what was consumed, if the kind of ring or the speed asks for it, and then gives it to the producers. */
    private void publishFree(long upTo) {
        if (upTo <= freed) {
            return;
        }
        noteBacklog(consumed);
        // SYNC POINT cleared: with the acquires in endOfRecords. The consumer's position comes before what is cleared.
        VarHandle.storeStoreFence();
        if (mustClear() || upTo - freed - CACHE_LINE < mostCleared * recordsSinceFreed) {
            clear(freed, upTo);
        } else {
            LONG.set(memory, RingLayout.CLEARED_FROM_OFFSET, upTo);
            // Where the ring was full up to here, no producer could say that the records end here.
            LONG.set(memory, data + (freed & mask), 0L);
        }
        // SYNC POINT free position: with the acquire in the producers' claims. They see cleared memory.
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

    /** Whether all that was consumed must be cleared, since producers rely on it. */
    abstract boolean mustClear();

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

    private void requireNothingPeeked() {
        if (next == consumed) {
            return;
        }
        if (peeked != 0) {
            throw new IllegalStateException(peeked + " messages that were peeked at are not freed yet");
        }
        // Peeking has passed over nothing but padding, which is still there.
        next = consumed;
    }

    private void beginConsuming() {
        if (consuming == DELIVERING || consuming == CLOSING) {
            throw new IllegalStateException("a handler must not read from the ring that calls it");
        }
        requireUsable();
        if (consuming == UNSURE) {
            settleConsumer();
        } else {
            becomeConsumer();
        }
    }

    private void becomeConsumer() {
        take(consumer, "consumer");
        try {
            resumeConsumer();
        } catch (Throwable failure) {
            consumer.giveBack(memory);
            throw failure;
        }
        consuming = CONSUMING;
    }

    /** Finds out what was stored when something was thrown out of a call, and does the rest of it. */
    private void settleConsumer() {
        long free = (long) LONG.getAcquire(memory, RingLayout.FREE_POSITION_OFFSET);
        long position = unsureUpTo;
        if (free < freed || free > position || (free & (ALIGNMENT - 1)) != 0) {
            throw corrupted("the positions are " + free + " (free) and " + position + " (consumer)");
        }
        freed = free;
        if (position != consumed) {
            consumed = position;
            next = position;
            peeked = 0;
        }
        if (consumerPosition() != position) {
            noteConsumed(memory, position);
        }
        recordsSinceFreed++;
        publishFree();
        consuming = CONSUMING;
    }

    private void settleIfPossible() {
        try {
            settleConsumer();
            if (closed) {
                close();
            }
        } catch (Throwable again) {
            // What is wrong is found by the next call, which settles it first.
        }
    }

    /** Goes on where the last consumer was, which may have been killed at any point. */
    private void resumeConsumer() {
        long free = (long) LONG.getAcquire(memory, RingLayout.FREE_POSITION_OFFSET);
        // SYNC POINT consumer position: with the release in consume.
        long position = (long) LONG.getAcquire(memory, RingLayout.CONSUMER_POSITION_OFFSET);
        if (((free | position) & (ALIGNMENT - 1)) != 0
                || free < 0
                || position < free
                || position - free > capacity
                || position > RingLayout.GREATEST_POSITION) {
            throw corrupted("the positions are " + free + " (free) and " + position + " (consumer)");
        }
        consumerResumed(position);
        next = position;
        peeked = 0;
        consumed = position;
        freed = free;
        idleReads = 0;
        messagesRead = (long) LONG.getOpaque(memory, RingLayout.MESSAGES_READ_OFFSET);
        bytesRead = (long) LONG.getOpaque(memory, RingLayout.BYTES_READ_OFFSET);
        stream.begin(position, messagesRead);
        recordsSkipped = (long) LONG.getOpaque(memory, RingLayout.RECORDS_SKIPPED_OFFSET);
        bytesSkipped = (long) LONG.getOpaque(memory, RingLayout.BYTES_SKIPPED_OFFSET);
        longestBacklog = (long) LONG.getOpaque(memory, RingLayout.LONGEST_BACKLOG_OFFSET);
        // The predecessor may have been killed while it cleared these bytes.
        publishFree();
    }

    /** Tells the subclass where the consumer begins; it checks the producer's position against that. */
    abstract void consumerResumed(long position);

    /** Signs for a part in the ring that only one can have. */
    final void take(Part part, String name) {
        if (part.isHeld(memory)) {
            return;
        }
        long holder = Owner.NOBODY;
        // Each further round means that the holder has changed between two of our steps.
        for (int round = 0; round < 1000; round++) {
            long found = part.sign(memory, holder);
            if (found == holder) {
                return;
            }
            if (found != Owner.NOBODY && !Owner.hasEnded(found, sharesNamespaces)) {
                throw new RingOccupiedException("the ring has a " + name + " already: "
                        + (found == self ? "this process, " + Owner.pid(self) + ", through another object"
                                : Owner.describe(found, sharesNamespaces)));
            }
            holder = found;
        }
        throw corrupted("the " + name + " changes all the time");
    }

    final void requireUsable() {
        if (closed) {
            throw new IllegalStateException("this ring buffer was closed");
        }
        if (memory.isReadOnly()) {
            throw new IllegalStateException("the memory of the ring is read-only here: neither writing nor reading"
                    + " messages is possible");
        }
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

    static RingCorruptedException corrupted(String what) {
        return new RingCorruptedException(what + ": the ring was overwritten");
    }

    /**
     * Returns the size of the ring. For any thread.
     *
     * @return the number of bytes for records, a power of two
     */
    public final long capacity() {
        return capacity;
    }

    /**
     * Returns how long a message can be. For any thread.
     *
     * @return the length in bytes, an eighth of the capacity
     */
    public final int maxMessageLength() {
        return maxMessageLength;
    }

    /**
     * Returns how far the producers are. For any thread.
     *
     * <p>In a ring for one producer that was killed, this may leave out what it published last, until the next one comes.
     *
     * @return the number of bytes claimed since the ring was created, record headers and padding included
     */
    public final long producerPosition() {
        return (long) LONG.getAcquire(memory, RingLayout.PRODUCER_POSITION_OFFSET);
    }

    /**
     * Returns how far the consumer is. For any thread.
     *
     * @return the number of bytes consumed since the ring was created, record headers and padding included
     */
    public final long consumerPosition() {
        return (long) LONG.getAcquire(memory, RingLayout.CONSUMER_POSITION_OFFSET);
    }

    /**
     * Returns how much waits to be consumed. For any thread.
     *
     * @return the number of bytes between consumer and producer, record headers and padding included; never negative
     */
    public final long backlog() {
        // In this order, the difference can only be too great.
        long consumer = consumerPosition();
        return Math.max(0, producerPosition() - consumer);
    }

    /**
     * Returns what has happened in the ring so far. For any thread of any process, also where the memory is read-only.
     *
     * @return the numbers and who is there
     */
    public final RingStatistics statistics() {
        long failedClaims = 0;
        List<RingStatistics.Party> producers = new ArrayList<>();
        for (int i = 0; i < slots; i++) {
            long slot = RingLayout.SLOTS_BEGIN + i * RingLayout.SLOT_LENGTH;
            failedClaims += (long) LONG.getOpaque(memory, slot + RingLayout.SLOT_FAILED);
            long maker = (long) LONG.getAcquire(memory, slot + RingLayout.SLOT_MAKER);
            if (maker != Owner.NOBODY) {
                producers.add(RingStatistics.Party.of(maker, sharesNamespaces));
            }
        }
        long consumer = consumerPosition();
        long messagesRead;
        long bytesRead;
        long producer;
        Waiting waiting;
        int looks = 0;
        long before;
        do {
            before = consumer;
            messagesRead = (long) LONG.getAcquire(memory, RingLayout.MESSAGES_READ_OFFSET);
            bytesRead = (long) LONG.getAcquire(memory, RingLayout.BYTES_READ_OFFSET);
            producer = producerPosition();
            waiting = waiting(before, producer);
            consumer = consumerPosition();
        } while (consumer != before && ++looks < MOST_LOOKS);
        long written = written(producer, before);
        // The consumer notes the longest when it frees space, so the present one can be longer.
        long longest = Math.max(
                (long) LONG.getOpaque(memory, RingLayout.LONGEST_BACKLOG_OFFSET),
                Math.min(written - before, capacity));
        return new RingStatistics(
                capacity,
                written,
                before,
                messagesRead + waiting.messages,
                bytesRead + waiting.bytes,
                messagesRead,
                bytesRead,
                failedClaims,
                (long) LONG.getOpaque(memory, RingLayout.RECORDS_SKIPPED_OFFSET),
                (long) LONG.getOpaque(memory, RingLayout.BYTES_SKIPPED_OFFSET),
                longest,
                RingStatistics.Party.of((long) LONG.getAcquire(memory, RingLayout.CONSUMER_OFFSET), sharesNamespaces),
                List.copyOf(producers));
    }

    /** Up to where something was written, as the positions of producers and consumer say. */
    abstract long written(long produced, long consumed);

    private record Waiting(long messages, long bytes) {}

    /** Counts the complete messages between two positions, as far as one record leads to the next. */
    private Waiting waiting(long from, long to) {
        long messages = 0;
        long bytes = 0;
        if (from >= 0 && to - from <= capacity && ((from | to) & (ALIGNMENT - 1)) == 0) {
            long position = from;
            while (position < to) {
                long header = (long) LONG.getAcquire(memory, data + (position & mask));
                // Claimed records have their length, too, with a minus sign.
                int length = (int) header;
                long record = RingLayout.recordLength(Math.abs((long) length));
                if (record < RECORD_HEADER || record > Math.min(to - position, capacity - (position & mask))) {
                    break;
                }
                if (length > 0 && header > 0) {
                    messages++;
                    bytes += length - RECORD_HEADER;
                }
                position += record;
            }
        }
        return new Waiting(messages, bytes);
    }

    /**
     * Gives back the parts that this object has in the ring, so that others can have them. The ring itself and its memory
     * stay.
     *
     * <p>A handler of this ring may close it: the call that delivers to it returns when the handler has. Otherwise no other
     * thread must be using this object; if one is writing nevertheless, the call that it is in is its last one.
     *
     * @throws IllegalStateException if a claim made through this object is open
     */
    @Override
    public void close() {
        closeProducer();
        closed = true;
        if (consuming == DELIVERING) {
            consuming = CLOSING;
        } else if (consuming == CONSUMING || consuming == UNSURE) {
            closeConsumer();
        } else if (consuming == NOT_CONSUMING) {
            // It may have signed when something was thrown.
            consumer.giveBack(memory);
        }
    }

    private void closeConsumer() {
        try {
            if (!consumer.isHeld(memory)) {
                consuming = NOT_CONSUMING;
                return;
            }
            if (consuming == UNSURE) {
                settleConsumer();
            } else {
                publishFree();
            }
        } catch (RingException corrupted) {
            // The next consumer says so.
        } catch (Throwable failure) {
            if (consuming == CONSUMING) {
                unsureUpTo = consumed;
            }
            consuming = UNSURE;
            throw failure;
        }
        consuming = UNSURE;
        unsureUpTo = consumed;
        consumer.giveBack(memory);
        consuming = NOT_CONSUMING;
    }

    /**
     * Returns what gives back the parts of this object when its memory has gone, without a reference to that memory.
     */
    final Consumer<MemorySegment> atLast() {
        Part consumer = this.consumer;
        Consumer<MemorySegment> producers = producersAtLast();
        return mapping -> {
            producers.accept(mapping);
            consumer.giveBack(mapping);
        };
    }

    /** Returns what does so for the producer's part. */
    abstract Consumer<MemorySegment> producersAtLast();

    /** Gives back the producer's part. */
    abstract void closeProducer();

    /** Publishes what this object has written and nobody can see yet. */
    void showBatch() {}
}
