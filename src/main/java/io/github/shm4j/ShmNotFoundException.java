package io.github.shm4j;

/**
 * Signals that no block has the key or the id that a call named.
 *
 * <p>The kernel reports {@code ENOENT} for a key, and {@code EINVAL} or {@code EIDRM} for an id whose block has been
 * removed. Blocks are visible only within one IPC namespace, so a container does not find those of its host.
 */
public final class ShmNotFoundException extends ShmException {

    private static final long serialVersionUID = 1L;

    ShmNotFoundException(String call, int errno, String errnoName, String message) {
        super(call, errno, errnoName, message);
    }
}
