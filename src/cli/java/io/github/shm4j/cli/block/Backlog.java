package io.github.shm4j.cli.block;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmAccessDeniedException;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmNotFoundException;
import io.github.shm4j.ShmStatus;
import io.github.shm4j.cli.command.Failure;
import io.github.shm4j.cli.list.Listing;
import io.github.shm4j.cli.list.RingSize;
import io.github.shm4j.cli.terminal.Sizes;
import io.github.shm4j.ring.RingBuffer;
import io.github.shm4j.ring.RingException;
import io.github.shm4j.ring.RingPair;
import io.github.shm4j.ring.RingStatistics;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;

/**
 * The unread messages of the ring in a block, or of both rings of a pair, which are lost if the block is removed.
 *
 * @param messages the number of messages
 * @param bytes the bytes between the positions of consumer and producers
 * @param unknown what is in the block and why nobody can say whether messages wait in it, or {@code null} if that is known
 */
record Backlog(long messages, long bytes, String unknown) {

    private static final Backlog NONE = new Backlog(0, 0, null);

    /** {@return the backlog of the ring in a block; none if there is no ring in it} */
    static Backlog of(ShmStatus block, Listing listing) throws ShmException {
        if (!listing.survivesALook(block)) {
            return unseen(block, "a look would remove it, as kernel.shm_rmid_forced is set");
        }
        try (Arena arena = Arena.ofConfined()) {
            return of(SharedMemory.ofId(block.id()).attach(AttachMode.READ_ONLY, arena), block);
        } catch (ShmNotFoundException gone) {
            return NONE;
        } catch (ShmAccessDeniedException denied) {
            return unseen(block, "this user may not read it");
        } catch (ShmException refused) {
            return unseen(block, Failure.message(refused));
        }
    }

    private static Backlog of(MemorySegment memory, ShmStatus block) {
        boolean recognised = false;
        try {
            boolean isRing = RingBuffer.isRing(memory);
            if (!isRing && !RingPair.isRingPair(memory)) {
                return NONE;
            }
            // One that nobody has begun to fill in looks like many a block that begins with zeros.
            recognised = memory.get(ValueLayout.JAVA_LONG, 0) != 0;
            if (isRing) {
                return of(RingBuffer.open(memory, Duration.ZERO));
            }
            RingPair pair = RingPair.open(memory, Duration.ZERO);
            Backlog requests = of(pair.requests());
            Backlog replies = of(pair.replies());
            return new Backlog(requests.messages + replies.messages, requests.bytes + replies.bytes, null);
        } catch (RingException | InternalError unreadable) {
            String reason = Failure.message(unreadable);
            return recognised ? unknown("it is a ring", reason) : unseen(block, reason);
        }
    }

    private static Backlog of(RingBuffer ring) {
        RingStatistics statistics = ring.statistics();
        long bytes = statistics.producerPosition() - statistics.consumerPosition();
        return bytes <= 0
                ? NONE
                : new Backlog(ring.browse((type, source, offset, length) -> {}, Integer.MAX_VALUE), bytes, null);
    }

    /** {@return the backlog of a block that cannot be looked into: unknown if it has the size of a ring} */
    private static Backlog unseen(ShmStatus block, String reason) {
        return RingSize.is(block.size()) ? unknown("it has the size of a ring", reason) : NONE;
    }

    private static Backlog unknown(String what, String reason) {
        return new Backlog(0, 0, what + ", and nobody can say whether messages wait in it (" + reason + ")");
    }

    /** {@return whether no messages are known of} */
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
