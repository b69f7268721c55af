package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Peers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Rings between processes that are killed, stopped and continued.
 *
 * <p>The property {@code shm4j.ring.kills} says how many processes to kill in each test that kills at random moments, and
 * {@code shm4j.ring.messages} how many messages to send when nobody is killed.
 */
@Timeout(7200)
class RingProcessesIT {

    private static final int KILLS = Integer.getInteger("shm4j.ring.kills", 5);
    private static final long MESSAGES = Long.getLong("shm4j.ring.messages", 200_000);
    private static final long PATIENCE_SECONDS = 60;
    private static final int CAPACITY = 1 << 16;

    private final Blocks blocks = new Blocks();
    private final Arena arena = Arena.ofShared();
    private final List<Child.Running> children = new ArrayList<>();

    private SharedMemory block;
    private MemorySegment memory;

    private RingBuffer create(Rings kind, int capacity) throws ShmException {
        block = blocks.create(kind.sizeFor(capacity));
        memory = block.attach(AttachMode.READ_WRITE, arena);
        return kind.create(memory, capacity);
    }

    private Child.Running peer(Object... arguments) {
        return started(Child.java(Peer.class, arguments));
    }

    private Child.Running started(Child child) {
        Child.Running running = child.start();
        children.add(running);
        return running;
    }

    @AfterEach
    void cleanUp() throws ShmException {
        children.forEach(Child.Running::close);
        blocks.close();
        arena.close();
    }

    /** Says what a long run has seen. */
    private static void report(String line) {
        if (KILLS >= 100) {
            System.out.println(line);
        }
    }

    /** A thread of this process that reads all the time and fails the test if a message is not as it should be. */
    private final class Reader implements AutoCloseable {

        final Peer.Journal journal = new Peer.Journal(arena.allocate(8L * (KILLS + 16), 8));
        private final Thread thread;
        private volatile boolean done;
        private volatile Throwable failure;

        Reader(RingBuffer ring) {
            thread = Thread.ofPlatform().start(() -> {
                try {
                    while (!done) {
                        ring.read(journal, 100);
                    }
                } catch (Throwable thrown) {
                    failure = thrown;
                }
            });
        }

        /** Waits until a number of messages of one producer have come, which it has written before it was killed. */
        void awaitMoreThan(long messages, int producer) throws InterruptedException {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            while (journal.count(producer) <= messages) {
                assertTrue(System.nanoTime() - deadline < 0, "producer " + producer + " was not delivered");
                assertNull(failure);
                Thread.sleep(1);
            }
        }

        /** Waits until more messages have come. */
        void awaitProgress() throws InterruptedException {
            long messages = journal.messages;
            while (journal.messages == messages) {
                Thread.sleep(1);
                assertNull(failure);
                assertTrue(thread.isAlive());
            }
        }

