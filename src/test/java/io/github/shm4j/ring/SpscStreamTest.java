package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.support.Patient;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A consumer that is in the midst of a fast stream of messages. Where it then finds the producer position is a hint how far
 * to go before it makes a pause, and nothing more.
 */
@Patient
class SpscStreamTest {

    private static final int CAPACITY = 1 << 14;

    /** What somebody may have made of the producer position. */
    enum Hint {
        TRUE(position -> position),
        ZERO(position -> 0),
        ODD(position -> position + 1),
        ONE_BEHIND(position -> position - 8),
        FAR_BEHIND(position -> position - 5000),
        ONE_AHEAD(position -> position + 8),
        FAR_AHEAD(position -> position + 5000),
        MORE_THAN_A_RING_AHEAD(position -> position + 4 * CAPACITY),
        NEGATIVE(position -> -position),
        GREATEST(position -> Long.MAX_VALUE),
        GREATEST_EVEN(position -> Long.MAX_VALUE - 7),
        LEAST(position -> Long.MIN_VALUE),
        LEAST_ODD(position -> Long.MIN_VALUE + 1);

        private final LongUnaryOperator becomes;

        Hint(LongUnaryOperator becomes) {
            this.becomes = becomes;
        }
    }

    private final MemorySegment memory = Rings.SPSC.memory(CAPACITY);
    private final RingUser producer = Rings.SPSC.create(memory, CAPACITY);
    private final RingUser consumer = RingUser.open(memory);
    private final List<Integer> lengths = new ArrayList<>();
    private int read;
    private long bytesRead;
    private long longestBacklog;

    private void write(int length) {
        assertTrue(producer.write(1 + lengths.size(), Rings.message(length)));
        lengths.add(length);
    }

    private void overwrite(Hint hint) {
        long position = producer.producerPosition();
        Rings.setLong(memory, RingLayout.PRODUCER_POSITION_OFFSET, hint.becomes.applyAsLong(position));
    }

    private void onMessage(int type, MemorySegment view, long offset, int length) {
        assertEquals(read + 1, type);
        assertEquals(lengths.get(read++), length);
        assertEquals(-1, view.asSlice(offset, length).mismatch(Rings.message(length)));
        bytesRead += length;
    }

    private void assertStatistics() {
        assertEquals(read, Rings.getLong(memory, RingLayout.MESSAGES_READ_OFFSET));
        assertEquals(bytesRead, Rings.getLong(memory, RingLayout.BYTES_READ_OFFSET));
        assertEquals(0, Rings.getLong(memory, RingLayout.RECORDS_SKIPPED_OFFSET));
        long noted = Rings.getLong(memory, RingLayout.LONGEST_BACKLOG_OFFSET);
        assertTrue(noted >= longestBacklog && noted <= CAPACITY, () -> noted + " bytes at most");
        long position = Rings.getLong(memory, RingLayout.PRODUCER_POSITION_OFFSET);
        try {
            RingStatistics statistics = consumer.statistics();
            assertEquals(read, statistics.messagesRead());
            assertEquals(bytesRead, statistics.bytesRead());
            // Never less than the consumer has noted, whatever the producer position says.
            assertTrue(
                    statistics.longestBacklog() >= noted && statistics.longestBacklog() <= CAPACITY,
                    statistics::toString);
        } catch (RingCorruptedException overwritten) {
            assertTrue(overwritten.getMessage().contains(Long.toString(position)), overwritten.getMessage());
        }
        longestBacklog = noted;
    }

    /** Lets the consumer take what comes for a stream. */
    private void stream() {
        for (int round = 0; round < 4; round++) {
            for (int i = 0; i < 100; i++) {
                write(i % 20);
            }
            assertEquals(64, consumer.read(this::onMessage, 64));
            assertEquals(36, consumer.read(this::onMessage, 36));
        }
        assertStatistics();
    }

    @ParameterizedTest
    @EnumSource
    void shouldReadEverythingAtOnceWhateverTheProducerPositionSays(Hint hint) {
        stream();
        SplittableRandom random = new SplittableRandom(hint.ordinal());
        for (int round = 0; round < 300; round++) {
            int waiting = random.nextInt(4) == 0 ? random.nextInt(4) : random.nextInt(200);
            for (int i = 0; i < waiting; i++) {
                write(random.nextInt(40));
            }
            overwrite(hint);
            int limit = random.nextBoolean() ? Integer.MAX_VALUE : 1 + random.nextInt(100);
            int unread = lengths.size() - read;
            assertEquals(Math.min(limit, unread), consumer.read(this::onMessage, limit));
            while (read < lengths.size()) {
                unread = lengths.size() - read;
                assertEquals(Math.min(50, unread), consumer.read(this::onMessage, 50));
            }
            assertStatistics();
        }
    }

    /** The handler is called in the midst of a read: what is written and overwritten then is as good as before. */
    @ParameterizedTest
    @EnumSource
    void shouldReadWhatComesInTheMidstOfAStream(Hint hint) {
        stream();
        SplittableRandom random = new SplittableRandom(hint.ordinal());
        for (int round = 0; round < 60; round++) {
            int before = read;
            for (int i = 0; i < 100; i++) {
                write(random.nextInt(40));
            }
            int most = lengths.size() + 150;
            int messages = consumer.read(
                    (type, view, offset, length) -> {
                        onMessage(type, view, offset, length);
                        if (lengths.size() < most) {
                            write(random.nextInt(40));
                        }
                        overwrite(hint);
                    },
                    Integer.MAX_VALUE);
            assertEquals(most, lengths.size());
            assertEquals(most, read);
            assertEquals(most - before, messages);
            assertStatistics();
        }
    }

    /** Nor do messages that come around the end of a ring that is full get lost. */
    @ParameterizedTest
    @EnumSource
    void shouldReadAFullRingAtOnceWhateverTheProducerPositionSays(Hint hint) {
        stream();
        for (int round = 0; round < 20; round++) {
            // Also what the consumer had kept for itself.
            for (int i = 0; i < 20; i++) {
                assertEquals(0, consumer.read(this::onMessage, 9));
            }
            int before = read;
            int length = 16 + round * 8;
            while (producer.write(1 + lengths.size(), Rings.message(length))) {
                lengths.add(length);
            }
            overwrite(hint);
            assertEquals(lengths.size() - before, consumer.read(this::onMessage, Integer.MAX_VALUE));
            assertStatistics();
        }
    }
}
