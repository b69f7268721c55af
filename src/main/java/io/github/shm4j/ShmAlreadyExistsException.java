package io.github.shm4j;

/**
 * Signals that a block with the key exists already ({@code EEXIST}), so that it could not be created exclusively.
 */
public final class ShmAlreadyExistsException extends ShmException {

    private static final long serialVersionUID = 1L;

    ShmAlreadyExistsException(String call, int errno, String errnoName, String message) {
        super(call, errno, errnoName, message);
    }
}
