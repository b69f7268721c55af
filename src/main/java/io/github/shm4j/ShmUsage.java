package io.github.shm4j;

import io.github.shm4j.internal.CallBuffers;
import io.github.shm4j.internal.Platform;
import io.github.shm4j.internal.ShmCalls;
import io.github.shm4j.internal.sysv.SysVShm;
import io.github.shm4j.internal.sysv.shm_info;
import java.lang.foreign.MemorySegment;

/**
 * What all blocks of the IPC namespace use together, as of one moment ({@code shmctl(2)}, {@code SHM_INFO}).
 *
 * @param blocks the number of blocks
 * @param totalPages the size of all blocks, in pages of {@link ShmLimits#pageSize()} bytes
 * @param residentPages how many of these pages are in memory
 * @param swappedPages how many of these pages are swapped out
 * @param swapAttempts a counter that Linux no longer advances
 * @param swapSuccesses a counter that Linux no longer advances
 * @param highestIndex the highest used index of the kernel's table of blocks, which is neither a number of blocks nor an
 *     id; 0 also if there are no blocks
 */
public record ShmUsage(
        int blocks,
        long totalPages,
        long residentPages,
        long swappedPages,
        long swapAttempts,
        long swapSuccesses,
        int highestIndex) {

    /**
     * Asks the kernel.
     *
     * @return the usage as it is now
     * @throws ShmException if the kernel does not say
     */
    public static ShmUsage current() throws ShmException {
        Platform.require();
        MemorySegment info = CallBuffers.struct();
        int result = ShmCalls.shmctl(0, SysVShm.SHM_INFO(), info);
        if (result < 0) {
            throw Failures.system("SHM_INFO", -result);
        }
        return new ShmUsage(
                shm_info.used_ids(info),
                shm_info.shm_tot(info),
                shm_info.shm_rss(info),
                shm_info.shm_swp(info),
                shm_info.swap_attempts(info),
                shm_info.swap_successes(info),
                result);
    }
}
