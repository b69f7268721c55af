package io.github.shm4j;

import io.github.shm4j.internal.sysv.SysVShm;

/**
 * How a block is created.
 *
 * <p>Instances are immutable. Several options may be combined, but only one of them may state the size of huge pages.
 */
public final class CreateOption {

    /**
     * Uses huge pages of the system's default size ({@code SHM_HUGETLB}).
     *
     * <p>They come from a pool that the administrator sets up in {@code /proc/sys/vm/nr_hugepages}. If too few are free,
     * creation throws a {@link ShmLimitException}. The caller must be privileged or belong to the group in
     * {@code /proc/sys/vm/hugetlb_shm_group}.
     */
    public static final CreateOption HUGE_PAGES = new CreateOption("HUGE_PAGES", true, 0);

    /**
     * Does not reserve memory for the block ({@code SHM_NORESERVE}).
     *
     * <p>A block may then be larger than the memory of the machine, which is of use for sparse data. Nothing promises that
     * there will be memory when a page is first used. If there is none, a huge page faults, which
     * {@link AttachOption#PRE_TOUCH} turns into an exception. For an ordinary page, Linux makes room by killing a process.
     */
    public static final CreateOption NO_RESERVE = new CreateOption("NO_RESERVE", false, 0);

    private final String name;
    private final boolean huge;
    private final int log2PageSize;

    private CreateOption(String name, boolean huge, int log2PageSize) {
        this.name = name;
        this.huge = huge;
        this.log2PageSize = log2PageSize;
    }

    /**
     * Uses huge pages of a size ({@code SHM_HUGETLB} with {@code SHM_HUGE_SHIFT}).
     *
     * <p>Creation fails if the processor or the kernel does not have pages of this size. {@code /sys/kernel/mm/hugepages}
     * lists the sizes that they have.
     *
     * @param pageSize the size of one page in bytes, a power of two, such as {@code 2L << 20}
     * @return the option
     * @throws IllegalArgumentException if the size is not a power of two greater than 1
     */
    public static CreateOption hugePages(long pageSize) {
        if (Long.bitCount(pageSize) != 1 || pageSize <= 1) {
            throw new IllegalArgumentException("pageSize is " + pageSize
                    + "; it must be a power of two greater than 1, in bytes");
        }
        return new CreateOption("hugePages(" + pageSize + ")", true, Long.numberOfTrailingZeros(pageSize));
    }

    /** Combines options into {@code shmget} flags. */
    static int flags(CreateOption... options) {
        int flags = 0;
        CreateOption huge = null;
        for (CreateOption option : options) {
            if (!option.huge) {
                flags |= SysVShm.SHM_NORESERVE();
                continue;
            }
            if (huge != null && huge.log2PageSize != option.log2PageSize) {
                throw new IllegalArgumentException(huge + " and " + option + " contradict each other");
            }
            huge = option;
            // A size field of 0 stands for the system's default.
            flags |= SysVShm.SHM_HUGETLB() | option.log2PageSize << SysVShm.HUGETLB_FLAG_ENCODE_SHIFT();
        }
        return flags;
    }

    /** {@return the option's name} */
    @Override
    public String toString() {
        return name;
    }
}
