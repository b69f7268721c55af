package io.github.shm4j;

/**
 * Signals that the call is reserved to the block's owner or creator, or to a privileged process ({@code EPERM}).
 *
 * <p>Permission bits do not matter here: they never grant the right to change, remove or lock a block.
 */
public final class ShmNotPermittedException extends ShmAccessDeniedException {

    private static final long serialVersionUID = 1L;

    ShmNotPermittedException(String call, int errno, String errnoName, String message) {
        super(call, errno, errnoName, message);
    }
}
