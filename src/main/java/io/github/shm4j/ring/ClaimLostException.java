package io.github.shm4j.ring;

/**
 * Signals that a claim cannot be committed, because the consumer has given its bytes away in the belief that the process
 * which made the claim had terminated. The message was not sent.
 *
 * <p>That belief is never held of a living process, unless the memory in which it is recorded was overwritten.
 */
public final class ClaimLostException extends RingException {

    private static final long serialVersionUID = 1L;

    ClaimLostException(String message) {
        super(message);
    }
}
