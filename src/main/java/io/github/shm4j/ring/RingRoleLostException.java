package io.github.shm4j.ring;

/**
 * Signals that a consumer, or the only producer of a ring, has its role no longer: somebody has taken it over, with
 * {@link RingBuffer#takeOverConsumer()} or {@link SpscRingBuffer#takeOverProducer()}, or both roles of a side with
 * {@link RingPair#takeOverClient()} or {@link RingPair#takeOverServer()}. The message names the process that has it now.
 *
 * <p>From the moment at which the object has found this out, it stores nothing more in the ring. What the call had done before
 * stays: a read that has delivered four messages when it finds it out has consumed them. What was not published or committed was
 * never written. All further calls of the same object throw this, too. Its {@code close()} throws it if the messages of a batch
 * are lost with the role and no publication has said so, and otherwise does nothing. The ring gives a new object without that.
 */
public final class RingRoleLostException extends RingException {

    private static final long serialVersionUID = 1L;

    RingRoleLostException(String message) {
        super(message);
    }
}
