package io.github.shm4j.ring;

/**
 * Signals that a ring cannot be used as asked, because of what is in its memory or of who else uses it.
 *
 * <p>Arguments that can never be right are an {@link IllegalArgumentException} instead, and calls at the wrong moment an
 * {@link IllegalStateException}. A full or an empty ring is no error at all.
 *
 * <p>It is unchecked, and {@link io.github.shm4j.ShmException} is not. A ring is memory, and each access to memory can fail
 * in ways that nobody declares: as soon as its arena is closed, or out of its bounds. Handlers and loops that pass a million
 * messages a second would have to catch what happens only where a peer is broken or a second one is started.
 */
public abstract sealed class RingException extends RuntimeException
        permits RingFormatException,
        RingCorruptedException,
        RingOccupiedException,
        RingRoleLostException,
        RingMemoryException,
        RingTimeoutException,
        RingCallException,
        ClaimLostException {

    private static final long serialVersionUID = 1L;

    RingException(String message) {
        super(message);
    }
}
