package io.github.shm4j.ring;

import static io.github.shm4j.ring.RingLayout.PADDING_TYPE;
import static io.github.shm4j.ring.RingLayout.RECORD_HEADER;

import io.github.shm4j.WaitStrategy;
import io.github.shm4j.internal.FutexWaiters;
import io.github.shm4j.internal.WaitLoop;
import io.github.shm4j.structure.Paces;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Objects;

/**
 * The consumer of a ring: reads the messages in their order, and gives their room back to the producers.
 *
 * {@snippet :
 * try (RingConsumer in = ring.consumer()) {
 *     in.read(handler, 64);
 * }
 * }
 *
 * <p>A ring has one consumer at a time, from {@link RingBuffer#consumer()} until {@link #close()}, or until its process
 * terminates. It is for one thread: the first that calls it, until that one has terminated. Where assertions are enabled, a call
 * of another thread is an {@link AssertionError}, unless it closes the consumer.
 *
 * <p>A message is consumed when its handler returns or throws. If the consumer's process is killed, the next one receives
 * the message again whose handler had not returned, and no other: <b>at least once</b>. After a {@link StackOverflowError}
 * the message that was being delivered is delivered again, once: where the same message exhausts the stack a second time in a
 * row, it is consumed, so that a handler which always does so cannot block the ring.
 *
 * @see RingSourceChannel
 */
public final class RingConsumer extends ConsumerRole implements AutoCloseable {

    /**
     * More than a consumer takes to notice that a producer has terminated whose claim holds it up, on a machine that is not
     * overloaded.
     */
    public static final Duration RECOVERY_TIME = Duration.ofMillis(500);

    // Keeps what lies behind away from what this object writes.
    private long after0;
    private long after1;
    private long after2;
    private long after3;
    private long after4;
    private long after5;
    private long after6;
    private long after7;
    private long after8;
    private long after9;
    private long after10;
    private long after11;
    private long after12;
    private long after13;
    private long after14;
    private long after15;

    /** Whether the pids in the ring mean something here. */
    final boolean sharesNamespaces;

    final boolean hasOneProducer;

    private final MemorySegment view;
    private final FutexWaiters sleepingConsumer;

    /** A consumer that reads nothing before it is begun. */
    RingConsumer(RingBuffer ring, RingRole<RingConsumer> role) {
        super(ring, role);
        this.sharesNamespaces = ring.sharesNamespaces;
        this.hasOneProducer = ring.kind() == RingKind.SPSC;
        this.view = memory.asReadOnly();
        this.sleepingConsumer = ring.sleepingConsumer;
    }

    /**
     * Reads messages and consumes them.
     *
     * <p>A call that has caught up with a stream of ten or more million messages a second waits for 4 microseconds before it
     * looks for more of them: to look for each of them would hold up the producer. Messages that come more slowly are
     * returned as soon as they are there.
     *
     * <p>For request-reply use a limit of 1. Looking for a second message would pull the producer's cache line away while it
     * is about to write there.
     *
     * @param handler receives the messages
     * @param limit how many messages to read at most
     * @return the number of messages read; 0 if there is none now
     * @throws RingRoleLostException if somebody has taken the role over
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if messages that were peeked at are not released yet, if called by a handler of this
     *     consumer, or if it was closed
     */
    public int read(MessageHandler handler, int limit) {
        Objects.requireNonNull(handler, "handler");
        assert thread.isThis() : thread.isAnother("consumer");
        if (consuming != CONSUMING) {
            requireUsable();
        }
        requireRole(memory);
        requireNothingPeeked();
        // In local variables, as the compiler has to read fields again after each call of the handler and each barrier.
        MemorySegment memory = this.memory;
        long position = consumed;
        long handled = position;
        int length = 0;
        try {
            long header = limit > 0 ? nextRecord(memory, position) : 0;
            if (header == 0) {
                // As little as can be: who waits for a message comes here again and again.
                readNothing(position);
                return 0;
            }
            MemorySegment view = this.view;
            Records records = this.records;
            long data = this.data;
            long mask = this.mask;
            long end = position + capacity;
            int messages = 0;
            consuming = DELIVERING;
            while (true) {
                long begin = data + (position & mask);
                // From here on the message is consumed, even if the handler throws.
                position += records.requireRecord(header, position, freed);
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
                header = nextRecord(memory, position);
                if (header == 0) {
                    break;
                }
            }
            haveRead(position, header == 0);
            // The handler may have closed this consumer: then the role is given back here.
            endDelivery();
            return messages;
        } catch (Throwable failure) {
            // Nothing is called here before the fields say what is true: the stack may be exhausted.
            if (position != handled) {
                if (failure instanceof StackOverflowError && position != overflowedAt) {
                    overflowedAt = position;
                } else {
                    messagesRead++;
                    bytesRead += length;
                    handled = position;
                }
            }
            unsureUpTo = handled;
            consuming = UNSURE;
            reconcileIfPossible();
            throw failure;
        }
    }

