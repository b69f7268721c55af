package io.github.shm4j.state;

/**
 * Signals that a lock was not held any more by whoever has released it: another process has taken it over, with
 * {@link SharedLock#takeOver()}. The message names the process that has it now.
 *
 * <p>What was done while the lock was held was possibly done beside another owner, which was told that the data may be inconsistent.
 */
public final class LockLostException extends LockException {

    private static final long serialVersionUID = 1L;

    LockLostException(String message) {
        super(message);
    }
}
