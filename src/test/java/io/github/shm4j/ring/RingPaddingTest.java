package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.WaitStrategy;
import io.github.shm4j.support.Patient;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Padding where nobody who obeys has put it. */
@Patient
class RingPaddingTest {

    private static final int CAPACITY = 512;
    private static final int MOST_ACCESSES = 40_000;

    /** Somebody stores padding all over the ring before each access that the consumer makes. */
    @ParameterizedTest
    @ValueSource(strings = {"read 10", "control 10", "peek 10", "peek 10; free; peek 10", "await 0", "await 20",
        "peek 1; await 20", "browse 10"})
    void shouldEndEachCallAfterALap(String commands) {
        MemorySegment memory = Rings.MPSC.memory(CAPACITY);
        Rings.MPSC.create(memory, CAPACITY);
        SimulatedProcess accesses = new SimulatedProcess(memory, Rings.livingOwner(), false);
        Consumer<String> consumer = InstrumentedClasses.end(memory, new ArrayList<>());
        accesses.run(() -> consumer.accept("open; read 1"));
        long begin = System.nanoTime();
        accesses.run(() -> {
            try {
                consumer.accept(commands);
            } catch (RuntimeException noticed) {
                // Of another loader's class: that the producer is not there where the padding is.
                assertEquals(RingCorruptedException.class.getName(), noticed.getClass().getName());
            }
        }, number -> {
            for (long offset = Rings.MPSC.data(); offset < memory.byteSize(); offset += 8) {
                Rings.setLong(memory, offset, RingLayout.committed(RingLayout.PADDING_TYPE, 8));
            }
            // Waiting may take as long as it was told to.
            boolean late = !commands.contains("await 20") || System.nanoTime() - begin > 20_000_000_000L;
            assertTrue(number < MOST_ACCESSES || !late, "endless");
        });
        long consumed = Rings.getLong(memory, RingLayout.CONSUMER_POSITION_OFFSET);
        assertTrue(consumed <= CAPACITY || commands.contains("20"), () -> "" + consumed);
    }

    @Test
    void shouldFindTheMessageBehindAnyAmountOfPadding() throws InterruptedException {
        RingUser ring = Rings.MPSC.create(1 << 16);
        Claim claim = new Claim();
        for (int i = 0; i < 5000; i++) {
            assertTrue(ring.tryClaim(Rings.TYPE, 0, claim));
            claim.abort();
        }
        assertTrue(ring.write(Rings.TYPE, Rings.message("behind")));
        assertTrue(ring.awaitMessage(WaitStrategy.BUSY_SPIN, java.time.Duration.ZERO));
        assertEquals(List.of("behind"), Rings.read(ring, 1));
    }

    /** Padding of a ring for one producer ends where the ring does, and is no longer than the longest record. */
    @ParameterizedTest
    @CsvSource({"0, 8", "0, 16", "0, 136", "0, 1024", "512, 512", "880, 144", "880, 136", "1008, 8"})
    void shouldRefusePaddingThatNoProducerWrites(int position, int length) {
        RingCorruptedException refused =
                assertThrows(RingCorruptedException.class, () -> Rings.read(withPadding(position, length), 1));
        assertTrue(refused.getMessage().contains("position " + position), refused.getMessage());
        assertThrows(RingCorruptedException.class, () -> Rings.read(withPadding(position, length), 1));
    }

    @ParameterizedTest
    @CsvSource({"888, 136", "1008, 16", "1016, 8"})
    void shouldPassOverPaddingAtTheEnd(int position, int length) {
        RingUser ring = withPadding(position, length);
        assertEquals(List.of(), Rings.read(ring, 1));
        assertEquals(1024, ring.consumerPosition());
    }

    /** A ring whose consumer is at a position, at which there is padding. */
    private static RingUser withPadding(int position, int length) {
        MemorySegment memory = Rings.SPSC.memory(1024);
        RingUser ring = Rings.SPSC.create(memory, 1024);
        Rings.setLong(memory, RingLayout.PRODUCER_POSITION_OFFSET, position);
        Rings.setLong(memory, RingLayout.CONSUMER_POSITION_OFFSET, position);
        Rings.setLong(memory, RingLayout.FREE_POSITION_OFFSET, position);
        Rings.setLong(memory, Rings.SPSC.data() + position, RingLayout.committed(RingLayout.PADDING_TYPE, length));
        return ring;
    }

    /** A producer that was killed between the header and its position; the consumer has read the message. */
    @Test
    void shouldCountAsWrittenWhatWasRead() {
        MemorySegment memory = Rings.SPSC.memory(1024);
        RingUser ring = Rings.SPSC.create(memory, 1024);
        assertTrue(ring.write(Rings.TYPE, Rings.message("first")));
        assertTrue(ring.write(Rings.TYPE, Rings.message("second")));
        Rings.setLong(memory, RingLayout.PRODUCER_POSITION_OFFSET, 16);
        assertEquals(2, Rings.read(ring, 9).size());
        RingStatistics statistics = ring.statistics();
        assertEquals(32, statistics.producerPosition());
        assertEquals(32, statistics.consumerPosition());
        assertEquals(2, statistics.messagesWritten());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 32})
    void shouldNotShowABacklogLongerThanTheLongest(int messages) {
        for (Rings kind : Rings.values()) {
            RingUser ring = kind.create(512);
            for (int i = 0; i < messages; i++) {
                assertTrue(ring.write(Rings.TYPE, Rings.message("eight...")));
                assertEquals(16 * (i + 1), ring.statistics().longestBacklog());
            }
            assertEquals(messages, Rings.read(ring, 99).size());
            RingStatistics read = ring.statistics();
            assertTrue(read.longestBacklog() >= 0 && read.longestBacklog() <= 16 * messages, read::toString);
            assertEquals(read.producerPosition(), read.consumerPosition());
        }
    }
}
