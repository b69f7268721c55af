package io.github.shm4j;

import io.github.shm4j.internal.CallBuffers;
import io.github.shm4j.internal.KernelSettings;
import io.github.shm4j.internal.Pages;
import io.github.shm4j.internal.Platform;
import io.github.shm4j.internal.ShmCalls;
import io.github.shm4j.internal.sysv.SysVShm;
import io.github.shm4j.internal.sysv.shminfo;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;

/**
 * The limits of the IPC namespace that this process lives in.
 *
 * <p>An administrator can change them at any time in {@code /proc/sys/kernel}. Two of them are commonly larger than
 * {@link Long#MAX_VALUE}.
 *
 * @param maxSize SHMMAX, the largest size of one block, in bytes
 * @param minSize SHMMIN, the smallest size of one block, in bytes
 * @param maxBlocks SHMMNI, the largest number of blocks
 * @param maxBlocksPerProcess SHMSEG, which Linux does not enforce
 * @param maxPages SHMALL, the largest total of all blocks, in pages of {@link #pageSize()} bytes
 * @param rmidForced whether the kernel removes each block when the last process detaches from it, and a block that nobody has
 *     attached yet when its creator terminates ({@code kernel.shm_rmid_forced}); {@code false} also if the kernel does not
 *     say
 */
public record ShmLimits(
        BigInteger maxSize, long minSize, long maxBlocks, long maxBlocksPerProcess, BigInteger maxPages,
        boolean rmidForced) {

    /**
     * Asks the kernel.
     *
     * <p>The limits come from {@code /proc/sys/kernel}. Where that cannot be read, they come from {@code shmctl(2)} with
     * {@code IPC_INFO}.
     *
     * @return the limits as they are now
     * @throws ShmException if the kernel does not say
     */
    public static ShmLimits current() throws ShmException {
        Platform.requireLinux();
        try {
            return read();
        } catch (IOException unreadable) {
            return ask();
        }
    }

    private static ShmLimits read() throws IOException {
        BigInteger maxBlocks = KernelSettings.number("shmmni");
        if (maxBlocks.bitLength() >= Long.SIZE) {
            throw new IOException("shmmni: larger than any number that the kernel takes");
        }
        // The kernel has no file for the two others: for IPC_INFO, it states 1 for SHMMIN, and SHMMNI for SHMSEG.
        return new ShmLimits(
                KernelSettings.number("shmmax"),
                1,
                maxBlocks.longValue(),
                maxBlocks.longValue(),
                KernelSettings.number("shmall"),
                KernelSettings.isRmidForced());
    }

    /** {@return what {@link #current()} returns, by a native call} */
    static ShmLimits ask() throws ShmException {
        Platform.require();
        MemorySegment info = CallBuffers.struct();
        int result = ShmCalls.shmctl(0, SysVShm.IPC_INFO(), info);
        if (result < 0) {
            throw Failures.system("IPC_INFO", -result);
        }
        return new ShmLimits(
                unsigned(shminfo.shmmax(info)),
                shminfo.shmmin(info),
                shminfo.shmmni(info),
                shminfo.shmseg(info),
                unsigned(shminfo.shmall(info)),
                KernelSettings.isRmidForced());
    }

    /**
     * Returns the page size, in which the kernel counts the total size of blocks here and in {@link ShmUsage}.
     *
     * @return the size of a page in bytes, as {@code getpagesize(2)} returns it
     */
    public static long pageSize() {
        return Pages.size();
    }

    private static BigInteger unsigned(long value) {
        return new BigInteger(Long.toUnsignedString(value));
    }
}
