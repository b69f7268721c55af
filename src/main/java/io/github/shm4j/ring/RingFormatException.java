package io.github.shm4j.ring;

/**
 * Signals that memory does not hold a ring of the expected kind: none at all, another kind or version, or one that was
 * never finished.
 *
 * <p>The message names the value that was found and the one that was expected.
 */
public final class RingFormatException extends RingException {

    private static final long serialVersionUID = 1L;

    RingFormatException(String message) {
        super(message);
    }
}
