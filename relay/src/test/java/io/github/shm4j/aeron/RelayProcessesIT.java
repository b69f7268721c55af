package io.github.shm4j.aeron;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ring.MpscRingBuffer;
import io.github.shm4j.ring.RingBuffer;
import io.github.shm4j.ring.RingConsumer;
import io.github.shm4j.ring.RingProducer;
import io.github.shm4j.ring.RingStatistics.Liveness;
import io.github.shm4j.ring.SpscRingBuffer;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Patient;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The program over the loopback interface, killed, stopped, and with a media driver that is restarted. */
@Patient
class RelayProcessesIT {

    private static final int KILLS = Integer.getInteger("shm4j.relay.kills", 4);
    private static final long SEED = Long.getLong("shm4j.relay.seed", System.nanoTime());

    /** For how long a side is stopped; for more than 10 seconds, Aeron gives it up. */
    private static final int STOP_SECONDS = Integer.getInteger("shm4j.relay.stop.seconds", 0);

    /** For how long a side starts, at most, when it is killed in that. */
    private static final int STARTING_MILLIS = 1500;

    private static final int CAPACITY = 64 * 1024;
    private static final int LONGEST = CAPACITY / 8;

    private final Blocks blocks = new Blocks();
    private final Arena arena = Arena.ofShared();
    private final Random random = new Random(SEED);
    private final int port = RelayProgram.freePorts();
    private ShmKey sourceKey;
    private ShmKey destinationKey;
    private ShmKey journalKey;
    private RingBuffer source;
    private SpscRingBuffer destination;
    private RingProducer producer;
    private RingConsumer consumer;
    private Traffic traffic;

    @BeforeEach
    void createRings() throws Exception {
        sourceKey = blocks.freeKey();
        destinationKey = blocks.freeKey();
        journalKey = blocks.freeKey();
        source = MpscRingBuffer.create(sourceKey, CAPACITY, arena);
        destination = SpscRingBuffer.create(destinationKey, CAPACITY, arena);
        producer = source.producer();
        consumer = destination.consumer();
        traffic = new Traffic(producer, consumer, LONGEST, SEED);
    }

    @AfterEach
    void removeRings() throws Exception {
        producer.close();
        consumer.close();
        arena.close();
        blocks.close();
        RelayProgram.assertNothingLeft(sourceKey, destinationKey);
    }

    @Test
    void shouldCarryEachMessageOnceWhoeverIsKilled() throws Exception {
        Child.Running sender = RelayProgram.send(sourceKey, port);
        Child.Running receiver = RelayProgram.receive(destinationKey, journalKey, port);
        try {
            traffic.carry(500);
            for (int i = 0; i < KILLS; i++) {
                if (i % 4 < 2) {
                    traffic.carryAndWrite(traffic.read() + 1 + random.nextInt(2000));
                } else {
                    // Its predecessor was killed just before: this one may not have begun yet.
                    traffic.writeFor(random.nextInt(STARTING_MILLIS));
                }
                boolean ofSender = i % 4 == 0 || i % 4 == 3;
                (ofSender ? sender : receiver).kill();
                if (ofSender) {
                    sender = RelayProgram.send(sourceKey, port);
                } else {
                    receiver = RelayProgram.receive(destinationKey, journalKey, port);
                }
            }
            // By these, the last successor has begun its work.
            traffic.carry(traffic.written() + 500);
            awaitConfirmed();
            RelayProgram.end(sender);
            RelayProgram.end(receiver);
            // Nothing comes twice.
            assertEquals(0, traffic.read(1));
            assertEquals(0, source.backlog());
            assertEquals(Liveness.NOBODY, source.statistics().consumer().liveness());
            assertTrue(destination.statistics().producers().isEmpty());
        } catch (Throwable failure) {
            throw new AssertionError("shm4j.relay.seed=" + SEED + ", sender " + ended(sender) + ", receiver "
                    + ended(receiver), failure);
        } finally {
            sender.close();
            receiver.close();
        }
    }

