package io.github.shm4j.ring;

import java.util.List;

/**
 * What has happened in a ring, as the processes that use it have noted in its memory.
 *
 * <p>The numbers are read one after the other while the ring is in use, so they need not fit together exactly; while
 * nobody uses it they do. A consumer that is killed between counting a message and consuming it has counted one that its
 * successor counts again, and the same is true of a record that it skips. Anybody who may write the memory can write any
 * number.
 *
 * @param capacity the size of the ring in bytes
 * @param producerPosition bytes claimed so far, record headers and padding included
 * @param consumerPosition bytes consumed so far, record headers and padding included
 * @param messagesWritten messages sent: those delivered and those that wait in the ring. Producers do not count, as that
 *     would slow them down; a message behind a claim without length, as a killed producer can leave it behind, is counted
 *     when it is delivered
 * @param bytesWritten bytes in those messages
 * @param messagesRead messages delivered and consumed
 * @param bytesRead bytes in those messages
 * @param failedClaims attempts to write or claim that found no room
 * @param recordsSkipped places where the consumer has skipped what producers had left behind that ended before they
 *     committed; neighbours count as one
 * @param bytesSkipped bytes in those places
 * @param longestBacklog the most bytes between consumer and producer position that the consumer has seen when it freed
 *     space, or that there are now
 * @param consumer the consumer, or nobody
 * @param producers the producers that have a place in the ring
 */
public record RingStatistics(
        long capacity,
        long producerPosition,
        long consumerPosition,
        long messagesWritten,
        long bytesWritten,
        long messagesRead,
        long bytesRead,
        long failedClaims,
        long recordsSkipped,
        long bytesSkipped,
        long longestBacklog,
        Party consumer,
        List<Party> producers) {

    /** Whether a process that has a part in a ring still runs. */
    public enum Liveness {

        /** There is none. */
        NOBODY,

        /** It runs. */
        ALIVE,

        /** It has ended without giving its part back, as a killed process does. */
        ENDED,

        /** It cannot be seen from here, being in another pid or time namespace; it counts as alive. */
        UNKNOWN
    }

    /**
     * A process that has a part in a ring.
     *
     * @param pid its number in its own pid namespace, or 0
     * @param liveness whether it still runs
     */
    public record Party(long pid, Liveness liveness) {

        static Party of(long maker, boolean sharesNamespaces) {
            Liveness liveness = maker == Owner.NOBODY
                    ? Liveness.NOBODY
                    : Owner.isForeign(maker) || !sharesNamespaces
                            ? Liveness.UNKNOWN
                    : Owner.hasEnded(maker, true) ? Liveness.ENDED : Liveness.ALIVE;
            return new Party(Owner.pid(maker), liveness);
        }
    }
}
