package io.github.shm4j.shmop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.AttachMode;
import io.github.shm4j.CreateOption;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmAlreadyExistsException;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmLimitException;
import io.github.shm4j.ShmNotFoundException;
import io.github.shm4j.ShmPermissions;
import io.github.shm4j.ShmTrust;
import io.github.shm4j.support.Blocks;
import java.io.Serializable;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Constructor;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What opening, reading, writing and deleting do, edge by edge. */
class ShmopTest {

    private static final ShmPermissions MODE = ShmPermissions.OWNER_ONLY;

    private final Blocks blocks = new Blocks();

    @AfterEach
    void removeBlocks() throws ShmException {
        blocks.close();
    }

    /** A new block of 1000 bytes, of which the one at i is i % 251. */
    private Shmop thousand(ShmKey key) throws ShmException {
        Shmop block = Shmop.open(key, "n", MODE, 1000);
        byte[] bytes = new byte[1000];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i % 251);
        }
        block.write(bytes, 0);
        return block;
    }

    private static long id(ShmKey key) throws ShmException {
        return SharedMemory.open(key).id();
    }

    private static long attachCount(ShmKey key) throws ShmException {
        return SharedMemory.open(key).status().attachCount();
    }

    private static void assertIllegal(String message, Executable call) {
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, call);
        assertTrue(refused.getMessage().startsWith(message), refused.getMessage());
    }

    // P01
    @ParameterizedTest
    @ValueSource(strings = {"", "b", "cc", "C", "A", "a ", " a", "r", "rw", "aw", "\0", "ä"})
    void shouldRefuseOtherModesBeforeAnythingElse(String mode) throws ShmException {
        ShmKey key = blocks.freeKey();
        assertIllegal("mode is \"" + mode + "\"; it must be \"a\"", () -> Shmop.open(key, mode, MODE, -1));
        assertIllegal("mode is \"" + mode + "\"", () -> Shmop.open(key, mode, MODE, 1000));
        assertIllegal("mode is \"" + mode + "\"", () -> Shmop.open(key, mode));
        assertThrows(ShmNotFoundException.class, () -> SharedMemory.open(key));
    }

    // P02
    @ParameterizedTest
    @ValueSource(strings = {"a", "w"})
    void shouldNotFindABlockThatNobodyMade(String mode) throws ShmException {
        ShmKey key = blocks.freeKey();
        ShmNotFoundException missing =
                assertThrows(ShmNotFoundException.class, () -> Shmop.open(key, mode, MODE, 1000));
        assertEquals("ENOENT", missing.errnoName());
        assertEquals("shmget", missing.call());
        assertTrue(missing.getMessage().startsWith("shmget(" + key + ", 0, 0): ENOENT"), missing.getMessage());
        assertTrue(missing.getMessage().contains("create it first"), missing.getMessage());
        assertThrows(ShmNotFoundException.class, () -> Shmop.open(key, mode));
    }

    // P03
    @ParameterizedTest
    @ValueSource(strings = {"a", "w"})
    void shouldRefuseToLookForThePrivateKey(String mode) {
        assertIllegal("key is IPC_PRIVATE", () -> Shmop.open(ShmKey.PRIVATE, mode, MODE, 1000));
        assertIllegal("key is IPC_PRIVATE", () -> Shmop.open(ShmKey.PRIVATE, mode));
    }

    // P04
    @ParameterizedTest
    @CsvSource({"c, 0", "c, -1", "n, 0", "n, -1", "n, -9223372036854775808"})
    void shouldRefuseToCreateWithoutASize(String mode, long size) throws ShmException {
        ShmKey free = blocks.freeKey();
        assertIllegal("size is " + size + "; it must be greater than 0", () -> Shmop.open(free, mode, MODE, size));
        assertThrows(ShmNotFoundException.class, () -> SharedMemory.open(free));
        ShmKey taken = blocks.freeKey();
        try (Shmop _ = thousand(taken)) {
            assertIllegal("size is " + size, () -> Shmop.open(taken, mode, MODE, size));
            assertEquals(1, attachCount(taken));
        }
    }

    // P05
    @ParameterizedTest
    @ValueSource(strings = {"a", "w"})
    void shouldRefuseANegativeSizeEvenWhereNoneIsUsed(String mode) throws ShmException {
        ShmKey key = blocks.freeKey();
        assertIllegal("size is -1; it must be 0 or greater", () -> Shmop.open(key, mode, MODE, -1));
    }

    // P06
    @Test
    void shouldRefuseToMakeANewBlockWithAKeyThatIsTaken() throws ShmException {
        ShmKey key = blocks.freeKey();
        try (Shmop first = thousand(key)) {
            for (long size : new long[] {1, 1000, 5000}) {
                ShmAlreadyExistsException taken =
                        assertThrows(ShmAlreadyExistsException.class, () -> Shmop.open(key, "n", MODE, size));
                assertEquals("EEXIST", taken.errnoName());
                assertTrue(taken.getMessage().contains(key.toString()), taken.getMessage());
                assertTrue(taken.getMessage().contains("ipcrm -M " + key), taken.getMessage());
                assertTrue(
                        taken.getMessage().contains("created by process " + ProcessHandle.current().pid()),
                        taken.getMessage());
            }
            assertEquals(7, first.read(7, 1)[0]);
        }
    }

    // P07
    @Test
    void shouldOpenWithModeCWhatIsLargeEnough() throws ShmException {
        ShmKey key = blocks.freeKey();
        try (Shmop _ = thousand(key)) {
            for (long size : new long[] {1, 999, 1000}) {
                try (Shmop opened = Shmop.open(key, "c", MODE, size)) {
                    assertEquals(1000, opened.size());
                    assertEquals(42, opened.read(42, 1)[0]);
                }
            }
            for (long size : new long[] {1001, 4096, 4097, Long.MAX_VALUE}) {
                ShmException tooSmall = assertThrows(ShmException.class, () -> Shmop.open(key, "c", MODE, size));
                assertEquals("EINVAL", tooSmall.errnoName());
                assertEquals("shmget", tooSmall.call());
                assertTrue(
                        tooSmall.getMessage().contains(" bytes, fewer than " + size + ":"),
                        tooSmall.getMessage());
            }
            assertEquals(1, attachCount(key));
        }
    }

    // P08
    @ParameterizedTest
    @ValueSource(strings = {"a", "w"})
    void shouldTakeTheSizeFromTheKernel(String mode) throws ShmException {
        ShmKey key = blocks.freeKey();
        try (Shmop _ = thousand(key)) {
            for (long size : new long[] {0, 10, 99999, Long.MAX_VALUE}) {
                try (Shmop opened = Shmop.open(key, mode, MODE, size)) {
                    assertEquals(1000, opened.size());
                    assertEquals(1000, opened.read(0, 0).length);
                }
            }
            try (Shmop opened = Shmop.open(key, mode)) {
                assertEquals(1000, opened.size());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"c", "n"})
    void shouldCreateABlockOfZerosWithTheGivenSizeAndPermissions(String mode) throws ShmException {
        ShmKey key = blocks.freeKey();
        try (Shmop block = Shmop.open(key, mode, ShmPermissions.of(0640), 5003)) {
            assertEquals(5003, block.size());
            assertArrayEquals(new byte[5003], block.read(0, 0));
            assertEquals(ShmPermissions.of(0640), SharedMemory.open(key).status().permissions());
            assertEquals(1, attachCount(key));
        }
        assertEquals(0, attachCount(key));
    }

    @Test
    void shouldRefuseTheModesThatCannotCreateWithoutTheirArguments() throws ShmException {
        ShmKey key = blocks.freeKey();
        assertIllegal("size is 0", () -> Shmop.open(key, "c"));
        assertIllegal("size is 0", () -> Shmop.open(key, "n"));
    }

    @Test
    void shouldRefuseNulls() throws ShmException {
        ShmKey key = blocks.freeKey();
        assertThrows(NullPointerException.class, () -> Shmop.open(null, "n", MODE, 1));
        assertThrows(NullPointerException.class, () -> Shmop.open(key, null, MODE, 1));
        assertThrows(NullPointerException.class, () -> Shmop.open(key, "n", null, 1));
        assertThrows(NullPointerException.class, () -> Shmop.open(key, "n", MODE, 1, null));
        assertThrows(ShmNotFoundException.class, () -> SharedMemory.open(key));
        try (Shmop block = Shmop.open(key, "n", MODE, 1)) {
            assertThrows(NullPointerException.class, () -> block.write(null, 0));
            assertThrows(NullPointerException.class, () -> block.writeUpTo(null, 0));
            assertThrows(NullPointerException.class, () -> block.read(0, null, 0, 0));
        }
    }

    @Test
    void shouldLeaveNothingWhenTheSizeIsMoreThanTheSystemHas() throws ShmException {
        ShmKey key = blocks.freeKey();
        for (String mode : new String[] {"c", "n"}) {
            ShmLimitException limit = assertThrows(
                    ShmLimitException.class, () -> Shmop.open(key, mode, MODE, Long.MAX_VALUE));
            assertEquals("shmget", limit.call());
            assertThrows(ShmNotFoundException.class, () -> SharedMemory.open(key));
        }
    }

    // P09, P10
    @Test
    void shouldReadToTheEndWhenTheCountIsZero() throws ShmException {
        try (Shmop block = thousand(blocks.freeKey())) {
            assertEquals(1000, block.read(0, 0).length);
            byte[] tail = block.read(10, 0);
            assertEquals(990, tail.length);
            assertEquals(10, tail[0]);
            assertEquals((byte) (999 % 251), tail[989]);
            assertEquals(0, block.read(1000, 0).length);
        }
    }

    @Test
    void shouldReadExactlyWhatIsAskedFor() throws ShmException {
        try (Shmop block = thousand(blocks.freeKey())) {
            assertArrayEquals(new byte[] {3, 4, 5, 6, 7}, block.read(3, 5));
            assertArrayEquals(new byte[] {(byte) (999 % 251)}, block.read(999, 1));
            assertEquals(1000, block.read(0, 1000).length);
        }
    }

    // P10, P11
    @Test
    void shouldRefuseToReadOutsideOfTheBlock() throws ShmException {
        try (Shmop block = thousand(blocks.freeKey())) {
            assertIllegal("count is 1; it must be from 0 to 0", () -> block.read(1000, 1));
            assertIllegal("offset is 1001; it must be from 0 to 1000", () -> block.read(1001, 0));
            assertIllegal("offset is -1; it must be from 0 to 1000", () -> block.read(-1, 1));
            assertIllegal("count is -1; it must be from 0 to 1000", () -> block.read(0, -1));
            assertIllegal("count is 1001; it must be from 0 to 1000", () -> block.read(0, 1001));
            assertIllegal("count is 2; it must be from 0 to 1", () -> block.read(999, 2));
            assertIllegal("count is 2147483647", () -> block.read(1, Integer.MAX_VALUE));
            assertIllegal("count is 9223372036854775807", () -> block.read(1, Long.MAX_VALUE));
            assertIllegal("offset is 9223372036854775807", () -> block.read(Long.MAX_VALUE, 1));
            assertIllegal("offset is -9223372036854775808", () -> block.read(Long.MIN_VALUE, 0));
        }
    }

    @Test
    void shouldReadIntoAnArrayOfTheCaller() throws ShmException {
        try (Shmop block = thousand(blocks.freeKey())) {
            byte[] target = new byte[9];
            Arrays.fill(target, (byte) -1);
            block.read(100, target, 2, 5);
            assertArrayEquals(new byte[] {-1, -1, 100, 101, 102, 103, 104, -1, -1}, target);
            block.read(1000, target, 9, 0);
            block.read(0, target, 0, 0);
            assertArrayEquals(new byte[] {-1, -1, 100, 101, 102, 103, 104, -1, -1}, target);
            block.read(0, new byte[0], 0, 0);
            block.read(991, target, 0, 9);
            assertEquals((byte) (991 % 251), target[0]);
        }
    }

    @Test
    void shouldRefuseToReadOutsideOfTheArray() throws ShmException {
        try (Shmop block = thousand(blocks.freeKey())) {
            byte[] target = new byte[9];
            assertIllegal("from is 5 and count 5; the array has only 9 bytes", () -> block.read(0, target, 5, 5));
            assertIllegal("from is -1 and count 5", () -> block.read(0, target, -1, 5));
            assertIllegal("from is 0 and count 10", () -> block.read(0, target, 0, 10));
            assertIllegal("from is 10 and count 0", () -> block.read(0, target, 10, 0));
            assertIllegal("from is 2147483647 and count 1", () -> block.read(0, target, Integer.MAX_VALUE, 1));
            assertIllegal("from is -2147483648 and count 1", () -> block.read(0, target, Integer.MIN_VALUE, 1));
            assertIllegal("count is -1; it must be from 0 to 1000", () -> block.read(0, target, 0, -1));
            assertIllegal("count is 9; it must be from 0 to 8", () -> block.read(992, target, 0, 9));
            assertIllegal("offset is -1", () -> block.read(-1, target, 0, 1));
            assertIllegal("offset is 1001", () -> block.read(1001, target, 0, 0));
            assertArrayEquals(new byte[9], target);
        }
    }

    // J18
    @Test
    void shouldReachEveryByteOfABlockLargerThanAnArray() throws ShmException {
        long size = (1L << 32) + 17;
        SharedMemory memory = blocks.create(size, MODE, CreateOption.NO_RESERVE);
        ShmKey key = memory.status().key();
        byte[] bytes = "beyond".getBytes(StandardCharsets.US_ASCII);
        try (Shmop block = Shmop.open(key, "w");
                Shmop sameSize = Shmop.open(key, "c", MODE, size)) {
            assertEquals(size, block.size());
            assertEquals(6, block.write(bytes, (1L << 31) + 15));
            assertEquals(5, block.writeUpTo(bytes, size - 5));
            assertArrayEquals(bytes, sameSize.read((1L << 31) + 15, 6));
            assertEquals("beyon", new String(sameSize.read(size - 5, 0), StandardCharsets.US_ASCII));
            byte[] target = new byte[6];
            sameSize.read((1L << 31) + 15, target, 0, 6);
            assertArrayEquals(bytes, target);
            assertIllegal("count is 0; 4294967313 bytes do not fit into an array", () -> block.read(0, 0));
            assertIllegal("count is 4294967312; ", () -> block.read(1, size - 1));
            assertIllegal("count is 18; it must be from 0 to 17", () -> block.read(1L << 32, 18));
            assertIllegal("offset is 4294967314; it must be from 0 to 4294967313", () -> block.read(size + 1, 0));
        }
    }

    // P13
    @Test
    void shouldRefuseAWriteThatDoesNotFitAndWriteNothing() throws ShmException {
        try (Shmop block = thousand(blocks.freeKey())) {
            byte[] before = block.read(0, 0);
            assertIllegal(
                    "bytes has 5 bytes; from offset 998 only 2 fit: nothing was written",
                    () -> block.write(new byte[5], 998));
            assertIllegal("bytes has 1 bytes; from offset 1000 only 0 fit", () -> block.write(new byte[1], 1000));
            assertIllegal("bytes has 2000 bytes; from offset 0", () -> block.write(new byte[2000], 0));
            assertArrayEquals(before, block.read(0, 0));
        }
    }

    // P13, P14
    @Test
    void shouldWriteWhatFitsIfAskedTo() throws ShmException {
        try (Shmop block = thousand(blocks.freeKey())) {
            assertEquals(2, block.writeUpTo("hello".getBytes(StandardCharsets.US_ASCII), 998));
            assertEquals("he", new String(block.read(998, 2), StandardCharsets.US_ASCII));
            assertEquals((byte) (997 % 251), block.read(997, 1)[0]);
            assertEquals(0, block.writeUpTo(new byte[1], 1000));
            assertEquals(0, block.writeUpTo(new byte[0], 1000));
            assertEquals(3, block.writeUpTo(new byte[3], 0));
            assertEquals(1000, block.writeUpTo(new byte[2000], 0));
            assertArrayEquals(new byte[1000], block.read(0, 0));
        }
    }

    // P14
    @Test
    void shouldWriteUpToTheLastByte() throws ShmException {
        try (Shmop block = thousand(blocks.freeKey())) {
            assertEquals(0, block.write(new byte[0], 1000));
            assertEquals(0, block.write(new byte[0], 0));
            assertEquals(1, block.write(new byte[] {77}, 999));
            assertEquals(77, block.read(999, 1)[0]);
            assertEquals(1000, block.write(new byte[1000], 0));
            assertArrayEquals(new byte[1000], block.read(0, 0));
        }
    }

    // P15
    @Test
    void shouldRefuseToStartWritingOutsideOfTheBlock() throws ShmException {
        try (Shmop block = thousand(blocks.freeKey())) {
            byte[] before = block.read(0, 0);
            for (long offset : new long[] {-1, 1001, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 32}) {
                for (byte[] bytes : new byte[][] {{}, {1}, {1, 2, 3}}) {
                    String message = "offset is " + offset + "; it must be from 0 to 1000";
                    assertIllegal(message, () -> block.write(bytes, offset));
                    assertIllegal(message, () -> block.writeUpTo(bytes, offset));
                }
            }
            assertArrayEquals(before, block.read(0, 0));
        }
    }

    // P16
    @Test
    void shouldRefuseToWriteWhatIsOpenReadOnlyBeforeLookingAtTheOffset() throws ShmException {
        ShmKey key = blocks.freeKey();
        try (Shmop _ = thousand(key);
                Shmop readOnly = Shmop.open(key, "a")) {
            for (long offset : new long[] {0, -5, 1000, 5000}) {
                for (byte[] bytes : new byte[][] {{}, {1}}) {
                    IllegalStateException refused =
                            assertThrows(IllegalStateException.class, () -> readOnly.write(bytes, offset));
                    assertTrue(refused.getMessage().contains("block " + id(key)), refused.getMessage());
                    assertTrue(refused.getMessage().contains("open it with mode \"w\""), refused.getMessage());
                    assertThrows(IllegalStateException.class, () -> readOnly.writeUpTo(bytes, offset));
                }
            }
            assertEquals(5, readOnly.read(5, 1)[0]);
        }
    }

    @Test
    void shouldDeleteWhatIsOpenReadOnly() throws ShmException {
        ShmKey key = blocks.freeKey();
        thousand(key).close();
        try (Shmop readOnly = Shmop.open(key, "a")) {
            readOnly.delete();
            assertThrows(ShmNotFoundException.class, () -> Shmop.open(key, "a"));
        }
    }

    // P18
    @Test
    void shouldStayUsableAfterDeletion() throws ShmException {
        ShmKey key = blocks.freeKey();
        Shmop block = thousand(key);
        SharedMemory memory = SharedMemory.open(key);
        try (block) {
            block.delete();
            assertThrows(ShmNotFoundException.class, () -> Shmop.open(key, "w"));
            assertEquals(1000, block.size());
            assertEquals(9, block.read(9, 1)[0]);
            assertEquals(3, block.write(new byte[] {1, 2, 3}, 997));
            assertArrayEquals(new byte[] {1, 2, 3}, block.read(997, 0));
            block.delete();
            assertTrue(memory.status().markedForRemoval());
        }
        ShmNotFoundException gone = assertThrows(ShmNotFoundException.class, memory::status);
        assertEquals("EINVAL", gone.errnoName());
    }

    @Test
    void shouldNotTouchASuccessorWithTheSameKey() throws ShmException {
        ShmKey key = blocks.freeKey();
        try (Shmop old = thousand(key)) {
            old.delete();
            try (Shmop successor = Shmop.open(key, "n", MODE, 77)) {
                assertEquals(1000, old.size());
                assertArrayEquals(new byte[77], successor.read(0, 0));
                old.delete();
                assertEquals(77, SharedMemory.open(key).status().size());
            }
        }
    }

    // P23
    @ParameterizedTest
    @ValueSource(strings = {"c", "n"})
    void shouldMakeIndependentBlocksWithThePrivateKey(String mode) throws ShmException {
        try (Shmop first = Shmop.open(ShmKey.PRIVATE, mode, MODE, 1003);
                Shmop second = Shmop.open(ShmKey.PRIVATE, mode, MODE, 1003)) {
            first.delete();
            second.delete();
            first.write(new byte[] {1, 2, 3}, 0);
            assertArrayEquals(new byte[1003], second.read(0, 0));
            assertNotEquals(first.toString(), second.toString());
        }
    }

    // P24
    @Test
    void shouldBeBinarySafe() throws ShmException {
        byte[] bytes = new byte[70_003];
        new Random(24).nextBytes(bytes);
        try (Shmop block = Shmop.open(blocks.freeKey(), "n", MODE, bytes.length + 7)) {
            block.write(new byte[] {'a', 0, 'b', -1}, 0);
            assertArrayEquals(new byte[] {0x61, 0, 0x62, -1}, block.read(0, 4));
            block.write(bytes, 7);
            assertArrayEquals(bytes, block.read(7, 0));
        }
    }

    // P26
    @Test
    void shouldNotBeConstructibleCopyableOrSerialisable() {
        for (Constructor<?> constructor : Shmop.class.getDeclaredConstructors()) {
            assertTrue(Modifier.isPrivate(constructor.getModifiers()), constructor.toString());
        }
        assertTrue(Modifier.isFinal(Shmop.class.getModifiers()));
        assertFalse(Cloneable.class.isAssignableFrom(Shmop.class));
        assertFalse(Serializable.class.isAssignableFrom(Shmop.class));
    }

    @Test
    void shouldDetachOnCloseAndLeaveTheBlock() throws ShmException {
        ShmKey key = blocks.freeKey();
        Shmop first = thousand(key);
        Shmop second = Shmop.open(key, "w");
        assertEquals(2, attachCount(key));
        first.close();
        assertEquals(1, attachCount(key));
        second.write(new byte[] {99}, 0);
        second.close();
        assertEquals(0, attachCount(key));
        try (Shmop third = Shmop.open(key, "a")) {
            assertEquals(99, third.read(0, 1)[0]);
        }
    }

    @Test
    void shouldIgnoreFurtherCloses() throws ShmException {
        ShmKey key = blocks.freeKey();
        Shmop block = thousand(key);
        try (Shmop other = Shmop.open(key, "a")) {
            block.close();
            block.close();
            block.close();
            assertEquals(1, attachCount(key));
            assertEquals(4, other.read(4, 1)[0]);
        }
    }

    @Test
    void shouldRefuseEverythingButCloseWhenClosed() throws ShmException {
        ShmKey key = blocks.freeKey();
        Shmop block = thousand(key);
        Shmop readOnly = Shmop.open(key, "a");
        block.close();
        readOnly.close();
        byte[] target = new byte[1];
        Executable[] calls = {
            () -> block.read(0, 0),
            () -> block.read(-1, -1),
            () -> block.read(0, target, 0, 1),
            () -> block.read(0, null, 0, 1),
            () -> block.write(target, 0),
            () -> block.write(target, -5),
            () -> block.writeUpTo(target, 0),
            () -> block.writeUpTo(target, 1001),
            block::size,
            block::delete,
            () -> readOnly.write(target, 0),
            readOnly::delete,
        };
        for (Executable call : calls) {
            IllegalStateException closed = assertThrows(IllegalStateException.class, call);
            assertEquals("block " + id(key) + " is closed here: open it again", closed.getMessage());
        }
        assertEquals(1000, SharedMemory.open(key).status().size());
    }

    @Test
    void shouldSayWhatItIs() throws ShmException {
        ShmKey key = blocks.freeKey();
        Shmop block = thousand(key);
        assertEquals("Shmop[id=" + id(key) + ", size=1000]", block.toString());
        block.close();
        assertEquals("Shmop[id=" + id(key) + ", closed]", block.toString());
    }

    @Test
    void shouldShareMemoryWithMappingsOfTheCore() throws ShmException {
        ShmKey key = blocks.freeKey();
        try (Shmop block = thousand(key);
                Arena arena = Arena.ofConfined()) {
            MemorySegment segment = SharedMemory.open(key).attach(AttachMode.READ_WRITE, arena);
            block.write(new byte[] {11, 12, 13}, 501);
            assertEquals(12, segment.get(ValueLayout.JAVA_BYTE, 502));
            segment.set(ValueLayout.JAVA_BYTE, 999, (byte) 14);
            assertEquals(14, block.read(999, 1)[0]);
        }
    }

    @Test
    void shouldOpenWithModeCWhatTheCallerMadeWhicheverTrustIsAsked() throws ShmException {
        ShmKey key = blocks.freeKey();
        try (Shmop _ = thousand(key)) {
            for (ShmTrust trust : new ShmTrust[] {
                ShmTrust.anyone(), ShmTrust.callerOrRoot(), ShmTrust.callerOrRoot().withoutOtherWriters()
            }) {
                try (Shmop opened = Shmop.open(key, "c", MODE, 1000, trust)) {
                    assertEquals(1000, opened.size());
                }
            }
        }
    }

    // F04
    @ParameterizedTest
    @ValueSource(strings = {"", "ab", "\0", "Ā", "\ud83d\ude00", "jj"})
    void shouldRefuseAProjectThatIsNotOneByte(String project, @TempDir Path directory) {
        assertIllegal("project is \"" + project + "\"; it must be one character", () -> Shmop.ftok(directory, project));
    }

    @Test
    void shouldTakeTheCharacterAndNotTheDigitForTheProject(@TempDir Path directory) throws Exception {
        Path file = Files.createFile(directory.resolve("file"));
        assertEquals(ShmKey.ftok(file, '0'), Shmop.ftok(file, "0"));
        assertEquals(ShmKey.ftok(file, 48), Shmop.ftok(file, "0"));
        assertEquals(ShmKey.ftok(file, 'j'), Shmop.ftok(file, "j"));
        assertEquals(ShmKey.ftok(file, 1), Shmop.ftok(file, "\u0001"));
        assertEquals(ShmKey.ftok(file, 0xff), Shmop.ftok(file, "\u00ff"));
        assertThrows(NullPointerException.class, () -> Shmop.ftok(file, null));
        assertThrows(NullPointerException.class, () -> Shmop.ftok(null, "j"));
        ShmException missing = assertThrows(ShmException.class, () -> Shmop.ftok(directory.resolve("missing"), "j"));
        assertEquals("ENOENT", missing.errnoName());
    }
}
