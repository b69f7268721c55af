package io.github.shm4j;

import static io.github.shm4j.support.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Machine;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Blocks of huge pages, of which there are not enough: most systems have none at all. */
class HugePagesTest {

    private final Blocks blocks = new Blocks();

    @BeforeEach
    void requirePrivileges() {
        Machine.requireHugePages();
    }

    @AfterEach
    void removeBlocks() throws ShmException {
        blocks.close();
    }

    // G18
    @Test
    void shouldSayThatThereAreNotEnoughHugePages() throws ShmException {
        ShmKey key = blocks.freeKey();
        long size = Machine.moreThanItsHugePages();
        refused(ShmLimitException.class, "shmget", "ENOMEM",
                () -> SharedMemory.create(key, size, ShmPermissions.OWNER_ONLY, CreateOption.HUGE_PAGES),
                "shmget(" + key + ", " + size + ", IPC_CREAT|IPC_EXCL|SHM_HUGETLB|0600)", "huge pages",
                "/proc/sys/vm/nr_hugepages");
        assertThrows(ShmNotFoundException.class, () -> SharedMemory.open(key));
    }

    // G18
    @Test
    void shouldRefuseAPageSizeThatTheSystemDoesNotHave() throws ShmException {
        ShmKey key = blocks.freeKey();
        for (long pageSize : new long[] {2, 8192, 1L << 62}) {
            refused(ShmException.class, "shmget", "EINVAL",
                    () -> SharedMemory.create(
                            key, 1000, ShmPermissions.OWNER_ONLY, CreateOption.hugePages(pageSize)),
                    "SHM_HUGETLB|" + Long.numberOfTrailingZeros(pageSize) + "<<SHM_HUGE_SHIFT",
                    "no huge pages of this size",
                    "/sys/kernel/mm/hugepages");
        }
        assertThrows(ShmNotFoundException.class, () -> SharedMemory.open(key));
    }

    // Fault 22
    @Test
    void shouldSayOnAttachingThatPagesCannotBeBacked() throws ShmException {
        SharedMemory memory = blocks.create(
                Machine.moreThanItsHugePages(), ShmPermissions.OWNER_ONLY, CreateOption.HUGE_PAGES,
                CreateOption.NO_RESERVE);
        try (Arena arena = Arena.ofConfined()) {
            for (AttachMode mode : AttachMode.values()) {
                ShmLimitException refusal = assertThrows(
                        ShmLimitException.class, () -> memory.attach(mode, arena, AttachOption.PRE_TOUCH));
                refused(ShmLimitException.class, "madvise", refusal.errnoName(),
                        () -> memory.attach(mode, arena, AttachOption.PRE_TOUCH), "block " + memory.id(), "cannot back",
                        "CreateOption.NO_RESERVE");
                assertEquals(0, memory.status().attachCount());
            }
        }
    }

    @Test
    void shouldKeepABlockThatCouldNotBeAttached() throws ShmException {
        SharedMemory memory = blocks.create(
                Machine.moreThanItsHugePages(), ShmPermissions.OWNER_ONLY, CreateOption.HUGE_PAGES,
                CreateOption.NO_RESERVE);
        try (Arena arena = Arena.ofConfined()) {
            assertThrows(ShmLimitException.class, () -> memory.attach(
                    AttachMode.READ_WRITE, arena, AttachOption.PRE_TOUCH, AttachOption.REMOVE_ON_LAST_DETACH));
            assertEquals(0, memory.status().attachCount());
            assertThrows(ShmLimitException.class, () -> memory.attach(
                    AttachMode.READ_WRITE, arena, AttachOption.REMOVE_ON_LAST_DETACH, AttachOption.PRE_TOUCH));
            assertEquals(0, memory.status().attachCount());
        }
    }
}
