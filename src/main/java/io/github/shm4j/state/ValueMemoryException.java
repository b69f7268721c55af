package io.github.shm4j.state;

/**
 * Signals that the system has no memory for a part of what was to be created or opened.
 *
 * <p>That happens in a block of huge pages that were not reserved when it was created, where there are not enough, and in a
 * mapped file on a tmpfs that is full. What was to be done has not been done.
 *
 * <p>In a file on a disk, only a store finds out that the disk is full. Creating a value stores to each of its pages, and so
 * gets this exception. Opening one stores nothing: if its file was copied meanwhile in a way that leaves out pages of zeros, a full
 * disk is found by the writer, as an {@link InternalError} or the end of the JVM.
 */
public final class ValueMemoryException extends ValueException {

    private static final long serialVersionUID = 1L;

    ValueMemoryException(InternalError fault) {
        super("the system has no memory for a part of the value: free some, or use a smaller record; a block that is created"
                + " without NO_RESERVE, or a file that is written in full before it is mapped, has all of it from the"
                + " beginning");
        initCause(fault);
    }
}
