package io.github.shm4j.ring;

import java.io.IOException;

/**
 * Signals that a channel has waited for as long as it was allowed to, for the next bytes or for room. Nothing was read or
 * written by the call, so it can be repeated.
 */
public final class StreamTimeoutException extends IOException {

    private static final long serialVersionUID = 1L;

    StreamTimeoutException(String message) {
        super(message);
    }
}
