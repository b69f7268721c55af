package io.github.shm4j;

import static io.github.shm4j.support.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.support.Blocks;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Mappings of a block in one process. */
class AttachTest {

    private final Blocks blocks = new Blocks();

    @AfterEach
    void removeBlocks() throws ShmException {
        blocks.close();
    }

    // A01
    @Test
    void shouldRefuseAnIdThatNeverWasGiven() {
        try (Arena arena = Arena.ofConfined()) {
            refused(ShmNotFoundException.class, "shmat", "EINVAL",
                    () -> SharedMemory.ofId(Integer.MAX_VALUE).attach(AttachMode.READ_WRITE, arena),
                    "shmat(2147483647, NULL, 0)", "No block in this IPC namespace has the id");
            refused(ShmNotFoundException.class, "shmat", "EINVAL",
                    () -> SharedMemory.ofId(Integer.MAX_VALUE).attach(AttachMode.READ_ONLY, arena),
                    "shmat(2147483647, NULL, SHM_RDONLY)");
        }
    }

    // A11
    @Test
    void shouldKeepOneMappingWhenTheOtherIsDetached() throws ShmException {
        SharedMemory memory = blocks.create(1000);
        try (Arena kept = Arena.ofConfined()) {
            MemorySegment one = memory.attach(AttachMode.READ_WRITE, kept);
            try (Arena closed = Arena.ofShared()) {
                MemorySegment other = memory.attach(AttachMode.READ_WRITE, closed);
                assertNotEquals(one.address(), other.address());
                assertEquals(2, memory.status().attachCount());
                one.set(ValueLayout.JAVA_LONG, 992, 0x0123_4567_89ab_cdefL);
                assertEquals(0x0123_4567_89ab_cdefL, other.get(ValueLayout.JAVA_LONG, 992));
                other.set(ValueLayout.JAVA_BYTE, 7, (byte) -3);
            }
            assertEquals(1, memory.status().attachCount());
            assertEquals(-3, one.get(ValueLayout.JAVA_BYTE, 7));
        }
        assertEquals(0, memory.status().attachCount());
    }

    // A13
    @Test
    void shouldRefuseAccessAfterDetaching() throws ShmException {
        SharedMemory memory = blocks.create(1000);
        MemorySegment segment;
        try (Arena arena = Arena.ofConfined()) {
            segment = memory.attach(AttachMode.READ_WRITE, arena);
        }
        assertThrows(IllegalStateException.class, () -> segment.get(ValueLayout.JAVA_BYTE, 0));
        assertThrows(IllegalStateException.class, () -> segment.set(ValueLayout.JAVA_BYTE, 0, (byte) 1));
        assertEquals(0, memory.status().attachCount());
    }

