package io.github.shm4j.cli.terminal;

import java.io.IOException;

/**
 * Finds out without writing that standard output is a pipe or a socket that nobody reads any more.
 *
 * <p>A program that writes learns it from a failed write. A program that waits for something to write has to ask.
 */
public final class BrokenPipe {

    private static final int STANDARD_OUTPUT = 1;
    private static final short NO_OTHERS = 0;

    private BrokenPipe() {}

    /** Throws what a write would throw, if nobody reads standard output any more. Never waits. */
    public static void check() throws Output.Failed {
        if ((Poll.events(STANDARD_OUTPUT, NO_OTHERS, 0) & (Poll.POLLERR | Poll.POLLHUP)) != 0) {
            throw new Output.Failed(new IOException("Broken pipe"));
        }
    }
}
