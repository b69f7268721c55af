package io.github.shm4j.state;

/**
 * Signals that the system has no memory for a lock.
 *
 * <p>That happens in a block of huge pages that were not reserved when it was created, where there are not enough, and in a
 * mapped file on a tmpfs or a disk that is full. {@link SharedLock#at SharedLock.at} finds it out by a store to the lock's page,
 * and is the only call that throws this.
 */
public final class LockMemoryException extends LockException {

    private static final long serialVersionUID = 1L;

    LockMemoryException(InternalError fault) {
        super("the system has no memory for the lock: free some; a block that is created without NO_RESERVE, or a file that"
                + " is written in full before it is mapped, has all of it from the beginning");
        initCause(fault);
    }
}
