package io.github.shm4j.aeron;

import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmNotFoundException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Asks the kernel once a second whether blocks that a side is at work in have been removed.
 *
 * <p>A block that was removed stays with those who are attached. Nobody else finds it any more, and when the last one has
 * detached, what is in it is gone: so nothing may be acknowledged that goes into one.
 */
final class BlockWatch {

    private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1);

    /**
     * A block that is looked at.
     *
     * @param name what it is called in messages
     * @param block the block
     */
    record Watched(String name, SharedMemory block) {}

    private final List<Watched> blocks;
    private final LongSupplier clock;
    private long nextLook;

    BlockWatch(List<Watched> blocks, LongSupplier clock) {
        this.blocks = blocks;
        this.clock = clock;
        this.nextLook = clock.getAsLong();
    }

    /** {@return whether it is time to look} */
    boolean isDue() {
        return clock.getAsLong() - nextLook >= 0;
    }

    /** Looks at all blocks; {@return what has become of the first one that cannot be relied on, or null for none} */
    String look() {
        for (Watched each : blocks) {
            String lost = look(each);
            if (lost != null) {
                return lost;
            }
        }
        nextLook = clock.getAsLong() + PERIOD_NANOS;
        return null;
    }

    private static String look(Watched watched) {
        String which = "the " + watched.name + ", block " + watched.block.id() + ",";
        try {
            return watched.block.status().markedForRemoval() ? which + " was removed" : null;
        } catch (ShmNotFoundException gone) {
            return which + " was removed";
        } catch (ShmException refused) {
            return which + " cannot be looked at: " + refused.getMessage() + ". So nobody knows whether it was removed";
        }
    }
}
