package io.github.shm4j.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.broadcast.BroadcastRing;
import io.github.shm4j.ring.MpscRingBuffer;
import io.github.shm4j.ring.RequestHandler;
import io.github.shm4j.ring.RingConsumer;
import io.github.shm4j.ring.RingPair;
import io.github.shm4j.ring.RingProducer;
import io.github.shm4j.ring.RingServer;
import io.github.shm4j.ring.SpscRingBuffer;
import io.github.shm4j.state.LatestValue;
import io.github.shm4j.state.LatestValueWriter;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Patient;
import io.github.shm4j.support.Peers;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Python at one side, which is killed, and Java at the other.
 *
 * <p>The property {@code shm4j.peers.python.kills} says how many processes to kill in each test, and {@code shm4j.peers.hostile}
 * how many rounds run in memory that is overwritten.
 */
@Patient
class PythonIT {

    private static final int KILLS = Integer.getInteger("shm4j.peers.python.kills", 6);
    private static final int HOSTILE_ROUNDS = Integer.getInteger("shm4j.peers.hostile", 2000) / 4;

    private static final int CAPACITY = 4096;

    @TempDir
    private Path directory;

    private final Blocks blocks = new Blocks();
    private final Arena arena = Arena.ofShared();
    private SharedMemory block;
    private SpscRingBuffer ring;

    @AfterEach
    void cleanUp() throws ShmException {
        arena.close();
        blocks.close();
    }

    private void createRing() throws ShmException {
        block = blocks.create(SpscRingBuffer.sizeFor(CAPACITY));
        ring = SpscRingBuffer.create(block.attach(AttachMode.READ_WRITE, arena), CAPACITY);
    }

    private Child python(Object... arguments) throws IOException {
        Path script = directory.resolve("peer.py");
        if (Files.notExists(script)) {
            Files.writeString(script, HeaderIT.resource("peer.py"));
        }
        List<Object> command = new ArrayList<>(List.of(
                "env", "PYTHONPATH=" + Peers.PEERS, Peers.python39(), "-B", "-W", "error", script));
        command.addAll(List.of(arguments));
        return Child.command(command.toArray());
    }

    private static void kill(Child.Running victim) {
        Child.Result result = victim.kill();
        assertEquals(128 + 9, result.exit(), result.err());
    }

    /** What has come of each producer, whose messages have to be whole and in order. */
    private final class Counts {

        private final MemorySegment counts;
        private int messages;

        /** Whether the next message may have been delivered to a consumer that was killed then. */
        private boolean again;

        Counts(MemorySegment counts) {
            this.counts = counts;
        }

        long of(long number) {
            return (long) ValueLayout.JAVA_LONG.varHandle().getAcquire(counts, 8 * number);
        }

        int read(RingConsumer consumer, int limit) {
            return consumer.read((type, memory, offset, length) -> {
                MemorySegment message = memory.asSlice(offset, length);
                long number = message.get(ValueLayout.JAVA_LONG, 0);
                long sequence = message.get(ValueLayout.JAVA_LONG, 8);
                assertEquals(HeaderIT.checksum(message), message.get(ValueLayout.JAVA_LONG, 16));
                if (!again || sequence != of(number) - 1) {
                    assertEquals(of(number), sequence);
                }
                again = false;
                messages++;
                ValueLayout.JAVA_LONG.varHandle().setRelease(counts, 8 * number, sequence + 1);
            }, limit);
        }
    }

