package io.github.shm4j.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.ShmException;
import io.github.shm4j.internal.posix.Posix;
import io.github.shm4j.internal.sysv.SysVShm;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Machine;
import io.github.shm4j.support.Peers;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Backing memory, in the way of new kernels and in the way that is left for old ones. */
class PagesTest {

    private static final int OWNER_ONLY = 0600;
    private static final long HUGE = 4L << 20;
    private static final long PAGE = Pages.size();

    private int id = -1;
    private long address;

    private final Blocks blocks = new Blocks();

    @AfterEach
    void removeBlock() throws ShmException {
        blocks.close();
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
        Machine.takeAllHugePages(blocks);
        map(HUGE, SysVShm.SHM_HUGETLB() | SysVShm.SHM_NORESERVE());

        assertFalse(Pages.touch(address, HUGE, false) >= 0);
        assertFalse(Pages.touch(address, HUGE, true) >= 0);
        // The JVM reports the fault in another way once it has compiled the loop.
        for (int i = 0; i < 2000; i++) {
            assertEquals(-Errno.ENOMEM.number(), Pages.read(address, HUGE));
        }
    }

    @Test
    void shouldKnowTheSizeOfAPage() {
        assertEquals(Child.command("getconf", "PAGESIZE").run().ok(), Long.toString(Pages.size()));
        assertEquals(Posix.getpagesize(), AuxiliaryVector.pageSize());
    }

    @Test
    void shouldTakeNoSizeFromAVectorThatDoesNotStateIt() {
        assertEquals(65_536, AuxiliaryVector.pageSize(words(3, 64, 6, 65_536, 0, 0)));
        assertEquals(0, AuxiliaryVector.pageSize(words()));
        assertEquals(0, AuxiliaryVector.pageSize(words(3, 6, 4, 4096, 0, 0)));
        assertEquals(0, AuxiliaryVector.pageSize(words(6)));
        assertEquals(0, AuxiliaryVector.pageSize(words(6, 0)));
        assertEquals(0, AuxiliaryVector.pageSize(words(6, 4097)));
        assertEquals(0, AuxiliaryVector.pageSize(words(6, Long.MIN_VALUE)));
    }

    private static byte[] words(long... words) {
        ByteBuffer bytes = ByteBuffer.allocate(words.length * Long.BYTES).order(ByteOrder.nativeOrder());
        for (long word : words) {
            bytes.putLong(word);
        }
        return bytes.array();
    }

    @Test
    void shouldBackEveryPageOfAMappingThatCannotBeWritten() throws IOException {
        map(100_001, 0);
        assertEquals(0, ShmCalls.shmdt(address));
        address = ShmCalls.shmat(id, SysVShm.SHM_RDONLY());

        assertEquals(0, Pages.touch(address, 100_001, true));
        assertTrue(residentBytes() >= 100_001);
    }

    @Test
    void shouldReportAddressesThatNothingIsMappedAt() {
        // Far from where the kernel and the JVM put anything. What was just detached, another thread may get at once.
        long unmapped = 1L << 44;
        assertEquals(-Errno.ENOMEM.number(), Pages.touch(unmapped, 4 * PAGE, false));
        assertEquals(-Errno.ENOMEM.number(), Pages.remove(unmapped, 4 * PAGE));
    }

    @Test
    void shouldTakeMemoryAwayAndLeaveZeros() throws IOException {
        map(4 * PAGE, 0);
        MemorySegment memory = Restricted.view(address, 4 * PAGE).fill((byte) 7);

        assertEquals(0, Pages.remove(address, 2 * PAGE));
        assertEquals(2 * PAGE, residentBytes());
        assertEquals(0, memory.get(ValueLayout.JAVA_BYTE, 2 * PAGE - 1));
        assertEquals(7, memory.get(ValueLayout.JAVA_BYTE, 2 * PAGE));
    }

    /** An offset and a length, each of so many pages and so many bytes more, and how many pages these are in. */
    @ParameterizedTest
    @CsvSource({
        "0, 0,    0, 0, 0",
        "0, 0,    0, 1, 1",
        "1, -1,   0, 1, 1",
        "0, 0,    1, 0, 1",
        "0, 0,    1, 1, 2",
        "1, -1,   0, 2, 2",
        "0, 4000, 1, 0, 2",
        "3, 5,    2, 0, 3",
        "2, 0,    2, 0, 2"
    })
    void shouldReadTheOnesAskedForAndNoOthers(int atPage, int atByte, int pages, int bytes, int expected)
            throws IOException {
        map(16 * PAGE, 0);

        Pages.requireMemory(Restricted.view(address, 16 * PAGE), atPage * PAGE + atByte, pages * PAGE + bytes);
        assertEquals(expected * PAGE, residentBytes());
    }

