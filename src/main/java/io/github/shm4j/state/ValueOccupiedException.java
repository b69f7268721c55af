package io.github.shm4j.state;

/**
 * Signals that somebody else has the role that {@link LatestValue#writer()} was to give. The message names the process.
 *
 * <p>A role becomes free when the one who has it closes its object, or when its process terminates in any way.
 */
public final class ValueOccupiedException extends ValueException {

    private static final long serialVersionUID = 1L;

    ValueOccupiedException(String message) {
        super(message);
    }
}
