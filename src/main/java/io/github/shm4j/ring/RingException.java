package io.github.shm4j.ring;

/**
 * Signals that a ring cannot be used as asked, because of what is in its memory or of who else uses it.
 *
 * <p>Arguments that can never be right are an {@link IllegalArgumentException} instead, and calls at the wrong moment an
 * {@link IllegalStateException}. A full or an empty ring is no error at all.
 */
public abstract sealed class RingException extends RuntimeException
        permits RingFormatException, RingCorruptedException, RingOccupiedException, ClaimLostException {

    private static final long serialVersionUID = 1L;

    RingException(String message) {
        super(message);
    }
}
