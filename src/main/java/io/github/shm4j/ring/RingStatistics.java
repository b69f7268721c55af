package io.github.shm4j.ring;

import static io.github.shm4j.ring.RingLayout.ALIGNMENT;
import static io.github.shm4j.ring.RingLayout.LONG;
import static io.github.shm4j.ring.RingLayout.RECORD_HEADER;

import io.github.shm4j.internal.Owner;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * What has happened in a ring, as the processes that use it have noted in its memory.
 *
 * <p>The numbers are read one after the other while the ring is in use, so they need not fit together exactly; while
 * nobody uses it they do. A consumer that is killed between counting a message and consuming it has counted one that its
 * successor counts again, and the same is true of a record that it skips. Anybody who may write the memory can write any
 * number: what no ring can have counted is a {@link RingCorruptedException}, and none of these are ever negative.
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
 * @param recordsSkipped places where the consumer has skipped what producers had left behind that terminated before they
 *     committed; neighbours count as one
 * @param bytesSkipped bytes in those places
 * @param longestBacklog the most bytes between consumer and producer position that the consumer has seen when it freed
 *     space, or that there are now
 * @param consumer the consumer, or nobody
 * @param producers the producers that have a slot in the ring
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
        RoleOwner consumer,
        List<RoleOwner> producers) {

    /** How often to look again at a ring that changes while it is looked at. */
    private static final int MOST_LOOKS = 8;

    static RingStatistics of(RingBuffer ring) {
        MemorySegment memory = ring.memory;
        Records records = ring.records();
        long failedClaims = 0;
        List<RoleOwner> producers = new ArrayList<>();
        for (int i = 0; i < ring.slots; i++) {
            long slot = RingLayout.SLOTS_BEGIN + i * RingLayout.SLOT_LENGTH;
            failedClaims += (long) LONG.getOpaque(memory, slot + RingLayout.SLOT_FAILED);
            long owner = (long) LONG.getAcquire(memory, slot + RingLayout.SLOT_OWNER);
            if (owner != Owner.NOBODY) {
                producers.add(RoleOwner.of(owner, ring));
            }
        }
        long consumer = records.consumerPosition();
        long messagesRead;
        long bytesRead;
        long producer;
        Waiting waiting;
        int looks = 0;
        long before;
        do {
            before = consumer;
            messagesRead = (long) LONG.getAcquire(memory, RingLayout.MESSAGES_READ_OFFSET);
            bytesRead = (long) LONG.getAcquire(memory, RingLayout.BYTES_READ_OFFSET);
            producer = records.producerPosition();
            waiting = Waiting.between(before, producer, records);
            consumer = records.consumerPosition();
        } while (consumer != before && ++looks < MOST_LOOKS);
        long written = records.written(producer, before);
        requirePositions(before, written, consumer, ring.capacity);
        // The consumer may have gone on, and producers behind it.
        before = Math.max(before, written - ring.capacity);
        // The consumer notes the longest when it frees space, so the present one can be longer.
        long longest = Math.max(
                (long) LONG.getOpaque(memory, RingLayout.LONGEST_BACKLOG_OFFSET),
                written - before);
        RingStatistics statistics = new RingStatistics(
                ring.capacity,
                written,
                before,
                messagesRead + waiting.messages,
                bytesRead + waiting.bytes,
                messagesRead,
                bytesRead,
                failedClaims,
                (long) LONG.getOpaque(memory, RingLayout.RECORDS_SKIPPED_OFFSET),
                (long) LONG.getOpaque(memory, RingLayout.BYTES_SKIPPED_OFFSET),
                longest,
                RoleOwner.of((long) LONG.getAcquire(memory, RingLayout.CONSUMER_OFFSET), ring),
                List.copyOf(producers));
        statistics.requireNumbers();
        return statistics;
    }

    /** Checks positions that were read in this order: the consumer's, the producers', and the consumer's once more. */
    private static void requirePositions(long consumerBefore, long producer, long consumer, long capacity) {
        if (consumerBefore < 0
                || producer < consumerBefore
                || consumer < consumerBefore
                || producer - consumer > capacity
                || producer > RingLayout.GREATEST_POSITION
                || ((consumerBefore | producer | consumer) & (ALIGNMENT - 1)) != 0) {
            throw RingCorruptedException
                    .overwritten("the consumer's position is " + consumerBefore + ", the producers' "
                            + producer + ", and the capacity " + capacity);
        }
    }

    private void requireNumbers() {
        if ((messagesWritten | bytesWritten | messagesRead | bytesRead | failedClaims | recordsSkipped | bytesSkipped)
                < 0
                || longestBacklog > capacity) {
            throw RingCorruptedException.overwritten("its statistics are " + this);
        }
    }

    private record Waiting(long messages, long bytes) {

        /** Counts the complete messages between two positions, as far as one record leads to the next. */
        static Waiting between(long from, long to, Records records) {
            long messages = 0;
            long bytes = 0;
            if (from >= 0 && to - from <= records.capacity && ((from | to) & (ALIGNMENT - 1)) == 0) {
                long position = from;
                while (position < to) {
                    long begin = position & records.mask;
                    long header = (long) LONG.getAcquire(records.memory, records.data + begin);
                    // Claimed records have their length, too, with a minus sign.
                    int length = (int) header;
                    long record = RingLayout.recordLength(Math.abs((long) length));
                    if (record < RECORD_HEADER || record > Math.min(to - position, records.capacity - begin)) {
                        break;
                    }
                    if (length > 0 && header > 0) {
                        messages++;
                        bytes += length - RECORD_HEADER;
                    }
                    position += record;
                }
            }
            return new Waiting(messages, bytes);
        }
    }

    /** Whether a process that has a role in a ring still runs. */
    public enum Liveness {

        /** There is none. */
        NOBODY,

        /** It runs. */
        ALIVE,

        /**
         * It has terminated without giving its role back, as a killed process does; or it cannot be seen from here, and nobody but
         * this process has the block attached.
         */
        TERMINATED,

        /** It cannot be seen from here, being in another pid or time namespace, and others have the block attached; it counts as alive. */
        UNKNOWN
    }

    /**
     * A process that has a role in a ring.
     *
     * @param pid its pid in its own pid namespace, or 0
     * @param liveness whether it still runs
     */
    public record RoleOwner(long pid, Liveness liveness) {

        static RoleOwner of(long owner, RingBuffer ring) {
            boolean seen = ring.sharesNamespaces && !Owner.isForeign(owner);
            Liveness liveness = owner == Owner.NOBODY
                    ? Liveness.NOBODY
                    : Owner.isGone(owner, ring.sharesNamespaces, ring.memory)
                            ? Liveness.TERMINATED
                    : seen ? Liveness.ALIVE : Liveness.UNKNOWN;
            return new RoleOwner(Owner.pid(owner), liveness);
        }
    }
}
