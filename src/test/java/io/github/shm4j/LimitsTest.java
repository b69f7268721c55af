package io.github.shm4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Machine;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The limits of the system that the tests run on. */
class LimitsTest {

    private final Blocks blocks = new Blocks();

    @AfterEach
    void removeBlocks() throws ShmException {
        blocks.close();
    }

    // C11, L02
    @Test
    void shouldAgreeWithTheKernelsOwnFiles() throws ShmException, IOException {
        ShmLimits limits = ShmLimits.current();
        assertEquals(number("shmmax"), limits.maxSize());
        assertEquals(number("shmall"), limits.maxPages());
        assertEquals(number("shmmni"), BigInteger.valueOf(limits.maxBlocks()));
        assertEquals(1, limits.minSize());
        assertTrue(limits.maxSize().signum() > 0 && limits.maxPages().signum() > 0, limits.toString());
        assertEquals(ShmLimits.ask(), limits);
    }

    // C12
    @Test
    void shouldCountAtLeastTheBlocksOfThisTest() throws ShmException {
        SharedMemory memory = blocks.create(50_001);
        ShmUsage usage = ShmUsage.current();
        assertTrue(usage.blocks() >= 1, usage.toString());
        assertTrue(usage.totalPages() >= Machine.pages(50_001), usage.toString());
        // 15 of the bits of an id are the index in the kernel's table.
        assertTrue(usage.highestIndex() >= (memory.id() & 0x7fff), usage + " " + memory);
    }

    private static BigInteger number(String name) throws IOException {
        // Line by line: the kernel gives such a file to one read call or not at all, and readString makes several.
        return new BigInteger(Files.readAllLines(Path.of("/proc/sys/kernel", name)).getFirst());
    }
}
