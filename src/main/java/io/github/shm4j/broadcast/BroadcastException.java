package io.github.shm4j.broadcast;

/**
 * Signals that a broadcast ring cannot be used as asked, because of what is in its memory or of who else uses it.
 *
 * <p>Arguments that can never be right are an {@link IllegalArgumentException} instead, and calls at the wrong moment an
 * {@link IllegalStateException}. That messages were lost is no exception: {@link BroadcastHandler#onLoss} says it.
 *
 * <p>It is unchecked for the same reason as {@link io.github.shm4j.ring.RingException}: a ring is memory, and is used in loops
 * that can fail only where a peer is broken or a second producer is started.
 */
public abstract sealed class BroadcastException extends RuntimeException
        permits BroadcastFormatException,
        BroadcastCorruptedException,
        BroadcastOccupiedException,
        BroadcastRoleLostException,
        BroadcastMemoryException,
        BroadcastOvertakenException {

    private static final long serialVersionUID = 1L;

    BroadcastException(String message) {
        super(message);
    }
}