    @Test
    void shouldStoreZerosOverZerosOnly() throws IOException {
        map(16 * PAGE, 0);
        MemorySegment memory = Restricted.view(address, 16 * PAGE);
        memory.set(ValueLayout.JAVA_LONG, 120, -1);

        Pages.requireMemoryToWrite(memory, 120, 2 * PAGE + 120, 128);
        assertEquals(2 * PAGE, residentBytes(), "the end is not one of them");
        assertEquals(-1, memory.get(ValueLayout.JAVA_LONG, 120));
        memory.set(ValueLayout.JAVA_LONG, 120, 0);
        assertEquals(-1, memory.asSlice(0, 2 * PAGE).mismatch(MemorySegment.ofArray(new byte[2 * (int) PAGE])));
    }

    @Test
    void shouldFaultBeforeAnythingElseHappens() throws IOException {
        Machine.takeAllHugePages(blocks);
        map(HUGE, SysVShm.SHM_HUGETLB() | SysVShm.SHM_NORESERVE());
        MemorySegment memory = Restricted.view(address, HUGE);
        MemorySegment good = MemorySegment.ofArray(new long[1 << 10]);
        int reached = 0;
        // The JVM reports the fault in another way once it has compiled the loops.
        for (int i = 0; i < 20_000; i++) {
            Pages.requireMemory(good, 0, 8 << 10);
            Pages.requireMemoryToWrite(good, 120, 8 << 10, 128);
        }
        for (int i = 0; i < 1000; i++) {
            try {
                Pages.requireMemory(memory, 0, 64 << 10);
                reached++;
            } catch (InternalError noMemory) {
                // As it must be.
            }
            try {
                Pages.requireMemoryToWrite(memory, 120, 8 << 10, 128);
                reached++;
            } catch (InternalError noMemory) {
                // As it must be.
            }
        }
        assertEquals(0, reached);
    }

    /** As a kernel before 5.14 answers that does not know the advice: EINVAL. */
    @Test
    void shouldReadEachPageWhereTheKernelRefusesTheAdvice() throws IOException {
        map(100_001, 0);
        assertEquals(0, ShmCalls.shmdt(address));
        address = ShmCalls.shmat(id, SysVShm.SHM_RDONLY());

        assertEquals(-Errno.EINVAL.number(), ShmCalls.madvise(address, 100_001, Posix.MADV_POPULATE_WRITE()));
        assertEquals(0, Pages.touch(address, 100_001, false));
        assertTrue(residentBytes() >= 100_001);
    }

    @Test
    void shouldNotTakeReadingForStoring() {
        MemorySegment readOnly = MemorySegment.ofArray(new long[16]).asReadOnly();
        Pages.requireMemory(readOnly, 0, 128);
        assertThrows(IllegalArgumentException.class, () -> Pages.requireMemoryToWrite(readOnly, 120, 128, 128));
    }

    /** Compiled code goes on after a fault: no statement behind the call that met it may run. */
    @Test
    void shouldFaultBeforeTheCallerGoesOn(@TempDir Path directory) {
        // Compiled when it is called often, and not some time later.
        assertEquals("reading: 100 faults, went on 0\nwriting: 100 faults, went on 0",
                Child.java(GoingOn.class, directory).jvm("-XX:TieredStopAtLevel=4", "-Xbatch").run().ok());
    }

    /** Prints how often it has got past a fault. */
    static final class GoingOn {

        private static int wentOn;

        public static void main(String... arguments) throws IOException {
            try (Arena arena = Arena.ofConfined();
                    FileChannel whole = open(Path.of(arguments[0], "whole"));
                    FileChannel half = open(Path.of(arguments[0], "half"))) {
                // Of the same class as the other, or the compiled code would be thrown away before the fault.
                MemorySegment good = whole.map(FileChannel.MapMode.READ_WRITE, 0, 2 * PAGE, arena);
                MemorySegment bad = half.map(FileChannel.MapMode.READ_WRITE, 0, 2 * PAGE, arena);
                half.truncate(PAGE);
                fault("reading", GoingOn::read, good, bad);
                fault("writing", GoingOn::write, good, bad);
            }
        }

        private static void fault(String what, Consumer<MemorySegment> access, MemorySegment good, MemorySegment bad) {
            for (int i = 0; i < 200_000; i++) {
                access.accept(good);
            }
            wentOn = 0;
            int faults = 0;
            for (int i = 0; i < 100; i++) {
                try {
                    access.accept(bad);
                } catch (InternalError fault) {
                    faults++;
                }
            }
            System.out.println(what + ": " + faults + " faults, went on " + wentOn);
        }

        private static void read(MemorySegment memory) {
            // Only the last byte is on the second page.
            Pages.requireMemory(memory, PAGE - 1, 2);
            wentOn++;
        }

        private static void write(MemorySegment memory) {
            Pages.requireMemoryToWrite(memory, PAGE - 8, PAGE + 8, 8);
            wentOn++;
        }
    }

    private static FileChannel open(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
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
}
