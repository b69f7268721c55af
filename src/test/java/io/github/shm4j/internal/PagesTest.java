package io.github.shm4j.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.internal.sysv.SysVShm;
import io.github.shm4j.support.Peers;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Backing memory, in the way of new kernels and in the way that is left for old ones. */
class PagesTest {

    private static final int OWNER_ONLY = 0600;
    private static final long HUGE = 4L << 20;

    private int id = -1;
    private long address;

    @AfterEach
    void removeBlock() {
        if (id >= 0) {
            ShmCalls.shmdt(address);
            assertEquals(0, ShmCalls.shmctl(id, SysVShm.IPC_RMID(), MemorySegment.NULL));
        }
    }

    @Test
    void shouldBackEveryPageAndLeaveTheContents() throws IOException {
        map(100_001, 0);
        Restricted.view(address, 100_001).set(ValueLayout.JAVA_BYTE, 100_000, (byte) 7);

        assertEquals(0, Pages.touch(address, 100_001, false));
        assertTrue(residentBytes() >= 100_001);
        assertEquals(7, Restricted.view(address, 100_001).get(ValueLayout.JAVA_BYTE, 100_000));
    }

    @Test
    void shouldBackEveryPageByReading() throws IOException {
        map(100_001, 0);

        assertEquals(0, Pages.read(address, 100_001));
        assertTrue(residentBytes() >= 100_001);
    }

    @Test
    void shouldReportMemoryThatIsNotThereInBothWays() throws IOException {
        Peers.require(noHugePages(), "a machine without huge pages");
        map(HUGE, SysVShm.SHM_HUGETLB() | SysVShm.SHM_NORESERVE());

        assertFalse(Pages.touch(address, HUGE, false) >= 0);
        assertFalse(Pages.touch(address, HUGE, true) >= 0);
        // The JVM reports the fault in another way once it has compiled the loop.
        for (int i = 0; i < 2000; i++) {
            assertEquals(-Errno.ENOMEM.number(), Pages.read(address, HUGE));
        }
    }

    private void map(long size, int flags) {
        int result = ShmCalls.shmget(SysVShm.IPC_PRIVATE(), size, SysVShm.IPC_CREAT() | OWNER_ONLY | flags);
        Peers.require(result != -Errno.EPERM.number(), "permission to use huge pages");
        id = result;
        address = ShmCalls.shmat(id, 0);
        assertFalse(ShmCalls.isError(address));
    }

    private long residentBytes() throws IOException {
        for (ProcSysvipc.Row row : ProcSysvipc.read()) {
            if (row.id() == id) {
                return row.residentBytes();
            }
        }
        throw new AssertionError("block " + id + " is not listed");
    }

    private static boolean noHugePages() throws IOException {
        return Files.readString(Path.of("/proc/sys/vm/nr_hugepages")).strip().equals("0")
                && Files.readString(Path.of("/proc/sys/vm/nr_overcommit_hugepages")).strip().equals("0");
    }
}
