package io.github.shm4j.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.internal.posix.Posix;
import io.github.shm4j.internal.sysv.SysVShm;
import io.github.shm4j.internal.sysv.shmid_ds;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Mappings;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The calls tell results from errors. */
class ShmCallsTest {

    private static final int EXCLUSIVELY = SysVShm.IPC_CREAT() | SysVShm.IPC_EXCL() | 0600;

    private final Blocks blocks = new Blocks();

    @AfterEach
    void removeBlocks() throws ShmException {
        blocks.close();
    }

    // J14
    @Test
    void shouldTellAnAddressFromAnError() throws ShmException {
        SharedMemory memory = blocks.create(1000);
        long address = ShmCalls.shmat(memory.id(), 0);
        assertFalse(ShmCalls.isError(address));
        assertEquals(address, Mappings.of(memory).getFirst().start());
        assertEquals(0, ShmCalls.shmdt(address));
        assertEquals(List.of(), Mappings.of(memory));
        memory.remove();

        long failed = ShmCalls.shmat(memory.id(), 0);
        assertTrue(ShmCalls.isError(failed));
        assertEquals(-Errno.EINVAL.number(), failed);
    }

    // J14
    @Test
    void shouldTakeOnlyTheLastPageOfTheAddressSpaceForErrors() {
        assertTrue(ShmCalls.isError(-1));
        assertTrue(ShmCalls.isError(-4095));
        assertFalse(ShmCalls.isError(-4096));
        assertFalse(ShmCalls.isError(0));
        assertFalse(ShmCalls.isError(4096));
        assertFalse(ShmCalls.isError(0x7fff_ffff_f000L));
        assertFalse(ShmCalls.isError(Long.MIN_VALUE));
    }

    // A01, C03
    @Test
    void shouldReturnTheNegatedErrno() throws ShmException {
        MemorySegment struct = CallBuffers.struct();
        assertEquals(-Errno.EINVAL.number(), ShmCalls.shmctl(-1, SysVShm.IPC_STAT(), struct));
        assertEquals(-Errno.EINVAL.number(), ShmCalls.shmctl(blocks.create(1000).id(), 999, struct));
        assertEquals(-Errno.EINVAL.number(), ShmCalls.shmat(-1, 0));
        assertEquals(-Errno.EINVAL.number(), ShmCalls.shmget(SysVShm.IPC_PRIVATE(), 0, EXCLUSIVELY));
        assertEquals(-Errno.EINVAL.number(), ShmCalls.shmget(SysVShm.IPC_PRIVATE(), -1, EXCLUSIVELY));
        assertEquals(-Errno.ENOENT.number(), ShmCalls.shmget(blocks.freeKey().value(), 0, 0));
        try (Arena arena = Arena.ofConfined()) {
            assertEquals(-Errno.ENOENT.number(), ShmCalls.ftok(arena.allocateFrom("/no/such/file"), 'j'));
        }
        // Page 0 is never mapped.
        assertEquals(-Errno.EINVAL.number(), ShmCalls.shmdt(0));
        assertEquals(-Errno.ENOMEM.number(), ShmCalls.madvise(0, 4096, Posix.MADV_POPULATE_READ()));
    }

    // A12
    @Test
    void shouldRefuseToDetachWhatIsNotTheStartOfAMapping() throws ShmException {
        SharedMemory memory = blocks.create(5000);
        long address = ShmCalls.shmat(memory.id(), 0);
        assertFalse(ShmCalls.isError(address));
        try {
            assertEquals(-Errno.EINVAL.number(), ShmCalls.shmdt(address + 1));
            assertEquals(-Errno.EINVAL.number(), ShmCalls.shmdt(address + 4096));
            assertEquals(1, memory.status().attachCount());
        } finally {
            assertEquals(0, ShmCalls.shmdt(address));
        }
        assertEquals(0, memory.status().attachCount());
    }

    // F02
    @Test
    void shouldReturnNegativeKeysAsUnsignedNumbers() {
        try (Arena arena = Arena.ofConfined()) {
            long key = ShmCalls.ftok(arena.allocateFrom("/"), 0xff);
            assertEquals(0xff, key >>> 24);
            assertEquals(key & 0xff_ffff, ShmCalls.ftok(arena.allocateFrom("/"), 'a') & 0xff_ffff);
        }
    }

    // J13
    @Test
    void shouldGiveEachThreadBuffersOfItsOwn() {
        MemorySegment mine = CallBuffers.captured();
        assertEquals(mine, CallBuffers.captured());
        MemorySegment others = CompletableFuture.supplyAsync(CallBuffers::captured, command -> Thread.ofVirtual()
                .start(command))
                .join();
        assertTrue(mine.asOverlappingSlice(others).isEmpty());
        assertTrue(mine.asOverlappingSlice(CallBuffers.struct()).isPresent());
        assertTrue(CallBuffers.struct().byteSize() >= shmid_ds.sizeof());
    }
}
