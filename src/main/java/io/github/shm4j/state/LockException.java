package io.github.shm4j.state;

/**
 * Signals that a lock cannot be acquired or released as asked, because of what is in its memory or of who holds it.
 *
 * <p>Arguments that can never be right are an {@link IllegalArgumentException} instead, and a thread that closes what another
 * one has acquired gets an {@link IllegalMonitorStateException}.
 *
 * <p>It is unchecked for the same reason as {@link io.github.shm4j.ring.RingException}: a lock is memory, and a program that
 * acquires one can do nothing about most of this but end what it was to do. A wait that is over is an exception too, unlike in
 * rings: who has not got the lock must not go on as if it had, and {@link SharedLock#tryAcquire()} is there for those who ask.
 */
public abstract sealed class LockException extends RuntimeException
        permits LockCorruptedException, LockLostException, LockMemoryException, LockOccupiedException,
        LockReentryException,
        LockTimeoutException {

    private static final long serialVersionUID = 1L;

    LockException(String message) {
        super(message);
    }
}
