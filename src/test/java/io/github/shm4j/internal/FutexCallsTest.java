package io.github.shm4j.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Patient;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Sleeping on memory and being woken. */
@Patient
class FutexCallsTest {

    private static final long DAY = TimeUnit.DAYS.toNanos(1);

    @Test
    void shouldKnowTheCallOfEachArchitecture() {
        // As in asm/unistd.h of the kernel.
        assertEquals(202, FutexCalls.number("amd64"));
        assertEquals(98, FutexCalls.number("aarch64"));
        assertEquals(98, FutexCalls.number("riscv64"));
        assertEquals(238, FutexCalls.number("s390x"));
        assertEquals(221, FutexCalls.number("ppc64le"));
        assertEquals(-1, FutexCalls.number("sparc"));
        assertTrue(FutexCalls.isAvailable());
    }

    @Test
    void shouldNotSleepWhenTheWordHasChanged() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment word = arena.allocate(ValueLayout.JAVA_INT);
            word.set(ValueLayout.JAVA_INT, 0, 5);
            assertEquals(-Errno.EAGAIN.number(), FutexCalls.sleep(word, 4, DAY));
        }
    }

    @Test
    void shouldEndTheSleepWhenTheTimeIsOver() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment word = arena.allocate(ValueLayout.JAVA_INT);
            // ETIMEDOUT, on all the supported systems.
            assertEquals(-110, FutexCalls.sleep(word, 0, 1_000_000));
            assertEquals(-110, FutexCalls.sleep(word, 0, 0));
        }
    }

    @Test
    void shouldWakeNobodyWhereNobodySleeps() {
        try (Arena arena = Arena.ofConfined()) {
            assertEquals(0, FutexCalls.wake(arena.allocate(ValueLayout.JAVA_INT), Integer.MAX_VALUE));
        }
    }

    @Test
    void shouldWakeThroughAnotherMappingOfTheSameBlock() throws ShmException {
        try (Blocks blocks = new Blocks();
                Arena arena = Arena.ofShared()) {
            SharedMemory block = blocks.create(4096);
            MemorySegment one = block.attach(AttachMode.READ_WRITE, arena).asSlice(64, 4);
            MemorySegment other = block.attach(AttachMode.READ_WRITE, arena).asSlice(64, 4);
            CompletableFuture<Integer> sleeper = CompletableFuture.supplyAsync(() -> FutexCalls.sleep(one, 0, DAY));
            while (FutexCalls.wake(other, 1) == 0) {
                Thread.onSpinWait();
            }
            assertEquals(0, sleeper.join(), "woken, not timed out");
        }
    }
}
