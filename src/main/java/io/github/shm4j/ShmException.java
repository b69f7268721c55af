package io.github.shm4j;

import java.io.IOException;

/**
 * Signals that a System V shared memory call failed.
 *
 * <p>The message names the call with its arguments, the error as {@code errno} number, name and text, and what can be
 * done about it. Subclasses exist for the failures that programs handle differently; every other failure is of this
 * class itself and told apart by {@link #errnoName()}.
 *
 * <p>Arguments that can never be right, such as a negative size, are an {@link IllegalArgumentException} instead and do
 * not reach the kernel.
 *
 * <p>It is checked, as the failures of files are: a correct program meets it, since other processes make and remove blocks
 * at any time, and each call that can fail is a system call, which is rare. What goes wrong in memory that is attached
 * already is unchecked, as {@link io.github.shm4j.ring.RingException} says.
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
