package io.github.shm4j.broadcast;

/**
 * Signals that a producer has its role no longer: somebody has taken it over, with {@link BroadcastRing#takeOverProducer()}. The
 * message names the process that has it now.
 *
 * <p>All further calls of the same object throw it, too, but for {@code close()}.
 */
public final class BroadcastRoleLostException extends BroadcastException {

    private static final long serialVersionUID = 1L;

    BroadcastRoleLostException(String message) {
        super(message);
    }
}
