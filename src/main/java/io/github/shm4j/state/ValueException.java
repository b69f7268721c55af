package io.github.shm4j.state;

/**
 * Signals that a latest value cannot be used as asked, because of what is in its memory or of who else uses it.
 *
 * <p>Arguments that can never be right are an {@link IllegalArgumentException} instead, and calls at the wrong moment an
 * {@link IllegalStateException}.
 *
 * <p>It is unchecked for the same reason as {@link io.github.shm4j.ring.RingException}: a value is memory, and is read in loops
 * that can fail only where a peer is broken or a second one is started.
 *
 * <p>Rings, values and locks have no exception in common. Each has subtypes that the others could never throw, and is sealed, so
 * that a {@code switch} can name them all.
 */
public abstract sealed class ValueException extends RuntimeException
        permits ValueFormatException,
        ValueCorruptedException,
        ValueOccupiedException,
        ValueRoleLostException,
        ValueMemoryException,
        ValueOvertakenException {

    private static final long serialVersionUID = 1L;

    ValueException(String message) {
        super(message);
    }
}
