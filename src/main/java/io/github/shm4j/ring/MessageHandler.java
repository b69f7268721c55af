package io.github.shm4j.ring;

import java.lang.foreign.MemorySegment;

/** Receives the messages that a {@link RingConsumer} delivers, one call each, in the order of the ring. */
@FunctionalInterface
public interface MessageHandler {

    /**
     * Receives one message.
     *
     * <p>The message is not copied: it lies in the ring, from {@code offset} on. {@code memory.asSlice(offset, length)} is
     * the message alone. Its bytes are valid until this method returns, or for {@link RingConsumer#peek peek} until the
     * consumer {@linkplain RingConsumer#release() releases} them; what shall be kept longer must be copied. The segment is
     * read-only, but the memory is shared: a process that ignores the protocol can change it at any time, so read each
     * value that matters once, check it, and use what was read.
     *
     * <p>The handler may write to the same ring, but not read from it. An exception it throws ends the delivery and
     * reaches the consumer; the message counts as consumed. After a {@link StackOverflowError} it does not, as nobody can
     * say whether the handler had begun: it is delivered again, once. If the same message exhausts the stack a second time in a
     * row, it counts as consumed, even if the handler has never begun. So whoever catches such an error does not call the consumer
     * again from a stack that is as deep.
     *
     * @param type the type that the producer gave the message, greater than 0
     * @param memory the memory of the ring, read-only
     * @param offset where in {@code memory} the message begins, a multiple of 8 if the ring's own memory is so aligned
     * @param length the length of the message in bytes, 0 or more
     */
    void onMessage(int type, MemorySegment memory, long offset, int length);
}
