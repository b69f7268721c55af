package io.github.shm4j.ring;

import io.github.shm4j.WaitStrategy;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * One who uses a ring in both roles, taking each when he first acts in it, so that a test of what both roles do together says
 * no more than what they do.
 *
 * <p>Public, because it also is one of the {@link InstrumentedClasses}.
 */
public final class RingUser implements AutoCloseable {

    private final RingBuffer ring;
    private volatile RingProducer producer;
    private volatile RingConsumer consumer;

    /** Whether something was thrown out of the call that was to give the role. */
    private boolean producerUnsure;

    private boolean consumerUnsure;

    /** Whether the next role is taken from whoever has it. */
    private boolean takingOver;

    private boolean clearingAsInLargeRings;
    private boolean impatient;
    private volatile boolean closed;

    private RingUser(RingBuffer ring) {
        this.ring = ring;
    }

    static RingUser of(RingBuffer ring) {
        return new RingUser(ring);
    }

    static RingUser open(MemorySegment memory) {
        return of(RingBuffer.open(memory));
    }

    static RingUser open(MemorySegment memory, Duration timeout) {
        return of(RingBuffer.open(memory, timeout));
    }

    RingBuffer ring() {
        return ring;
    }

    boolean isSpsc() {
        return ring instanceof SpscRingBuffer;
    }

    boolean isClosed() {
        return closed;
    }

    RingProducer producer() {
        RingProducer known = producer;
        return known != null && !hasLost(known) ? known : becomeProducer();
    }

    /** Whether somebody who has overwritten the ring has taken the role away, so that it may be taken anew. */
    private boolean hasLost(RingProducer known) {
        // One that the ring has closed, since it was to give the role anew and somebody had it, is of no use to anybody.
        return !closed && known instanceof SpscProducer spsc
                && (spsc.closed
                        || spsc.producing == SpscWriteCursor.NOT_PRODUCING && !spsc.hasLostRole(spsc.memory));
    }

    private synchronized RingProducer becomeProducer() {
        if (producer == null || hasLost(producer)) {
            requireOpen();
            ring.requireWritable();
            producerUnsure = true;
            try {
                producer =
                        takingOver && ring instanceof SpscRingBuffer spsc ? spsc.takeOverProducer() : ring.producer();
                if (producer instanceof SpscProducer spsc) {
                    spsc.thread.handOver();
                }
            } catch (RingException refused) {
                producerUnsure = false;
                throw refused;
            }
            producerUnsure = false;
        }
        return producer;
    }

    RingConsumer consumer() {
        RingConsumer known = consumer;
        return known != null ? known : becomeConsumer();
    }

    private synchronized RingConsumer becomeConsumer() {
        if (consumer == null) {
            requireOpen();
            ring.requireWritable();
            consumerUnsure = true;
            RingConsumer next;
            try {
                next = takingOver ? ring.takeOverConsumer() : ring.consumer();
            } catch (RingException refused) {
                consumerUnsure = false;
                throw refused;
            }
            consumerUnsure = false;
            next.thread.handOver();
            if (clearingAsInLargeRings) {
                next.clearAsInLargeRings();
            }
            if (impatient && next.records instanceof MpscRecords records) {
                records.checkWithoutWaiting();
            }
            consumer = next;
        }
        return consumer;
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("this user was closed");
        }
    }

    /** Takes a role. */
    void take(boolean producing) {
        if (producing) {
            producer();
        } else {
            consumer();
        }
    }

    /** Takes a role from whoever has it. */
    void takeOver(boolean producing) {
        takingOver = true;
        try {
            take(producing);
        } finally {
            takingOver = false;
        }
    }

    boolean write(int type, MemorySegment source) {
        return producer().write(type, source);
    }

    boolean write(int type, MemorySegment source, long offset, long length) {
        return producer().write(type, source, offset, length);
    }

    boolean tryClaim(int type, int length, Claim claim) {
        return producer().tryClaim(type, length, claim);
    }

    boolean awaitRoom(int length, WaitStrategy strategy, Duration timeout) throws InterruptedException {
        return producer().awaitRoom(length, strategy, timeout);
    }

    SpscProducer.Batch beginBatch() {
        return ((SpscProducer) producer()).beginBatch();
    }

    int read(MessageHandler handler, int limit) {
        return consumer().read(handler, limit);
    }

    int controlledRead(ControlledMessageHandler handler, int limit) {
        return consumer().controlledRead(handler, limit);
    }

    int peek(MessageHandler handler, int limit) {
        return consumer().peek(handler, limit);
    }

    /** Gives the consumer's role back, to take it anew. */
    void leave() {
        consumer().close();
        consumer = null;
    }

    void release() {
        consumer().release();
    }

    boolean awaitMessage(WaitStrategy strategy, Duration timeout) throws InterruptedException {
        return consumer().awaitMessage(strategy, timeout);
    }

    void clearAsInLargeRings() {
        clearingAsInLargeRings = true;
        if (consumer != null) {
            consumer.clearAsInLargeRings();
        }
    }

    void checkWithoutWaiting() {
        impatient = true;
        if (consumer != null && consumer.records instanceof MpscRecords records) {
            records.checkWithoutWaiting();
        }
    }

    /** What the consumer does from time to time where it finds nothing. */
    void recoverIfStalled() {
        consumer().records.recoverIfStalled(ring.consumerPosition());
    }

    Consumer<MemorySegment> beforeDetach() {
        return ring.beforeDetach();
    }

    long capacity() {
        return ring.capacity();
    }

    int maxMessageLength() {
        return ring.maxMessageLength();
    }

    long producerPosition() {
        return ring.producerPosition();
    }

    long consumerPosition() {
        return ring.consumerPosition();
    }

    long backlog() {
        return ring.backlog();
    }

    RingStatistics statistics() {
        return ring.statistics();
    }

    int browse(MessageHandler handler, int limit) {
        return ring.browse(handler, limit);
    }

    /** Gives back the roles that it has, and those that it has if nobody else has them, as something was thrown. */
    @Override
    public synchronized void close() {
        try {
            if (producerUnsure) {
                becomeProducer();
            }
            if (consumerUnsure) {
                becomeConsumer();
            }
        } catch (RingException othersHaveIt) {
            // Then nothing is to be given back.
        }
        if (producer != null) {
            producer.close();
        }
        closed = true;
        if (consumer != null) {
            consumer.close();
        }
    }
}
