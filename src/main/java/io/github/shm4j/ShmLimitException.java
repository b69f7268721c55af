package io.github.shm4j;

/**
 * Signals that a limit of the system or of the process was reached.
 *
 * <p>The limits are the number of blocks ({@code ENOSPC} for SHMMNI), their total size ({@code ENOSPC} for SHMALL), the
 * size of one block ({@code EINVAL} for SHMMAX), the memory that there is, the address space and the locked memory of
 * the process ({@code ENOMEM}). The message says which it was, as far as the kernel tells.
 *
 * @see ShmLimits
 * @see ShmUsage
 */
public final class ShmLimitException extends ShmException {

    private static final long serialVersionUID = 1L;

    ShmLimitException(String call, int errno, String errnoName, String message) {
        super(call, errno, errnoName, message);
    }
}
