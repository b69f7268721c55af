package io.github.shm4j.benchmarks.calls;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.Pointer;

/**
 * The System V calls through JNA, mapped directly, which is the faster of its two ways. Like the library's own calls these
 * capture {@code errno} and throw when the call fails. Sizes are {@code long}: the benchmarks run on 64-bit systems.
 */
public final class JnaBinding {

    public static final int IPC_PRIVATE = 0;
    public static final int IPC_CREAT = 01000;
    public static final int IPC_EXCL = 02000;
    public static final int IPC_RMID = 0;
    public static final int IPC_STAT = 2;

    /** The offsets in {@code struct shmid_ds} of what {@code ShmStatus} holds; its size is {@link #SHMID_DS_SIZE}. */
    static final int UID = 4;
    static final int GID = 8;
    static final int CUID = 12;
    static final int CGID = 16;
    static final int MODE = 20;
    static final int SEGSZ = 48;
    static final int ATIME = 56;
    static final int DTIME = 64;
    static final int CTIME = 72;
    static final int CPID = 80;
    static final int LPID = 84;
    static final int NATTCH = 88;
    static final int SHMID_DS_SIZE = 112;

    static {
        Native.register(JnaBinding.class, "c");
    }

    private JnaBinding() {}

    public static native int ftok(String path, int project) throws LastErrorException;

    public static native int shmget(int key, long size, int flags) throws LastErrorException;

    public static native Pointer shmat(int id, Pointer address, int flags) throws LastErrorException;

    public static native int shmdt(Pointer address) throws LastErrorException;

    public static native int shmctl(int id, int command, Pointer buffer) throws LastErrorException;
}
