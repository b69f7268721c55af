package io.github.shm4j.ring;

import java.io.IOException;

/**
 * Signals that a channel has waited for as long as it was allowed to, for the next bytes or for room. A read has
 * read nothing. A write may have sent a part, up to the position of the buffer. Either can be repeated with the same buffer.
 */
public final class StreamTimeoutException extends IOException {

    private static final long serialVersionUID = 1L;

    StreamTimeoutException(String message) {
        super(message);
    }
}
