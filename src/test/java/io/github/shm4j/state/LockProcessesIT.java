package io.github.shm4j.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Patient;
import io.github.shm4j.support.Peers;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A lock between real processes, JVMs and programs in C, that are stopped and killed.
 *
 * <p>{@code shm4j.lock.kills} says how many processes to kill at random moments, and {@code shm4j.lock.count} up to which
 * number four processes count of which one is killed each second.
 */
@Patient
class LockProcessesIT {

    private static final int KILLS = Integer.getInteger("shm4j.lock.kills", 60);
    private static final long COUNT = Long.getLong("shm4j.lock.count", 300_000);

    private final Blocks blocks = new Blocks();
    private final Arena arena = Arena.ofShared();
    private final List<Child.Running> children = new ArrayList<>();
    private SharedMemory block;
    private MemorySegment memory;
    private SharedLock lock;

    @BeforeEach
    void create() throws ShmException {
        block = blocks.create(4096);
        memory = block.attach(AttachMode.READ_WRITE, arena);
        lock = SharedLock.at(memory, 0);
    }

    @AfterEach
    void cleanUp() throws ShmException {
        children.forEach(Child.Running::close);
        arena.close();
        blocks.close();
    }

    private Path locker() throws IOException {
        try (InputStream in = getClass().getResourceAsStream("locker.c")) {
            return Peers.compile("locker", new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private Child.Running start(Child child) {
        Child.Running running = child.start();
        children.add(running);
        return running;
    }

    private Child.Running java(String command, Object... arguments) {
        List<Object> all = new ArrayList<>(List.of(command, block.id()));
        all.addAll(List.of(arguments));
        return start(Child.java(LockPeer.class, all.toArray()));
    }

    private Child.Running c(Path program, String command, Object... arguments) {
        List<Object> all = new ArrayList<>(List.of(program, command, block.id()));
        all.addAll(List.of(arguments));
        return start(Child.command(all.toArray()));
    }

    private Child.Running holder(String language) throws IOException {
        return language.equals("java") ? java("hold") : c(locker(), "hold");
    }

    @ParameterizedTest
    @CsvSource({"java, java", "java, c", "c, java"})
    void shouldPassFromOneProcessToTheOther(String firstLanguage, String secondLanguage) throws Exception {
        Child.Running first = holder(firstLanguage);
        assertEquals("acquired", first.line());
        assertNull(lock.tryAcquire());
        assertTrue(lock.toString().contains("process " + first.pid() + ", which is running"), lock::toString);
        Child.Running second = holder(secondLanguage);
        first.send("go on");
        assertEquals("released", first.line());
        assertEquals("acquired", second.line());
        // A process that is stopped keeps it.
        second.signal("STOP");
        assertNull(lock.tryAcquire());
        second.signal("CONT");
        first.await().ok();
        second.kill();
        children.clear();
        Child.Running third = holder(firstLanguage);
        assertEquals("told", third.line());
        third.send("go on");
        assertEquals("released", third.line());
        try (SharedLock.Held held = lock.tryAcquire()) {
            assertFalse(held.previousOwnerDied(), "the third has declared the data consistent");
        }
        third.await().ok();
    }

    /** Two mappings in one process, whose lock is held by another: the one is no more than the other. */
    @Test
    void shouldBeOneLockInEachMapping() throws Exception {
        SharedLock again = SharedLock.at(block.attach(AttachMode.READ_WRITE, arena), 0);
        Child.Running holder = java("hold");
        assertEquals("acquired", holder.line());
        assertNull(again.tryAcquire());
        assertNull(lock.tryAcquire());
        holder.kill();
        children.clear();
        try (SharedLock.Held held = again.tryAcquire()) {
            assertTrue(held.previousOwnerDied());
        }
    }

    /** It is stopped in the middle of its release, for longer than whoever takes over waits. */
    // fault 25
    @Test
    void shouldTellAPeerInCThatTheLockWasTakenOver() throws Exception {
        Child.Running peer = c(locker(), "stop", 4);
        Path stat = Path.of("/proc", Long.toString(peer.pid()), "stat");
        Patience.await("the peer has stopped", () -> Files.readString(stat).contains(") T "));
        assertNull(lock.tryAcquire(), "nobody robs the living");
        try (SharedLock.Held held = lock.takeOver()) {
            assertTrue(held.previousOwnerDied());
            peer.signal("CONT");
            assertEquals("the role or the claim has been taken over by somebody else", peer.await().ok());
            assertFalse(held.isLost(), "the peer has stored nothing");
            held.markConsistent();
        }
        assertEquals("SharedLock[free]", lock.toString());
    }

    /** Steps as the protocol numbers them: behind 1 it is inside, behind 4 still, behind 5 not any more. */
    @ParameterizedTest
    @CsvSource({"1, true", "4, true", "5, false"})
    void shouldBeToldOfAPeerInCThatEndsBehindAStep(int step, boolean told) throws Exception {
        assertEquals(128 + 9, c(locker(), "end", step).await().exit());
        try (SharedLock.Held held = lock.acquire()) {
            assertEquals(told, held.previousOwnerDied());
        }
    }

    private long counter() {
        return (long) LockWords.LONG.getAcquire(memory, LockPeer.COUNTER);
    }

    /** Checks that the counter is what its users have counted, but for what the last one held if it was killed. */
    private void assertCounted(long killed) throws InterruptedException {
        try (SharedLock.Held held = lock.acquire()) {
            long told = LockPeer.get(memory, LockPeer.TOLD) + (held.previousOwnerDied() ? 1 : 0);
            long surplus = LockPeer.surplus(memory);
            assertTrue(told <= killed, () -> told + " times told, and " + killed + " killed");
            assertTrue(surplus >= 0 && surplus <= (held.previousOwnerDied() ? 1 : 0), () -> surplus + " too high");
            if (KILLS >= 1000 || COUNT >= 1_000_000) {
                System.out.println("lock: counted to " + counter() + ", killed " + killed + ", told " + told);
            }
        }
    }

    /** Processes in C, which start fast, die at random moments while a thread of this process and a JVM count as well. */
    @Test
    void shouldGoOnWhoeverIsKilled() throws Exception {
        Path program = locker();
        SplittableRandom random = new SplittableRandom();
        long endless = Long.MAX_VALUE;
        Child.Running victimInJava = null;
        int killed = 0;
        Child.Running steady = c(program, "count", 3, endless);
        while (killed < KILLS) {
            if (victimInJava == null) {
                victimInJava = java("count", 0, endless);
            }
            Child.Running victim = c(program, "count", 1, endless);
            awaitMore(LockPeer.COUNTS + 8, victim);
            Thread.sleep(0, random.nextInt(999_999));
            children.remove(victim);
            assertEquals("", victim.kill().out());
            killed++;
            awaitMore(LockPeer.COUNTS + 24, steady);
            if (killed % 20 == 0) {
                awaitMore(LockPeer.COUNTS, victimInJava);
                children.remove(victimInJava);
                Child.Result result = victimInJava.kill();
                assertEquals("", result.err());
                killed++;
                victimInJava = null;
            }
        }
        for (Child.Running child : List.copyOf(children)) {
            children.remove(child);
            Child.Result result = child.kill();
            assertEquals("", result.out() + result.err());
            killed++;
        }
        assertCounted(killed);
    }

    /** Waits until a process has counted further. */
    private void awaitMore(long offset, Child.Running who) throws InterruptedException {
        long before = (long) LockWords.LONG.getAcquire(memory, offset);
        Patience patience = Patience.withAll();
        while ((long) LockWords.LONG.getAcquire(memory, offset) == before) {
            assertTrue(who.isAlive(), () -> who.await().out() + who.await().err());
            patience.check(() -> "nobody counts any more: " + lock);
            Thread.sleep(0, 200_000);
        }
    }

    /** Four processes, JVMs and programs in C by turns, of which one is killed each second and another one comes. */
    @Test
    void shouldCountExactlyWhileOneIsKilledEachSecond() throws Exception {
        Path program = locker();
        List<Child.Running> counting = new ArrayList<>();
        for (int number = 0; number < LockPeer.COUNTERS; number++) {
            counting.add(counter(program, number));
        }
        int killed = 0;
        Patience patience = Patience.withAll();
        for (int second = 0; counter() < COUNT; second++) {
            for (int i = 0; i < 20 && counter() < COUNT; i++) {
                Thread.sleep(50);
                patience.renewIfChanged(counter());
                patience.check(() -> "nobody counts any more: " + lock);
            }
            if (counter() < COUNT) {
                int number = second % LockPeer.COUNTERS;
                children.remove(counting.get(number));
                Child.Result result = counting.get(number).kill();
                assertEquals("", result.out() + result.err());
                killed++;
                counting.set(number, counter(program, number));
            }
        }
        for (Child.Running child : counting) {
            assertEquals("", child.await().ok());
        }
        assertEquals(COUNT, counter());
        assertCounted(killed);
    }

    private Child.Running counter(Path program, int number) {
        return number % 2 == 0 ? java("count", number, COUNT) : c(program, "count", number, COUNT);
    }
}
