package io.github.shm4j.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ring.Claim;
import io.github.shm4j.ring.MpscRingBuffer;
import io.github.shm4j.ring.RingBuffer;
import io.github.shm4j.ring.RingConsumer;
import io.github.shm4j.ring.RingProducer;
import io.github.shm4j.ring.RingStatistics;
import io.github.shm4j.ring.SpscRingBuffer;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Patience;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** A ring in a block of its own, into which a test looks while the command line uses it. */
public final class TestRing implements AutoCloseable {

    private final Arena arena = Arena.ofShared();
    private final SharedMemory block;
    private final MemorySegment memory;
    private final RingBuffer ring;
    private RingProducer producer;

    private TestRing(SharedMemory block, boolean spsc, long capacity) throws ShmException {
        this.block = block;
        memory = block.attach(AttachMode.READ_WRITE, arena);
        ring = spsc ? SpscRingBuffer.create(memory, capacity) : MpscRingBuffer.create(memory, capacity);
    }

    public static TestRing mpsc(Blocks blocks, long capacity) throws ShmException {
        return new TestRing(blocks.create(MpscRingBuffer.sizeFor(capacity)), false, capacity);
    }

    public static TestRing spsc(Blocks blocks, long capacity) throws ShmException {
        return new TestRing(blocks.create(SpscRingBuffer.sizeFor(capacity)), true, capacity);
    }

    public SharedMemory block() {
        return block;
    }

    public MemorySegment memory() {
        return memory;
    }

    /** The block as an argument of the command line. */
    @Override
    public String toString() {
        return "id:" + block.id();
    }

    public ShmKey key() throws ShmException {
        return block.status().key();
    }

    public RingStatistics statistics() {
        return ring.statistics();
    }

    public void send(int type, String message) {
        assertTrue(producer().write(type, MemorySegment.ofArray(message.getBytes(StandardCharsets.UTF_8))), "room");
    }

    private RingProducer producer() {
        if (producer == null) {
            producer = ring.producer();
        }
        return producer;
    }

    /** Claims all room there is and gives it up again, so that none is left until a consumer has passed by. */
    public void fillWithNothing() {
        Claim claim = new Claim();
        while (producer().tryClaim(1, 0, claim)) {
            claim.abort();
        }
    }

    /** Gives back the producer's role that sending takes. */
    public void endSending() {
        producer().close();
        producer = null;
    }

    /** Reads all messages, for which there must be no other consumer. */
    public List<String> drain() {
        List<String> messages = new ArrayList<>();
        try (RingConsumer consumer = ring.consumer()) {
            consumer.read((type, source, offset, length) -> messages.add(new String(
                    source.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8)),
                    Integer.MAX_VALUE);
        }
        return messages;
    }

    /** Waits until the ring's numbers are as they should be, which a process of its own sees to. */
    public void await(String what, Child.Running process, Predicate<RingStatistics> condition) {
        Patience patience = Patience.with(process);
        while (!condition.test(ring.statistics())) {
            assertTrue(process.isAlive(), () -> "it ended instead of " + what + ": " + process.await());
            patience.pause(() -> "waited in vain for " + what + ": " + ring.statistics());
        }
    }

    public void awaitConsumer(Child.Running process) {
        await("being the consumer", process,
                statistics -> statistics.consumer().liveness() == RingStatistics.Liveness.ALIVE);
    }

    @Override
    public void close() {
        arena.close();
    }
}