    /**
     * Reads messages and consumes them as the handler says.
     *
     * @param handler receives the messages
     * @param limit how many messages to read at most
     * @return the number of messages consumed; 0 if there is none now or the handler has left the first one
     * @throws RingRoleLostException if somebody has taken the role over
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if messages that were peeked at are not released yet, if called by a handler of this
     *     consumer, or if it was closed
     */
    public int controlledRead(ControlledMessageHandler handler, int limit) {
        Objects.requireNonNull(handler, "handler");
        assert thread.isThis() : thread.isAnother("consumer");
        if (consuming != CONSUMING) {
            requireUsable();
        }
        requireRole(memory);
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
                long header = records.nextRecord(position);
                if (header == 0) {
                    break;
                }
                long begin = data + (position & mask) + RECORD_HEADER;
                // From here on the message is consumed, even if the handler throws.
                position += records.requireRecord(header, position, freed);
                int type = (int) (header >> 32);
                if (type != PADDING_TYPE) {
                    length = (int) header - RECORD_HEADER;
                    action = handler.onMessage(type, view, begin, length);
                    if (action == null) {
                        throw new NullPointerException("the handler has not said how to go on");
                    }
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
            publishFree();
            // The handler may have closed this consumer: then the role is given back here.
            endDelivery();
            return messages;
        } catch (Throwable failure) {
            // Nothing is called here before the fields say what is true: the stack may be exhausted.
            if (position != handled) {
                if (failure instanceof StackOverflowError && position != overflowedAt) {
                    overflowedAt = position;
                } else {
                    messagesRead++;
                    bytesRead += length;
                    handled = position;
                }
            }
            unsureUpTo = handled;
            consuming = UNSURE;
            reconcileIfPossible();
            throw failure;
        }
    }