    // A14
    @Test
    void shouldMapReadOnlyInTheKernelAndInJava() throws ShmException, IOException {
        SharedMemory memory = blocks.create(5000);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment writable = memory.attach(AttachMode.READ_WRITE, arena);
            MemorySegment readable = memory.attach(AttachMode.READ_ONLY, arena);
            assertThrows(IllegalArgumentException.class, () -> readable.set(ValueLayout.JAVA_BYTE, 0, (byte) 1));
            assertThrows(IllegalArgumentException.class, () -> readable.asSlice(8).fill((byte) 1));
            assertTrue(readable.isReadOnly());
            assertEquals("rw-s", protection(writable));
            assertEquals("r--s", protection(readable));
        }
    }

    // A20
    @Test
    void shouldReachExactlyTheBytesThatTheBlockHas() throws ShmException {
        SharedMemory memory = blocks.create(1000);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = memory.attach(AttachMode.READ_WRITE, arena);
            assertEquals(1000, segment.byteSize());
            segment.set(ValueLayout.JAVA_BYTE, 999, (byte) 1);
            // The kernel maps the whole page, but 24 bytes of it are not the block's.
            assertThrows(IndexOutOfBoundsException.class, () -> segment.get(ValueLayout.JAVA_BYTE, 1000));
            assertThrows(IndexOutOfBoundsException.class, () -> segment.get(ValueLayout.JAVA_BYTE, -1));
            assertThrows(IndexOutOfBoundsException.class, () -> segment.asSlice(500, 501));
            assertEquals(1, segment.asSlice(500, 500).get(ValueLayout.JAVA_BYTE, 499));
        }
    }

    @Test
    void shouldAttachNothingToAnArenaThatCannotTakeIt() throws ShmException, InterruptedException {
        SharedMemory memory = blocks.create(1000);
        Arena closed = Arena.ofConfined();
        closed.close();
        assertThrows(IllegalStateException.class, () -> memory.attach(AttachMode.READ_WRITE, closed));
        try (Arena mine = Arena.ofConfined()) {
            Throwable[] seen = new Throwable[1];
            Thread other = new Thread(() -> seen[0] = assertThrows(
                    WrongThreadException.class, () -> memory.attach(AttachMode.READ_WRITE, mine)));
            other.start();
            other.join();
            assertTrue(seen[0] instanceof WrongThreadException, "it must be the arena's thread");
        }
        assertEquals(0, memory.status().attachCount());
        assertEquals(0, memory.status().lastPid(), "shmat must not even have been tried");
    }

    @Test
    void shouldNotRemoveABlockThatCouldNotBeMapped() throws ShmException {
        SharedMemory memory = blocks.create(1000);
        // Closed by somebody else when the call has checked it and is about to use it.
        Arena arena = new Arena() {
            private final Arena shared = Arena.ofShared();
            private int asked;

            @Override
            public MemorySegment allocate(long byteSize, long byteAlignment) {
                return shared.allocate(byteSize, byteAlignment);
            }

            @Override
            public MemorySegment.Scope scope() {
                if (++asked == 2) {
                    shared.close();
                }
                return shared.scope();
            }

            @Override
            public void close() {
                shared.close();
            }
        };
        assertThrows(IllegalStateException.class, () -> memory.attach(AttachMode.READ_WRITE, arena,
                AttachOption.REMOVE_ON_LAST_DETACH));
        assertFalse(memory.status().markedForRemoval());
        assertEquals(0, memory.status().attachCount());
    }

    @Test
    void shouldDetachEachMappingOfARemovedBlock() throws ShmException {
        SharedMemory memory = blocks.create(1000);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment kept = memory.attach(AttachMode.READ_WRITE, arena);
            kept.set(ValueLayout.JAVA_BYTE, 999, (byte) 7);
            memory.remove();
            // A block that is marked already can be marked again, so this succeeds; closing must detach both, once each.
            memory.attach(AttachMode.READ_WRITE, arena, AttachOption.REMOVE_ON_LAST_DETACH);
            assertEquals(2, memory.status().attachCount());
        }
        assertThrows(ShmNotFoundException.class, memory::status);
    }

    @Test
    void shouldRefuseNullAndStayDetached() throws ShmException {
        SharedMemory memory = blocks.create(1000);
        try (Arena arena = Arena.ofConfined()) {
            assertThrows(NullPointerException.class, () -> memory.attach(null, arena));
            assertThrows(NullPointerException.class, () -> memory.attach(AttachMode.READ_ONLY, null));
            assertThrows(NullPointerException.class,
                    () -> memory.attach(AttachMode.READ_ONLY, arena, (AttachOption[]) null));
            assertThrows(NullPointerException.class,
                    () -> memory.attach(AttachMode.READ_ONLY, arena, AttachOption.PRE_TOUCH, null));
            assertEquals(0, memory.status().attachCount());
        }
    }

    @Test
    void shouldGiveMemoryToEveryPageOnlyIfAskedTo() throws ShmException {
        SharedMemory untouched = blocks.create(50_001);
        SharedMemory written = blocks.create(50_001);
        SharedMemory read = blocks.create(50_001);
        try (Arena arena = Arena.ofConfined()) {
            untouched.attach(AttachMode.READ_WRITE, arena);
            assertEquals(0, resident(untouched));
            written.attach(AttachMode.READ_WRITE, arena, AttachOption.PRE_TOUCH);
            assertTrue(resident(written) >= 50_001, "resident: " + resident(written));
            read.attach(AttachMode.READ_ONLY, arena, AttachOption.PRE_TOUCH);
            assertTrue(resident(read) >= 50_001, "resident: " + resident(read));
        }
    }

    @Test
    void shouldKeepTheContentsWhenPagesAreTouched() throws ShmException {
        SharedMemory memory = blocks.create(20_011);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment first = memory.attach(AttachMode.READ_WRITE, arena);
            for (long i = 0; i < first.byteSize(); i++) {
                first.set(ValueLayout.JAVA_BYTE, i, (byte) (i * 31));
            }
            byte[] before = first.toArray(ValueLayout.JAVA_BYTE);
            for (AttachMode mode : AttachMode.values()) {
                MemorySegment touched = memory.attach(mode, arena, AttachOption.PRE_TOUCH);
                assertEquals(-1, touched.mismatch(MemorySegment.ofArray(before)), mode.toString());
            }
        }
    }

    // A22
    @Test
    void shouldReturnItsAddressesAfterManyAttachments() throws ShmException, IOException {
        SharedMemory memory = blocks.create(9001);
        for (int round = 1; round <= 500; round++) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment segment = memory.attach(AttachMode.READ_WRITE, arena);
                assertEquals(round - 1, segment.get(ValueLayout.JAVA_INT, 4096));
                segment.set(ValueLayout.JAVA_INT, 4096, round);
            }
        }
        assertEquals(0, memory.status().attachCount());
        // The inode number of a mapped block is its id.
        try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
            List<String> left = maps.filter(line -> line.contains(" " + memory.id() + " ") && line.contains("/SYSV"))
                    .toList();
            assertEquals(List.of(), left);
        }
    }

    private static long resident(SharedMemory memory) throws ShmException {
        return ListTest.find(SharedMemory.list(), memory).residentSize().orElseThrow();
    }

    private static String protection(MemorySegment segment) throws IOException {
        String start = Long.toHexString(segment.address()) + "-";
        try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
            return maps.filter(line -> line.startsWith(start)).findFirst().orElseThrow().split(" +")[1];
        }
    }
}
