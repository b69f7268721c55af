package io.github.shm4j.ring;

import static io.github.shm4j.ring.RingLayout.LONG;

import io.github.shm4j.WaitStrategy;
import io.github.shm4j.internal.Owner;
import io.github.shm4j.internal.WaitLoop;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A stream of bytes through a ring, as its reader has it. A {@link RingSinkChannel} writes it, usually in another process.
 *
 * {@snippet class="Example15ByteStream" region="source"}
 *
 * <p>What there is for channels and streams can be used with it: {@link Channels#newInputStream}, {@link Channels#newReader},
 * {@code GZIPInputStream}, {@code ObjectInputStream}.
 *
 * <h2>The end of a stream</h2>
 *
 * <p>{@link #read read} returns -1 when the writer has closed its channel and all that it wrote was read. There is no other way to
 * -1. A {@link StreamBrokenException} says instead that bytes are missing, and which process is to blame:
 * <ul>
 * <li>The writer has terminated and not closed its channel. Then all that it had sent is read first.
 * <li>The writer has {@linkplain RingSinkChannel#breakOff() broken off}, or was interrupted.
 * <li>The writer has given back the role of a producer that was the only one of its ring.
 * <li>Another stream begins, as a successor of the writer has begun anew. Close this channel, and open another one to read it.
 * <li>The stream had begun already when this channel was opened, as another consumer has read its beginning.
 * {@link #skipRest()} passes over such a rest.
 * </ul>
 * A writer of another pid or time namespace than the ring's creator cannot be seen. It counts as alive while somebody else has the
 * ring's block attached; until then only a timeout ends the wait for it.
 *
 * <p>After the end, another channel can be opened for the next stream in the ring.
 *
 * <h2>Messages</h2>
 *
 * <p>A read returns bytes of one message: all of them, if the buffer has room for so many. Otherwise the rest is kept for the
 * next read. The message is consumed when its last byte was read. If the channel is closed before, the whole message stays in the ring, for
 * whoever reads next from the consumer; as does all that comes behind it.
 *
 * <p>A message that does not belong to the stream is refused: the read throws an {@link IOException} that names its type, and the
 * message stays in the ring. The consumer can take it away by {@link RingConsumer#read RingConsumer.read} with a limit of 1, and then the
 * channel goes on.
 *
 * <h2>Blocking, closing and interrupts</h2>
 *
 * <p>The channel is always in blocking mode: a read with a buffer that has room returns at least one byte, or -1. If no byte comes
 * within the timeout, it throws a {@link StreamTimeoutException}, and can be repeated. Marks and empty messages make the timeout no
 * longer, however many come.
 *
 * <p>{@link #close()} leaves the consumer to whoever has it. A thread that waits in a read gets an {@link AsynchronousCloseException}
 * then, or a {@link ClosedByInterruptException} if it was interrupted, which closes the channel, too.
 *
 * <p>Any number of threads can use a channel; they read one after the other. While it is open, it alone uses the consumer, except as
 * said above. Whoever closes it while another thread reads lets that thread leave its call, before anybody uses or closes the consumer.
 */
public final class RingSourceChannel extends AbstractInterruptibleChannel implements ReadableByteChannel {

    /** How often a thread that waits asks whether the writer is still there. */
    private static final long CHECK_NANOS = 10_000_000;

    private static final int LOOKS_BETWEEN_CLOCKS = 32;

    /** Within so much of the ring, a read passes over what has no bytes for it, even if its time is over. */
    private static final long PASSED_OVER = 1 << 20;

    private final RingConsumer consumer;
    private final int type;
    private final WaitStrategy strategy;
    private final Duration timeout;
    private final ReentrantLock lock = new ReentrantLock();
    private final ControlledMessageHandler handler = this::receive;
    private final BufferCopy copy;
    private final WaitLoop.Look looking = this::lookFurther;

    /** Where the bytes of a message go, while a call looks for one. */
    private ByteBuffer target;

    /** How many bytes of the next message were read. */
    private int taken;

    /** How many bytes the last message has given to the target. */
    private int transferred;

    private boolean skipping;
    private long skipped;

    private boolean begun;
    private boolean ended;

    /** Who writes the stream. */
    private long writer;

    /** Why nothing more can be read, once that is known. */
    private String broken;

    /** What the last look has found instead of bytes. */
    private Throwable problem;

    /** Whether the call has begun to count its time, and when. */
    private boolean timed;

    private long timedFrom;

    private long lastCheck = System.nanoTime() - CHECK_NANOS;
    private long nextCheck;
    private int looks;
    private boolean writerLeft;

    /** Whether nothing more can come, as the writer has left. */
    private boolean over;

    private RingSourceChannel(RingConsumer consumer, int type, WaitStrategy strategy, Duration timeout) {
        this.consumer = consumer;
        this.type = type;
        this.strategy = strategy;
        this.timeout = timeout;
        this.copy = new BufferCopy(consumer.memory);
    }

    /**
     * Opens a channel that reads the next stream of a ring. It waits for bytes without a limit, and sleeps in the kernel meanwhile.
     *
     * @param consumer the consumer, which the channel uses until it is closed, and leaves open then
     * @param type the type of the messages, as the writer has chosen it
     * @return the channel
     * @throws IllegalArgumentException if the type is not one for a stream, or the ring is too small
     */
    public static RingSourceChannel open(RingConsumer consumer, int type) {
        return open(consumer, type, WaitStrategy.BLOCKING, RingSinkChannel.FOR_EVER);
    }

    /**
     * Opens a channel that reads the next stream of a ring.
     *
     * @param consumer the consumer, which the channel uses until it is closed, and leaves open then
     * @param type the type of the messages, as the writer has chosen it
     * @param strategy how to wait for bytes
     * @param timeout how long a read waits for bytes; zero or less to look once
     * @return the channel
     * @throws IllegalArgumentException if the type is not one for a stream, or the ring is too small
     */
    public static RingSourceChannel open(
            RingConsumer consumer, int type, WaitStrategy strategy, Duration timeout) {
        Objects.requireNonNull(strategy, "strategy");
        Objects.requireNonNull(timeout, "timeout");
        RingSinkChannel.requireStream(type, consumer.records.maxMessageLength);
        consumer.thread.handOver();
        return new RingSourceChannel(consumer, type, strategy, timeout);
    }

    /**
     * Reads bytes of one message into a buffer, from its position on.
     *
     * @param target the buffer
     * @return how many bytes were read, 0 if the buffer has no room, -1 if the stream has ended
     * @throws StreamBrokenException if the stream has no end, or this channel has not read its beginning
     * @throws StreamTimeoutException if no byte came within the timeout
     * @throws ClosedChannelException if the channel is closed
     * @throws AsynchronousCloseException if another thread closes the channel meanwhile
     * @throws ClosedByInterruptException if the thread is interrupted; the channel is closed then
     * @throws IOException if the next message does not belong to the stream
     * @throws IllegalArgumentException if the buffer is read-only
     * @throws RingRoleLostException if somebody has taken the consumer over, also while this method waits: whoever has it now gets the
     *     whole message of which this channel has read a part. The channel stays open, and all further reads throw this
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if the consumer was closed, or messages that were peeked at are not released yet
     */
    @Override
    public int read(ByteBuffer target) throws IOException {
        if (target.isReadOnly()) {
            throw new IllegalArgumentException("the buffer is read-only");
        }
        lock.lock();
        try {
            requireWhole();
            if (ended) {
                return -1;
            }
            if (!target.hasRemaining()) {
                return 0;
            }
            boolean completed = false;
            try {
                begin();
                int count = receive(target);
                completed = count != 0;
                return count;
            } finally {
                end(completed);
            }
        } finally {
            lock.unlock();
        }
    }

    private void requireWhole() throws IOException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
        if (broken != null) {
            throw new StreamBrokenException(broken);
        }
    }

    /** Returns the number of bytes, -1 for the end, or 0 if the channel was closed. */
    private int receive(ByteBuffer target) throws IOException {
        timed = false;
        long near = consumer.next + Math.min(consumer.capacity, PASSED_OVER);
        try {
            while (isOpen()) {
                if (!look(target)) {
                    await(rest());
                } else if (transferred != 0) {
                    return transferred;
                } else if (ended) {
                    return -1;
                } else {
                    requireWhole();
                    // Who sends what has no bytes as fast as it is read must not keep this thread.
                    if (!rest().isPositive() && consumer.next >= near) {
                        throw timeout();
                    }
                }
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            // Closes the channel. Whoever has interrupted this thread does so, too, but only after having woken it, and not at all if
            // this thread has left the call by then.
            begin();
        }
        return 0;
    }

    /** Looks at the next message, and returns whether there is one. */
    private boolean look(ByteBuffer target) throws IOException {
        this.target = target;
        transferred = 0;
        try {
            int consumed = consumer.controlledRead(handler, 1);
            if (problem != null) {
                throw problem();
            }
            return consumed != 0 || transferred != 0;
        } finally {
            this.target = null;
            problem = null;
        }
    }

    private IOException problem() {
        return switch (problem) {
            case IOException refused -> refused;
            case RuntimeException unchecked -> throw unchecked;
            case Error error -> throw error;
            default -> throw new AssertionError(problem);
        };
    }

    /** Returns how much is left of the time that the call has; all of it when this is asked first. */
    private Duration rest() {
        long now = System.nanoTime();
        if (!timed) {
            timed = true;
            timedFrom = now;
            return timeout;
        }
        return Duration.ofNanos(Math.max(0, TimeUnit.NANOSECONDS.convert(timeout) - (now - timedFrom)));
    }

    private void await(Duration rest) throws IOException, InterruptedException {
        nextCheck = System.nanoTime() + CHECK_NANOS;
        over = false;
        boolean found = consumer.awaitMessage(strategy, rest, looking);
        if (!found && begun && hasLeftByNow()) {
            // What has come before it left is still to be read.
            found = consumer.awaitMessage(strategy, Duration.ZERO);
            over = !found && consumer.isAtEnd();
        }
        if (over && isOpen()) {
            broken = "the stream has no end: its writer, " + describe(writer)
                    + ", has not closed its channel, and writes no more";
            throw new StreamBrokenException(broken);
        }
        if (!found) {
            throw timeout();
        }
    }

    private StreamTimeoutException timeout() {
        return new StreamTimeoutException("no bytes came within " + timeout
                + (begun ? "; the stream goes on, written by " + describe(writer)
                        : "; no stream has begun"));
    }

    /** Whether the writer writes no more, asked not too often where reads do not wait. */
    private boolean hasLeftByNow() {
        long now = System.nanoTime();
        if (!writerLeft && now - lastCheck >= CHECK_NANOS) {
            lastCheck = now;
            writerLeft = hasLeft();
        }
        return writerLeft;
    }

    /** Looks for a message, and whether it makes no sense to wait any longer. */
    private int lookFurther(boolean pastSpinning) {
        int found = consumer.look(pastSpinning);
        return found == WaitLoop.NOTHING && isOver() ? WaitLoop.FOUND : found;
    }

    private boolean isOver() {
        if (!isOpen()) {
            return true;
        }
        if (!begun) {
            return false;
        }
        if (writerLeft) {
            // If nothing is there that others have claimed, there was nothing more after it had left.
            over = consumer.isAtEnd();
            return over;
        }
        if (++looks % LOOKS_BETWEEN_CLOCKS != 1 && strategy == WaitStrategy.BUSY_SPIN) {
            return false;
        }
        long now = System.nanoTime();
        if (now - nextCheck >= 0) {
            nextCheck = now + CHECK_NANOS;
            writerLeft = hasLeft();
        }
        return false;
    }

    /** Whether the writer writes no more: what it has published can be seen then. */
    private boolean hasLeft() {
        return consumer.hasOneProducer
                && (long) LONG.getAcquire(consumer.memory, RingLayout.SLOTS_BEGIN + RingLayout.SLOT_OWNER) != writer
                || Owner.isGone(writer, consumer.sharesNamespaces, consumer.memory);
    }

    private String describe(long process) {
        return Owner.describe(process, consumer.sharesNamespaces);
    }

    /** Receives a message. What is thrown here would consume it. */
    private ControlledMessageHandler.Action receive(int type, MemorySegment memory, long offset, int length) {
        try {
            return type == this.type
                    ? receiveBytes(offset, length)
                    : receiveMark(type, memory, offset, length);
        } catch (Throwable failure) {
            problem = failure;
            return ControlledMessageHandler.Action.ABORT;
        }
    }

    private ControlledMessageHandler.Action receiveBytes(long offset, int length) throws IOException {
        if (skipping) {
            skipped += length;
            return ControlledMessageHandler.Action.CONTINUE;
        }
        if (!begun) {
            throw new StreamBrokenException("the ring holds the rest of a stream of messages of type " + type
                    + ", whose beginning this channel has not read: pass over it by skipRest()");
        }
        if (length < taken) {
            throw RingCorruptedException.overwritten("the length of a message that was read in part");
        }
        int part = Math.min(length - taken, target.remaining());
        copy.out(offset + taken, target, part);
        target.position(target.position() + part);
        transferred = part;
        taken += part;
        if (taken < length) {
            return ControlledMessageHandler.Action.ABORT;
        }
        taken = 0;
        return ControlledMessageHandler.Action.CONTINUE;
    }

    private ControlledMessageHandler.Action receiveMark(int type, MemorySegment memory, long offset, int length)
            throws IOException {
        switch (StreamMark.kind(this.type, type, memory, offset, length)) {
            case StreamMark.BEGINS -> {
                if (skipping) {
                    return ControlledMessageHandler.Action.ABORT;
                }
                if (begun) {
                    broken = "the stream has no end: its writer, " + describe(writer)
                            + ", has not closed its channel, and another stream begins here, written by "
                            + describe(StreamMark.writer(memory, offset));
                    throw new StreamBrokenException(broken);
                }
                writer = StreamMark.writer(memory, offset);
                // Last: if something is thrown before, the mark is received again.
                begun = true;
            }
            case StreamMark.ENDS -> ended = begun;
            case StreamMark.BREAKS_OFF -> {
                if (begun) {
                    broken = "the stream has no end: its writer, " + describe(writer)
                            + ", has broken off";
                }
            }
            default -> throw new IOException("the next message of the ring has type " + type + " and " + length
                    + " bytes, and does not belong to the stream of messages of type " + this.type
                    + ": let the consumer take it away first");
        }
        return ControlledMessageHandler.Action.CONTINUE;
    }

    /**
     * Passes over what waits in the ring of a stream whose beginning this channel has not read, up to the end of that stream or the beginning of
     * the next one. It does not wait for more.
     *
     * @return how many bytes were passed over
     * @throws ClosedChannelException if the channel is closed
     * @throws IOException if a message does not belong to the stream
     * @throws RingRoleLostException if somebody has taken the consumer over
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if this channel has begun with a stream, or the consumer was closed
     */
    public long skipRest() throws IOException {
        lock.lock();
        try {
            requireWhole();
            if (begun) {
                throw new IllegalStateException("this channel has begun to read a stream: close it to leave the rest");
            }
            skipping = true;
            skipped = 0;
            // What comes from now on is not waited for, and a writer that keeps up would keep this thread for ever.
            long end = Math.min(consumer.records.producerPosition(), consumer.next + consumer.capacity);
            while (consumer.next < end && isOpen() && look(null)) {
                // Until there is nothing, or the next stream begins.
            }
            return skipped;
        } finally {
            skipping = false;
            lock.unlock();
        }
    }

    /** Lets a thread that waits in a read see that the channel is closed. What was not read whole stays in the ring. */
    @Override
    protected void implCloseChannel() {}
}
