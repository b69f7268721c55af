package io.github.shm4j.internal;

import io.github.shm4j.internal.posix.Posix;

/** Who this process is to the kernel. */
public final class Identity {

    private Identity() {}

    /** {@return the effective user id, an unsigned 32-bit number} */
    public static long effectiveUid() {
        Platform.require();
        return Integer.toUnsignedLong(Posix.geteuid());
    }
}
