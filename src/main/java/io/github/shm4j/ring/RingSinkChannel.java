package io.github.shm4j.ring;

import io.github.shm4j.WaitStrategy;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.InterruptibleChannel;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * A stream of bytes through a ring, as its writer has it. A {@link RingSourceChannel} reads it, usually in another process.
 *
 * {@snippet class="Example15ByteStream" region="sink"}
 *
 * <p>What there is for channels and streams can be used with it: {@link Channels#newOutputStream}, {@link Channels#newWriter},
 * compression, encryption, {@code ObjectOutputStream}.
 *
 * <h2>Messages</h2>
 *
 * <p>Each {@link #write write} sends its bytes as one message of the channel's type. Where they are more than
 * {@linkplain RingBuffer#maxMessageLength() one message can hold}, they go in several, each but the last of that length. A write
 * of no bytes sends nothing. The bytes are not gathered: put a {@code BufferedOutputStream} before a channel that gets few at a time.
 *
 * <p>Two messages of the type {@link #MARK_TYPE} enclose the stream. The first is sent when the channel is opened, the last when
 * it is closed. So a reader can tell a stream that has ended from one whose writer was killed. A consumer that does not read by
 * a channel gets the marks, too, and passes over them.
 *
 * <p>The ring can hold other messages: those that the producer sends before and behind the stream, and in a ring for many
 * producers those that others send meanwhile. A stream has its type for itself until it ends. A {@code RingSourceChannel} refuses to
 * pass over messages that do not belong to its stream.
 *
 * <h2>Blocking, closing and interrupts</h2>
 *
 * <p>The channel is always in blocking mode. A write waits for room, for each of its messages as long as the timeout says. If the
 * time is over, it throws a {@link StreamTimeoutException}, and the position of the buffer says how much was sent. It waits for a
 * reader that has terminated, too, as another one can come. A channel that is closed after a write that has failed breaks the stream
 * off, unless a later write has succeeded.
 *
 * <p>{@link #close()} ends the stream, and leaves the producer to whoever has it. {@link #breakOff()} tells the reader that there
 * would have been more: use it where something fails in between, as otherwise the reader takes what was written for the whole. So
 * it is told if a write is cut off by an interrupt of its thread, which is a {@link ClosedByInterruptException}, or by another thread
 * that closes the channel, which is an {@link AsynchronousCloseException}. An interrupted thread that calls {@code write} closes the
 * channel in the same way. If the ring stays full for a tenth of a second then, the reader learns it later: when the producer of a ring
 * for one is closed, when the process terminates, or when the next stream begins.
 *
 * <p>Any number of threads can use a channel; they write one after the other. While it is open, it alone uses a producer that is for
 * one thread. Whoever closes it while another thread writes lets that thread leave its call, before anybody uses or closes the producer.
 */
public final class RingSinkChannel implements WritableByteChannel, InterruptibleChannel {

    /** The type of the messages that enclose a stream, {@value}. */
    public static final int MARK_TYPE = 0x73686d73;

    /** How long a channel waits for room to say that it was cut off. */
    private static final Duration LAST_WORD = Duration.ofMillis(100);

    /** Longer than anybody waits. */
    static final Duration FOR_EVER = Duration.ofNanos(Long.MAX_VALUE);

    private final RingProducer producer;
    private final int type;
    private final WaitStrategy strategy;
    private final Duration timeout;
    private final MemorySegment mark;
    private final Claim claim = new Claim();
    private final BufferCopy copy;
    private final BooleanSupplier closed = () -> !isOpen();
    private final ReentrantLock lock = new ReentrantLock();

    /** Held by the thread that closes the channel. It may wait for room, which in a monitor would keep the carrier of a virtual thread. */
    private final ReentrantLock closing = new ReentrantLock();

    private volatile boolean open = true;

    /** Whether something is missing of what was to be written. */
    private volatile boolean brokenOff;

    /** Whether the last write has failed, so that bytes of it are missing. Guarded by the lock. */
    private boolean unfinished;

    /** Whether the last mark was sent, or could not be. Guarded by the lock. */
    private boolean concluded;

    private RingSinkChannel(RingProducer producer, int type, WaitStrategy strategy, Duration timeout) {
        this.producer = producer;
        this.type = type;
        this.strategy = strategy;
        this.timeout = timeout;
        this.mark = StreamMark.of(type, producer.self);
        this.copy = new BufferCopy(producer.memory);
    }

    /**
     * Begins a stream that waits for room without a limit, and sleeps in the kernel meanwhile.
     *
     * @param producer the producer, which the stream uses until the channel is closed, and leaves open then
     * @param type the type of the messages, greater than 0 and not {@link #MARK_TYPE}
     * @return the channel
     * @throws ClosedByInterruptException if the thread is interrupted while it waits for room
     * @throws IOException if the stream cannot begin
     * @throws IllegalArgumentException if the type is not one for a stream, or the ring is too small
     * @throws RingRoleLostException if the ring is for one producer and somebody has taken the role over
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if the producer was closed
     */
    public static RingSinkChannel open(RingProducer producer, int type) throws IOException {
        return open(producer, type, WaitStrategy.BLOCKING, FOR_EVER);
    }

    /**
     * Begins a stream.
     *
     * @param producer the producer, which the stream uses until the channel is closed, and leaves open then
     * @param type the type of the messages, greater than 0 and not {@link #MARK_TYPE}
     * @param strategy how to wait for room
     * @param timeout how long to wait for room for a message; zero or less to try once
     * @return the channel
     * @throws StreamTimeoutException if the time is over before there is room for the mark that begins the stream
     * @throws ClosedByInterruptException if the thread is interrupted while it waits for room
     * @throws IOException if the stream cannot begin
     * @throws IllegalArgumentException if the type is not one for a stream, or the ring is too small
     * @throws RingRoleLostException if the ring is for one producer and somebody has taken the role over
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if the producer was closed
     */
    public static RingSinkChannel open(RingProducer producer, int type, WaitStrategy strategy, Duration timeout)
            throws IOException {
        Objects.requireNonNull(strategy, "strategy");
        Objects.requireNonNull(timeout, "timeout");
        requireStream(type, producer.maxMessageLength);
        RingSinkChannel channel = new RingSinkChannel(producer, type, strategy, timeout);
        channel.mark(StreamMark.BEGINS, timeout);
        producer.handOver();
        return channel;
    }

    static void requireStream(int type, int maxMessageLength) {
        if (type <= 0 || type == MARK_TYPE) {
            throw new IllegalArgumentException(
                    "type is " + type + "; that of a stream must be greater than 0, and not " + MARK_TYPE);
        }
        if (maxMessageLength < StreamMark.LENGTH) {
            throw new IllegalArgumentException(
                    "a message of this ring has up to " + maxMessageLength + " bytes; a stream needs "
                            + StreamMark.LENGTH + ", so a ring of at least " + 8 * StreamMark.LENGTH + " bytes");
        }
    }

    /**
     * Sends bytes, from the position of a buffer to its limit, and sets its position behind those that were sent.
     *
     * @param source the bytes
     * @return how many were sent, which is all
     * @throws StreamTimeoutException if the time is over before all were sent; the buffer's position is behind those that were
     * @throws ClosedChannelException if the channel is closed
     * @throws AsynchronousCloseException if another thread closes the channel meanwhile; how much was sent is not known
     * @throws ClosedByInterruptException if the thread is interrupted; the channel is closed then
     * @throws RingRoleLostException if the ring is for one producer and somebody has taken the role over, also while this method waits: the
     *     buffer's position is behind what was sent before. The channel stays open, and all further writes throw this, and so does
     *     {@link #close()}, as it cannot tell the reader that the stream has no end
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if the producer was closed
     */
    @Override
    public int write(ByteBuffer source) throws IOException {
        Objects.requireNonNull(source, "source");
        lock.lock();
        try {
            if (!isOpen()) {
                throw new ClosedChannelException();
            }
            if (!source.hasRemaining()) {
                return 0;
            }
            unfinished = true;
            int sent = send(source);
            unfinished = false;
            return sent;
        } finally {
            lock.unlock();
            concludeIfClosed();
        }
    }

    /** Sends messages, and returns the number of bytes. */
    private int send(ByteBuffer source) throws IOException {
        int length = source.remaining();
        int sent = 0;
        while (sent < length) {
            int part = Math.min(length - sent, producer.maxMessageLength);
            requireNotCutOff();
            if (!claim(part)) {
                requireNotCutOff();
                throw new StreamTimeoutException(noRoom(sent + " of " + length + " bytes were written"));
            }
            try (claim) {
                copy.in(source, source.position(), claim.offset, part);
                claim.commit();
            }
            sent += part;
            source.position(source.position() + part);
        }
        return sent;
    }

    private void requireNotCutOff() throws AsynchronousCloseException {
        if (Thread.currentThread().isInterrupted()) {
            open = false;
            throw new ClosedByInterruptException();
        }
        if (!open) {
            throw new AsynchronousCloseException();
        }
    }

    /** Claims room for a message, waiting for it until the time is over, the thread is interrupted or the channel is closed. */
    private boolean claim(int length) {
        try {
            return awaitClaim(length);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private boolean awaitClaim(int length) throws InterruptedException {
        if (producer.tryClaim(type, length, claim)) {
            return true;
        }
        long begin = System.nanoTime();
        long nanos = TimeUnit.NANOSECONDS.convert(timeout);
        while (isOpen()) {
            // Where there is room, another producer may be faster, or all slots are taken.
            Duration rest = Duration.ofNanos(Math.max(0, nanos - (System.nanoTime() - begin)));
            boolean room = producer.awaitRoom(length, strategy, rest, closed);
            if (room && isOpen() && producer.tryClaim(type, length, claim)) {
                return true;
            }
            if (!room || System.nanoTime() - begin >= nanos) {
                return false;
            }
        }
        return false;
    }

    private String noRoom(String consequence) {
        return "the ring had no room within " + timeout + ": " + consequence
                + "; its consumer reads too slowly, or there is none";
    }

    /**
     * Closes the channel without ending the stream: the reader gets a {@link StreamBrokenException} behind what was written. If
     * the channel is closed already, this has no effect.
     *
     * @throws IOException as {@link #close()} does
     */
    public void breakOff() throws IOException {
        if (isOpen()) {
            brokenOff = true;
        }
        close();
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    /**
     * Ends the stream. If another thread is writing, that one throws an {@link AsynchronousCloseException}, and the stream is broken
     * off. If the channel is closed already, this has no effect.
     *
     * @throws StreamTimeoutException if the ring has no room within the timeout for the mark that ends the stream. It has no end
     *     then, of which a reader learns when the producer is closed or the process terminates
     * @throws ClosedByInterruptException if the thread is interrupted while it waits for that room
     * @throws RingRoleLostException if somebody has taken the producer over: the stream has no end, and the channel is closed
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if the producer was closed
     */
    @Override
    public void close() throws IOException {
        closing.lock();
        try {
            if (!open) {
                return;
            }
            open = false;
            // The thread that writes ends the stream when it sees that the channel is closed. It may be waiting for this thread.
            if (!lock.isHeldByCurrentThread() && lock.tryLock()) {
                try {
                    conclude(timeout);
                } finally {
                    lock.unlock();
                }
            }
        } finally {
            closing.unlock();
        }
    }

    /** Sends the last mark if the channel was closed while this thread was writing. */
    private void concludeIfClosed() throws IOException {
        if (!isOpen() && lock.tryLock()) {
            boolean interrupted = Thread.interrupted();
            boolean broken = brokenOff || unfinished;
            try {
                conclude(broken ? LAST_WORD : timeout);
            } catch (IOException | RuntimeException noRoom) {
                // Where the stream is broken off, a call has said so, and the reader learns it later.
                if (!broken) {
                    throw noRoom;
                }
            } finally {
                lock.unlock();
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }

    private void conclude(Duration patience) throws IOException {
        if (!concluded) {
            concluded = true;
            mark(brokenOff || unfinished ? StreamMark.BREAKS_OFF : StreamMark.ENDS, patience);
        }
    }

    private void mark(int kind, Duration patience) throws IOException {
        StreamMark.set(mark, kind);
        try {
            if (!producer.write(MARK_TYPE, mark, strategy, patience)) {
                throw new StreamTimeoutException(
                        noRoom(kind == StreamMark.BEGINS ? "the stream was not begun" : "the stream has no end"));
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new ClosedByInterruptException();
        }
    }
}
