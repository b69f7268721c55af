package io.github.shm4j.state;

/**
 * Signals that memory does not hold what was to be opened: nothing at all, something else, another version, a record of another
 * size, or one that was never finished.
 *
 * <p>The message names the value that was found and the one that was expected.
 */
public final class ValueFormatException extends ValueException {

    private static final long serialVersionUID = 1L;

    ValueFormatException(String message) {
        super(message);
    }
}
