package io.github.shm4j.cli.command;

import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmLimits;
import io.github.shm4j.ShmStatus;
import java.io.IOException;

/**
 * Blocks that nobody is attached to. If {@code kernel.shm_rmid_forced} is set, the kernel removes such a block when its creator
 * terminates, or when a process attaches and detaches. A command that creates or uses one would destroy it silently.
 */
public final class RmidForced {

    private static final String SYSCTL = "kernel.shm_rmid_forced is set";

    private static final String HOW_TO_CLEAR = "; or clear it, as root: sysctl -w kernel.shm_rmid_forced=0";

    private RmidForced() {}

    /** {@return whether the kernel removes an idle block after a use} */
    public static boolean isSet() throws ShmException {
        return ShmLimits.current().rmidForced();
    }

    /**
     * Refuses what needs blocks that outlive the process that has created them.
     *
     * @param otherwise what would happen
     */
    public static void requireThatTheyStay(String otherwise) throws IOException {
        if (isSet()) {
            throw new IOException(SYSCTL + ": " + otherwise + HOW_TO_CLEAR);
        }
    }

    /**
     * Opens a block to use it, unless that would remove it.
     *
     * @param otherwise what else the user can do, with punctuation before it
     */
    public static SharedMemory open(BlockArgument named, String otherwise) throws IOException {
        SharedMemory memory = named.open();
        if (isSet()) {
            ShmStatus block = named.among(SharedMemory.list());
            if (block != null && block.attachCount() == 0) {
                throw new IOException(named.text() + ": nobody is attached, and " + SYSCTL
                        + ": whoever uses the block and detaches removes it. Use it while a program that stays is attached"
                        + otherwise + HOW_TO_CLEAR);
            }
        }
        return memory;
    }
}
