package io.github.shm4j.state;

/**
 * Signals that the memory of a lock holds what no user of the lock can have written in obeying its protocol: the memory is
 * something else, or some process has overwritten it.
 */
public final class LockCorruptedException extends LockException {

    private static final long serialVersionUID = 1L;

    LockCorruptedException(String message) {
        super(message);
    }
}
