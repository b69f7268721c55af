package io.github.shm4j;

/**
 * Signals that the call is reserved to the block's owner or creator, or to a privileged process ({@code EPERM}).
 *
 * <p>Permission bits do not matter here: changing, removing and locking a block are never granted by them.
 */
public final class ShmNotPermittedException extends ShmAccessDeniedException {

    private static final long serialVersionUID = 1L;

    ShmNotPermittedException(String call, int errno, String errnoName, String message) {
        super(call, errno, errnoName, message);
    }
}