    /**
     * Reads messages without consuming them.
     *
     * <p>Each call goes on behind the last one. The messages stay where they are, and what the handler got of them stays
     * valid, until they are {@linkplain #release() released}. If the consumer's process is killed before, the next one
     * receives them again.
     *
     * @param handler receives the messages
     * @param limit how many messages to read at most
     * @return the number of messages delivered; 0 if there is none now
     * @throws RingRoleLostException if somebody has taken the role over
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if called by a handler of this consumer, or if it was closed
     */
    public int peek(MessageHandler handler, int limit) {
        Objects.requireNonNull(handler, "handler");
        assert thread.isThis() : thread.isAnother("consumer");
        if (consuming != CONSUMING) {
            requireUsable();
        }
        requireRole(memory);
        int messages = 0;
        int length = 0;
        long behind = next;
        long prepared = behind;
        try {
            consuming = DELIVERING;
            // Once around the ring, the first message is met again.
            while (messages < limit && consuming == DELIVERING && next - freed != capacity) {
                long header = records.nextRecord(next);
                if (header == 0) {
                    break;
                }
                long begin = data + (next & mask) + RECORD_HEADER;
                behind += records.requireRecord(header, next, freed);
                int type = (int) (header >> 32);
                if (type != PADDING_TYPE) {
                    length = (int) header - RECORD_HEADER;
                    peeked.prepare(behind, bytesRead);
                    prepared = behind;
                    handler.onMessage(type, view, begin, length);
                    messages++;
                    peeked.last++;
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
            if (behind != next) {
                if (failure instanceof StackOverflowError && behind != overflowedAt) {
                    overflowedAt = behind;
                } else if (prepared == behind) {
                    peeked.last++;
                    messagesRead++;
                    bytesRead += length;
                    recordsSinceFreed++;
                    next = behind;
                }
            }
            unsureUpTo = consumed;
            consuming = UNSURE;
            reconcileIfPossible();
            throw failure;
        }
    }

    /**
     * Consumes all messages that {@link #peek peek} has delivered, and gives their room back to the producers.
     *
     * @throws RingRoleLostException if somebody has taken the role over
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if called by a handler of this consumer, or if it was closed
     */
    public void release() {
        assert thread.isThis() : thread.isAnother("consumer");
        if (consuming != CONSUMING) {
            requireUsable();
        }
        requireRole(memory);
        release(next);
    }

    /**
     * Consumes the first ones of the messages that {@link #peek peek} has delivered, and gives their room back to the producers.
     * The others stay as they are.
     *
     * @param messages how many
     * @throws IllegalArgumentException if the number is negative, or greater than that of the messages that were delivered and not
     *     released
     * @throws RingRoleLostException if somebody has taken the role over
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if called by a handler of this consumer, or if it was closed
     */
    public void release(int messages) {
        assert thread.isThis() : thread.isAnother("consumer");
        if (consuming != CONSUMING) {
            requireUsable();
        }
        requireRole(memory);
        if (messages < 0 || messages > peeked.count()) {
            throw new IllegalArgumentException(
                    "the number of messages is " + messages + "; " + peeked.count() + " were peeked at");
        }
        if (messages != 0) {
            release(peeked.end(messages));
        }
    }

    /**
     * Returns up to where {@link #peek peek} has delivered messages.
     *
     * @return the position behind the last one, in bytes since the ring was created; that of the consumer if all are released
     * @throws RingRoleLostException if somebody has taken the role over
     * @throws IllegalStateException if called by a handler of this consumer, or if it was closed
     */
    public long peekPosition() {
        assert thread.isThis() : thread.isAnother("consumer");
        if (consuming != CONSUMING) {
            requireUsable();
        }
        requireRole(memory);
        return next;
    }

    /**
     * Lets {@link #peek peek} begin again: the messages that it has delivered and that are not released are delivered once more by
     * the next calls.
     *
     * <p>This is for a consumer that passes messages on to somebody who has lost some of them. It keeps the role, which another
     * one could take in between if it closed itself and began anew.
     *
     * @throws RingRoleLostException if somebody has taken the role over
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if called by a handler of this consumer, or if it was closed
     */
    public void peekAgain() {
        assert thread.isThis() : thread.isAnother("consumer");
        if (consuming != CONSUMING) {
            requireUsable();
        }
        requireRole(memory);
        int messages = peeked.count();
        long bytes = peeked.bytesBefore(0, bytesRead);
        // Nothing is called between these: the stack may be exhausted.
        peeked.last -= messages;
        messagesRead -= messages;
        bytesRead = bytes;
        next = consumed;
    }

    /**
     * Consumes the messages that {@link #peek peek} has delivered and that end at or before a position, and gives their room back
     * to the producers. The others stay as they are.
     *
     * <p>This is for a consumer that passes messages on to somebody who confirms them later. It peeks at one message at a time
     * and notes the {@link #peekPosition()} behind each. When a message is confirmed, it releases up to the position noted for it.
     *
     * @param position the position, from {@link RingBuffer#consumerPosition()} to {@link #peekPosition()}
     * @throws IllegalArgumentException if the position is not in this range
     * @throws RingRoleLostException if somebody has taken the role over
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if called by a handler of this consumer, or if it was closed
     */
    public void releaseUpTo(long position) {
        assert thread.isThis() : thread.isAnother("consumer");
        if (consuming != CONSUMING) {
            requireUsable();
        }
        requireRole(memory);
        if (position < consumed || position > next) {
            throw new IllegalArgumentException("position is " + position + "; it must be from " + consumed
                    + ", the consumer's, to " + next + ", up to which messages were peeked at");
        }
        int messages = peeked.countUpTo(position);
        if (position == next) {
            release(next);
        } else if (messages != 0) {
            release(peeked.end(messages));
        }
    }

    private void release(long position) {
        try {
            noteReleased(memory, position);
            consumed = position;
            peeked.releaseUpTo(position);
            publishFree();
            recordsSinceFreed += peeked.count();
        } catch (Throwable failure) {
            // Nothing is called here before the fields say what is true: the stack may be exhausted.
            unsureUpTo = position;
            consuming = UNSURE;
            throw failure;
        }
    }

    /**
     * Waits until there is something to read.
     *
     * @param strategy how to wait
     * @param timeout how long to wait at most; zero or less to look once
     * @return {@code true} if there is something to read; {@code false} if the time is over
     * @throws InterruptedException if the thread is interrupted before or while it waits
     * @throws RingRoleLostException if somebody has taken the role over
     * @throws RingCorruptedException if the memory was overwritten
     * @throws IllegalStateException if called by a handler of this consumer, or if it was closed
     */
    public boolean awaitMessage(WaitStrategy strategy, Duration timeout) throws InterruptedException {
        return awaitMessage(strategy, timeout, null);
    }

    /**
     * Waits until a look finds something.
     *
     * @param other a look that begins with {@link #look}, or null for that alone
     */
    boolean awaitMessage(WaitStrategy strategy, Duration timeout, WaitLoop.Look other) throws InterruptedException {
        Objects.requireNonNull(strategy, "strategy");
        Objects.requireNonNull(timeout, "timeout");
        assert thread.isThis() : thread.isAnother("consumer");
        if (consuming != CONSUMING) {
            requireUsable();
        }
        requireRole(memory);
        try {
            long lap = next + capacity;
            int found = look(false);
            while (found == WaitLoop.MORE && (timeout.isZero() || timeout.isNegative()) && next < lap) {
                found = look(false);
            }
            if (found == WaitLoop.FOUND) {
                return true;
            }
            publishFree();
            return new WaitLoop(Paces.of(strategy), sleepingConsumer.canSleep(), timeout)
                    .await(other != null ? other : this::look, sleepingConsumer, true);
        } catch (Throwable failure) {
            // Nothing is called here: the stack may be exhausted.
            unsureUpTo = consumed;
            consuming = UNSURE;
            throw failure;
        }
    }

    private void requireNothingPeeked() {
        if (next == consumed) {
            return;
        }
        if (peeked.count() != 0) {
            throw new IllegalStateException(peeked.count() + " messages that were peeked at are not released yet");
        }
        // Peeking has passed over nothing but padding, which is still there.
        next = consumed;
    }

    /**
     * Gives the role back, so that another consumer can go on. Messages that were peeked at and not released are delivered
     * to it again. If somebody has taken the role over, there is nothing to give back, and this does nothing.
     *
     * <p>A handler may close its consumer: the call that delivers to it returns when the handler has. Otherwise no other
     * thread must be using the consumer.
     */
    @Override
    public void close() {
        leave();
    }
}
