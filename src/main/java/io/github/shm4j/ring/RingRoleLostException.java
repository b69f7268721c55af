package io.github.shm4j.ring;

/**
 * Signals that a consumer, or the only producer of a ring, has its role no longer: somebody has taken it over, with
 * {@link RingBuffer#takeOverConsumer()} or {@link SpscRingBuffer#takeOverProducer()}. The message names the process that has it
 * now.
 *
 * <p>The call that throws this has stored nothing in the ring. All further calls of the same object throw it, too, but for
 * {@code close()}.
 */
public final class RingRoleLostException extends RingException {

    private static final long serialVersionUID = 1L;

    RingRoleLostException(String message) {
        super(message);
    }
}
