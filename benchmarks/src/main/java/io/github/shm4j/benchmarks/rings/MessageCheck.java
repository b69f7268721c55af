package io.github.shm4j.benchmarks.rings;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import net.openhft.chronicle.bytes.Bytes;
import org.agrona.DirectBuffer;

/**
 * Reads messages where they lie: the number, which must be the next of its producer, then eight bytes of every 64 and the
 * last eight, which must add up to what was sent. So each cache line has to come over, and the work is the same however the
 * memory is accessed.
 */
public class MessageCheck {

    private final int size;
    private final long sum;
    private final long[] next;
    private long count;
    private long last;
    private int ended;

    /**
     * Makes a check.
     *
     * @param size the size of a message in bytes
     * @param producers how many producers there are
     */
    public MessageCheck(int size, int producers) {
        this.size = size;
        this.sum = TestMessage.sum(size);
        this.next = new long[producers];
        for (int producer = 0; producer < producers; producer++) {
            next[producer] = ((long) producer << TestMessage.PRODUCER_SHIFT) + 1;
        }
    }

    /** Checks a message in a segment. */
    public void message(MemorySegment memory, long offset, int length) {
        long read = memory.get(JAVA_LONG, offset + length - Long.BYTES);
        for (int at = TestMessage.STEP; at < length; at += TestMessage.STEP) {
            read += memory.get(JAVA_LONG, offset + at);
        }
        arrived(memory.get(JAVA_LONG, offset), read);
    }

    /** Checks a message in a buffer. */
    public void message(DirectBuffer memory, int offset, int length) {
        long read = memory.getLong(offset + length - Long.BYTES);
        for (int at = TestMessage.STEP; at < length; at += TestMessage.STEP) {
            read += memory.getLong(offset + at);
        }
        arrived(memory.getLong(offset), read);
    }

    void message(Bytes<?> memory, long offset, int length) {
        long read = memory.readLong(offset + length - Long.BYTES);
        for (int at = TestMessage.STEP; at < length; at += TestMessage.STEP) {
            read += memory.readLong(offset + at);
        }
        arrived(memory.readLong(offset), read);
    }

    private void arrived(long number, long read) {
        int producer = (int) (number >>> TestMessage.PRODUCER_SHIFT);
        if (producer >= next.length || number != next[producer] || read != sum) {
            unusual(producer, number, read);
            return;
        }
        next[producer] = number + 1;
        last = number;
        count++;
    }

    private void unusual(int producer, long number, long read) {
        if (producer >= next.length
                || (number & ~TestMessage.LAST) != next[producer] - ((number & TestMessage.LAST) == 0 ? 0 : 1)) {
            throw new AssertionError("message 0x" + Long.toHexString(number) + " is from no producer or not its next"
                    + (producer >= next.length ? "" : ", which is 0x" + Long.toHexString(next[producer])));
        }
        if (read != sum) {
            throw new AssertionError("the bytes of message 0x" + Long.toHexString(number) + " add up to " + read
                    + " and not to " + sum);
        }
        last = number;
        ended++;
    }

    /** {@return how many messages have arrived, without those that say that there will be no more} */
    public long count() {
        return count;
    }

    /** {@return the number of the message that came last} */
    public long last() {
        return last;
    }

    /** {@return whether each producer has sent something} */
    boolean hasHeardAll() {
        for (long number : next) {
            if ((number & ~(-1L << TestMessage.PRODUCER_SHIFT)) == 1) {
                return false;
            }
        }
        return true;
    }

    /** {@return how many producers have said that there will be no more} */
    public int ended() {
        return ended;
    }

    /** {@return the size of a message in bytes} */
    public int size() {
        return size;
    }
}
