package io.github.shm4j.cli.block;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmNotFoundException;
import io.github.shm4j.ShmStatus;
import io.github.shm4j.cli.list.Listing;
import io.github.shm4j.cli.list.RingSize;
import io.github.shm4j.cli.terminal.Sizes;
import io.github.shm4j.ring.RingBuffer;
import io.github.shm4j.ring.RingException;
import io.github.shm4j.ring.RingPair;
import io.github.shm4j.ring.RingStatistics;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;

/**
 * The unread messages of the ring in a block, or of both rings of a pair, which are lost if the block is removed.
 *
 * @param messages the number of messages, or -1 if it cannot be known
 * @param bytes the bytes between the positions of consumer and producers
 */
record Backlog(long messages, long bytes) {

    private static final Backlog NONE = new Backlog(0, 0);
    private static final Backlog UNKNOWN = new Backlog(-1, 0);

    /** {@return the backlog of the ring in a block; none if there is no ring in it} */
    static Backlog of(ShmStatus block, Listing listing) throws ShmException {
        if (!listing.survivesALook(block)) {
            return unseen(block);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = SharedMemory.ofId(block.id()).attach(AttachMode.READ_ONLY, arena);
            if (RingSize.isPair(block.size()) && RingPair.isRingPair(memory)) {
                RingPair pair = RingPair.open(memory, Duration.ZERO);
                Backlog requests = of(pair.requests());
                Backlog replies = of(pair.replies());
                return new Backlog(requests.messages + replies.messages, requests.bytes + replies.bytes);
            }
            return RingBuffer.isRing(memory) ? of(RingBuffer.open(memory, Duration.ZERO)) : NONE;
        } catch (ShmNotFoundException | RingException | InternalError noneToBeRead) {
            return NONE;
        } catch (ShmException refused) {
            return unseen(block);
        }
    }

    private static Backlog of(RingBuffer ring) {
        RingStatistics statistics = ring.statistics();
        long bytes = statistics.producerPosition() - statistics.consumerPosition();
        return bytes <= 0 ? NONE
                : new Backlog(ring.browse((type, source, offset, length) -> {}, Integer.MAX_VALUE), bytes);
    }

    /** {@return the backlog of a block that cannot be looked into: unknown if it has the size of a ring} */
    private static Backlog unseen(ShmStatus block) {
        return RingSize.is(block.size()) ? UNKNOWN : NONE;
    }

    boolean isUnknown() {
        return messages < 0;
    }

    boolean isEmpty() {
        return bytes == 0;
    }

    @Override
    public String toString() {
        // The claim of a killed producer hides the messages behind it until a consumer skips it.
        return messages == 0 ? Sizes.inBytes(bytes) + (bytes == 1 ? " that is" : " that are") + " not received"
                : Sizes.count(messages, "unread message");
    }
}
