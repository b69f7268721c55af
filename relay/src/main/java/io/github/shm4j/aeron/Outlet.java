package io.github.shm4j.aeron;

import java.lang.foreign.MemorySegment;

/** Where frames go out to the other side, in their order. */
interface Outlet extends AutoCloseable {

    /**
     * Takes a frame if there is room for it now.
     *
     * @return whether it was taken
     * @throws RelayDisconnectedException if none will ever be taken any more
     */
    boolean offer(MemorySegment frame, long length);

    /** {@return how long a frame may be} */
    int longestFrame();

    /** {@return how long a frame may be that need not be cut into pieces} */
    int longestWholeFrame();

    @Override
    void close();
}
