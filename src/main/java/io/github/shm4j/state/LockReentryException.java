package io.github.shm4j.state;

/** Signals that a thread wants to acquire a lock that it holds already, and for which it would wait for ever. */
public final class LockReentryException extends LockException {

    private static final long serialVersionUID = 1L;

    LockReentryException(String message) {
        super(message);
    }
}
