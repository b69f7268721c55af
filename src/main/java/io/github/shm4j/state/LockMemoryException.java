package io.github.shm4j.state;

/**
 * Signals that the system has no memory for a lock, as in a block of huge pages that were not reserved, or in a mapped file
 * on a file system that is full.
 */
public final class LockMemoryException extends LockException {

    private static final long serialVersionUID = 1L;

    LockMemoryException(InternalError fault) {
        super("the system has no memory for the lock: free some; a block that is created without NO_RESERVE, or a file that"
                + " is written in full before it is mapped, has all of it from the beginning");
        initCause(fault);
    }
}
