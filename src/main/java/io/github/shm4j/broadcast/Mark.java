package io.github.shm4j.broadcast;

import static io.github.shm4j.broadcast.BroadcastFormat.MARK_BYTES;
import static io.github.shm4j.broadcast.BroadcastFormat.MARK_MESSAGES;
import static io.github.shm4j.broadcast.BroadcastFormat.MARK_POSITION;
import static io.github.shm4j.broadcast.BroadcastFormat.RECORD_HEADER;
import static io.github.shm4j.structure.Format.LONG;

import io.github.shm4j.structure.Format;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/** A position between two records, and what lies before it, as it was read from a mark in the ring. */
final class Mark {

    /** How often a mark is read before whoever wants it gives up. */
    static final int MOST_ROUNDS = 1000;

    /** How many numbers further the count may be before the mark of a number can have been overwritten. */
    private static final long WHOLE = BroadcastFormat.MARKS - 2;

    /** Which mark it is. */
    long number;

    long position;
    long messages;
    long bytes;

    /** Reads the beginning of the oldest message that is left. */
    void readOldest(MemorySegment memory) {
        read(memory, BroadcastFormat.TRIMS_OFFSET, BroadcastFormat.OLDEST_MARKS, 0);
    }

    /**
     * Reads the end of a message among the newest.
     *
     * @param back how many messages to leave out
     */
    void readNewest(MemorySegment memory, long back) {
        read(memory, BroadcastFormat.MESSAGES_OFFSET, BroadcastFormat.NEWEST_MARKS, back);
        if (messages != number) {
            throw overwritten("newest mark " + number + " is that of message " + messages);
        }
    }

    private void read(MemorySegment memory, long countOffset, long marks, long back) {
        for (int round = 0; round < MOST_ROUNDS; round++) {
            // SYNC POINT message: with the release in BroadcastProducer.write. Its mark was stored before.

            // SYNC POINT trim: with the release in BroadcastProducer.trim. Its mark was stored before.
            long count = (long) LONG.getAcquire(memory, countOffset);
            long wanted = Math.max(0, requireCount(count) - back);
            long mark = BroadcastFormat.mark(marks, wanted);
            long foundPosition = (long) LONG.getOpaque(memory, mark + MARK_POSITION);
            long foundMessages = (long) LONG.getOpaque(memory, mark + MARK_MESSAGES);
            long foundBytes = (long) LONG.getOpaque(memory, mark + MARK_BYTES);
            // SYNC POINT mark: with the fence in BroadcastProducer.write. If we have read anything of a later mark in this place,
            // we now see the number of the last one before it.
            VarHandle.acquireFence();
            long now = requireCount((long) LONG.getAcquire(memory, countOffset));
            if (now < count) {
                throw overwritten("the number of marks was " + count + " and then is " + now);
            }
            if (now - wanted <= WHOLE) {
                set(wanted, foundPosition, foundMessages, foundBytes);
                return;
            }
        }
        throw new BroadcastOvertakenException(
                "the producer has overwritten a mark while this reader read three numbers, "
                        + MOST_ROUNDS + " times in a row: let the producer pause between messages");
    }

    private void set(long number, long position, long messages, long bytes) {
        boolean possible = position >= 0
                && position <= Format.GREATEST_POSITION
                && (position & (BroadcastFormat.ALIGNMENT - 1)) == 0
                && messages >= 0
                && messages <= position / RECORD_HEADER
                && bytes >= 0
                && bytes <= position - messages * RECORD_HEADER;
        if (!possible) {
            throw overwritten("a mark says that at position " + position + " there were " + messages + " messages of "
                    + bytes + " bytes");
        }
        this.number = number;
        this.position = position;
        this.messages = messages;
        this.bytes = bytes;
    }

    /** Stores a mark, which nobody uses before its number is stored. */
    static void store(MemorySegment memory, long mark, long position, long messages, long bytes) {
        LONG.set(memory, mark + MARK_POSITION, position);
        LONG.set(memory, mark + MARK_MESSAGES, messages);
        LONG.set(memory, mark + MARK_BYTES, bytes);
    }

    /** Checks a number of messages or trims. */
    static long requireCount(long count) {
        if (count < 0 || count > Format.GREATEST_POSITION) {
            throw overwritten("a number of messages or trims is " + count);
        }
        return count;
    }

    static BroadcastCorruptedException overwritten(String what) {
        return new BroadcastCorruptedException(what + ": the memory was overwritten");
    }
}
