package io.github.shm4j.state;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.internal.Owner;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Garbage;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Patient;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One process's threads, and what it finds that other processes have left behind. */
@Patient
class SharedLockTest {

    private static final Duration SHORT = Duration.ofMillis(5);

    private final Blocks blocks = new Blocks();
    private final Arena arena = Arena.ofShared();

    @AfterEach
    void cleanUp() throws ShmException {
        arena.close();
        blocks.close();
    }

    private MemorySegment memory() {
        return arena.allocate(256, 64);
    }

    private static <T> T inAnotherThread(Callable<T> action) throws Exception {
        FutureTask<T> task = new FutureTask<>(action);
        Patience.join(Thread.ofPlatform().start(task));
        return task.get();
    }

    private static long holder(MemorySegment memory, long offset) {
        return memory.get(ValueLayout.JAVA_LONG, offset + LockWords.OWNER_OFFSET);
    }

    private static void setHolder(MemorySegment memory, long holder) {
        memory.set(ValueLayout.JAVA_LONG, LockWords.OWNER_OFFSET, holder);
    }

    @Test
    void shouldBeFreeInNewMemoryAndHeldUntilClosed() throws Exception {
        SharedLock lock = SharedLock.at(memory(), 64);
        assertEquals("SharedLock[free]", lock.toString());
        try (SharedLock.Held held = lock.acquire(SHORT)) {
            assertTrue(lock.isHeldByCurrentThread());
            assertFalse(held.previousOwnerDied());
            assertNull(inAnotherThread(lock::tryAcquire));
            assertFalse(inAnotherThread(lock::isHeldByCurrentThread));
            assertTrue(lock.toString().contains("process " + ProcessHandle.current().pid()), lock::toString);
            assertTrue(lock.toString().contains(Thread.currentThread().toString()), lock::toString);
        }
        assertFalse(lock.isHeldByCurrentThread());
        assertFalse(inAnotherThread(() -> {
            try (SharedLock.Held held = lock.tryAcquire()) {
                return held.previousOwnerDied();
            }
        }));
        assertEquals("SharedLock[free]", lock.toString());
    }

    @Test
    void shouldUseNothingButItsOwnBytes() throws Exception {
        MemorySegment memory = arena.allocate(SharedLock.BYTES + 16, 8);
        memory.fill((byte) 0x5a);
        memory.asSlice(8, SharedLock.BYTES).fill((byte) 0);
        SharedLock lock = SharedLock.at(memory, 8);
        lock.acquire().close();
        assertEquals(0x5a5a5a5a5a5a5a5aL, memory.get(ValueLayout.JAVA_LONG, 0));
        assertEquals(0x5a5a5a5a5a5a5a5aL, memory.get(ValueLayout.JAVA_LONG, 8 + SharedLock.BYTES));
        MemorySegment exact = arena.allocate(SharedLock.BYTES, 8);
        SharedLock.at(exact, 0).tryAcquire().close();
    }

    @Test
    void shouldSayWhoHasItWhenTheTimeIsOver() throws Exception {
        SharedLock lock = SharedLock.at(memory(), 0);
        try (SharedLock.Held _ = lock.acquire()) {
            for (Duration timeout : List.of(SHORT, Duration.ZERO, Duration.ofDays(-1))) {
                String message = inAnotherThread(
                        () -> assertThrows(LockTimeoutException.class, () -> lock.acquire(timeout))).getMessage();
                assertTrue(message.contains("process " + ProcessHandle.current().pid() + ", which is running"),
                        message);
                assertTrue(message.contains("within " + timeout.toMillis() + " ms"), message);
            }
        }
    }

    @Test
    void shouldWaitUntilItIsReleased() throws Exception {
        SharedLock lock = SharedLock.at(memory(), 0);
        List<String> order = new ArrayList<>();
        SharedLock.Held held = lock.acquire();
        CountDownLatch waiting = new CountDownLatch(1);
        Thread waiter = Thread.ofPlatform().start(() -> {
            waiting.countDown();
            try (SharedLock.Held _ = lock.acquire()) {
                order.add("second");
            } catch (InterruptedException never) {
                throw new AssertionError(never);
            }
        });
        Patience.await(waiting, "the thread runs");
        Thread.sleep(20);
        order.add("first");
        held.close();
        Patience.join(waiter);
        assertEquals(List.of("first", "second"), order);
    }

