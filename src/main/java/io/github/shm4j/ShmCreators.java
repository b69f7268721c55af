package io.github.shm4j;

import io.github.shm4j.internal.ProcessTable;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * Tells for a whole list of blocks whether the processes that created them are alive.
 *
 * <p>The answers are those of {@link ShmStatus#creatorMayBeAlive()} and {@link ShmStatus#isOrphaned()}, as of the moment at
 * which this object was made. One look at all processes answers for all blocks, so thousands of blocks take little longer
 * than one:
 *
 * {@snippet :
 * List<ShmStatus> blocks = SharedMemory.list();
 * ShmCreators creators = ShmCreators.of(blocks);
 * blocks.removeIf(block -> !creators.isOrphaned(block));
 * }
 *
 * <p>Instances are immutable.
 */
public final class ShmCreators {

    private final Map<ShmStatus, Boolean> mayBeAlive;

    private ShmCreators(Map<ShmStatus, Boolean> mayBeAlive) {
        this.mayBeAlive = mayBeAlive;
    }

    /**
     * Looks at the creators of some blocks.
     *
     * @param blocks the blocks, as they were listed before
     * @return what is known of their creators now
     */
    public static ShmCreators of(Collection<ShmStatus> blocks) {
        ProcessTable processes = ProcessTable.read();
        Map<ShmStatus, Boolean> mayBeAlive = new IdentityHashMap<>(blocks.size());
        for (ShmStatus block : blocks) {
            mayBeAlive.put(block, processes.mayBeAlive(block.creatorPid()));
        }
        return new ShmCreators(mayBeAlive);
    }

    /**
     * Returns whether the process that created a block may be alive.
     *
     * @param block the block; if it is none of those that this object was made of, its creator is looked at now
     * @return {@code false} if the creator is certainly dead
     */
    public boolean mayBeAlive(ShmStatus block) {
        Boolean known = mayBeAlive.get(block);
        // The creator of a later block may have the pid of an earlier one's.
        return known != null ? known : block.creatorMayBeAlive();
    }

    /**
     * Returns whether a block looks left behind: nobody was attached, and its creator is dead.
     *
     * @param block the block; if it is none of those that this object was made of, its creator is looked at now
     * @return {@code true} if nobody was attached and the creator is certainly dead
     * @see ShmStatus#isOrphaned()
     */
    public boolean isOrphaned(ShmStatus block) {
        return block.attachCount() == 0 && !mayBeAlive(block);
    }
}
