package io.github.shm4j.cli.ring;

import io.github.shm4j.broadcast.BroadcastRing;
import io.github.shm4j.cli.command.BlockArgument;
import io.github.shm4j.ring.RingBuffer;
import io.github.shm4j.ring.RingException;
import io.github.shm4j.ring.RingPair;
import io.github.shm4j.state.LatestValue;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Says what is in a block that was taken for a ring and is none. */
final class NoRing {

    private NoRing() {}

    /** {@return the failure of a command that uses one ring} */
    static IOException failure(BlockArgument named, MemorySegment memory, RingException refused) {
        return new IOException(named.text() + ": " + message(memory, refused), refused);
    }

    /** {@return what else is in the memory; if nothing that is known, or a ring, what the exception says} */
    static String message(MemorySegment memory, RingException refused) {
        if (RingBuffer.isRing(memory)) {
            return refused.getMessage();
        }
        if (RingPair.isRingPair(memory)) {
            return "this is a pair of rings, for the requests and replies of a client and a server (RingPair);"
                    + " \"shm4j ring status\" shows both";
        }
        if (BroadcastRing.isBroadcastRing(memory)) {
            return "this is a broadcast ring, whose messages stay for any number of readers (BroadcastRing); no command"
                    + " looks into it but \"shm4j read\"";
        }
        if (LatestValue.isLatestValue(memory)) {
            return "this is a latest value, which is no message (LatestValue); no command looks into it but"
                    + " \"shm4j read\"";
        }
        return refused.getMessage();
    }
}
