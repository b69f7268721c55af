package io.github.shm4j.broadcast;

/**
 * Signals that a reader could not find out where to begin or to go on, because the producer has overwritten that again and again
 * while the reader looked.
 *
 * <p>A producer that obeys the protocol does so only if it writes seven messages while the reader reads three numbers, 1000
 * times in a row. Three messages are enough where the reader was overtaken twice without reading anything in between: then it
 * looks for one of the newest. The reader may try again at once.
 */
public final class BroadcastOvertakenException extends BroadcastException {

    private static final long serialVersionUID = 1L;

    BroadcastOvertakenException(String message) {
        super(message);
    }
}
