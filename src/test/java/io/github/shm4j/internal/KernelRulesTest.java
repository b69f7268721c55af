package io.github.shm4j.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmNotFoundException;
import io.github.shm4j.internal.sysv.SysVShm;
import io.github.shm4j.internal.sysv.shmid_ds;
import io.github.shm4j.support.Blocks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the kernel does with arguments that the public methods never pass, and that the calls report it unchanged. */
class KernelRulesTest {

    private final Blocks blocks = new Blocks();

    @AfterEach
    void removeBlocks() throws ShmException {
        blocks.close();
    }

    // G01
    @Test
    void shouldNotFindWithTheExclusiveFlagAlone() throws ShmException {
        ShmKey key = blocks.freeKey();
        assertEquals(-Errno.ENOENT.number(), ShmCalls.shmget(key.value(), 16, 0));
        assertEquals(-Errno.ENOENT.number(), ShmCalls.shmget(key.value(), 16, SysVShm.IPC_EXCL()));
    }

    // G13
    @Test
    void shouldRefuseSizesThatNoFileCanHave() throws ShmException {
        ShmKey key = blocks.freeKey();
        int flags = SysVShm.IPC_CREAT() | SysVShm.IPC_EXCL() | SysVShm.SHM_NORESERVE() | 0600;
        assertEquals(-Errno.EINVAL.number(), ShmCalls.shmget(key.value(), Long.MIN_VALUE, flags));
        assertEquals(-Errno.EINVAL.number(), ShmCalls.shmget(key.value(), -1, flags));
        assertThrows(ShmNotFoundException.class, () -> SharedMemory.open(key));
    }

    // G15
    @Test
    void shouldCreateWithThePrivateKeyWhateverTheFlags() throws ShmException {
        int first = ShmCalls.shmget(ShmKey.PRIVATE.value(), 1000, 0600);
        blocks.adopt(SharedMemory.ofId(first));
        int second = ShmCalls.shmget(ShmKey.PRIVATE.value(), 1000, SysVShm.IPC_EXCL() | 0600);
        blocks.adopt(SharedMemory.ofId(second));
        assertNotEquals(first, second);
        assertEquals(1000, SharedMemory.ofId(second).status().size());
    }

    // A12
    @Test
    void shouldDetachOnlyWhatIsAttachedThere() throws ShmException {
        SharedMemory memory = blocks.create(5000);
        long address = ShmCalls.shmat(memory.id(), 0);
        assertTrue(!ShmCalls.isError(address));
        int notThere = -Errno.EINVAL.number();
        assertEquals(notThere, ShmCalls.shmdt(0));
        assertEquals(notThere, ShmCalls.shmdt(address + 1));
        assertEquals(notThere, ShmCalls.shmdt(address + 4096));
        assertEquals(1, memory.status().attachCount());
        assertEquals(0, ShmCalls.shmdt(address));
        assertEquals(0, memory.status().attachCount());
    }

    // C03
    @Test
    void shouldRefuseCommandsThatAreNone() throws ShmException {
        SharedMemory memory = blocks.create(1000);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment struct = arena.allocate(shmid_ds.layout());
            assertEquals(-Errno.EINVAL.number(), ShmCalls.shmctl(memory.id(), -1, struct));
            assertEquals(-Errno.EINVAL.number(), ShmCalls.shmctl(memory.id(), 999, struct));
            assertEquals(-Errno.EINVAL.number(), ShmCalls.shmctl(-1, SysVShm.IPC_STAT(), struct));
        }
    }

    // C04
    @Test
    void shouldReportABufferThatIsNone() throws ShmException {
        SharedMemory memory = blocks.create(1000);
        assertEquals(-Errno.EFAULT.number(), ShmCalls.shmctl(memory.id(), SysVShm.IPC_STAT(), MemorySegment.NULL));
        assertEquals(-Errno.EFAULT.number(), ShmCalls.shmctl(memory.id(), SysVShm.IPC_SET(), MemorySegment.NULL));
    }

    // C06
    @Test
    void shouldStoreOnlyTheNinePermissionBits() throws ShmException {
        SharedMemory memory = blocks.create(1000);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment struct = arena.allocate(shmid_ds.layout());
            assertEquals(0, ShmCalls.shmctl(memory.id(), SysVShm.IPC_STAT(), struct));
            MemorySegment perm = shmid_ds.shm_perm(struct);
            io.github.shm4j.internal.sysv.ipc_perm.mode(perm, (short) -1);
            assertEquals(0, ShmCalls.shmctl(memory.id(), SysVShm.IPC_SET(), struct));
        }
        assertEquals(0777, memory.status().permissions().mode());
        assertTrue(!memory.status().markedForRemoval() && !memory.status().locked());
    }

    // J13, J14
    @Test
    void shouldTellFailureFromAddresses() throws ShmException {
        SharedMemory memory = blocks.create(1000);
        SharedMemory gone = blocks.create(1000);
        gone.remove();
        assertEquals(-Errno.EINVAL.number(), ShmCalls.shmat(gone.id(), 0));
        // The errno of the failure before is still there, and nobody looks at it.
        long address = ShmCalls.shmat(memory.id(), 0);
        assertTrue(address > 0, Long.toHexString(address));
        assertEquals(0, ShmCalls.shmdt(address));
        assertTrue(ShmCalls.isError(-1) && ShmCalls.isError(-4095));
        assertTrue(!ShmCalls.isError(0) && !ShmCalls.isError(-4096) && !ShmCalls.isError(Long.MIN_VALUE));
    }
}
