package io.github.shm4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.support.Blocks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a block is to one process that creates, maps and removes it. */
class SharedMemoryTest {

    private final Blocks blocks = new Blocks();

    @AfterEach
    void removeBlocks() throws ShmException {
        blocks.close();
    }

    @Test
    void shouldReadBackWhatWasWrittenThroughAnotherMapping() throws ShmException {
        SharedMemory memory = blocks.create(1000);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment first = memory.attach(AttachMode.READ_WRITE, arena);
            MemorySegment second = memory.attach(AttachMode.READ_ONLY, arena);
            first.setString(3, "shared");
            assertEquals("shared", second.getString(3));
            assertNotEquals(first.address(), second.address());
        }
    }

    @Test
    void shouldRefuseToAttachAfterRemoval() throws ShmException {
        SharedMemory memory = blocks.create(1000);
        memory.remove();
        ShmNotFoundException refused = assertThrows(
                ShmNotFoundException.class, () -> memory.attach(AttachMode.READ_WRITE, Arena.ofAuto()));
        assertEquals("EINVAL", refused.errnoName());
        assertEquals("shmat", refused.call());
        assertTrue(refused.getMessage().contains("shmat(" + memory.id()), refused.getMessage());
    }

    @Test
    void shouldBeTheSameBlockIfTheIdIsTheSame() throws ShmException {
        SharedMemory memory = blocks.create(1000);
        SharedMemory other = blocks.create(1000);
        SharedMemory found = SharedMemory.open(memory.status().key());
        assertEquals(memory, found);
        assertEquals(memory, SharedMemory.ofId(memory.id()));
        assertEquals(memory.hashCode(), found.hashCode());
        assertNotEquals(memory, other);
        assertNotEquals(memory, (Object) memory.id());
        assertEquals("SharedMemory[id=" + memory.id() + "]", memory.toString());
    }

    // J13
    @Test
    void shouldGiveEachThreadItsOwnError() throws Exception {
        ShmKey free = blocks.freeKey();
        ShmKey taken = blocks.freeKey();
        SharedMemory memory = SharedMemory.create(taken, 1000);
        SharedMemory removed = blocks.create(1000);
        removed.remove();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<?>> results = List.of(
                    threads.submit(() -> repeat("ENOENT", () -> SharedMemory.open(free))),
                    threads.submit(() -> repeat("EINVAL", removed::status)),
                    threads.submit(() -> repeat("EEXIST", () -> SharedMemory.create(taken, 1000))),
                    threads.submit(() -> repeat("", memory::status)));
            for (Future<?> result : results) {
                result.get();
            }
        }
    }

    private static Void repeat(String errno, Callable<?> call) throws Exception {
        for (int i = 0; i < 5000; i++) {
            String seen = "";
            try {
                call.call();
            } catch (ShmException refused) {
                seen = refused.errnoName();
            }
            assertEquals(errno, seen);
        }
        return null;
    }
}
