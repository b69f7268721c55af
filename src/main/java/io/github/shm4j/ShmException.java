package io.github.shm4j;

import java.io.IOException;

/**
 * Signals that a System V shared memory call failed.
 *
 * <p>The message names the call with its arguments, the error as {@code errno} number, name and text, and what can be
 * done about it. Subclasses exist for the failures that programs handle differently. {@link #errnoName()} tells all other
 * failures apart.
 *
 * <p>An argument that can never be right, such as a negative size, throws an {@link IllegalArgumentException} instead and
 * does not reach the kernel.
 *
 * <p>This exception is checked, as those of files are. A correct program meets it, because other processes create and remove
 * blocks at any time, and each call that throws it is a system call, of which a program makes few. A failure in memory that
 * is already attached is unchecked: see {@link io.github.shm4j.ring.RingException}.
 *
 * @see ShmNotFoundException
 * @see ShmAlreadyExistsException
 * @see ShmAccessDeniedException
 * @see ShmNotPermittedException
 * @see ShmLimitException
 * @see ShmUntrustedException
 */
public class ShmException extends IOException {

    private static final long serialVersionUID = 1L;

    /** The C function or the method of this library that failed. */
    private final String call;

    /** The error number, or 0 if the kernel did not refuse. */
    private final int errno;

    /** The error's symbolic name. */
    private final String errnoName;

    ShmException(String call, int errno, String errnoName, String message) {
        super(message);
        this.call = call;
        this.errno = errno;
        this.errnoName = errnoName;
    }

    /**
     * Returns the name of the call that failed.
     *
     * @return the C function, such as {@code "shmget"}
     */
    public String call() {
        return call;
    }

    /**
     * Returns the error number of the failed call.
     *
     * @return the {@code errno}, or 0 if this library and not the kernel refused
     */
    public int errno() {
        return errno;
    }

    /**
     * Returns the symbolic name of the error number.
     *
     * @return a name such as {@code "EACCES"}; {@code "errno N"} for a number that the calls of this library are not known
     *     to set; or the empty string if {@link #errno()} is 0
     */
    public String errnoName() {
        return errnoName;
    }
}
