package io.github.shm4j.aeron;

/** Thrown when a relay cannot go on. Its message says why, and what to do. */
public class RelayException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    RelayException(String message) {
        super(message);
    }

    RelayException(String message, Throwable cause) {
        super(message, cause);
    }
}
