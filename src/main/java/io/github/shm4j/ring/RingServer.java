package io.github.shm4j.ring;

import static io.github.shm4j.ring.RingLayout.LONG;

import io.github.shm4j.WaitStrategy;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The server of a {@link RingPair}: handles requests, and replies to each.
 *
 * {@snippet class="Example14RequestReply" region="server"}
 *
 * <p>It is one from {@link RingPair#server()} until {@link #close()}, or until its process terminates. Any number of threads can use
 * it; they serve one after the other.
 *
 * <p>A server never waits to send a reply. As long as the client has left so many replies unread that a long one has no room,
 * requests wait.
 */
public final class RingServer implements AutoCloseable {

    /**
     * Sends the reply to the request that is being handled.
     *
     * <p>It is for the handler that has got it, until that returns.
     */
    public final class Reply {

        private long number;
        private boolean sent;
        private boolean handling;

        private Reply() {}

        /**
         * Sends the reply.
         *
         * @param type what kind of reply it is, greater than 0 and less than {@link Integer#MAX_VALUE}; the meaning is up to
         *     client and server
         * @param source where the reply is, at most {@link RingPair#maxMessageLength()} bytes
         * @throws IllegalArgumentException if type or reply are not as said
         * @throws IllegalStateException if the handler has replied already, or has returned
         * @throws RingRoleLostException if somebody has taken the server over: the reply was not sent, and the request is handled by
         *     whoever has the server now
         * @throws RingCorruptedException if the memory was overwritten
         */
        public void send(int type, MemorySegment source) {
            requireMessage(pair, "reply", type, source.byteSize());
            if (!handling) {
                throw new IllegalStateException("the handler of this request has returned");
            }
            if (!lock.isHeldByCurrentThread()) {
                // By now it may be the turn of another request, whose reply this would be taken for.
                throw new IllegalStateException(
                        "a reply is sent by the thread that called the handler, before that returns");
            }
            if (sent) {
                throw new IllegalStateException("the handler has replied to this request already");
            }
            reply(type, source);
        }

        private void begin(long number) {
            this.number = number;
            sent = false;
            handling = true;
        }

        private void reply(int type, MemorySegment source) {
            if (!replies.tryClaim(type, (int) source.byteSize() + NUMBER, claim)) {
                throw RingCorruptedException.overwritten("the ring of the replies has lost its room");
            }
            try (claim) {
                LONG.set(claim.memory, claim.offset, number);
                BulkCopy.copy(source, 0, claim.memory, claim.offset + NUMBER, source.byteSize());
                claim.commit();
            }
            sent = true;
        }
    }

    /** The type of a reply that says that the handler has thrown. */
    static final int FAILED = Integer.MAX_VALUE;

    private static final int NUMBER = RingPair.NUMBER_LENGTH;
    private static final MemorySegment EMPTY = MemorySegment.ofArray(new byte[0]);

    private final RingPair pair;
    private final WaitStrategy strategy;
    private final RingConsumer requests;
    private final SpscProducer replies;
    private final Claim claim = new Claim();
    private final Reply reply = new Reply();
    private final ReentrantLock lock = new ReentrantLock();
    private final MessageHandler receiving = this::receive;

    private RequestHandler handler;

    RingServer(RingPair pair, PairEnd end, WaitStrategy strategy, boolean takingOver) {
        this.pair = pair;
        this.strategy = Objects.requireNonNull(strategy, "strategy");
        PairEnd.Roles roles = end.take(takingOver);
        this.requests = roles.in();
        this.replies = roles.out();
    }

    static void requireMessage(RingPair pair, String what, int type, long length) {
        if (type <= 0 || type == FAILED) {
            throw new IllegalArgumentException(
                    "type is " + type + "; it must be greater than 0 and less than " + FAILED);
        }
        if (length > pair.maxMessageLength()) {
            throw new IllegalArgumentException("the " + what + " has " + length + " bytes; it can have up to "
                    + pair.maxMessageLength() + ", an eighth of the ring's capacity without " + NUMBER);
        }
    }

    /**
     * Handles requests that wait.
     *
     * @param handler receives the requests
     * @param limit how many to handle at most
     * @return the number of requests handled; 0 if there is none now, no room for a long reply, or another thread is at it
     * @throws RingRoleLostException if somebody has taken the server over: a request whose handler has returned meanwhile is handled
     *     again by whoever has it now. So do all further calls; {@link #close()} does nothing then
     * @throws RingCorruptedException if the memory was overwritten, or if a request has no number; it is consumed then
     * @throws IllegalStateException if called by a handler of this server, or if it was closed
     */
    public int serve(RequestHandler handler, int limit) {
        Objects.requireNonNull(handler, "handler");
        requireNoHandler();
        // Who has the lock sees all requests that this thread would see.
        if (!lock.tryLock()) {
            return 0;
        }
        try {
            return handle(handler, limit);
        } finally {
            lock.unlock();
        }
    }

    private int handle(RequestHandler handler, int limit) {
        this.handler = handler;
        try {
            int served = 0;
            while (served < limit && hasRoom() && requests.read(receiving, 1) != 0) {
                served++;
            }
            return served;
        } finally {
            this.handler = null;
        }
    }

    private void requireNoHandler() {
        if (lock.isHeldByCurrentThread()) {
            throw new IllegalStateException("a handler must not use the server that calls it");
        }
    }

    /** Waits until no other thread serves or waits, and returns whether that was in time. */
    private boolean acquire(Duration timeout) throws InterruptedException {
        requireNoHandler();
        return lock.tryLock() || lock.tryLock(TimeUnit.NANOSECONDS.convert(timeout), TimeUnit.NANOSECONDS);
    }

    /**
     * Waits for a request and handles it.
     *
     * @param handler receives the request
     * @param timeout how long to wait at most; zero or less to look once
     * @return {@code true} if a request was handled; {@code false} if the time is over
     * @throws InterruptedException if the thread is interrupted before or while it waits
     * @throws RingRoleLostException if somebody has taken the server over, also while this method waits: a request whose handler has
     *     returned meanwhile is handled again by whoever has it now. So do all further calls; {@link #close()} does nothing then
     * @throws RingCorruptedException if the memory was overwritten, or if a request has no number; it is consumed then
     * @throws IllegalStateException if called by a handler of this server, or if it was closed
     */
    public boolean serve(RequestHandler handler, Duration timeout) throws InterruptedException {
        Objects.requireNonNull(handler, "handler");
        Objects.requireNonNull(timeout, "timeout");
        long begin = System.nanoTime();
        if (!acquire(timeout)) {
            return false;
        }
        // No other thread takes the request that this one has waited for.
        try {
            return handle(handler, 1) != 0 || await(begin, timeout) && handle(handler, 1) != 0;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until there is a request, and room for the reply.
     *
     * @param timeout how long to wait at most; zero or less to look once
     * @return {@code true} if there is a request that can be handled; {@code false} if the time is over
     * @throws InterruptedException if the thread is interrupted before or while it waits
     * @throws RingRoleLostException if somebody has taken the server over, also while this method waits
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if called by a handler of this server, or if it was closed
     */
    public boolean awaitRequest(Duration timeout) throws InterruptedException {
        long begin = System.nanoTime();
        if (!acquire(timeout)) {
            return false;
        }
        try {
            return await(begin, timeout);
        } finally {
            lock.unlock();
        }
    }

    private boolean await(long begin, Duration timeout) throws InterruptedException {
        long nanos = TimeUnit.NANOSECONDS.convert(timeout);
        return requests.awaitMessage(strategy, rest(begin, nanos))
                && replies.awaitRoom(pair.replies().maxMessageLength(), strategy, rest(begin, nanos));
    }

    private static Duration rest(long begin, long nanos) {
        return Duration.ofNanos(Math.max(0, nanos - (System.nanoTime() - begin)));
    }

    private boolean hasRoom() {
        replies.requireOpen();
        return replies
                .hasRoomFor(RingLayout.recordLength(pair.replies().maxMessageLength() + RingLayout.RECORD_HEADER));
    }

    private void receive(int type, MemorySegment memory, long offset, int length) {
        if (length < NUMBER) {
            throw RingCorruptedException
                    .overwritten("a request has " + length + " bytes, which is less than its number");
        }
        reply.begin((long) LONG.get(memory, offset));
        try {
            handler.onRequest(type, memory, offset + NUMBER, length - NUMBER, reply);
            if (!reply.sent) {
                reply.reply(type, EMPTY);
            }
        } catch (Throwable failure) {
            if (!reply.sent) {
                refuse(failure);
            }
            throw failure;
        } finally {
            reply.handling = false;
        }
    }

    private void refuse(Throwable failure) {
        try {
            byte[] text = failure.toString().getBytes(StandardCharsets.UTF_8);
            reply.reply(FAILED,
                    MemorySegment.ofArray(Arrays.copyOf(text, Math.min(text.length, pair.maxMessageLength()))));
        } catch (Throwable again) {
            failure.addSuppressed(again);
        }
    }

    /** Gives the role back, so that another server can have it, unless somebody has taken it over. No thread must be serving. */
    @Override
    public void close() {
        PairEnd.close(replies, requests);
    }
}
