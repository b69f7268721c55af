package io.github.shm4j.broadcast;

/**
 * Signals that memory has contents that no process can have written in obeying the protocol.
 *
 * <p>Some process has overwritten the memory. Nothing was read or written outside of it, and it was left as it was found. What
 * remains to be done is to create it anew.
 */
public final class BroadcastCorruptedException extends BroadcastException {

    private static final long serialVersionUID = 1L;

    BroadcastCorruptedException(String message) {
        super(message);
    }
}
