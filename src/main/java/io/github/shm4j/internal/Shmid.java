package io.github.shm4j.internal;

import io.github.shm4j.internal.sysv.shmid_ds;
import java.lang.foreign.MemorySegment;

/**
 * Reads the fields of a {@code shmid_ds} whose offsets differ on ppc64le: the size of the block and the times. All other
 * fields that the library uses, those of {@code ipc_perm} included, have the same offsets everywhere, and the structure has
 * the same size.
 *
 * <p>The choice is a constant to the just-in-time compiler, and the classes for the other architectures are never loaded.
 */
public final class Shmid {

    private static final boolean PPC64LE = System.getProperty("os.arch").equals("ppc64le");

    private Shmid() {}

    /** {@return the size of the block in bytes} */
    public static long size(MemorySegment shmid) {
        return PPC64LE ? io.github.shm4j.internal.ppc64le.shmid_ds.shm_segsz(shmid) : shmid_ds.shm_segsz(shmid);
    }

    /** {@return when a process last attached, in seconds since the epoch} */
    public static long attachSeconds(MemorySegment shmid) {
        return PPC64LE ? io.github.shm4j.internal.ppc64le.shmid_ds.shm_atime(shmid) : shmid_ds.shm_atime(shmid);
    }

    /** {@return when a process last detached, in seconds since the epoch} */
    public static long detachSeconds(MemorySegment shmid) {
        return PPC64LE ? io.github.shm4j.internal.ppc64le.shmid_ds.shm_dtime(shmid) : shmid_ds.shm_dtime(shmid);
    }

    /** {@return when the block was created or last changed, in seconds since the epoch} */
    public static long changeSeconds(MemorySegment shmid) {
        return PPC64LE ? io.github.shm4j.internal.ppc64le.shmid_ds.shm_ctime(shmid) : shmid_ds.shm_ctime(shmid);
    }
}
