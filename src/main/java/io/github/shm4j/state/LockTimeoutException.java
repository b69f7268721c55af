package io.github.shm4j.state;

/** Signals that a lock was not free within the time that a thread was willing to wait. The message names who holds it. */
public final class LockTimeoutException extends LockException {

    private static final long serialVersionUID = 1L;

    LockTimeoutException(String message) {
        super(message);
    }
}
