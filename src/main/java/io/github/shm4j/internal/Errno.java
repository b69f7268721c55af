package io.github.shm4j.internal;

import io.github.shm4j.internal.posix.Posix;

/**
 * The {@code errno} values that the calls of this library can set, by name, with the C library's English text.
 *
 * <p>The texts are kept here because {@code strerror} would be one more function to link in a program that is failing, and
 * because its texts change with the locale. A test holds them equal to the C library's.
 */
public enum Errno {
    EPERM(Posix.EPERM(), "Operation not permitted"),
    ENOENT(Posix.ENOENT(), "No such file or directory"),
    ESRCH(Posix.ESRCH(), "No such process"),
    EAGAIN(Posix.EAGAIN(), "Resource temporarily unavailable"),
    ENOMEM(Posix.ENOMEM(), "Cannot allocate memory"),
    EACCES(Posix.EACCES(), "Permission denied"),
    EFAULT(Posix.EFAULT(), "Bad address"),
    EEXIST(Posix.EEXIST(), "File exists"),
    ENOTDIR(Posix.ENOTDIR(), "Not a directory"),
    EINVAL(Posix.EINVAL(), "Invalid argument"),
    ENFILE(Posix.ENFILE(), "Too many open files in system"),
    EMFILE(Posix.EMFILE(), "Too many open files"),
    ENOSPC(Posix.ENOSPC(), "No space left on device"),
    ENAMETOOLONG(Posix.ENAMETOOLONG(), "File name too long"),
    ENOSYS(Posix.ENOSYS(), "Function not implemented"),
    ELOOP(Posix.ELOOP(), "Too many levels of symbolic links"),
    EIDRM(Posix.EIDRM(), "Identifier removed"),
    EOVERFLOW(Posix.EOVERFLOW(), "Value too large for defined data type"),

    /** Any other number. */
    UNKNOWN(0, "");

    private static final Errno[] VALUES = values();

    private final int number;
    private final String text;

    Errno(int number, String text) {
        this.number = number;
        this.text = text;
    }

    /** {@return the number that C programs see} */
    public int number() {
        return number;
    }

    /** {@return the C library's text, such as "Permission denied"} */
    public String text() {
        return text;
    }

    /** {@return the value with a number, or {@link #UNKNOWN} if none of the calls of this library is known to set it} */
    public static Errno of(int number) {
        for (Errno errno : VALUES) {
            if (errno.number == number) {
                return errno;
            }
        }
        return UNKNOWN;
    }

    /** {@return the name for a number, such as "EACCES", or "errno N" if it is not known} */
    public static String nameOf(int number) {
        Errno errno = of(number);
        return errno != UNKNOWN ? errno.name() : "errno " + number;
    }

    /** {@return the name and text for a number, known or not} */
    public static String describe(int number) {
        Errno errno = of(number);
        return errno != UNKNOWN
                ? errno.name() + " (" + number + "), " + errno.text
                : "errno " + number + ", " + Posix.strerror(number).getString(0);
    }
}
