package io.github.shm4j.broadcast;

/**
 * Signals that the system has no memory for a part of what was to be created or opened.
 *
 * <p>That happens in a block of huge pages that were not reserved when it was created, where there are not enough, and in a
 * mapped file on a file system that is full. What was to be done has not been done.
 */
public final class BroadcastMemoryException extends BroadcastException {

    private static final long serialVersionUID = 1L;

    BroadcastMemoryException(InternalError fault) {
        super("the system has no memory for a part of the broadcast ring: free some, or use a smaller capacity; a block that is"
                + " created without NO_RESERVE, or a file that is written in full before it is mapped, has all of it from the"
                + " beginning");
        initCause(fault);
    }
}
