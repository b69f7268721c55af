package io.github.shm4j.aeron;

/**
 * Thrown when a relay cannot go on with its Aeron client, as after the media driver has terminated, or after the process was
 * stopped for longer than the driver waits for it. Nothing is lost: close the relay and the client, and open both anew.
 */
public class RelayDisconnectedException extends RelayException {

    private static final long serialVersionUID = 1L;

    RelayDisconnectedException(String message) {
        super(message);
    }

    RelayDisconnectedException(String message, Throwable cause) {
        super(message, cause);
    }
}
