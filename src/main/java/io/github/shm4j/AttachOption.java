package io.github.shm4j;

/** What {@link SharedMemory#attach(AttachMode, java.lang.foreign.Arena, AttachOption...)} does besides mapping. */
public enum AttachOption {

    /**
     * Backs every page with memory before the mapping is handed out.
     *
     * <p>If the pool does not have enough huge pages, the attach call throws a {@link ShmLimitException}. Without this
     * option such a page faults on its first use: a plain access throws {@link InternalError} at some point soon after,
     * and an atomic one can kill the JVM. The same holds for ordinary pages where the kernel refuses them. Usually it does
     * not: when ordinary memory runs out, Linux kills a process, perhaps this one, with or without this option.
     *
     * <p>The first access to each page is also the slow one. With this option it is over before the program starts its work.
     *
     * <p>The contents do not change.
     */
    PRE_TOUCH,

    /**
     * Marks the block for removal as soon as it is mapped.
     *
     * <p>The kernel destroys the block when the last process detaches from it, also if that process is killed. Until then
     * the block has no key any more, so {@link SharedMemory#open(ShmKey)} does not find it. Linux still lets others attach
     * by {@linkplain SharedMemory#ofId(int) id}. Use this option when every peer has attached, or hand them the id.
     *
     * <p>Only the owner, the creator or a privileged process can do this.
     */
    REMOVE_ON_LAST_DETACH
}
