package io.github.shm4j.aeron;

import java.lang.foreign.MemorySegment;

/** Where frames come in from the other side. */
interface Inlet extends AutoCloseable {

    /** Receives frames. */
    @FunctionalInterface
    interface FrameHandler {

        /**
         * Receives a frame.
         *
         * @param session tells frames of one outlet from those of others
         * @param frame holds a copy of the frame, which nobody else changes, until this returns
         * @param length its length
         * @return {@code false} to receive it again with the next poll
         */
        boolean onFrame(int session, MemorySegment frame, long length);
    }

    /**
     * Delivers frames.
     *
     * @param limit how many of the pieces that frames come in
     * @return how many
     * @throws RelayDisconnectedException if none will ever come any more
     */
    int poll(FrameHandler handler, int limit);

    /** {@return whether more frames can come from an outlet} */
    boolean isConnected(int session);

    @Override
    void close();
}
