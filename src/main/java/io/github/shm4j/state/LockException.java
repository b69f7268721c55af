package io.github.shm4j.state;

/**
 * Signals that a lock cannot be acquired or released as asked, because of what is in its memory or of who holds it.
 *
 * <p>Arguments that can never be right are an {@link IllegalArgumentException} instead, and a thread that closes what another
 * one has acquired gets an {@link IllegalMonitorStateException}.
 */
public abstract sealed class LockException extends RuntimeException
        permits LockCorruptedException, LockMemoryException, LockReentryException, LockTimeoutException {

    private static final long serialVersionUID = 1L;

    LockException(String message) {
        super(message);
    }
}
