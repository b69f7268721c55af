package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.WaitStrategy;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Patient;
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
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Rings between processes that are killed, stopped and continued.
 *
 * <p>The property {@code shm4j.ring.kills} says how many JVMs to kill in each test that kills at random moments, {@code
 * shm4j.ring.c.kills} how many programs in C, which start a hundred times faster; {@code shm4j.ring.messages} says how many
 * messages to send when nobody is killed.
 */
@Patient
class RingProcessesIT {

    private static final int KILLS = Integer.getInteger("shm4j.ring.kills", 5);
    private static final int C_KILLS = Integer.getInteger("shm4j.ring.c.kills", 50);
    private static final long MESSAGES = Long.getLong("shm4j.ring.messages", 100_000);

    /** How many JVMs are started before they are needed. */
    private static final int AHEAD = 2;

    private static final Duration PAUSE = Duration.ofMillis(1);
    private static final int CAPACITY = 1 << 16;

    private final Blocks blocks = new Blocks();
    private final Arena arena = Arena.ofShared();
    private final List<Child.Running> children = new ArrayList<>();

    private SharedMemory block;
    private MemorySegment memory;

    /** What producers note of themselves, and its block. */
    private MemorySegment notes;

    private SharedMemory notesBlock;

    private RingUser create(Rings kind, int capacity) throws ShmException {
        block = blocks.create(kind.sizeFor(capacity));
        memory = block.attach(AttachMode.READ_WRITE, arena);
        return kind.create(memory, capacity);
    }

    private void createNotes(int producers) throws ShmException {
        notesBlock = blocks.create(16L * producers);
        notes = notesBlock.attach(AttachMode.READ_WRITE, arena);
    }

    private Child.Running peer(Object... arguments) {
        return started(Child.java(Peer.class, arguments));
    }

    private Child.Running producer(long number, Object... arguments) {
        List<Object> all = new ArrayList<>(List.of("produce", block.id(), notesBlock.id(), number));
        all.addAll(List.of(arguments));
        return peer(all.toArray());
    }

    private Child.Running producerInC(Path program, int number) {
        return started(Child.command(program, "produce", block.id(), notesBlock.id(), number));
    }

    /** Writes messages in this process, in the name of a number. */
    private void produceHere(int number, int messages) {
        Peer.produce(memory, Peer.notes(notes, number), number, messages, () -> {
        });
    }

    private void kill(Child.Running victim) {
        Child.Result result = victim.kill();
        children.remove(victim);
        assertEquals(128 + 9, result.exit(), result.err());
    }

    /** What the ring looks like, for somebody who wants to know why a test fails. */
    private String state() {
        StringBuilder state = new StringBuilder();
        long free = Rings.getLong(memory, RingLayout.FREE_POSITION_OFFSET);
        state.append("free ").append(free).append(", ").append(RingUser.open(memory).statistics());
        long data = memory.byteSize() - Rings.getLong(memory, RingLayout.CAPACITY_OFFSET);
        long position = Rings.getLong(memory, RingLayout.CONSUMER_POSITION_OFFSET);
        for (int i = 0; i < 20; i++) {
            long header = Rings.getLong(memory, data + position % (memory.byteSize() - data));
            state.append("\n").append(position).append(": ").append(Long.toHexString(header));
            if ((int) header <= 0) {
                break;
            }
            position += RingLayout.recordLength((int) header);
        }
        return state.toString();
    }

