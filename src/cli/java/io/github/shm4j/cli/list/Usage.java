package io.github.shm4j.cli.list;

import io.github.shm4j.ShmException;
import io.github.shm4j.ShmStatus;
import io.github.shm4j.ShmUsage;
import java.util.List;

/**
 * What all blocks of the IPC namespace use together.
 *
 * @param pages the size of all blocks in pages, an unsigned number
 */
record Usage(long blocks, long pages, long residentPages, long swappedPages) {

    /**
     * Adds up a list of all blocks, as the kernel does for {@code SHM_INFO}. Only where the list does not say what is in
     * memory, the kernel is asked for its sums: that call has to be linked, which takes longer than all the rest.
     *
     * @param page the size of a page in bytes
     */
    static Usage of(List<ShmStatus> blocks, long page) throws ShmException {
        long pages = 0;
        long resident = 0;
        long swapped = 0;
        for (ShmStatus block : blocks) {
            if (block.residentSize().isEmpty() || block.swappedSize().isEmpty()) {
                return of(ShmUsage.current());
            }
            // Not by adding first: a size may be the largest number there is.
            pages += block.size() / page + (block.size() % page == 0 ? 0 : 1);
            resident += block.residentSize().getAsLong() / page;
            swapped += block.swappedSize().getAsLong() / page;
        }
        return new Usage(blocks.size(), pages, resident, swapped);
    }

    private static Usage of(ShmUsage usage) {
        return new Usage(usage.blocks(), usage.totalPages(), usage.residentPages(), usage.swappedPages());
    }
}
