package io.github.shm4j.benchmarks.rings;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The message that a producer sends again and again, each time with another number in its first eight bytes.
 *
 * <p>A number has the number of its producer in the upper 16 bits. In the lower ones it counts that producer's messages
 * from 1; or it says that there will be no more, and how many there were.
 */
public final class TestMessage {

    static final int PRODUCER_SHIFT = 48;

    /** Stands in the number of what says that there will be no more. */
    public static final long LAST = 1L << 47;

    /** From one number that the consumer reads to the next. */
    static final int STEP = 64;

    private final MemorySegment message;

    /**
     * Makes a message.
     *
     * @param size its size in bytes, a multiple of 8 and at least 16
     */
    public TestMessage(int size) {
        message = Arena.global().allocate(size, STEP);
        for (int offset = Long.BYTES; offset < size; offset += Long.BYTES) {
            message.set(ValueLayout.JAVA_LONG, offset, value(offset));
        }
    }

    /** What stands at an offset of each message, but for its number. */
    private static long value(int offset) {
        return offset * 0x9e3779b97f4a7c15L;
    }

    /** {@return the sum of what a consumer reads behind the number} */
    static long sum(int size) {
        long sum = value(size - Long.BYTES);
        for (int offset = STEP; offset < size; offset += STEP) {
            sum += value(offset);
        }
        return sum;
    }

    /** Gives the message another number. */
    public void number(long number) {
        message.set(ValueLayout.JAVA_LONG, 0, number);
    }

    /** {@return the message, which stays the same object} */
    public MemorySegment message() {
        return message;
    }
}
