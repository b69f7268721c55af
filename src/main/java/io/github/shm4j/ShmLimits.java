package io.github.shm4j;

import io.github.shm4j.internal.CallBuffers;
import io.github.shm4j.internal.KernelSettings;
import io.github.shm4j.internal.Pages;
import io.github.shm4j.internal.Platform;
import io.github.shm4j.internal.ShmCalls;
import io.github.shm4j.internal.sysv.SysVShm;
import io.github.shm4j.internal.sysv.shminfo;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;

/**
 * The limits of the IPC namespace that this process lives in, as of one moment ({@code shmctl(2)}, {@code IPC_INFO}).
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
     * @return the limits as they are now
     * @throws ShmException if the kernel does not say
     */
    public static ShmLimits current() throws ShmException {
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
     * @return the size of a page in bytes ({@code getpagesize(2)})
     */
    public static long pageSize() {
        return Pages.size();
    }

    private static BigInteger unsigned(long value) {
        return new BigInteger(Long.toUnsignedString(value));
    }
}
