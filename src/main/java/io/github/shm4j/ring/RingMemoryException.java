package io.github.shm4j.ring;

/**
 * Signals that the system has no memory for a part of the ring.
 *
 * <p>That happens in a block of huge pages that were not reserved when it was created, where there are not enough, and in a
 * mapped file on a tmpfs that is full. What was to be done has not been done.
 *
 * <p>Where a file lies on a disk, a page that was never written can be read, so that nothing is found before the message is
 * stored. If the disk is full then, that is an {@link InternalError}, or ends the JVM. Write such a file in full before it is
 * mapped.
 */
public final class RingMemoryException extends RingException {

    private static final long serialVersionUID = 1L;

    RingMemoryException(InternalError fault) {
        super("the system has no memory for a part of the ring: free some, or use a smaller ring; a block that is created"
                + " without NO_RESERVE, or a file that is written in full before it is mapped, has all of it from the"
                + " beginning");
        initCause(fault);
    }
}