    @Test
    void shouldLoseNothingThatAKilledProducerHasCommitted() throws Exception {
        createRing();
        SharedMemory notesBlock = blocks.create(4096);
        MemorySegment notes = notesBlock.attach(AttachMode.READ_WRITE, arena);
        Counts counts = new Counts(arena.allocate(8L * (2 * KILLS + 1), 8));
        SplittableRandom random = new SplittableRandom();
        try (RingConsumer consumer = ring.consumer()) {
            for (int i = 0; i < KILLS; i++) {
                notes.asSlice(16L * (i % 100), 16).fill((byte) 0);
                try (Child.Running victim = python("produce", block.id(), notesBlock.id(), i % 100).start()) {
                    Patience patience = Patience.with(victim);
                    long enough = random.nextInt(1, 300);
                    while (counts.of(i) < enough) {
                        assertTrue(victim.isAlive(), () -> victim.await().err());
                        if (counts.read(consumer, 10) == 0) {
                            patience.pause(() -> "Python writes nothing");
                        }
                    }
                    LockSupport.parkNanos(random.nextInt(1_000_000));
                    kill(victim);
                }
                if (i % 2 == 0) {
                    try (RingProducer successor = ring.producer()) {
                        while (!successor.write(1, HeaderIT.message(KILLS + i, 0, 50))) {
                            counts.read(consumer, 1);
                        }
                    }
                }
                while (counts.read(consumer, 100) != 0) {
                    // Until all of it is there.
                }
                long intended = notes.get(ValueLayout.JAVA_LONG, 16L * (i % 100));
                long done = notes.get(ValueLayout.JAVA_LONG, 16L * (i % 100) + 8);
                long delivered = counts.of(i);
                assertTrue(done <= delivered && delivered <= intended,
                        () -> done + " <= " + delivered + " <= " + intended);
                assertEquals(i % 2 == 0 ? 1 : 0, counts.of(KILLS + i));
            }
        }
        assertEquals(ring.producerPosition(), ring.consumerPosition());
    }

    @Test
    void shouldGoOnWhereAKilledConsumerWas() throws Exception {
        createRing();
        SharedMemory journal = blocks.create(4096);
        Counts counts = new Counts(journal.attach(AttachMode.READ_WRITE, arena));
        SplittableRandom random = new SplittableRandom();
        AtomicBoolean done = new AtomicBoolean();
        Thread producing = Thread.ofPlatform().start(() -> {
            try (RingProducer producer = ring.producer()) {
                for (long sequence = 0; !done.get();) {
                    if (producer.write(1, HeaderIT.message(0, sequence, (int) (sequence % 100)))) {
                        sequence++;
                    } else {
                        LockSupport.parkNanos(100_000);
                    }
                }
            }
        });
        try {
            for (int i = 0; i < KILLS; i++) {
                try (Child.Running victim = python("consume", block.id(), journal.id()).start()) {
                    Patience patience = Patience.with(victim);
                    long enough = counts.of(0) + random.nextInt(1, 300);
                    while (counts.of(0) < enough) {
                        assertTrue(victim.isAlive(), () -> victim.await().err());
                        patience.pause(() -> "Python reads nothing");
                    }
                    LockSupport.parkNanos(random.nextInt(1_000_000));
                    kill(victim);
                }
                if (i % 2 == 0) {
                    try (RingConsumer successor = ring.consumer()) {
                        counts.again = true;
                        counts.messages = 0;
                        Patience patience = Patience.withAll();
                        while (counts.messages < 20) {
                            if (counts.read(successor, 20) == 0) {
                                patience.pause(() -> "nothing comes");
                            }
                        }
                    }
                }
            }
        } finally {
            done.set(true);
            Patience.join(producing);
        }
    }

    /** The long record takes Python so long to copy that the writer comes around now and then. */
    @ParameterizedTest
    @ValueSource(ints = {64, 40_000})
    void shouldReadWholeRecordsOnly(int size) throws Exception {
        block = blocks.create(LatestValue.sizeFor(size));
        LatestValue value = LatestValue.create(block.attach(AttachMode.READ_WRITE, arena), size);
        long[] record = new long[size / 8];
        long last = 20_000;
        try (Child.Running reader = python("value", block.id(), last).start();
                LatestValueWriter writer = value.writer()) {
            Patience patience = Patience.with(reader);
            for (long version = 1; version <= last; version++) {
                Arrays.fill(record, version);
                assertEquals(version, writer.write(MemorySegment.ofArray(record)));
                if (version % 100 == 0) {
                    patience.renewIfChanged(version);
                    Thread.sleep(1);
                }
            }
            assertEquals("read True up to " + last, reader.await().ok().strip());
        }
    }

