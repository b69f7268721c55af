package io.github.shm4j.ring;

import static io.github.shm4j.ring.RingLayout.LONG;

import java.util.ArrayList;
import java.util.List;

/**
 * The words by which processes have signed in a ring.
 *
 * <p>A signature tells a process from all others of the machine, also from one that has got its pid later. The creator's, with
 * the block's id and the machine's boot, tells the ring from one that was made anew under the same key. A program that notes such
 * words elsewhere can find out later, when other processes have come and gone, whether the ring is the same, and whether
 * somebody that it does not know has had a role there. Nothing else is to be read from the words.
 *
 * @param self how this process signs in the ring
 * @param creator who has created it
 * @param consumer who has the role of the consumer, or has terminated without giving it back; 0 for nobody
 * @param producers those who have a slot as producers, or have terminated without giving it back
 * @see RingStatistics
 */
public record RingSignatures(long self, long creator, long consumer, List<Long> producers) {

    /**
     * Reads the signatures in a ring.
     *
     * @param ring the ring; its memory may be read-only
     * @return what stands there now
     */
    public static RingSignatures of(RingBuffer ring) {
        List<Long> producers = new ArrayList<>();
        for (int i = 0; i < ring.slots; i++) {
            long owner = (long) LONG.getAcquire(
                    ring.memory, RingLayout.SLOTS_BEGIN + i * RingLayout.SLOT_LENGTH + RingLayout.SLOT_OWNER);
            if (owner != 0) {
                producers.add(owner);
            }
        }
        return new RingSignatures(
                ring.self,
                (long) LONG.getAcquire(ring.memory, RingLayout.CREATOR_OFFSET),
                (long) LONG.getAcquire(ring.memory, RingLayout.CONSUMER_OFFSET),
                List.copyOf(producers));
    }
}
