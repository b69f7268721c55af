package io.github.shm4j;

/**
 * Signals that a block exists but was made, is owned or can be written by somebody whom the caller does not trust.
 *
 * <p>The kernel would have allowed the call; the {@link ShmTrust} given to it did not. Keys are guessable, so another
 * user may have created the block first.
 *
 * @see ShmTrust
 */
public final class ShmUntrustedException extends ShmException {

    private static final long serialVersionUID = 1L;

    ShmUntrustedException(String call, String message) {
        super(call, 0, "", message);
    }
}
