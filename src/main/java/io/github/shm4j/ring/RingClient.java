package io.github.shm4j.ring;

import static io.github.shm4j.ring.RingLayout.LONG;
import static io.github.shm4j.ring.RingLayout.RECORD_HEADER;

import io.github.shm4j.WaitStrategy;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The client of a {@link RingPair}: sends requests, and waits for the reply to each.
 *
 * {@snippet class="Example14RequestReply" region="client"}
 *
 * <p>It is one from {@link RingPair#client()} until {@link #close()}, or until its process terminates. Any number of threads can use
 * it; they call one after the other.
 */
public final class RingClient implements AutoCloseable {

    /** How long a client that waits for room lets replies wait that nobody waits for. */
    private static final long DRAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private static final int NUMBER = RingPair.NUMBER_LENGTH;

    private final RingPair pair;
    private final WaitStrategy strategy;
    private final SpscProducer requests;
    private final RingConsumer replies;
    private final Claim claim = new Claim();
    private final ReentrantLock lock = new ReentrantLock();
    private final MessageHandler receiving = this::receive;
    private final MessageHandler copying = this::copy;

    /** The request whose reply is awaited, or 0. */
    private long awaited;

    private MessageHandler handler;
    private MemorySegment target;
    private int replyLength;
    private String failure;

    RingClient(RingPair pair, PairEnd end, WaitStrategy strategy, boolean takingOver) {
        this.pair = pair;
        this.strategy = Objects.requireNonNull(strategy, "strategy");
        PairEnd.Roles roles = end.take(takingOver);
        this.requests = roles.out();
        this.replies = roles.in();
    }

    /**
     * Sends a request and copies the reply.
     *
     * @param type what kind of request it is, greater than 0 and less than {@link Integer#MAX_VALUE}; the meaning is up to client
     *     and server
     * @param request where the request is, at most {@link RingPair#maxMessageLength()} bytes
     * @param target where to copy the reply to, from its beginning on. If this method does not return normally, there can be
     *     anything in it
     * @param timeout how long to wait in all, for room and for the reply
     * @return the length of the reply in bytes
     * @throws RingTimeoutException if the time is over
     * @throws RingCallException if the server's handler has thrown
     * @throws InterruptedException if the thread is interrupted while it waits; the request may have been sent
     * @throws IllegalArgumentException if type or request are not as said, or if the target is smaller than the reply, which is lost
     *     then
     * @throws RingRoleLostException if somebody has taken the client over, also while this method waits: the request may have been sent,
     *     and the reply is lost. So do all further calls; {@link #close()} does nothing then
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if called by a handler of this client, or if it was closed
     */
    public int call(int type, MemorySegment request, MemorySegment target, Duration timeout)
            throws InterruptedException {
        Objects.requireNonNull(target, "target");
        long begin = acquire(timeout);
        try {
            this.target = target;
            exchange(type, request, copying, timeout, begin);
            return replyLength;
        } finally {
            this.target = null;
            lock.unlock();
        }
    }

    private void copy(int type, MemorySegment memory, long offset, int length) {
        if (length > target.byteSize()) {
            throw new IllegalArgumentException(
                    "the reply has " + length + " bytes; the target has " + target.byteSize());
        }
        BulkCopy.copyOut(memory, offset, target, length);
        replyLength = length;
    }

    /**
     * Sends a request and receives the reply where it lies.
     *
     * @param type what kind of request it is, greater than 0 and less than {@link Integer#MAX_VALUE}; the meaning is up to client
     *     and server
     * @param request where the request is, at most {@link RingPair#maxMessageLength()} bytes
     * @param reply receives the reply, in a call of this method. An exception that it throws reaches the caller
     * @param timeout how long to wait in all, for room and for the reply
     * @throws RingTimeoutException if the time is over
     * @throws RingCallException if the server's handler has thrown
     * @throws InterruptedException if the thread is interrupted while it waits; the request may have been sent
     * @throws IllegalArgumentException if type or request are not as said
     * @throws RingRoleLostException if somebody has taken the client over, also while this method waits: the request may have been sent,
     *     and the reply is lost. So do all further calls; {@link #close()} does nothing then
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if called by a handler of this client, or if it was closed
     */
    public void call(int type, MemorySegment request, MessageHandler reply, Duration timeout)
            throws InterruptedException {
        Objects.requireNonNull(reply, "reply");
        long begin = acquire(timeout);
        try {
            exchange(type, request, reply, timeout, begin);
        } finally {
            lock.unlock();
        }
    }

    /** Waits until no other thread calls, and returns when this one began to. */
    private long acquire(Duration timeout) throws InterruptedException {
        if (lock.isHeldByCurrentThread()) {
            throw new IllegalStateException("a handler of a reply must not call the server through the same client");
        }
        long begin = System.nanoTime();
        if (!lock.tryLock() && !lock.tryLock(TimeUnit.NANOSECONDS.convert(timeout), TimeUnit.NANOSECONDS)) {
            throw new RingTimeoutException("the request was not sent within " + timeout
                    + ", as other threads were calling through the same client");
        }
        return begin;
    }

    private void exchange(int type, MemorySegment request, MessageHandler reply, Duration timeout, long begin)
            throws InterruptedException {
        RingServer.requireMessage(pair, "request", type, request.byteSize());
        long nanos = TimeUnit.NANOSECONDS.convert(timeout);
        try {
            long number = send(type, request, begin, nanos);
            if (number == 0) {
                throw new RingTimeoutException("the request of type " + type + " was not sent within " + timeout
                        + ", as its ring has no room: " + server());
            }
            awaited = number;
            handler = reply;
            failure = null;
            while (awaited != 0) {
                Duration rest = remaining(begin, nanos);
                // A server that sends other replies as fast as they are read must not keep this thread.
                boolean inTime = replies.read(receiving, 1) == 0
                        ? replies.awaitMessage(strategy, rest)
                        : awaited == 0 || !rest.isZero();
                if (!inTime) {
                    throw new RingTimeoutException(
                            "the request of type " + type + " got no reply within " + timeout + ": " + server());
                }
                if (awaited != 0 && Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
            if (failure != null) {
                throw new RingCallException("the server could not handle the request of type " + type + ": " + failure);
            }
        } finally {
            awaited = 0;
            handler = null;
        }
    }

    private static Duration remaining(long begin, long nanos) {
        return Duration.ofNanos(Math.max(0, nanos - (System.nanoTime() - begin)));
    }

    /** Returns the number of the request, or 0 if there was no room for it in time. */
    private long send(int type, MemorySegment request, long begin, long nanos) throws InterruptedException {
        int length = (int) request.byteSize() + NUMBER;
        if (!claim(type, length, begin, nanos)) {
            return 0;
        }
        try (claim) {
            // No other record ends there, of this client or another one.
            long number = claim.position + RingLayout.recordLength(length + RECORD_HEADER);
            LONG.set(claim.memory, claim.offset, number);
            BulkCopy.copy(request, 0, claim.memory, claim.offset + NUMBER, length - NUMBER);
            claim.commit();
            return number;
        }
    }

    private boolean claim(int type, int length, long begin, long nanos) throws InterruptedException {
        // Nobody waits for what is there. The server waits until there is room for its next reply.
        drain();
        while (!requests.tryClaim(type, length, claim)) {
            long remaining = nanos - (System.nanoTime() - begin);
            // Where others overwrite the positions, there can seem to be room for ever.
            requests.awaitRoom(length, strategy, Duration.ofNanos(Math.clamp(remaining, 0, DRAIN_NANOS)));
            drain();
            if (remaining <= 0) {
                return requests.tryClaim(type, length, claim);
            }
        }
        return true;
    }

    /** Passes over the replies that are there: one lap at most, however fast others come. */
    private void drain() {
        replies.read(receiving, Integer.MAX_VALUE);
    }

    /** Receives a reply, which may be one to a call that is over, of this client or a predecessor. */
    private void receive(int type, MemorySegment memory, long offset, int length) {
        if (awaited == 0 || length < NUMBER || (long) LONG.get(memory, offset) != awaited) {
            return;
        }
        awaited = 0;
        if (type == RingServer.FAILED) {
            byte[] text = new byte[length - NUMBER];
            BulkCopy.copyOut(memory, offset + NUMBER, MemorySegment.ofArray(text), text.length);
            failure = new String(text, StandardCharsets.UTF_8);
        } else {
            handler.onMessage(type, memory, offset + NUMBER, length - NUMBER);
        }
    }

    private String server() {
        RingStatistics.RoleOwner server = pair.requests().statistics().consumer();
        return switch (server.liveness()) {
            case NOBODY -> "there is no server";
            case ALIVE -> "the server, process " + server.pid() + ", is running";
            case TERMINATED -> "the server, process " + server.pid() + ", has terminated";
            case UNKNOWN -> "the server is process " + server.pid() + " of another namespace";
        };
    }

    /** Gives the role back, so that another client can have it, unless somebody has taken it over. No thread must be calling. */
    @Override
    public void close() {
        PairEnd.close(requests, replies);
    }
}