    @Test
    void shouldEndToWaitWhenInterrupted() throws Exception {
        SharedLock lock = SharedLock.at(memory(), 0);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        try (SharedLock.Held _ = lock.acquire()) {
            Thread waiter = Thread.ofPlatform().start(() -> thrown.set(assertThrows(Throwable.class, lock::acquire)));
            Thread.sleep(5);
            waiter.interrupt();
            Patience.join(waiter);
        }
        assertEquals(InterruptedException.class, thrown.get().getClass());
        Thread.currentThread().interrupt();
        assertDoesNotThrow(() -> lock.acquire(Duration.ZERO)).close();
        assertTrue(Thread.interrupted(), "one that need not wait leaves the interrupt alone");
    }

    /** Each way there is to reach the lock: the same object, another one, another slice, another mapping. */
    @Test
    void shouldRefuseTheThreadThatHoldsIt() throws Exception {
        SharedMemory block = blocks.create(4096);
        MemorySegment memory = block.attach(AttachMode.READ_WRITE, arena);
        MemorySegment again = block.attach(AttachMode.READ_WRITE, arena);
        SharedLock lock = SharedLock.at(memory, 64);
        List<SharedLock> same = List.of(
                lock, SharedLock.at(memory, 64), SharedLock.at(memory.asSlice(32), 32), SharedLock.at(again, 64));
        for (SharedLock other : same) {
            try (SharedLock.Held _ = lock.acquire()) {
                LockReentryException refused = assertThrows(LockReentryException.class, other::acquire);
                assertTrue(refused.getMessage().contains(Thread.currentThread().toString()), refused::getMessage);
                assertThrows(LockReentryException.class, other::tryAcquire);
                assertThrows(LockReentryException.class, () -> other.acquire(Duration.ofDays(1)));
                assertTrue(other.isHeldByCurrentThread());
                assertNull(inAnotherThread(other::tryAcquire));
            }
            other.acquire().close();
        }
        try (SharedLock.Held _ = lock.acquire(); SharedLock.Held other = SharedLock.at(memory, 128).acquire()) {
            assertFalse(other.previousOwnerDied(), "another lock is another matter");
        }
    }

