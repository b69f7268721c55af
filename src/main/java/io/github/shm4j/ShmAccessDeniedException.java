package io.github.shm4j;

/**
 * Signals that the block's permissions, or a security module, do not allow the call ({@code EACCES}).
 *
 * @see ShmNotPermittedException
 */
public class ShmAccessDeniedException extends ShmException {

    private static final long serialVersionUID = 1L;

    ShmAccessDeniedException(String call, int errno, String errnoName, String message) {
        super(call, errno, errnoName, message);
    }
}
