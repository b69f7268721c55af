package io.github.shm4j.shmop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmAlreadyExistsException;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmNotFoundException;
import io.github.shm4j.ShmPermissions;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Conversation;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** PHP itself beside its counterpart: each edge is tried in both, with the same block. */
class PhpSemanticsIT {

    private static final ShmPermissions MODE = ShmPermissions.OWNER_ONLY;
    private static final HexFormat HEX = HexFormat.of();

    private static Conversation php;

    private final Blocks blocks = new Blocks();

    @BeforeAll
    static void startPhp() {
        php = Conversation.php();
    }

    @AfterAll
    static void endPhp() {
        if (php != null) {
            php.close();
        }
    }

    @AfterEach
    void removeBlocks() throws ShmException {
        php.ask("$b = $c = null");
        blocks.close();
    }

    /** A block of 1000 zeros, open in PHP as $b too. */
    private Shmop both(ShmKey key, String mode) throws ShmException {
        Shmop.open(key, "n", MODE, 1000).close();
        assertEquals("Shmop", php.ask("$b = shmop_open(%d, '%s', 0, 0)", key.value(), mode.equals("c") ? "w" : mode));
        return Shmop.open(key, mode, MODE, mode.equals("c") ? 1 : 0);
    }

    private static void assertValueError(String code, String fragment) {
        String answer = php.ask(code);
        assertTrue(answer.startsWith("ValueError: "), code + ": " + answer);
        assertTrue(answer.contains(fragment), code + ": " + answer);
    }

    private static void assertWarning(String code, String fragment) {
        String answer = php.ask(code);
        assertTrue(answer.startsWith("false ("), code + ": " + answer);
        assertTrue(answer.contains(fragment), code + ": " + answer);
    }

