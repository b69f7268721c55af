package io.github.shm4j.state;

/**
 * Signals that a writer has its role no longer: somebody has taken it over, with {@link LatestValue#takeOverWriter()}. The
 * message names the process that has it now.
 *
 * <p>All further calls of the same object throw it, too, but for {@code close()}.
 */
public final class ValueRoleLostException extends ValueException {

    private static final long serialVersionUID = 1L;

    ValueRoleLostException(String message) {
        super(message);
    }
}
