package io.github.shm4j.ring;

import java.lang.foreign.MemorySegment;

/** Receives messages as a {@link MessageHandler} does, and says after each one how to go on. */
@FunctionalInterface
public interface ControlledMessageHandler {

    /** How delivery goes on after a message. */
    enum Action {

        /** Consumes the message and delivers the next one. */
        CONTINUE,

        /** Consumes the message, frees its space and that of all messages before it at once, and delivers the next one. */
        COMMIT,

        /** Consumes the message and delivers no further one in this call. */
        BREAK,

        /** Leaves the message in the ring, to be delivered again by the next call, and delivers no further one. */
        ABORT
    }

    /**
     * Receives one message. What {@link MessageHandler#onMessage} says of the memory holds here too.
     *
     * @param type the type that the producer gave the message, greater than 0
     * @param memory the memory of the ring, read-only
     * @param offset where in {@code memory} the message begins
     * @param length the length of the message in bytes, 0 or more
     * @return how to go on; {@code null} is a {@link NullPointerException} out of the call that delivers, and the message counts as
     *     consumed
     */
    Action onMessage(int type, MemorySegment memory, long offset, int length);
}
