package io.github.shm4j.ring;

import java.io.IOException;

/**
 * Signals that a stream of bytes in a ring is not whole: it has no end, or its beginning is missing. The message says why, and
 * which process has written it.
 *
 * <p>Whatever was read of the stream is right as far as it goes.
 */
public final class StreamBrokenException extends IOException {

    private static final long serialVersionUID = 1L;

    StreamBrokenException(String message) {
        super(message);
    }
}