    /** Python is stopped while the ring goes around: what it has got and lost are all messages. */
    @Test
    void shouldReadABroadcastOrLearnWhatItHasLost() throws Exception {
        block = blocks.create(BroadcastRing.sizeFor(CAPACITY));
        BroadcastRing broadcast = BroadcastRing.create(block.attach(AttachMode.READ_WRITE, arena), CAPACITY);
        try (Child.Running reader = python("broadcast", block.id()).start()) {
            SlowReader.lap(reader, broadcast, 400);
        }
    }

    /** A reply belongs to one request, also where that was given up, or its client was killed. */
    @Test
    void shouldBeTheClientOfAServerInJava() throws Exception {
        block = blocks.create(RingPair.sizeFor(1024));
        RingPair pair = RingPair.create(block.attach(AttachMode.READ_WRITE, arena), 1024);
        Semaphore late = new Semaphore(0);
        Semaphore handling = new Semaphore(0);
        AtomicBoolean done = new AtomicBoolean();
        RequestHandler handler = (type, memory, offset, length, reply) -> {
            if (type == 7) {
                throw new IllegalArgumentException("no such thing");
            }
            if (type == 8) {
                handling.release();
                late.acquireUninterruptibly();
            }
            byte[] bytes = memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
            for (int i = 0; i < length / 2; i++) {
                byte first = bytes[i];
                bytes[i] = bytes[length - 1 - i];
                bytes[length - 1 - i] = first;
            }
            reply.send(type + 1, MemorySegment.ofArray(bytes));
        };
        List<Throwable> thrown = new CopyOnWriteArrayList<>();
        Thread serving = Thread.ofPlatform().start(() -> {
            try (RingServer server = pair.server()) {
                while (!done.get()) {
                    try {
                        server.serve(handler, Duration.ofMillis(20));
                    } catch (IllegalArgumentException | InterruptedException failure) {
                        thrown.add(failure);
                    }
                }
            }
        });
        try (Child.Running client = python("client", block.id()).start()) {
            for (int refusals = 0; refusals < 5; refusals++) {
                client.line();
            }
            assertEquals("gave up", client.line());
            Patience.await("the server handles it", handling::tryAcquire);
            late.release();
            client.send("go on");
            assertEquals("waits", client.line());
            Patience.await("the server handles it", handling::tryAcquire);
            kill(client);
            late.release();
            List<String> said = python("again", block.id()).run().ok().lines().toList();
            assertEquals("Message(type=5, data=b'niaga')", said.getFirst());
            assertEquals(2, said.size(), said::toString);
        } finally {
            late.release(2);
            done.set(true);
            Patience.join(serving);
        }
        assertEquals(1, thrown.size(), thrown::toString);
    }

    @Test
    void shouldBeRefusedWhatIsWrong() throws Exception {
        createRing();
        // A ring whose longest message has 128 bytes, and whose consumer is this process.
        SharedMemory small = blocks.create(SpscRingBuffer.sizeFor(1024));
        SpscRingBuffer occupied = SpscRingBuffer.create(small.attach(AttachMode.READ_WRITE, arena), 1024);
        SharedMemory many = blocks.create(MpscRingBuffer.sizeFor(1024));
        MpscRingBuffer.create(many.attach(AttachMode.READ_WRITE, arena), 1024);
        SharedMemory value = blocks.create(LatestValue.sizeFor(8));
        LatestValue.create(value.attach(AttachMode.READ_WRITE, arena), 8);
        try (RingConsumer _ = occupied.consumer()) {
            String said = python("refusals", small.id(), many.id(), value.id()).run().ok();
            List<String> lines = said.lines().toList();
            assertEquals("False", lines.getLast(), said);
            assertEquals(15, lines.size(), said);
            assertFalse(said.contains("Traceback"), said);
        }
    }

    @Test
    void shouldNeverLeaveTheMemoryWhateverIsInIt() throws IOException {
        long seed = new SplittableRandom().nextLong(1L << 62);
        Child.Result result = python("hostile", seed, HOSTILE_ROUNDS).run();
        assertEquals(0, result.exit(), () -> "seed " + seed + ": " + result.out() + result.err());
        assertEquals("True True", result.out().strip(), () -> "seed " + seed);
    }
}