    private static String ended(Child.Running program) {
        return program.isAlive() ? "is alive" : "has ended: " + program.await();
    }

    @Test
    void shouldResumeWithASideThatWasStoppedAndADestinationThatWasFull() throws Exception {
        try (Child.Running sender = RelayProgram.send(sourceKey, port);
                Child.Running receiver = RelayProgram.receive(destinationKey, journalKey, port)) {
            traffic.carry(500);
            traffic.fill();
            assertTrue(destination.backlog() > CAPACITY / 2, "backlog " + destination.backlog());
            traffic.carry(traffic.written());
            for (Child.Running stopped : new Child.Running[] {receiver, sender}) {
                stopped.signal("STOP");
                traffic.fill();
                Thread.sleep(STOP_SECONDS * 1000L);
                stopped.signal("CONT");
                traffic.carry(traffic.written() + 500);
            }
            // Those who come second are refused, and end with an error.
            Child.Result second = RelayProgram.send(sourceKey, port).await();
            assertEquals(1, second.exit(), second.toString());
            assertTrue(second.err().contains("the ring has a consumer already: process " + sender.pid()), second.err());
            Child.Result another = RelayProgram.receive(destinationKey, journalKey, port).await();
            assertEquals(1, another.exit(), another.toString());
            assertTrue(another.err().contains("has a producer already: process " + receiver.pid()), another.err());
            traffic.carry(traffic.written());
            awaitConfirmed();
            // What either of them is at work in is removed.
            assertEndsWithout(sourceKey, sender);
            assertEndsWithout(journalKey, receiver);
        }
    }

    @Test
    void shouldGoOnWithADriverThatWasRestarted() throws Exception {
        String directory = Path.of("/dev/shm", "shm4j-relay-test-" + sourceKey).toString();
        MediaDriver driver = launch(directory);
        try (Child.Running sender = RelayProgram.send(sourceKey, port, "--aeron-dir", directory, "--json");
                Child.Running receiver = RelayProgram.receive(
                        destinationKey, journalKey, port, "--aeron-dir", directory, "--metrics")) {
            traffic.carry(500);
            driver.close();
            driver = launch(directory);
            traffic.carry(traffic.written() + 500);
            traffic.carry(traffic.written());
            awaitConfirmed();
            receiver.signal("TERM");
            String rows = receiver.await().out();
            assertTrue(rows.contains(
                    "CARRIED MESSAGES    " + traffic.read() + "\nCARRIED UP TO       " + source.producerPosition()
                            + "\nGAPS                0\nAWAY SINCE          "),
                    rows);
            sender.signal("TERM");
            Child.Result sent = sender.await();
            String last = sent.lines().getLast();
            assertTrue(last.matches("\\{\"messagessent\":\\d+,\"sentposition\":" + source.producerPosition()
                    + ",\"acknowledgedposition\":" + source.producerPosition()
                    + ",\"awaysince\":(null|\"[0-9T:Z-]+\")}"),
                    sent.toString());
        } finally {
            driver.close();
        }
    }

    private static void assertEndsWithout(ShmKey key, Child.Running side) throws Exception {
        SharedMemory removed = SharedMemory.open(key);
        removed.remove();
        Child.Result result = side.await();
        assertEquals(1, result.exit(), result.toString());
        assertTrue(result.err().contains("block " + removed.id() + ", was removed"), result.err());
    }

    private void awaitConfirmed() throws Exception {
        Patience.await("everything has left the source ring", () -> source.backlog() == 0);
    }

    private static MediaDriver launch(String directory) {
        return MediaDriver.launch(new MediaDriver.Context()
                .aeronDirectoryName(directory)
                .dirDeleteOnStart(true)
                .dirDeleteOnShutdown(true)
                .termBufferSparseFile(true)
                .threadingMode(ThreadingMode.SHARED)
                .sharedIdleStrategy(Connection.idle()));
    }
}