    private static void assertIllegal(String message, Executable call) {
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, call);
        assertTrue(refused.getMessage().startsWith(message), refused.getMessage());
    }

    // P01
    @ParameterizedTest
    @ValueSource(strings = {"", "b", "cc", "C"})
    void shouldBothRefuseOtherModes(String mode) throws ShmException {
        ShmKey key = blocks.freeKey();
        assertValueError("shmop_open(" + key.value() + ", '" + mode + "', 0600, -1)", "#2 ($mode) must be");
        assertIllegal("mode is \"" + mode + "\"", () -> Shmop.open(key, mode, MODE, -1));
    }

    // P02
    @ParameterizedTest
    @ValueSource(strings = {"a", "w"})
    void shouldBothFindNothingWithAFreeKey(String mode) throws ShmException {
        ShmKey key = blocks.freeKey();
        assertWarning("shmop_open(" + key.value() + ", '" + mode + "', 0, 0)", "No such file or directory");
        ShmNotFoundException missing = assertThrows(ShmNotFoundException.class, () -> Shmop.open(key, mode));
        assertEquals("ENOENT", missing.errnoName());
    }

    // P03
    @ParameterizedTest
    @ValueSource(strings = {"a", "w"})
    void shouldBothRefuseToLookForThePrivateKey(String mode) {
        assertWarning("shmop_open(0, '" + mode + "', 0, 0)", "Invalid argument");
        assertIllegal("key is IPC_PRIVATE", () -> Shmop.open(ShmKey.PRIVATE, mode));
    }

    // P04
    @ParameterizedTest
    @CsvSource({"c, 0", "c, -1", "n, 0", "n, -1"})
    void shouldBothWantASizeWhereABlockMayBeMade(String mode, long size) throws ShmException {
        ShmKey key = blocks.freeKey();
        String code = "shmop_open(" + key.value() + ", '" + mode + "', 0600, " + size + ")";
        assertValueError(code, "#4 ($size) must be greater than 0");
        assertIllegal("size is " + size, () -> Shmop.open(key, mode, MODE, size));
        try (Shmop _ = Shmop.open(key, "n", MODE, 1000)) {
            assertValueError(code, "#4 ($size) must be greater than 0");
            assertIllegal("size is " + size, () -> Shmop.open(key, mode, MODE, size));
        }
    }

    // P05
    @Test
    void shouldRefuseANegativeSizeAsTheVersionsAfterPhp8Do() throws ShmException {
        ShmKey key = blocks.freeKey();
        String answer = php.ask("shmop_open(%d, 'a', 0600, -1)", key.value());
        assertTrue(
                answer.startsWith("ValueError: ") || answer.startsWith("false (") && answer.contains("No such file"),
                answer);
        assertIllegal("size is -1", () -> Shmop.open(key, "a", MODE, -1));
    }

    // P06
    @Test
    void shouldBothRefuseANewBlockWithATakenKey() throws ShmException {
        ShmKey key = blocks.freeKey();
        try (Shmop _ = Shmop.open(key, "n", MODE, 1000)) {
            assertWarning("shmop_open(" + key.value() + ", 'n', 0600, 1000)", "File exists");
            assertThrows(ShmAlreadyExistsException.class, () -> Shmop.open(key, "n", MODE, 1000));
        }
    }

    // P07
    @Test
    void shouldBothOpenWithModeCOnlyWhatIsLargeEnough() throws ShmException {
        ShmKey key = blocks.freeKey();
        try (Shmop _ = Shmop.open(key, "n", MODE, 1000)) {
            for (long size : new long[] {1, 999, 1000}) {
                assertEquals("1000", php.ask("shmop_size(shmop_open(%d, 'c', 0600, %d))", key.value(), size));
                try (Shmop opened = Shmop.open(key, "c", MODE, size)) {
                    assertEquals(1000, opened.size());
                }
            }
            for (long size : new long[] {1001, 4096, 99999}) {
                assertWarning("shmop_open(" + key.value() + ", 'c', 0600, " + size + ")", "Invalid argument");
                ShmException tooSmall = assertThrows(ShmException.class, () -> Shmop.open(key, "c", MODE, size));
                assertEquals("EINVAL", tooSmall.errnoName());
            }
        }
    }

    // P08
    @ParameterizedTest
    @ValueSource(strings = {"a", "w"})
    void shouldBothTakeTheSizeFromTheKernel(String mode) throws ShmException {
        ShmKey key = blocks.freeKey();
        try (Shmop _ = Shmop.open(key, "n", MODE, 1000)) {
            for (long size : new long[] {0, 10, 99999}) {
                assertEquals(
                        "1000", php.ask("shmop_size(shmop_open(%d, '%s', 0, %d))", key.value(), mode, size));
                try (Shmop opened = Shmop.open(key, mode, MODE, size)) {
                    assertEquals(1000, opened.size());
                }
            }
        }
    }

    // P09, P10
    @ParameterizedTest
    @CsvSource({"0, 0, 1000", "10, 0, 990", "1000, 0, 0", "999, 0, 1", "0, 1000, 1000", "3, 5, 5", "999, 1, 1"})
    void shouldBothReadAsMuch(long offset, long count, int expected) throws ShmException {
        try (Shmop block = both(blocks.freeKey(), "a")) {
            assertEquals(Integer.toString(expected), php.ask("strlen(shmop_read($b, %d, %d))", offset, count));
            assertEquals(expected, block.read(offset, count).length);
        }
    }

    // P10, P11
    @ParameterizedTest
    @CsvSource({
        "1000, 1, count", "1001, 0, offset", "-1, 1, offset", "0, -1, count", "0, 1001, count", "999, 2, count",
        "1, 2147483647, count", "2147483647, 1, offset"
    })
    void shouldBothRefuseToReadOutside(long offset, long count, String argument) throws ShmException {
        try (Shmop block = both(blocks.freeKey(), "a")) {
            String code = "shmop_read($b, " + offset + ", " + count + ")";
            assertValueError(code, argument.equals("offset") ? "#2 ($offset)" : "#3 ($size)");
            assertIllegal(argument + " is ", () -> block.read(offset, count));
        }
    }

    // P13, P14
    @ParameterizedTest
    @CsvSource({"998, 5, 2", "1000, 1, 0", "0, 2000, 1000", "999, 2, 1"})
    void shouldTruncateOnlyWithTheMethodThatSaysSo(long offset, int count, int fitting) throws ShmException {
        try (Shmop block = both(blocks.freeKey(), "w")) {
            byte[] bytes = "x".repeat(count).getBytes();
            assertIllegal("bytes has " + count + " bytes", () -> block.write(bytes, offset));
            assertArrayEquals(new byte[1000], block.read(0, 0));
            assertEquals(fitting, block.writeUpTo(bytes, offset));
            String written = HEX.formatHex(block.read(0, 0));
            block.write(new byte[1000], 0);

            String answer = php.ask("shmop_write($b, str_repeat('x', %d), %d)", count, offset);
            // The versions after 8 do as write does.
            if (answer.startsWith("ValueError")) {
                assertArrayEquals(new byte[1000], block.read(0, 0));
            } else {
                assertEquals(Integer.toString(fitting), answer);
                assertEquals(written, HEX.formatHex(block.read(0, 0)));
            }
        }
    }

    // P14
    @ParameterizedTest
    @CsvSource({"1000, 0", "0, 0", "999, 1", "0, 1000"})
    void shouldBothWriteWhatFits(long offset, int count) throws ShmException {
        try (Shmop block = both(blocks.freeKey(), "w")) {
            assertEquals(
                    Integer.toString(count),
                    php.ask("shmop_write($b, str_repeat('x', %d), %d)", count, offset));
            byte[] written = block.read(0, 0);
            block.write(new byte[1000], 0);
            assertEquals(count, block.write("x".repeat(count).getBytes(), offset));
            assertArrayEquals(written, block.read(0, 0));
        }
    }

    // P15
    @ParameterizedTest
    @ValueSource(longs = {1001, -1, 2147483648L})
    void shouldBothRefuseToStartWritingOutside(long offset) throws ShmException {
        try (Shmop block = both(blocks.freeKey(), "w")) {
            assertValueError("shmop_write($b, 'x', " + offset + ")", "#3 ($offset)");
            assertIllegal("offset is " + offset, () -> block.write(new byte[1], offset));
            assertIllegal("offset is " + offset, () -> block.writeUpTo(new byte[1], offset));
        }
    }

    // P16
    @ParameterizedTest
    @ValueSource(longs = {0, -5, 5000})
    void shouldBothRefuseToWriteWhatIsOpenReadOnlyBeforeLookingAtTheOffset(long offset) throws ShmException {
        try (Shmop block = both(blocks.freeKey(), "a")) {
            String answer = php.ask("shmop_write($b, 'x', %d)", offset);
            assertTrue(answer.startsWith("Error: "), answer);
            assertTrue(answer.toLowerCase().contains("read-only"), answer);
            assertThrows(IllegalStateException.class, () -> block.write(new byte[1], offset));
        }
    }

    // P18
    @Test
    void shouldBothStayUsableAfterDeletion() throws ShmException {
        ShmKey key = blocks.freeKey();
        try (Shmop block = both(key, "w")) {
            assertEquals("true", php.ask("shmop_delete($b)"));
            assertThrows(ShmNotFoundException.class, () -> Shmop.open(key, "a"));
            block.delete();
            assertEquals("true", php.ask("shmop_delete($b)"));
            assertEquals("1000", php.ask("shmop_size($b)"));
            assertEquals(1000, block.size());
            assertEquals("3", php.ask("shmop_write($b, 'abc', 997)"));
            assertEquals("abc", new String(block.read(997, 0)));
            block.write("def".getBytes(), 0);
            assertEquals("def", php.ask("shmop_read($b, 0, 3)"));
        }
    }

    // P23
    @ParameterizedTest
    @ValueSource(strings = {"c", "n"})
    void shouldBothMakeIndependentBlocksWithThePrivateKey(String mode) throws ShmException {
        php.ask("$b = shmop_open(0, '%s', 0600, 1003)", mode);
        php.ask("$c = shmop_open(0, '%s', 0600, 1003)", mode);
        assertEquals("true", php.ask("shmop_delete($b) && shmop_delete($c)"));
        php.ask("shmop_write($b, 'abc', 0)");
        assertEquals("true", php.ask("shmop_read($c, 0, 0) === str_repeat(chr(0), 1003)"));
        try (Shmop first = Shmop.open(ShmKey.PRIVATE, mode, MODE, 1003);
                Shmop second = Shmop.open(ShmKey.PRIVATE, mode, MODE, 1003)) {
            first.delete();
            second.delete();
            first.write("abc".getBytes(), 0);
            assertArrayEquals(new byte[1003], second.read(0, 0));
        }
    }

    // P26
    @Test
    void shouldBothOfferNoOtherWayToGetAnInstance() throws ShmException {
        try (Shmop _ = both(blocks.freeKey(), "a")) {
            assertTrue(php.ask("new Shmop").startsWith("Error: "));
            assertTrue(php.ask("clone $b").startsWith("Error: "));
            assertTrue(php.ask("serialize($b)").startsWith("Exception: "));
        }
        assertEquals(0, Shmop.class.getConstructors().length);
    }

    @Test
    void shouldDetachWherePhpDoesWhenTheLastReferenceGoes() throws ShmException {
        ShmKey key = blocks.freeKey();
        Shmop block = both(key, "a");
        SharedMemory memory = SharedMemory.open(key);
        assertEquals(2, memory.status().attachCount());
        php.ask("$b = null");
        assertEquals(1, memory.status().attachCount());
        block.close();
        assertEquals(0, memory.status().attachCount());
    }
}
