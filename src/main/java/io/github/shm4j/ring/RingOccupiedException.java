package io.github.shm4j.ring;

/**
 * Signals that somebody else has the part that a process wanted to play: the consumer's, the only producer's, or all
 * places for producers.
 *
 * <p>A part becomes free when the one who has it closes its {@link RingBuffer}, or when its process ends in any way.
 */
public final class RingOccupiedException extends RingException {

    private static final long serialVersionUID = 1L;

    RingOccupiedException(String message) {
        super(message);
    }
}
