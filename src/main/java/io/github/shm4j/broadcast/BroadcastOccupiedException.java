package io.github.shm4j.broadcast;

/**
 * Signals that somebody else has the role that {@link BroadcastRing#producer()} was to give. The message names the process.
 *
 * <p>A role becomes free when the one who has it closes its object, or when its process terminates in any way. One that cannot be
 * seen, as it is of another pid namespace, counts as alive: {@link BroadcastRing#takeOverProducer()} takes the role from it.
 */
public final class BroadcastOccupiedException extends BroadcastException {

    private static final long serialVersionUID = 1L;

    BroadcastOccupiedException(String message) {
        super(message);
    }
}
