package io.github.shm4j;

import static io.github.shm4j.support.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.github.shm4j.support.Blocks;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Blocks of more bytes than an int can count; they are sparse, so hardly any of it is in memory. */
class LargeBlocksTest {

    private static final long GIB = 1L << 30;

    private final Blocks blocks = new Blocks();

    @AfterEach
    void removeBlocks() throws ShmException {
        blocks.close();
    }

    // J18
    @Test
    void shouldReachBeyondTwoGibibytes() throws ShmException {
        shouldReachTheEndOf(2 * GIB + 17);
    }

    // J18
    @Test
    void shouldReachBeyondFourGibibytes() throws ShmException {
        shouldReachTheEndOf(4 * GIB + 16);
    }

    // G14
    @Test
    void shouldReachTheEndOfATebibyte() throws ShmException {
        shouldReachTheEndOf(1024 * GIB + 3);
    }

    private void shouldReachTheEndOf(long size) throws ShmException {
        SharedMemory memory = blocks.create(size, ShmPermissions.OWNER_ONLY, CreateOption.NO_RESERVE);
        assertEquals(size, memory.status().size());
        assertEquals(size, ListTest.find(SharedMemory.list(), memory).size());
        ShmKey key = memory.status().key();
        assertEquals(memory, SharedMemory.open(key, size));
        refused(ShmException.class, "shmget", "EINVAL", () -> SharedMemory.open(key, size + 1), "" + (size + 1));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment writer = memory.attach(AttachMode.READ_WRITE, arena);
            MemorySegment reader = memory.attach(AttachMode.READ_ONLY, arena);
            assertEquals(size, reader.byteSize());
            for (long offset : new long[] {0, (1L << 31) - 1, 1L << 31, (1L << 31) + 15, size - 1}) {
                writer.set(ValueLayout.JAVA_BYTE, offset, (byte) 77);
                assertEquals(77, reader.get(ValueLayout.JAVA_BYTE, offset));
                writer.set(ValueLayout.JAVA_BYTE, offset, (byte) 0);
            }
            assertThrows(IndexOutOfBoundsException.class, () -> reader.get(ValueLayout.JAVA_BYTE, size));
            assertThrows(IllegalStateException.class, reader::asByteBuffer);
        }
        long resident = ListTest.find(SharedMemory.list(), memory).residentSize().orElseThrow();
        // At most one page for each place written to, even if the system uses huge ones for shared memory.
        assertTrue(resident <= 5 * (2L << 20), "resident: " + resident);
    }

    // G14
    @Test
    void shouldSayThatThereIsNotEnoughMemory() throws ShmException, IOException {
        List<String> overcommit = Files.readAllLines(Path.of("/proc/sys/vm/overcommit_memory"));
        assumeFalse(overcommit.getFirst().equals("1"), "this system refuses nothing");
        ShmKey key = blocks.freeKey();
        for (long size : new long[] {1L << 47, Long.MAX_VALUE}) {
            refused(ShmLimitException.class, "shmget", "ENOMEM", () -> SharedMemory.create(key, size),
                    "shmget(" + key + ", " + size, "not enough memory", "CreateOption.NO_RESERVE");
            refused(ShmLimitException.class, "shmget", "ENOMEM", () -> SharedMemory.openOrCreate(key, size));
        }
        assertThrows(ShmNotFoundException.class, () -> SharedMemory.open(key));
    }
}
