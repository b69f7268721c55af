package io.github.shm4j.broadcast;

import java.lang.foreign.MemorySegment;

/**
 * Receives what a {@link BroadcastReader} reads: messages, one call each, in the order in which they were written, and between
 * them how many were lost.
 */
@FunctionalInterface
public interface BroadcastHandler {

    /**
     * Receives one message.
     *
     * <p>The message is a copy, in memory that belongs to the reader and that no other process reaches: what the handler has
     * checked stays as it is. {@code memory.asSlice(offset, length)} is the message alone. It is valid until this method returns;
     * what shall be kept longer must be copied.
     *
     * <p>The handler must not read from the reader that calls it. An exception it throws ends the call and reaches the reader's
     * caller; the message counts as read. After a {@link StackOverflowError} it does not, as nobody can say whether the handler
     * had begun: it is delivered again, once.
     *
     * @param type the type that the producer gave the message, greater than 0
     * @param memory the memory of the reader
     * @param offset where in {@code memory} the message begins, a multiple of 8
     * @param length the length of the message in bytes, 0 or more
     */
    void onMessage(int type, MemorySegment memory, long offset, int length);

    /**
     * Learns that the producer has overtaken the reader: between the last message and the next one there were others, which this
     * reader does not get. By default this does nothing; {@link BroadcastReader#lostMessages()} counts them all the same.
     *
     * <p>What it throws ends the call, as with a message. The loss is not told of again.
     *
     * @param messages how many messages were lost, 1 or more
     * @param bytes how many bytes they had, their headers not included
     */
    default void onLoss(long messages, long bytes) {}
}
