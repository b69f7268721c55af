package io.github.shm4j.state;

/**
 * Signals that a reader could not copy a record, because the writer has gone around all buffers again and again while the
 * reader copied.
 *
 * <p>A writer that obeys the protocol does so only if it stores records without a pause, several times as fast as the reader
 * copies them, for 1000 attempts in a row. The reader may try again at once.
 */
public final class ValueOvertakenException extends ValueException {

    private static final long serialVersionUID = 1L;

    ValueOvertakenException(String message) {
        super(message);
    }
}
