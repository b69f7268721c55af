package io.github.shm4j.ring;

/** Signals that the server's handler has thrown instead of replying. The message quotes what it has thrown. */
public final class RingCallException extends RingException {

    private static final long serialVersionUID = 1L;

    RingCallException(String message) {
        super(message);
    }
}
