package io.github.shm4j;

import static io.github.shm4j.support.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Lasting;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What removal takes away, what it leaves, and what cannot be had back. */
class RemovalTest {

    private final Blocks blocks = new Blocks();

    @AfterEach
    void removeBlocks() throws ShmException {
        blocks.close();
    }

    // C16, G16
    @Test
    void shouldNotMistakeANewBlockForARemovedOne() throws ShmException {
        ShmKey key = blocks.freeKey();
        SharedMemory old = SharedMemory.create(key, 1000);
        old.remove();
        SharedMemory young = SharedMemory.create(key, 1000);
        Lasting before = Lasting.of(young.status());
        assertNotEquals(old.id(), young.id());
        assertNotEquals(old, young);
        refused(ShmNotFoundException.class, "shmat", "EINVAL",
                () -> old.attach(AttachMode.READ_WRITE, Arena.ofAuto()), "a new one gets a new id");
        refused(ShmNotFoundException.class, "shmctl", "EINVAL", old::status, "it has been removed");
        refused(ShmNotFoundException.class, "shmctl", "EINVAL", old::remove);
        refused(ShmNotFoundException.class, "shmctl", "EINVAL", old::lockInMemory);
        refused(ShmNotFoundException.class, "shmctl", "EINVAL",
                () -> old.setPermissions(ShmPermissions.ofWorldWritable(0666)));
        refused(ShmNotFoundException.class, "shmat", "EINVAL", old::wipe);
        assertEquals(before, Lasting.of(young.status()));
    }

    // A17, fault 9
    @Test
    void shouldStayUsableForThoseWhoHaveItMapped() throws ShmException {
        ShmKey key = blocks.freeKey();
        SharedMemory memory = SharedMemory.create(key, 1000, ShmPermissions.of(0640));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment one = memory.attach(AttachMode.READ_WRITE, arena);
            MemorySegment two = memory.attach(AttachMode.READ_ONLY, arena);
            memory.remove();
            one.set(ValueLayout.JAVA_INT, 996, 123_456_789);
            assertEquals(123_456_789, two.get(ValueLayout.JAVA_INT, 996));

            ShmStatus status = memory.status();
            assertTrue(status.markedForRemoval());
            assertEquals(ShmKey.PRIVATE, status.key());
            assertEquals(0640, status.permissions().mode());
            assertEquals(2, status.attachCount());
            assertEquals(1000, status.size());
            refused(ShmNotFoundException.class, "shmget", "ENOENT", () -> SharedMemory.open(key));

            // Linux lets others in by id until the last one has left.
            MemorySegment late = memory.attach(AttachMode.READ_ONLY, arena);
            assertEquals(123_456_789, late.get(ValueLayout.JAVA_INT, 996));
            memory.remove();
            assertEquals(3, memory.status().attachCount());
        }
        refused(ShmNotFoundException.class, "shmctl", "EINVAL", memory::status);
    }

    // Fault 10
    // fault 10
    @Test
    void shouldGiveTheKeyToANewBlockOfAnotherSize() throws ShmException {
        ShmKey key = blocks.freeKey();
        SharedMemory old = SharedMemory.create(key, 1000);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment oldBytes = old.attach(AttachMode.READ_WRITE, arena);
            oldBytes.fill((byte) 7);
            old.remove();
            SharedMemory young = SharedMemory.create(key, 23_456);
            MemorySegment youngBytes = SharedMemory.open(key).attach(AttachMode.READ_WRITE, arena);
            assertEquals(23_456, youngBytes.byteSize());
            youngBytes.fill((byte) 8);
            assertEquals(1000, oldBytes.byteSize());
            assertEquals(7, oldBytes.get(ValueLayout.JAVA_BYTE, 999));
            assertEquals(1000, old.status().size());
            assertEquals(23_456, young.status().size());
            assertEquals(1, young.status().attachCount());
        }
    }

    // C17
    @Test
    void shouldNotShowANewBlockWhatAnOldOneHeld() throws ShmException {
        ShmKey key = blocks.freeKey();
        SharedMemory old = SharedMemory.create(key, 8191);
        try (Arena arena = Arena.ofConfined()) {
            old.attach(AttachMode.READ_WRITE, arena).fill((byte) 0xa5);
        }
        old.remove();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = SharedMemory.create(key, 8191).attach(AttachMode.READ_ONLY, arena);
            assertEquals(-1, bytes.mismatch(MemorySegment.ofArray(new byte[8191])));
        }
    }

    @Test
    void shouldWipeTheWholeBlock() throws ShmException {
        SharedMemory memory = blocks.create(10_001);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = memory.attach(AttachMode.READ_WRITE, arena);
            bytes.fill((byte) 0xa5);
            memory.wipe();
            assertEquals(-1, bytes.mismatch(MemorySegment.ofArray(new byte[10_001])));
            assertEquals(1, memory.status().attachCount());
        }
    }

    @Test
    void shouldLeaveASparseBlockSparseWhenWiping() throws ShmException {
        SharedMemory memory = blocks.create(1L << 33, ShmPermissions.OWNER_ONLY, CreateOption.NO_RESERVE);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = memory.attach(AttachMode.READ_WRITE, arena);
            bytes.set(ValueLayout.JAVA_BYTE, (1L << 33) - 1, (byte) 1);
            memory.wipe();
            assertEquals(0, SharedMemory.list().stream()
                    .filter(status -> status.id() == memory.id())
                    .findFirst()
                    .orElseThrow()
                    .residentSize()
                    .orElseThrow());
            assertEquals(0, bytes.get(ValueLayout.JAVA_BYTE, (1L << 33) - 1));
        }
    }

    @Test
    void shouldGoWithTheLastMappingIfAskedTo() throws ShmException {
        ShmKey key = blocks.freeKey();
        SharedMemory memory = SharedMemory.create(key, 1000);
        try (Arena first = Arena.ofConfined()) {
            memory.attach(AttachMode.READ_WRITE, first);
            try (Arena last = Arena.ofShared()) {
                MemorySegment bytes = memory.attach(AttachMode.READ_WRITE, last, AttachOption.REMOVE_ON_LAST_DETACH);
                bytes.set(ValueLayout.JAVA_BYTE, 999, (byte) 1);
                assertTrue(memory.status().markedForRemoval());
                assertThrows(ShmNotFoundException.class, () -> SharedMemory.open(key));
            }
            assertEquals(1, memory.status().attachCount());
        }
        refused(ShmNotFoundException.class, "shmctl", "EINVAL", memory::status);
    }

    @Test
    void shouldTouchAndRemoveInOneAttachment() throws ShmException {
        SharedMemory memory = blocks.create(9001);
        try (Arena arena = Arena.ofConfined()) {
            memory.attach(AttachMode.READ_WRITE, arena, AttachOption.REMOVE_ON_LAST_DETACH, AttachOption.PRE_TOUCH);
            ShmStatus listed = ListTest.find(SharedMemory.list(), memory);
            assertTrue(listed.markedForRemoval());
            assertTrue(listed.residentSize().orElseThrow() >= 9001);
        }
        assertThrows(ShmNotFoundException.class, memory::status);
    }
}
