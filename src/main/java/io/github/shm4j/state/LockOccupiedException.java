package io.github.shm4j.state;

/**
 * Signals that a lock cannot be taken over, as another thread of the same process holds it. The message names that thread.
 */
public final class LockOccupiedException extends LockException {

    private static final long serialVersionUID = 1L;

    LockOccupiedException(String message) {
        super(message);
    }
}