    /** Checks what was delivered of a producer that has terminated, when what comes behind it has been delivered. */
    private void assertDelivered(MemorySegment counts, int producer) {
        long count = (long) RingLayout.LONG.getAcquire(counts, 8L * producer);
        long done = Peer.done(notes, producer);
        long intended = Peer.intended(notes, producer);
        assertTrue(done <= count && count <= intended, () -> "of producer " + producer + ", " + count
                + " messages were delivered; it has published " + done + " and begun to publish " + intended + "; "
                + state());
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

        final MemorySegment counts = arena.allocate(8L * (KILLS + 2 * C_KILLS + 16), 8);
        final Peer.Journal journal = new Peer.Journal(counts);
        private final Thread thread;
        private volatile boolean done;
        private volatile Throwable failure;

        Reader(RingUser ring) {
            thread = Thread.ofPlatform().start(() -> {
                try {
                    while (!done) {
                        if (ring.read(journal, 100) == 0) {
                            ring.awaitMessage(WaitStrategy.BLOCKING, PAUSE);
                        }
                    }
                } catch (Throwable thrown) {
                    failure = thrown;
                }
            });
        }

        /** Waits until a number of messages of one producer have come, which it has written before it was killed. */
        void awaitMoreThan(long messages, int producer) throws InterruptedException {
            Patience patience = Patience.withAll();
            while (journal.count(producer) <= messages) {
                assertNull(failure);
                patience.check(() -> "producer " + producer + " was not delivered; " + state());
                Thread.sleep(1);
            }
        }

        /** Waits until more messages have come. */
        void awaitProgress() throws InterruptedException {
            long messages = journal.messages;
            Patience patience = Patience.withAll();
            while (journal.messages == messages) {
                Thread.sleep(1);
                assertNull(failure);
                assertTrue(thread.isAlive());
                patience.check(() -> "nothing is delivered any more; " + state());
            }
        }

        @Override
        public void close() {
            done = true;
            try {
                Patience.join(thread);
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
    // R15
    @ParameterizedTest
    @MethodSource("kindsAndCapacities")
    void shouldDeliverEverythingInOrder(Rings kind, int capacity) throws Exception {
        RingUser ring = create(kind, capacity);
        SharedMemory journal = blocks.create(4096);
        MemorySegment counts = journal.attach(AttachMode.READ_ONLY, arena);
        int producers = kind == Rings.SPSC ? 1 : 3;
        long messages = MESSAGES / producers;
        createNotes(producers);
        for (int i = 0; i < producers; i++) {
            producer(i, messages, "stay");
        }
        Child.Running consumer = peer("consume", block.id(), journal.id());
        SplittableRandom random = new SplittableRandom();
        Patience patience = Patience.withAll();
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
                now += (long) RingLayout.LONG.getAcquire(counts, 8L * i);
            }
            total = now;
            patience.renewIfChanged(total);
            patience.check(() -> "nothing happens any more; " + state());
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

    // fault 3
    @ParameterizedTest
    @CsvSource({"SPSC, 65536", "SPSC, 1048576", "MPSC, 65536", "MPSC, 1048576"})
    void shouldLoseNothingThatAKilledProducerHasCommitted(Rings kind, int capacity) throws Exception {
        RingUser ring = create(kind, capacity);
        createNotes(KILLS + 2);
        SplittableRandom random = new SplittableRandom();
        try (Reader reader = new Reader(ring)) {
            Child.Running steady = kind == Rings.MPSC ? producer(KILLS, Long.MAX_VALUE) : null;
            Victims victims = new Victims(i -> producer(i, Long.MAX_VALUE, "told"));
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
            produceHere(KILLS + 1, 100);
            reader.awaitMoreThan(99, KILLS + 1);
            for (int i = 0; i < KILLS; i++) {
                assertDelivered(reader.counts, i);
            }
            assertEquals(0, reader.journal.again);
        }
        report(kind + ", " + capacity + " bytes: " + KILLS + " producers killed, " + ring.statistics());
    }

    /** After some of the programs in C, a producer of this process goes on before the next one. */
    @ParameterizedTest
    @EnumSource
    void shouldLoseNothingThatAKilledProducerInCHasCommitted(Rings kind) throws Exception {
        RingUser ring = create(kind, CAPACITY);
        createNotes(2 * C_KILLS + 2);
        Path program = Peers.compile("peer", RingInteropIT.resource("peer.c"));
        SplittableRandom random = new SplittableRandom();
        try (Reader reader = new Reader(ring)) {
            Child.Running steady = kind == Rings.MPSC ? producer(2 * C_KILLS, Long.MAX_VALUE) : null;
            for (int i = 0; i < C_KILLS; i++) {
                Child.Running victim = producerInC(program, 2 * i);
                reader.awaitMoreThan(random.nextInt(100), 2 * i);
                LockSupport.parkNanos(random.nextInt(1_000_000));
                kill(victim);
                if (random.nextBoolean()) {
                    produceHere(2 * i + 1, random.nextInt(1, 30));
                }
                if (steady != null) {
                    reader.awaitProgress();
                    assertTrue(steady.isAlive());
                }
            }
            producer(2 * C_KILLS + 1, 100).await().ok();
            reader.awaitMoreThan(99, 2 * C_KILLS + 1);
            for (int i = 0; i < 2 * C_KILLS; i++) {
                assertDelivered(reader.counts, i);
            }
            assertEquals(0, reader.journal.again);
        }
        report(kind + ": " + C_KILLS + " producers in C killed, " + ring.statistics());
    }

    // fault 5
    @ParameterizedTest
    @CsvSource({"SPSC, 65536", "SPSC, 1048576", "MPSC, 65536", "MPSC, 1048576"})
    void shouldGoOnWhereAKilledConsumerWas(Rings kind, int capacity) throws Exception {
        RingUser ring = create(kind, capacity);
        SharedMemory journal = blocks.create(4096);
        SplittableRandom random = new SplittableRandom();
        createNotes(2);
        for (int i = 0; i < (kind == Rings.SPSC ? 1 : 2); i++) {
            producer(i, Long.MAX_VALUE);
        }
        int again = 0;
        MemorySegment counts = journal.attach(AttachMode.READ_ONLY, arena);
        Victims victims = new Victims(i -> peer("consume", block.id(), journal.id(), "told"));
        for (int i = 0; i < KILLS; i++) {
            Child.Running victim = victims.next();
            String[] ready = victim.line().split(" ");
            assertEquals("ready", ready[0]);
            again += Integer.parseInt(ready[1]);
            // Those that are not waited for are killed with their first messages, or before.
            if (random.nextInt(4) != 0 || i == KILLS - 1) {
                long expected = Rings.getLong(counts, 0) + 1 + random.nextInt(1000);
                Patience patience = Patience.withAll();
                while ((long) RingLayout.LONG.getAcquire(counts, 0) < expected) {
                    patience.check(() -> "nothing is delivered; " + ring.statistics());
                    Thread.sleep(1);
                }
            }
            LockSupport.parkNanos(random.nextInt(2_000_000));
            assertEquals("", victims.kill(victim).err());
        }
        assertTrue(again <= KILLS);
        report(kind + ", " + capacity + " bytes: " + KILLS + " consumers killed, " + again
                + " messages delivered again, "
                + ring.statistics());
    }

    /** After each program in C, a consumer of this process goes on. */
    @ParameterizedTest
    @EnumSource
    void shouldGoOnWhereAKilledConsumerInCWas(Rings kind) throws Exception {
        RingUser ring = create(kind, CAPACITY);
        Path program = Peers.compile("peer", RingInteropIT.resource("peer.c"));
        SharedMemory journal = blocks.create(4096);
        MemorySegment counts = journal.attach(AttachMode.READ_WRITE, arena);
        SplittableRandom random = new SplittableRandom();
        createNotes(2);
        for (int i = 0; i < (kind == Rings.SPSC ? 1 : 2); i++) {
            producer(i, Long.MAX_VALUE);
        }
        long again = 0;
        for (int i = 0; i < C_KILLS; i++) {
            Child.Running victim = started(Child.command(program, "consume", block.id(), journal.id()));
            Patience patience = Patience.withAll();
            long enough = (long) RingLayout.LONG.getAcquire(counts, 0) + random.nextInt(1, 100);
            while ((long) RingLayout.LONG.getAcquire(counts, 0) < enough && victim.isAlive()) {
                patience.check(() -> "the consumer was delivered nothing; " + state());
                LockSupport.parkNanos(50_000);
            }
            LockSupport.parkNanos(random.nextInt(1_000_000));
            kill(victim);
            try (RingUser successor = kind.open(memory)) {
                Peer.Journal seen = new Peer.Journal(counts);
                while (seen.messages < 50) {
                    patience.check(() -> "the successor was delivered nothing; " + state());
                    if (successor.read(seen, 1 + random.nextInt(50)) == 0) {
                        successor.awaitMessage(WaitStrategy.BLOCKING, PAUSE);
                    }
                }
                again += seen.again;
            }
        }
        assertTrue(again <= C_KILLS);
        report(kind + ": " + C_KILLS + " consumers in C killed, " + again + " messages delivered again, "
                + ring.statistics());
    }

    /** Waits until the journal of a consumer counts more messages of a producer than a number. */
    private void awaitCount(MemorySegment counts, int producer, long messages, Child.Running... acting) {
        Patience patience = Patience.withAll();
        while ((long) RingLayout.LONG.getAcquire(counts, 8L * producer) <= messages) {
            for (Child.Running child : acting) {
                assertTrue(child.isAlive(), () -> child.await() + "; " + state());
            }
            patience.check(() -> "producer " + producer + " was not delivered; " + state());
            LockSupport.parkNanos(50_000);
        }
    }

    /** After each JVM a producer in C goes on, and after that a JVM; the consumer is in C, too. */
    @ParameterizedTest
    @ValueSource(ints = {1 << 10, CAPACITY})
    void shouldLoseNothingBetweenProducersOfBothLanguages(int capacity) throws Exception {
        RingUser ring = create(Rings.SPSC, capacity);
        Path program = Peers.compile("peer", RingInteropIT.resource("peer.c"));
        createNotes(2 * KILLS + 1);
        SharedMemory journal = blocks.create(8L * (2 * KILLS + 1));
        MemorySegment counts = journal.attach(AttachMode.READ_ONLY, arena);
        SplittableRandom random = new SplittableRandom();
        Child.Running consumer = started(Child.command(program, "consume", block.id(), journal.id()));
        Victims victims = new Victims(i -> producer(2 * i, Long.MAX_VALUE, "told"));
        for (int i = 0; i < KILLS; i++) {
            Child.Running jvm = victims.next();
            assertEquals("ready", jvm.line());
            Thread.sleep(random.nextInt(30));
            assertEquals("", victims.kill(jvm).err());
            Child.Running c = producerInC(program, 2 * i + 1);
            awaitCount(counts, 2 * i + 1, random.nextInt(100), c, consumer);
            LockSupport.parkNanos(random.nextInt(1_000_000));
            kill(c);
        }
        produceHere(2 * KILLS, 100);
        awaitCount(counts, 2 * KILLS, 99, consumer);
        for (int i = 0; i < 2 * KILLS; i++) {
            assertDelivered(counts, i);
        }
        kill(consumer);
        report(capacity + " bytes: " + KILLS + " producers of both languages killed, " + ring.statistics());
    }

    /** Both ends in C are killed in any order, and now and then this process has both roles before the next ones. */
    @ParameterizedTest
    @ValueSource(ints = {1 << 10, CAPACITY})
    void shouldGoOnWhereBothEndsInCWereKilled(int capacity) throws Exception {
        RingUser ring = create(Rings.SPSC, capacity);
        Path program = Peers.compile("peer", RingInteropIT.resource("peer.c"));
        createNotes(2 * C_KILLS + 2);
        SharedMemory journal = blocks.create(8L * (2 * C_KILLS + 2));
        MemorySegment counts = journal.attach(AttachMode.READ_WRITE, arena);
        SplittableRandom random = new SplittableRandom();
        for (int i = 0; i <= C_KILLS; i++) {
            Child.Running producer = producerInC(program, 2 * i);
            Child.Running consumer = started(Child.command(program, "consume", block.id(), journal.id()));
            awaitCount(counts, 2 * i, random.nextInt(100), producer, consumer);
            LockSupport.parkNanos(random.nextInt(1_000_000));
            boolean producerFirst = random.nextBoolean();
            kill(producerFirst ? producer : consumer);
            LockSupport.parkNanos(random.nextInt(500_000));
            kill(producerFirst ? consumer : producer);
            if (i == C_KILLS || random.nextBoolean()) {
                passThrough(counts, 2 * i + 1, random.nextInt(1, 100));
            }
        }
        for (int i = 0; i < 2 * C_KILLS + 2; i++) {
            assertDelivered(counts, i);
        }
        RingStatistics statistics = ring.statistics();
        assertEquals(statistics.producerPosition(), statistics.consumerPosition());
        report(capacity + " bytes: " + C_KILLS + " producers and consumers in C killed, " + statistics);
    }

    /** Writes messages in this process, reads them and all before them, and gives both roles back. */
    private void passThrough(MemorySegment counts, int number, int messages) throws InterruptedException {
        Thread writer = Thread.ofPlatform().start(() -> produceHere(number, messages));
        Patience patience = Patience.withAll();
        try (RingUser consumer = RingUser.open(memory)) {
            Peer.Journal journal = new Peer.Journal(counts);
            while (journal.count(number) < messages) {
                patience.check(() -> "nothing happens any more; " + state());
                if (consumer.read(journal, 10) == 0) {
                    consumer.awaitMessage(WaitStrategy.BLOCKING, PAUSE);
                }
            }
        }
        Patience.join(writer);
    }

    // fault 6
    @ParameterizedTest
    @EnumSource
    void shouldDeliverAgainTheMessageInWhoseHandlerTheConsumerWasKilled(Rings kind) throws Exception {
        RingUser ring = create(kind, 1024);
        assertTrue(ring.write(Rings.TYPE, Rings.message("first")));
        assertTrue(ring.write(Rings.TYPE, Rings.message("second")));
        Child.Running consumer = peer("hold", block.id());
        assertEquals("handling first", consumer.line());
        RingUser successor = kind.open(memory);
        assertThrows(RingOccupiedException.class, () -> Rings.read(successor, 1));
        consumer.signal("STOP");
        assertThrows(RingOccupiedException.class, () -> Rings.read(successor, 1));
        consumer.kill();
        assertEquals(List.of("first", "second"), Rings.read(successor, 9));
    }

    // fault 5
    @ParameterizedTest
    @EnumSource
    void shouldTellProducersThatThereIsNoRoomWhenTheConsumerIsGone(Rings kind) throws Exception {
        RingUser ring = create(kind, 256);
        Child.Running consumer = peer("hold", block.id());
        assertTrue(ring.write(Rings.TYPE, Rings.message("first")));
        assertEquals("handling first", consumer.line());
        consumer.kill();
        int written = 1;
        while (ring.write(Rings.TYPE, Rings.message("later"))) {
            written++;
        }
        assertEquals(RingStatistics.Liveness.TERMINATED, ring.statistics().consumer().liveness());
        assertEquals(written, Rings.readAll(ring, written).size());
        assertTrue(ring.write(Rings.TYPE, Rings.message("room")));
    }

    // R14, fault 1
    @Test
    void shouldSkipTheClaimOfAKilledProducerOnly() throws Exception {
        RingUser ring = create(Rings.MPSC, 1024);
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
        RingUser ring = create(Rings.MPSC, 1024);
        Child.Running killed = peer("claim", block.id(), "killed");
        assertEquals("claimed", killed.line());
        Child.Running stopped = peer("claim", block.id(), "stopped");
        assertEquals("claimed", stopped.line());
        stopped.signal("STOP");
        killed.kill();
        Patience patience = Patience.withAll();
        while (ring.statistics().recordsSkipped() == 0) {
            assertEquals(List.of(), Rings.read(ring, 1));
            patience.check(() -> "the claim is not skipped; " + state());
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
        RingUser ring = create(Rings.SPSC, 1024);
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
    void shouldTakeAZombieForTerminated() throws Exception {
        RingUser ring = create(Rings.MPSC, 1024);
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
    void shouldNotJudgeAProcessOfAnotherPidNamespaceWhileAnybodyElseHasTheBlock() throws Exception {
        Peers.require(
                Child.canChangeUser() && Child.exists("unshare") && Child.command("unshare", "-pf", "true").run().exit()
                        == 0,
                "unshare -pf");
        RingUser ring = create(Rings.MPSC, 1024);
        Child.Running elsewhere = started(Child.java(Peer.class, "abandon", block.id(), "elsewhere")
                .under("unshare", "-pf", "--kill-child"));
        assertEquals("claimed", elsewhere.line());
        assertTrue(ring.write(Rings.TYPE, Rings.message("after")));
        assertTrue(ring.statistics().producers().stream()
                .anyMatch(owner -> owner.liveness() == RingStatistics.Liveness.UNKNOWN));
        Child.Running beside = peer("abandon", block.id(), "beside");
        assertEquals("claimed", beside.line());
        elsewhere.kill();
        for (int i = 0; i < 200_000; i++) {
            assertEquals(List.of(), Rings.read(ring, 1));
        }
        assertEquals(0, ring.statistics().recordsSkipped());
        beside.kill();
        assertEquals(List.of("after"), Rings.readAll(ring, 1));
        assertEquals(1, ring.statistics().recordsSkipped());
    }

    @Test
    void shouldSayThatTheCreatorHasTerminatedBeforeTheRingWasComplete() throws Exception {
        // The larger the ring, the longer its creation takes. If it was not long enough, the next one is longer.
        for (long capacity = 1 << 25; capacity <= 1L << 30; capacity *= 2) {
            try (Blocks attempt = new Blocks();
                    Arena mapped = Arena.ofConfined()) {
                SharedMemory large = attempt.create(MpscRingBuffer.sizeFor(capacity));
                MemorySegment header = large.attach(AttachMode.READ_WRITE, mapped).asSlice(0, 4096);
                Child.Running creator = peer("create", large.id(), capacity);
                assertEquals("ready", creator.line());
                Patience patience = Patience.with(creator);
                while ((long) RingLayout.LONG.getAcquire(header, RingLayout.CREATOR_OFFSET) == 0) {
                    patience.check(() -> "nobody creates the ring");
                }
                creator.kill();
                if ((int) RingLayout.INT.getAcquire(header, RingLayout.VERSION_OFFSET) == 0) {
                    RingFormatException incomplete = assertThrows(
                            RingFormatException.class, () -> MpscRingBuffer.open(header, Duration.ofMillis(10)));
                    String message = incomplete.getMessage();
                    assertTrue(message.contains("process " + creator.pid() + ", which has terminated"), message);
                    return;
                }
            }
        }
        assertFalse(true, "no creator was killed early enough");
    }
}
