package io.github.shm4j.ring;

/**
 * Signals that a call has got no reply within the time that the client was willing to wait. The message says whether the request
 * was sent, and whether the server is still there.
 *
 * <p>A request that was sent may have been handled, or may be handled later: by the server, or by the successor of one that has
 * terminated. No later call gets the reply to it.
 */
public final class RingTimeoutException extends RingException {

    private static final long serialVersionUID = 1L;

    RingTimeoutException(String message) {
        super(message);
    }
}