        @Override
        public void close() {
            done = true;
            try {
                thread.join();
            } catch (InterruptedException interrupted) {
                throw new AssertionError(interrupted);
            }
            if (failure != null) {
                throw new AssertionError(failure);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldDeliverEverythingInOrder(Rings kind) throws Exception {
        RingBuffer ring = create(kind, CAPACITY);
        int producers = kind == Rings.SPSC ? 1 : 3;
        try (Reader reader = new Reader(ring)) {
            for (int i = 0; i < producers; i++) {
                peer("produce", block.id(), i, MESSAGES / producers);
            }
            for (Child.Running child : children) {
                child.await().ok();
            }
            while (reader.journal.messages < MESSAGES / producers * producers) {
                reader.awaitProgress();
            }
            assertEquals(0, reader.journal.again);
        }
        RingStatistics statistics = ring.statistics();
        assertEquals(MESSAGES / producers * producers, statistics.messagesWritten());
        assertEquals(MESSAGES / producers * producers, statistics.messagesRead());
        assertEquals(statistics.bytesWritten(), statistics.bytesRead());
        assertEquals(0, statistics.recordsSkipped());
        assertEquals(List.of(), statistics.producers());
    }

    @ParameterizedTest
    @EnumSource
    void shouldLoseNothingThatAKilledProducerHasCommitted(Rings kind) throws Exception {
        RingBuffer ring = create(kind, CAPACITY);
        SplittableRandom random = new SplittableRandom();
        try (Reader reader = new Reader(ring)) {
            Child.Running steady = kind == Rings.MPSC ? peer("produce", block.id(), KILLS, Long.MAX_VALUE) : null;
            for (int i = 0; i < KILLS; i++) {
                Child.Running victim = peer("produce", block.id(), i, Long.MAX_VALUE);
                assertEquals("ready", victim.line());
                Thread.sleep(random.nextInt(30));
                victim.kill();
                children.remove(victim);
                if (steady != null) {
                    reader.awaitProgress();
                    reader.awaitProgress();
                    assertTrue(steady.isAlive());
                }
            }
            for (int i = 0; i < KILLS; i++) {
                reader.awaitMoreThan(10, i);
            }
            assertEquals(0, reader.journal.again);
        }
        report(kind + ": " + KILLS + " producers killed, " + ring.statistics());
    }

    @ParameterizedTest
    @EnumSource
    void shouldGoOnWhereAKilledConsumerWas(Rings kind) throws Exception {
        RingBuffer ring = create(kind, CAPACITY);
        SharedMemory journal = blocks.create(4096);
        SplittableRandom random = new SplittableRandom();
        for (int i = 0; i < (kind == Rings.SPSC ? 1 : 2); i++) {
            peer("produce", block.id(), i, Long.MAX_VALUE);
        }
        int again = 0;
        for (int i = 0; i < KILLS; i++) {
            Child.Running victim = peer("consume", block.id(), journal.id());
            String[] ready = victim.line().split(" ");
            assertEquals("ready", ready[0]);
            again += Integer.parseInt(ready[1]);
            Thread.sleep(random.nextInt(30));
            Child.Result result = victim.kill();
            children.remove(victim);
            assertEquals("", result.err());
        }
        MemorySegment counts = journal.attach(AttachMode.READ_ONLY, arena);
        assertTrue(Rings.getLong(counts, 0) > 100L * KILLS / 2);
        assertTrue(again <= KILLS);
        report(kind + ": " + KILLS + " consumers killed, " + again + " messages delivered again, "
                + ring.statistics());
    }

    @ParameterizedTest
    @EnumSource
    void shouldDeliverAgainTheMessageInWhoseHandlerTheConsumerWasKilled(Rings kind) throws Exception {
        RingBuffer ring = create(kind, 1024);
        assertTrue(ring.write(Rings.TYPE, Rings.message("first")));
        assertTrue(ring.write(Rings.TYPE, Rings.message("second")));
        Child.Running consumer = peer("hold", block.id());
        assertEquals("handling first", consumer.line());
        RingBuffer successor = kind.open(memory);
        assertThrows(RingOccupiedException.class, () -> Rings.read(successor, 1));
        consumer.signal("STOP");
        assertThrows(RingOccupiedException.class, () -> Rings.read(successor, 1));
        consumer.kill();
        assertEquals(List.of("first", "second"), Rings.read(successor, 9));
    }

    @ParameterizedTest
    @EnumSource
    void shouldTellProducersThatThereIsNoRoomWhenTheConsumerIsGone(Rings kind) throws Exception {
        RingBuffer ring = create(kind, 256);
        Child.Running consumer = peer("hold", block.id());
        assertTrue(ring.write(Rings.TYPE, Rings.message("first")));
        assertEquals("handling first", consumer.line());
        consumer.kill();
        int written = 1;
        while (ring.write(Rings.TYPE, Rings.message("later"))) {
            written++;
        }
        assertEquals(RingStatistics.Liveness.ENDED, ring.statistics().consumer().liveness());
        assertEquals(written, Rings.readAll(ring, written).size());
        assertTrue(ring.write(Rings.TYPE, Rings.message("room")));
    }

    @Test
    void shouldSkipTheClaimOfAKilledProducerOnly() throws Exception {
        RingBuffer ring = create(Rings.MPSC, 1024);
        Child.Running stopped = peer("claim", block.id(), "stopped");
        assertEquals("claimed", stopped.line());
        Child.Running killed = peer("claim", block.id(), "killed");
        assertEquals("claimed", killed.line());
        assertTrue(ring.write(Rings.TYPE, Rings.message("last")));
        stopped.signal("STOP");
        killed.kill();
        // The stopped one comes first, and it lives.
        for (int i = 0; i < 200_000; i++) {
            assertEquals(List.of(), Rings.read(ring, 1));
        }
        stopped.signal("CONT");
        stopped.send("commit");
        assertEquals("committed", stopped.line());
        assertEquals(List.of("stopped", "last"), Rings.readAll(ring, 2));
        assertEquals(1, ring.statistics().recordsSkipped());
    }

    @Test
    void shouldDeliverWhatAStoppedProducerCommitsAfterARecovery() throws Exception {
        RingBuffer ring = create(Rings.MPSC, 1024);
        Child.Running killed = peer("claim", block.id(), "killed");
        assertEquals("claimed", killed.line());
        Child.Running stopped = peer("claim", block.id(), "stopped");
        assertEquals("claimed", stopped.line());
        stopped.signal("STOP");
        killed.kill();
        while (ring.statistics().recordsSkipped() == 0) {
            assertEquals(List.of(), Rings.read(ring, 1));
        }
        // As much as fits comes after it: nothing of that may be overwritten.
        int written = 0;
        while (ring.write(Rings.TYPE, Rings.message("after"))) {
            written++;
        }
        stopped.signal("CONT");
        stopped.send("commit");
        assertEquals("committed", stopped.line());
        List<String> all = Rings.readAll(ring, written + 1);
        assertEquals("stopped", all.get(0));
        assertEquals(written, all.stream().filter("after"::equals).count());
        assertEquals(List.of(), Rings.read(ring, 1));
    }

    @Test
    void shouldKeepThePlaceOfAStoppedProducerForIt() throws Exception {
        RingBuffer ring = create(Rings.SPSC, 1024);
        Child.Running stopped = peer("claim", block.id(), "mine");
        assertEquals("claimed", stopped.line());
        stopped.signal("STOP");
        RingOccupiedException refused =
                assertThrows(RingOccupiedException.class, () -> ring.write(Rings.TYPE, Rings.message("not mine")));
        assertTrue(refused.getMessage().contains("" + stopped.pid()), refused.getMessage());
        stopped.signal("CONT");
        stopped.send("commit");
        assertEquals("committed", stopped.line());
        assertEquals(List.of("mine"), Rings.read(ring, 9));
        stopped.kill();
        assertTrue(ring.write(Rings.TYPE, Rings.message("mine now")));
        assertEquals(List.of("mine now"), Rings.read(ring, 9));
    }

    /** A process that nobody has waited for keeps its number, but does nothing any more. */
    @Test
    void shouldTakeAZombieForEnded() throws Exception {
        RingBuffer ring = create(Rings.MPSC, 1024);
        Child.Running parent = started(Child.command(
                "sh",
                "-c",
                "\"$@\" & echo $!; exec sleep 600",
                "sh",
                System.getProperty("java.home") + "/bin/java",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                Child.classPath(),
                Peer.class.getName(),
                "abandon",
                block.id(),
                "zombie"));
        long pid = Long.parseLong(parent.line());
        assertEquals("claimed", parent.line());
        assertTrue(ring.write(Rings.TYPE, Rings.message("after")));
        Child.command("kill", "-9", pid).run().ok();
        assertEquals(List.of("after"), Rings.readAll(ring, 1));
        assertTrue(Files.exists(Path.of("/proc", "" + pid)), "still there as a zombie");
        assertEquals(1, ring.statistics().recordsSkipped());
    }

    @Test
    void shouldNeverJudgeAProcessOfAnotherPidNamespace() throws Exception {
        Peers.require(
                Child.canChangeUser() && Child.exists("unshare") && Child.command("unshare", "-pf", "true").run().exit()
                        == 0,
                "unshare -pf");
        RingBuffer ring = create(Rings.MPSC, 1024);
        Child.Running elsewhere = started(Child.java(Peer.class, "abandon", block.id(), "elsewhere")
                .under("unshare", "-pf", "--kill-child"));
        assertEquals("claimed", elsewhere.line());
        assertTrue(ring.write(Rings.TYPE, Rings.message("after")));
        assertTrue(ring.statistics().producers().stream()
                .anyMatch(party -> party.liveness() == RingStatistics.Liveness.UNKNOWN));
        elsewhere.kill();
        for (int i = 0; i < 200_000; i++) {
            assertEquals(List.of(), Rings.read(ring, 1));
        }
        assertEquals(0, ring.statistics().recordsSkipped());
    }

    @Test
    void shouldSayThatTheCreatorHasEndedBeforeTheRingWasComplete() throws Exception {
        // The larger the ring, the longer its creation takes. If it was not long enough, the next one is longer.
        for (long capacity = 1 << 25; capacity <= 1L << 30; capacity *= 2) {
            try (Blocks attempt = new Blocks();
                    Arena mapped = Arena.ofConfined()) {
                SharedMemory large = attempt.create(MpscRingBuffer.sizeFor(capacity));
                MemorySegment header = large.attach(AttachMode.READ_WRITE, mapped).asSlice(0, 4096);
                Child.Running creator = peer("create", large.id(), capacity);
                assertEquals("ready", creator.line());
                while ((long) Layout.LONG.getAcquire(header, Layout.CREATOR_OFFSET) == 0) {
                    Thread.onSpinWait();
                }
                creator.kill();
                if ((int) Layout.INT.getAcquire(header, Layout.VERSION_OFFSET) == 0) {
                    RingFormatException incomplete = assertThrows(
                            RingFormatException.class, () -> MpscRingBuffer.open(header, Duration.ofMillis(10)));
                    String message = incomplete.getMessage();
                    assertTrue(message.contains("process " + creator.pid() + ", which has ended"), message);
                    return;
                }
            }
        }
        assertFalse(true, "no creator was killed early enough");
    }
}
