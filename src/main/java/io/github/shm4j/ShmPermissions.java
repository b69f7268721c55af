package io.github.shm4j;

import java.nio.charset.StandardCharsets;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;

/**
 * Who may read and write a block: the nine permission bits of its mode.
 *
 * <p>The kernel stores execute bits and ignores them. The process's umask does not apply. These bits do not grant the right
 * to remove a block or to change its permissions: only its owner and its creator have it.
 *
 * <p>Bits are usually written in octal. If the leading zero is forgotten, the usual modes from {@code 600} on are refused,
 * as they have bits beyond the nine ({@code 600} is 01130). Smaller ones are not: {@code 400} is 0620.
 *
 * <p>Instances are immutable, and equal if their bits are.
 */
public final class ShmPermissions {

    /** Read and write for the owner only, 0600: what a block gets unless the program says otherwise. */
    public static final ShmPermissions OWNER_ONLY = new ShmPermissions(0600);

    private static final int ALL = 0777;
    private static final int WRITABLE_BY_OTHERS = 0002;

    // From the highest bit to the lowest, as the nine letters of "rwxrwxrwx".
    private static final PosixFilePermission[] FROM_HIGHEST = PosixFilePermission.values();

    private final int mode;

    private ShmPermissions(int mode) {
        if ((mode & ~ALL) != 0) {
            throw new IllegalArgumentException("mode is 0" + Integer.toOctalString(mode) + " (decimal " + mode
                    + "); only the nine permission bits up to 0777 are allowed, and octal numbers start with 0");
        }
        this.mode = mode;
    }

    /**
     * Returns permissions that do not let every user write.
     *
     * @param mode the bits, such as {@code 0640}
     * @return the permissions
     * @throws IllegalArgumentException if bits beyond 0777 are set, or if the bit 0002 is set, which
     *     {@link #ofWorldWritable(int)} accepts
     */
    public static ShmPermissions of(int mode) {
        ShmPermissions permissions = new ShmPermissions(mode);
        if ((mode & WRITABLE_BY_OTHERS) != 0) {
            throw new IllegalArgumentException("mode is " + permissions + ": every user of the machine could change the"
                    + " memory; if that is meant, say ShmPermissions.ofWorldWritable(" + permissions + ")");
        }
        return permissions;
    }

    /**
     * Returns permissions that may let every user write.
     *
     * <p>A process of any user can then change the memory at any time, so nothing in it can be trusted. Prefer
     * {@link #of(int)}.
     *
     * @param mode the bits, such as {@code 0666}
     * @return the permissions
     * @throws IllegalArgumentException if bits beyond 0777 are set
     */
    public static ShmPermissions ofWorldWritable(int mode) {
        return new ShmPermissions(mode);
    }

    /**
     * Returns permissions from their POSIX names.
     *
     * @param permissions the permissions, as of a file
     * @return the same bits
     * @throws IllegalArgumentException if {@code OTHERS_WRITE} is among them, which {@link #ofWorldWritable(int)} accepts
     */
    public static ShmPermissions of(Set<PosixFilePermission> permissions) {
        int mode = 0;
        for (PosixFilePermission permission : permissions) {
            mode |= bit(permission);
        }
        return of(mode);
    }

    /**
     * Returns the bits.
     *
     * @return a number from 0 to 0777
     */
    public int mode() {
        return mode;
    }

    /**
     * Returns these permissions by their POSIX names.
     *
     * @return a new modifiable set
     */
    public Set<PosixFilePermission> toSet() {
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        for (PosixFilePermission permission : FROM_HIGHEST) {
            if ((mode & bit(permission)) != 0) {
                permissions.add(permission);
            }
        }
        return permissions;
    }

    /**
     * Returns whether users other than the owner, its group included, may write.
     *
     * @return {@code true} if one of the bits 0022 is set
     */
    public boolean isWritableByOthers() {
        return (mode & 0022) != 0;
    }

    /**
     * Returns the nine letters that {@code ls -l} shows.
     *
     * @return a string such as {@code "rw-r-----"}
     */
    public String toLetters() {
        // Made without a set of PosixFilePermission, whose classes every listing would load at its start.
        byte[] letters = {'r', 'w', 'x', 'r', 'w', 'x', 'r', 'w', 'x'};
        for (int i = 0; i < letters.length; i++) {
            if ((mode & 0400 >> i) == 0) {
                letters[i] = '-';
            }
        }
        return new String(letters, StandardCharsets.ISO_8859_1);
    }

    /** {@return whether the other object has the same bits} */
    @Override
    public boolean equals(Object other) {
        return other instanceof ShmPermissions that && mode == that.mode;
    }

    @Override
    public int hashCode() {
        return mode;
    }

    /** {@return the bits in octal, such as {@code "0640"}} */
    @Override
    public String toString() {
        // Without string concatenation, as toLetters().
        byte[] digits = {'0', (byte) ('0' + (mode >> 6)), (byte) ('0' + (mode >> 3 & 7)), (byte) ('0' + (mode & 7))};
        return new String(digits, StandardCharsets.ISO_8859_1);
    }

    private static int bit(PosixFilePermission permission) {
        return 0400 >> permission.ordinal();
    }
}
