package io.github.shm4j.broadcast;

/**
 * Signals that memory does not hold what was to be opened: nothing at all, something else, another version, a ring of another
 * capacity, or one that was never finished.
 *
 * <p>The message names the value that was found and the one that was expected.
 */
public final class BroadcastFormatException extends BroadcastException {

    private static final long serialVersionUID = 1L;

    BroadcastFormatException(String message) {
        super(message);
    }
}