    @Test
    void shouldKnowTheSameLockInMappingsOfAFile(@TempDir Path directory) throws IOException, InterruptedException {
        Path file = directory.resolve("lock");
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            SharedLock lock = SharedLock.at(channel.map(FileChannel.MapMode.READ_WRITE, 0, 4096, arena), 0);
            SharedLock other = SharedLock.at(channel.map(FileChannel.MapMode.READ_WRITE, 0, 4096, arena), 0);
            try (SharedLock.Held _ = lock.acquire()) {
                assertThrows(LockReentryException.class, other::acquire);
            }
        }
    }

    @Test
    void shouldBeReleasedByTheThreadThatHoldsItOnceOnly() throws Exception {
        SharedLock lock = SharedLock.at(memory(), 0);
        SharedLock.Held held = lock.acquire();
        String message =
                inAnotherThread(() -> assertThrows(IllegalMonitorStateException.class, held::close)).getMessage();
        assertTrue(message.contains(Thread.currentThread().toString()), message);
        assertTrue(lock.isHeldByCurrentThread());
        held.close();
        held.close();
        SharedLock.Held next = lock.acquire();
        held.close();
        assertTrue(lock.isHeldByCurrentThread(), "what was closed twice does not release what came later");
        assertThrows(IllegalStateException.class, held::markConsistent);
        inAnotherThread(() -> {
            held.close();
            return null;
        });
        next.close();
        assertNotNull(inAnotherThread(lock::tryAcquire));
    }

    @Test
    void shouldTellEachHolderOfOneThatDiedUntilTheDataIsConsistent() throws InterruptedException {
        MemorySegment memory = memory();
        SharedLock lock = SharedLock.at(memory, 0);
        setHolder(memory, Processes.ENDED);
        try (SharedLock.Held held = lock.acquire()) {
            assertTrue(held.previousOwnerDied(), "in place of the dead");
        }
        assertEquals("SharedLock[free, and its data may be inconsistent]", lock.toString());
        try (SharedLock.Held held = lock.tryAcquire()) {
            assertTrue(held.previousOwnerDied(), "not repaired yet");
            held.markConsistent();
            assertTrue(held.previousOwnerDied(), "what was told stays told");
        }
        try (SharedLock.Held held = lock.acquire()) {
            assertFalse(held.previousOwnerDied(), "repaired");
            held.markConsistent();
        }
        assertEquals("SharedLock[free]", lock.toString());
    }

    @Test
    void shouldFindOutWhileItWaitsThatTheHolderHasEnded() throws Exception {
        MemorySegment memory = memory();
        SharedLock lock = SharedLock.at(memory, 0);
        Process process = Processes.start();
        setHolder(memory, Processes.owner(process));
        FutureTask<Boolean> waiting = new FutureTask<>(() -> {
            try (SharedLock.Held held = lock.acquire()) {
                return held.previousOwnerDied();
            }
        });
        Thread.ofPlatform().start(waiting);
        Thread.sleep(10);
        assertFalse(waiting.isDone());
        process.destroyForcibly();
        assertTrue(Patience.get(waiting));
    }

    @Test
    void shouldNotRobWhoMayBeAlive() {
        MemorySegment memory = memory();
        SharedLock lock = SharedLock.at(memory, 0);
        long foreign = Processes.ENDED | 1L << 63;
        for (long holder : new long[] {Processes.LIVING, foreign}) {
            setHolder(memory, holder);
            assertNull(lock.tryAcquire());
            assertThrows(LockTimeoutException.class, () -> lock.acquire(SHORT));
            assertEquals(holder, holder(memory, 0));
        }
        assertTrue(lock.toString().contains("of another namespace"), lock::toString);
    }

    @Test
    void shouldSignAsForeignWhereOthersNamespacesStand() throws InterruptedException {
        MemorySegment memory = memory();
        memory.set(ValueLayout.JAVA_LONG, LockWords.NAMESPACES_OFFSET, 1L << 32 | 2);
        SharedLock lock = SharedLock.at(memory, 0);
        try (SharedLock.Held _ = lock.acquire()) {
            assertTrue(Owner.isForeign(holder(memory, 0)));
        }
        setHolder(memory, Processes.ENDED);
        assertNull(lock.tryAcquire(), "whose pid means nothing here");
    }

    @Test
    void shouldTakeTheLockOfAThreadThatHasTerminated() throws Exception {
        SharedLock lock = SharedLock.at(memory(), 0);
        inAnotherThread(lock::acquire);
        try (SharedLock.Held held = lock.acquire()) {
            assertTrue(held.previousOwnerDied());
            held.markConsistent();
        }
        inAnotherThread(() -> lock.acquire()).getClass();
        assertTrue(inAnotherThread(() -> {
            try (SharedLock.Held held = lock.tryAcquire()) {
                return held.previousOwnerDied();
            }
        }));
    }

    /** Whatever becomes of the objects: what a thread has acquired it holds until it terminates. */
    @Test
    void shouldKnowWhoHoldsTheLockThoughAllObjectsAreGone() throws Exception {
        MemorySegment memory = memory();
        inAnotherThread(() -> {
            SharedLock.at(memory, 0).acquire();
            return null;
        });
        Garbage.collect();
        SharedLock.Held held = SharedLock.at(memory, 0).tryAcquire();
        assertNotNull(held, "the thread has terminated");
        assertTrue(held.previousOwnerDied());
        held.markConsistent();
        held.close();
        SharedLock.at(memory, 0).acquire();
        Garbage.collect();
        assertThrows(LockReentryException.class, () -> SharedLock.at(memory, 0).tryAcquire());
        assertTrue(SharedLock.at(memory, 0).isHeldByCurrentThread());
        assertNull(inAnotherThread(() -> SharedLock.at(memory, 0).tryAcquire()));
    }

    @Test
    void shouldSayWhatMemoryItNeeds() {
        MemorySegment memory = memory();
        String message = assertThrows(IllegalArgumentException.class, () -> SharedLock.at(memory, 200)).getMessage();
        assertTrue(message.contains("offset 200") && message.contains("at most 192"), message);
        for (long offset : new long[] {-1, -64, Long.MIN_VALUE, Long.MAX_VALUE, 193}) {
            assertThrows(IllegalArgumentException.class, () -> SharedLock.at(memory, offset));
        }
        message = assertThrows(IllegalArgumentException.class, () -> SharedLock.at(memory, 4)).getMessage();
        assertTrue(message.contains("a multiple of 8"), message);
        message =
                assertThrows(IllegalArgumentException.class, () -> SharedLock.at(memory.asReadOnly(), 0)).getMessage();
        assertTrue(message.contains("READ_WRITE"), message);
        message = assertThrows(IllegalArgumentException.class,
                () -> SharedLock.at(MemorySegment.ofArray(new long[8]), 0)).getMessage();
        assertTrue(message.contains("array"), message);
        message = assertThrows(IllegalArgumentException.class, () -> SharedLock.at(memory.asSlice(0, 63), 0))
                .getMessage();
        assertTrue(message.contains("63 bytes") && !message.contains("at most"), message);
        assertThrows(NullPointerException.class, () -> SharedLock.at(null, 0));
        assertThrows(NullPointerException.class, () -> SharedLock.at(memory, 0).acquire(null));
    }

    @Test
    void shouldRefuseMemoryThatHoldsSomethingElse() {
        MemorySegment memory = memory();
        memory.setString(0, "something else");
        String message = assertThrows(LockCorruptedException.class, () -> SharedLock.at(memory, 0)).getMessage();
        assertTrue(message.contains("holds no lock"), message);
        assertEquals("something else", memory.getString(0));
        for (long holder : new long[] {2, 77, 5L << 41, 1L << 63 | 5}) {
            MemorySegment other = memory();
            SharedLock lock = SharedLock.at(other, 0);
            setHolder(other, holder);
            assertThrows(LockCorruptedException.class, () -> SharedLock.at(other, 0));
            assertThrows(LockCorruptedException.class, lock::tryAcquire);
            assertThrows(LockCorruptedException.class, lock::acquire);
            assertEquals(holder, holder(other, 0));
            setHolder(other, 0);
            lock.tryAcquire().close();
        }
        MemorySegment sleepers = memory();
        sleepers.set(ValueLayout.JAVA_INT, LockWords.SLEEP_OFFSET, 3);
        message = assertThrows(LockCorruptedException.class, () -> SharedLock.at(sleepers, 0)).getMessage();
        assertTrue(message.contains("sleepers is 3"), message);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 77})
    void shouldNoticeOnReleaseThatItWasOverwritten(long with) throws Exception {
        MemorySegment memory = memory();
        SharedLock lock = SharedLock.at(memory, 0);
        SharedLock.Held held = lock.acquire();
        setHolder(memory, with);
        assertTrue(held.isLost());
        String message = assertThrows(LockException.class, held::close).getMessage();
        assertTrue(
                message.contains(with == 77 ? "overwritten while it was held: its owner is 0x4d" : "released it since"),
                message);
        assertEquals(with, holder(memory, 0), "the word is not ours to change");
        held.close();
        setHolder(memory, 0);
        lock.acquire().close();
        assertNotNull(inAnotherThread(lock::tryAcquire));
    }

    @Test
    void shouldTakeOverFromOtherProcessesOnly() throws Exception {
        MemorySegment memory = memory();
        SharedLock lock = SharedLock.at(memory, 0);
        try (SharedLock.Held held = lock.takeOver()) {
            assertFalse(held.previousOwnerDied(), "in the place of nobody");
            assertThrows(LockReentryException.class, lock::takeOver);
            String refused =
                    inAnotherThread(() -> assertThrows(LockOccupiedException.class, lock::takeOver)).getMessage();
            assertTrue(refused.contains(Thread.currentThread().toString()), refused);
            assertFalse(held.isLost());
        }
        for (long holder : new long[] {Processes.LIVING, Processes.ENDED | 1L << 63, Processes.ENDED}) {
            setHolder(memory, holder);
            try (SharedLock.Held held = lock.takeOver()) {
                assertTrue(held.previousOwnerDied());
                assertTrue(lock.isHeldByCurrentThread());
            }
            assertEquals(LockWords.INCONSISTENT, holder(memory, 0));
        }
        try (SharedLock.Held held = lock.acquire()) {
            assertTrue(held.previousOwnerDied(), "not repaired yet");
        }
    }

    @Test
    void shouldTellTheRobbedOneWhoHasTheLock() throws Exception {
        MemorySegment memory = memory();
        SharedLock lock = SharedLock.at(memory, 0);
        SharedLock.Held held = lock.acquire();
        assertFalse(held.isLost());
        setHolder(memory, Processes.LIVING);
        assertTrue(held.isLost());
        String lost = assertThrows(LockLostException.class, held::close).getMessage();
        assertTrue(lost.contains("process " + Owner.pid(Processes.LIVING) + ", which is running, has it now"), lost);
        assertEquals(Processes.LIVING, holder(memory, 0));
        assertFalse(lock.isHeldByCurrentThread());
        assertThrows(IllegalStateException.class, held::isLost);
        assertNull(inAnotherThread(lock::tryAcquire));
    }

    @Test
    void shouldSayHowToGetALockWhoseHolderCannotBeSeen() {
        MemorySegment memory = memory();
        SharedLock lock = SharedLock.at(memory, 0);
        setHolder(memory, Processes.ENDED | 1L << 63);
        String message = assertThrows(LockTimeoutException.class, () -> lock.acquire(SHORT)).getMessage();
        assertTrue(message.contains("of another namespace, of which nobody can see here whether it is running"),
                message);
        assertTrue(message.contains("or at once with takeOver, if it is known that it has terminated"), message);
    }

    @Test
    void shouldSayThatTheArenaIsClosed() throws InterruptedException {
        SharedLock lock;
        SharedLock.Held held;
        SharedLock other;
        try (Arena shorter = Arena.ofConfined()) {
            MemorySegment memory = shorter.allocate(128, 8);
            lock = SharedLock.at(memory, 0);
            held = lock.acquire();
            other = SharedLock.at(memory, 64);
        }
        assertThrows(IllegalStateException.class, other::tryAcquire);
        assertThrows(IllegalStateException.class, held::close);
        assertThrows(LockReentryException.class, lock::acquire);
        assertEquals("SharedLock[not to be seen: its memory is detached]", lock.toString());
    }

    @Test
    void shouldLetAConfinedArenaDecideWhoMayUseIt() throws Exception {
        try (Arena confined = Arena.ofConfined()) {
            SharedLock lock = SharedLock.at(confined.allocate(64, 8), 0);
            inAnotherThread(() -> assertThrows(WrongThreadException.class, lock::tryAcquire));
            assertEquals("SharedLock[not to be seen: its memory is for another thread]",
                    inAnotherThread(lock::toString));
            SharedLock.Held held = lock.tryAcquire();
            inAnotherThread(() -> assertThrows(IllegalMonitorStateException.class, held::close));
            held.close();
            lock.tryAcquire().close();
        }
    }

    @Test
    void shouldForgetLocksThatNobodyUses() {
        // The gates of a hundred thousand locks would be megabytes, were they kept.
        MemorySegment memory = memory();
        List<SharedLock> kept = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            memory.fill((byte) 0);
            kept.add(SharedLock.at(memory, 0));
        }
        assertTrue(LockGate.Gates.count() >= 1000);
        kept.clear();
        for (int i = 0; i < 50 && LockGate.Gates.count() >= 1000; i++) {
            System.gc();
            memory.fill((byte) 0);
            SharedLock.at(memory, 0);
        }
        assertTrue(LockGate.Gates.count() < 1000, () -> LockGate.Gates.count() + " are left");
    }
}
