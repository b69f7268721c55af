package io.github.shm4j.ring;

/**
 * Signals that a position or a record in a ring has a value that no user of the ring can have written in obeying its
 * protocol.
 *
 * <p>Some process has overwritten the memory. Nothing was read or written outside the ring, and the ring was left as it
 * was found: a second attempt gives the same error. What remains to be done is to create the ring anew.
 */
public final class RingCorruptedException extends RingException {

    private static final long serialVersionUID = 1L;

    RingCorruptedException(String message) {
        super(message);
    }

    static RingCorruptedException overwritten(String what) {
        return new RingCorruptedException(what + ": the ring was overwritten");
    }
}
