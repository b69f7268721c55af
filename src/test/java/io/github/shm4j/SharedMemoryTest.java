package io.github.shm4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.support.Blocks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
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
}
