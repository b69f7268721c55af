package io.github.shm4j;

/**
 * Signals that somebody whom the caller does not trust created the block, owns it or can write to it.
 *
 * <p>The kernel would have allowed the call; the {@link ShmTrust} that was passed did not. Keys can be guessed, so another
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
