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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Rings between processes that are killed, stopped and continued.
 *
 * <p>The property {@code shm4j.ring.kills} says how many JVMs to kill in each test that kills at random moments, {@code
 * shm4j.ring.c.kills} how many programs in C, which start a hundred times faster; {@code shm4j.ring.messages} says how many
 * messages to send when nobody is killed.
 */
@Timeout(7200)
class RingProcessesIT {

    private static final int KILLS = Integer.getInteger("shm4j.ring.kills", 5);
    private static final int C_KILLS = Integer.getInteger("shm4j.ring.c.kills", 50);
    private static final long MESSAGES = Long.getLong("shm4j.ring.messages", 300_000);

    /** How many JVMs are started before they are needed. */
    private static final int AHEAD = 2;

    private static final long PATIENCE_SECONDS = 60;
    private static final Duration PAUSE = Duration.ofMillis(1);
    private static final int CAPACITY = 1 << 16;

    @TempDir
    private Path directory;

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
        if (KILLS >= 100 || C_KILLS >= 100) {
            System.out.println(line);
        }
    }

    /** A thread of this process that reads all the time and fails the test if a message is not as it should be. */
    private final class Reader implements AutoCloseable {

        final Peer.Journal journal = new Peer.Journal(arena.allocate(8L * (KILLS + C_KILLS + 16), 8));
        private final Thread thread;
        private volatile boolean done;
        private volatile Throwable failure;

        Reader(RingBuffer ring) {
            thread = Thread.ofPlatform().start(() -> {
                try {
                    while (!done) {
                        if (ring.read(journal, 100) == 0) {
                            ring.awaitMessage(WaitStrategy.KERNEL, PAUSE);
                        }
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

    /** JVMs that wait to be told that they are the next victim. */
    private final class Victims {

        private final Deque<Child.Running> waiting = new ArrayDeque<>();
        private final IntFunction<Child.Running> start;
        private int started;

        Victims(IntFunction<Child.Running> start) {
            this.start = start;
        }

        Child.Running next() {
            while (waiting.size() <= AHEAD && started < KILLS) {
                waiting.add(start.apply(started++));
            }
            Child.Running victim = waiting.remove();
            victim.send("begin");
            return victim;
        }

        Child.Result kill(Child.Running victim) {
            Child.Result result = victim.kill();
            children.remove(victim);
            return result;
        }
    }

    /** Several sizes: in the smallest ring a message has to wait for another one to be read most of the time. */
    static Stream<Arguments> kindsAndCapacities() {
        return Arrays.stream(Rings.values())
                .flatMap(kind -> Stream.of(1 << 10, CAPACITY, 1 << 20).map(capacity -> Arguments.of(kind, capacity)));
    }

    /** Each process is stopped at random moments, and continued. */
    @ParameterizedTest
    @MethodSource("kindsAndCapacities")
    void shouldDeliverEverythingInOrder(Rings kind, int capacity) throws Exception {
        RingBuffer ring = create(kind, capacity);
        SharedMemory journal = blocks.create(4096);
        MemorySegment counts = journal.attach(AttachMode.READ_ONLY, arena);
        int producers = kind == Rings.SPSC ? 1 : 3;
        long messages = MESSAGES / producers;
        for (int i = 0; i < producers; i++) {
            peer("produce", block.id(), i, messages, "stay");
        }
        Child.Running consumer = peer("consume", block.id(), journal.id());
        SplittableRandom random = new SplittableRandom();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        long total = 0;
        while (total < messages * producers) {
            assertTrue(consumer.isAlive(), () -> consumer.await().err());
            Child.Running stopped = children.get(random.nextInt(children.size()));
            stopped.signal("STOP");
            Thread.sleep(random.nextInt(5));
            stopped.signal("CONT");
            Thread.sleep(random.nextInt(20));
            long now = 0;
            for (int i = 0; i < producers; i++) {
                now += (long) Layout.LONG.getAcquire(counts, 8L * i);
            }
            if (now != total) {
                total = now;
                deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            }
            assertTrue(System.nanoTime() - deadline < 0, "nothing happens any more");
        }
        for (Child.Running child : children) {
            if (child != consumer) {
                child.send("end");
                child.await().ok();
            }
        }
        assertEquals("ready 0", consumer.line());
        assertEquals("", consumer.kill().err());
        RingStatistics statistics = ring.statistics();
        assertEquals(messages * producers, statistics.messagesWritten());
        assertEquals(statistics.producerPosition(), statistics.consumerPosition());
        assertEquals(0, statistics.recordsSkipped());
        assertEquals(List.of(), statistics.producers());
        // One that was killed counts no further than the messages that it had counted.
        assertTrue(statistics.messagesRead() <= statistics.messagesWritten());
    }

    @ParameterizedTest
    @EnumSource
    void shouldLoseNothingThatAKilledProducerHasCommitted(Rings kind) throws Exception {
        RingBuffer ring = create(kind, CAPACITY);
        SplittableRandom random = new SplittableRandom();
        try (Reader reader = new Reader(ring)) {
            Child.Running steady = kind == Rings.MPSC ? peer("produce", block.id(), KILLS, Long.MAX_VALUE) : null;
            Victims victims = new Victims(i -> peer("produce", block.id(), i, Long.MAX_VALUE, "told"));
            for (int i = 0; i < KILLS; i++) {
                Child.Running victim = victims.next();
                assertEquals("ready", victim.line());
                Thread.sleep(random.nextInt(30));
                victims.kill(victim);
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
    void shouldLoseNothingThatAKilledProducerInCHasCommitted(Rings kind) throws Exception {
        RingBuffer ring = create(kind, CAPACITY);
        Path program = Peers.compile(directory, "peer", RingInteropIT.resource("peer.c"));
        SplittableRandom random = new SplittableRandom();
        try (Reader reader = new Reader(ring)) {
            Child.Running steady = kind == Rings.MPSC ? peer("produce", block.id(), C_KILLS, Long.MAX_VALUE) : null;
            for (int i = 0; i < C_KILLS; i++) {
                Child.Running victim = started(Child.command(program, "produce", block.id(), i));
                reader.awaitMoreThan(random.nextInt(100), i);
                LockSupport.parkNanos(random.nextInt(1_000_000));
                Child.Result result = victim.kill();
                children.remove(victim);
                assertEquals(128 + 9, result.exit(), result.err());
                if (steady != null) {
                    reader.awaitProgress();
                    assertTrue(steady.isAlive());
                }
            }
            peer("produce", block.id(), C_KILLS + 1, 100).await().ok();
            reader.awaitMoreThan(99, C_KILLS + 1);
            assertEquals(0, reader.journal.again);
        }
        report(kind + ": " + C_KILLS + " producers in C killed, " + ring.statistics());
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
        Victims victims = new Victims(i -> peer("consume", block.id(), journal.id(), "told"));
        for (int i = 0; i < KILLS; i++) {
            Child.Running victim = victims.next();
            String[] ready = victim.line().split(" ");
            assertEquals("ready", ready[0]);
            again += Integer.parseInt(ready[1]);
            Thread.sleep(random.nextInt(30));
            assertEquals("", victims.kill(victim).err());
        }
        MemorySegment counts = journal.attach(AttachMode.READ_ONLY, arena);
        assertTrue(Rings.getLong(counts, 0) > 100L * KILLS / 2);
        assertTrue(again <= KILLS);
        report(kind + ": " + KILLS + " consumers killed, " + again + " messages delivered again, "
                + ring.statistics());
    }

    /** After each program in C, a consumer of this process goes on. */
    @ParameterizedTest
    @EnumSource
    void shouldGoOnWhereAKilledConsumerInCWas(Rings kind) throws Exception {
        RingBuffer ring = create(kind, CAPACITY);
        Path program = Peers.compile(directory, "peer", RingInteropIT.resource("peer.c"));
        SharedMemory journal = blocks.create(4096);
        MemorySegment counts = journal.attach(AttachMode.READ_WRITE, arena);
        SplittableRandom random = new SplittableRandom();
        for (int i = 0; i < (kind == Rings.SPSC ? 1 : 2); i++) {
            peer("produce", block.id(), i, Long.MAX_VALUE);
        }
        long again = 0;
        for (int i = 0; i < C_KILLS; i++) {
            Child.Running victim = started(Child.command(program, "consume", block.id(), journal.id()));
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            long enough = (long) Layout.LONG.getAcquire(counts, 0) + random.nextInt(1, 100);
            while ((long) Layout.LONG.getAcquire(counts, 0) < enough && victim.isAlive()) {
                assertTrue(System.nanoTime() - deadline < 0, "the consumer was delivered nothing");
                LockSupport.parkNanos(50_000);
            }
            LockSupport.parkNanos(random.nextInt(1_000_000));
            Child.Result result = victim.kill();
            children.remove(victim);
            assertEquals(128 + 9, result.exit(), result.err());
            try (RingBuffer successor = kind.open(memory)) {
                Peer.Journal seen = new Peer.Journal(counts);
                while (seen.messages < 50) {
                    assertTrue(System.nanoTime() - deadline < 0, "the successor was delivered nothing");
                    if (successor.read(seen, 1 + random.nextInt(50)) == 0) {
                        successor.awaitMessage(WaitStrategy.KERNEL, PAUSE);
                    }
                }
                again += seen.again;
            }
        }
        assertTrue(again <= C_KILLS);
        report(kind + ": " + C_KILLS + " consumers in C killed, " + again + " messages delivered again, "
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
