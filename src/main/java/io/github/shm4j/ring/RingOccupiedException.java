package io.github.shm4j.ring;

/**
 * Signals that somebody else has the role that {@link RingBuffer#consumer()} or {@link RingBuffer#producer()} was to give: the
 * consumer's, the only producer's, or all slots for producers.
 *
 * <p>A role becomes free when the one who has it closes its {@link RingConsumer} or {@link RingProducer}, or when its process
 * terminates in any way. Where the process cannot be seen, as that of another container, it becomes free when nobody else has the
 * block attached; {@link RingBuffer#takeOverConsumer()} and {@link SpscRingBuffer#takeOverProducer()} do not wait for that, nor do
 * {@link RingPair#takeOverClient()} and {@link RingPair#takeOverServer()}.
 */
public final class RingOccupiedException extends RingException {

    private static final long serialVersionUID = 1L;

    RingOccupiedException(String message) {
        super(message);
    }
}
