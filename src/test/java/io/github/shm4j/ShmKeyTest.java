package io.github.shm4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How keys are made, read and printed. */
class ShmKeyTest {

    @TempDir
    private Path directory;

    @Test
    void shouldHoldEveryInt() {
        for (int value : new int[] {1, -1, 0x33010024, 0x80000000, Integer.MAX_VALUE}) {
            assertEquals(value, ShmKey.of(value).value());
            assertEquals(new ShmKey(value), ShmKey.of(value));
        }
        assertEquals(ShmKey.PRIVATE, ShmKey.of(0));
        assertNotEquals(ShmKey.PRIVATE, ShmKey.of(1));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0x00000000",
        "1, 0x00000001",
        "855703588, 0x33010024",
        "2147483647, 0x7fffffff",
        "-2147483648, 0x80000000",
        "-16727529, 0xff00c217",
        "-1, 0xffffffff"
    })
    void shouldPrintAsIpcsDoesAndReadThatBack(int value, String printed) {
        assertEquals(printed, ShmKey.of(value).toString());
        assertEquals(value, ShmKey.parse(printed).value());
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "00, 0",
        "7, 7",
        "07, 7",
        "010, 8",
        "06300200044, 855703588",
        "037777777777, -1",
        "855703588, 855703588",
        "2147483647, 2147483647",
        "2147483648, -2147483648",
        "4294967295, -1",
        "-1, -1",
        "-0, 0",
        "-2147483648, -2147483648",
        "0x0, 0",
        "0x1, 1",
        "0xA0b, 2571",
        "0XfF, 255",
        "0x0000000000000000000001, 1",
        "0x80000000, -2147483648",
        "0xffffffff, -1"
    })
    void shouldReadHexadecimalOctalAndDecimal(String text, int value) {
        assertEquals(value, ShmKey.parse(text).value());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", " ", "abc", "j", "1a", "08", "0x", "0X", "0xg", "0x100000000", "4294967296", "-2147483649",
                "040000000000",
                "+1", "--1", "-+1", "-", "-0x1", "0x-1", "0x+1", "0-1", "0+7", " 1", "1 ", "1\n", "1.0", "1e3", "1_000",
                "0b1",
                "0x 1", "99999999999999999999", "-99999999999999999999", "0xffffffffffffffffffff", "１", "٣", "0x１"
            })
    void shouldRefuseWhatIsNoKey(String text) {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> ShmKey.parse(text));
        assertTrue(refused.getMessage().startsWith("\"" + text + "\" is not a key"), refused.getMessage());
        assertTrue(refused.getMessage().contains("0x33010024"), refused.getMessage());
    }

    @Test
    void shouldRefuseNull() throws IOException {
        assertThrows(NullPointerException.class, () -> ShmKey.parse(null));
        assertThrows(NullPointerException.class, () -> ShmKey.ftok(null, 'j'));
    }

    @Test
    void shouldDrawRandomKeysThatAreNotPrivateNorMinusOneAndDiffer() {
        int draws = 10_000;
        Set<Integer> values = new HashSet<>();
        boolean negative = false;
        for (int i = 0; i < draws; i++) {
            int value = ShmKey.random().value();
            assertNotEquals(0, value);
            assertNotEquals(-1, value);
            negative |= value < 0;
            values.add(value);
        }
        // Among ten thousand of four thousand million, a few may be equal by chance; five hardly ever.
        assertTrue(values.size() > draws - 5, "only " + values.size() + " different keys");
        assertTrue(negative, "half of the space is never used");
    }

    /** As where something else is mounted over the kernel's random numbers, or nothing is there. */
    @Test
    void shouldDrawKeysAlsoWhereTheKernelsRandomNumbersAreNotThere(@TempDir Path directory) throws IOException {
        Path ones = Files.write(directory.resolve("ones"), new byte[] {-1, -1, -1, -1});
        Path few = Files.write(directory.resolve("few"), new byte[] {1, 2, 3});
        for (Path source : new Path[] {Path.of("/dev/zero"), ones, few, directory.resolve("none"), directory}) {
            Set<ShmKey> keys = new HashSet<>();
            for (int i = 0; i < 100; i++) {
                keys.add(ShmKey.random(source.toFile()));
            }
            assertTrue(keys.size() > 95, () -> source + ": " + keys.size() + " different keys");
            assertFalse(keys.contains(ShmKey.PRIVATE) || keys.contains(ShmKey.of(-1)), source::toString);
        }
    }

    // F01
    @Test
    void shouldMakeTheKeyOfProjectDeviceAndInode() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        long device = (Long) Files.getAttribute(file, "unix:dev");
        long inode = (Long) Files.getAttribute(file, "unix:ino");
        for (int project : new int[] {'a', 'j', 1, 127}) {
            assertEquals(
                    (int) (project << 24 | (device & 0xff) << 16 | inode & 0xffff),
                    ShmKey.ftok(file, project).value());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "255, 255, 65535, true",
        "-1, 511, 131071, true",
        "254, 255, 65535, false",
        "127, 255, 65535, false",
        "255, 254, 65535, false",
        "255, 256, 65535, false",
        "255, 255, 65534, false",
        "255, 255, 65536, false",
        "255, 255, 255, false"
    })
    void shouldKnowWhichKeyCTakesForAFailure(int project, long device, long inode, boolean minusOne) {
        assertEquals(minusOne, ShmKey.isMinusOne(project, device, inode));
        assertEquals(
                minusOne, (int) ((project & 0xff) << 24 | (device & 0xff) << 16 | inode & 0xffff) == -1, "by hand");
    }

    // F02
    @Test
    void shouldUseTheLowEightBitsOfTheProject() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        assertEquals(ShmKey.ftok(file, 0x61), ShmKey.ftok(file, 0x161));
        assertEquals(ShmKey.ftok(file, 0xff), ShmKey.ftok(file, -1));
        assertEquals(ShmKey.ftok(file, 0xff), ShmKey.ftok(file, Integer.MAX_VALUE));
        assertEquals(ShmKey.ftok(file, 1), ShmKey.ftok(file, Integer.MIN_VALUE + 1));
        assertTrue(ShmKey.ftok(file, 0xff).value() < 0);
        assertTrue(ShmKey.ftok(file, 0xff).toString().startsWith("0xff"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 0x100, -0x100, 0x7fffff00, Integer.MIN_VALUE})
    void shouldRefuseAProjectWhoseLowEightBitsAreZero(int project) {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> ShmKey.ftok(directory, project));
        assertTrue(refused.getMessage().startsWith("projectId is " + project), refused.getMessage());
        assertTrue(refused.getMessage().contains("1 to 255"), refused.getMessage());
    }

    // F03
    @Test
    void shouldSayWhyAFileHasNoKey() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        Path circle = directory.resolve("circle");
        Files.createSymbolicLink(circle, circle);
        Path dangling = Files.createSymbolicLink(directory.resolve("dangling"), directory.resolve("nowhere"));
        assertRefused("ENOENT", directory.resolve("missing"), "create it first");
        assertRefused("ENOENT", dangling, "create it first");
        assertRefused("ENOTDIR", file.resolve("below"), "not a directory");
        assertRefused("ENAMETOOLONG", directory.resolve("n".repeat(256)), "too long");
        assertRefused("ENAMETOOLONG", Path.of("/" + "tmp/../".repeat(600)), "too long");
        assertRefused("ELOOP", circle, "symbolic links");
    }

    private static void assertRefused(String errno, Path file, String advice) {
        ShmException refused = assertThrows(ShmException.class, () -> ShmKey.ftok(file, 'j'));
        assertEquals(errno, refused.errnoName());
        assertEquals("ftok", refused.call());
        assertEquals(ShmException.class, refused.getClass());
        assertTrue(refused.getMessage().startsWith("ftok(\"" + file + "\", 106): " + errno), refused.getMessage());
        assertTrue(refused.getMessage().contains(advice), refused.getMessage());
    }

    @Test
    void shouldAcceptTheLongestNames() throws IOException {
        Path longest = Files.createFile(directory.resolve("n".repeat(255)));
        assertEquals(keyByHand(longest), ShmKey.ftok(longest, 'j'));
        String path = directory + "/";
        path += "./".repeat((4094 - path.length() - 255) / 2);
        Path file = Path.of(path + longest.getFileName());
        assertTrue(file.toString().length() > 4090, "length " + file.toString().length());
        assertEquals(keyByHand(longest), ShmKey.ftok(file, 'j'));
    }

    // F04
    @Test
    void shouldRefuseAPathThatCannotBeHandedToC() {
        IllegalArgumentException empty =
                assertThrows(IllegalArgumentException.class, () -> ShmKey.ftok(Path.of(""), 'j'));
        assertTrue(empty.getMessage().contains("empty path"), empty.getMessage());
        assertThrows(InvalidPathException.class, () -> ShmKey.ftok(Path.of("a\0b"), 'j'));
    }

    @Test
    void shouldRefuseAPathOfAnotherFileSystem() throws IOException {
        Path zip = directory.resolve("archive.zip");
        try (FileSystem inside =
                FileSystems.newFileSystem(URI.create("jar:" + zip.toUri()), Map.of("create", "true"))) {
            Path file = Files.createFile(inside.getPath("/etc"));
            IllegalArgumentException refused =
                    assertThrows(IllegalArgumentException.class, () -> ShmKey.ftok(file, 'j'));
            assertTrue(refused.getMessage().contains("default file system"), refused.getMessage());
        }
    }

    // F05
    @Test
    void shouldGiveAllNamesOfAFileTheSameKey() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        ShmKey key = ShmKey.ftok(file, 'j');
        assertEquals(key, ShmKey.ftok(Files.createSymbolicLink(directory.resolve("symbolic"), file), 'j'));
        assertEquals(key, ShmKey.ftok(Files.createLink(directory.resolve("hard"), file), 'j'));
        assertEquals(key, ShmKey.ftok(Path.of("").toAbsolutePath().relativize(file), 'j'));
        Path renamed = Files.move(file, directory.resolve("renamed"));
        assertEquals(key, ShmKey.ftok(renamed, 'j'));
        Files.writeString(renamed, "contents do not matter");
        assertEquals(key, ShmKey.ftok(renamed, 'j'));
    }

    // F05
    @Test
    void shouldFollowTheInodeWhenAnotherFileTakesTheName() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        Path successor = Files.createFile(directory.resolve("successor"));
        Files.delete(file);
        ShmKey expected = ShmKey.ftok(successor, 'j');
        Files.move(successor, file);
        assertEquals(expected, ShmKey.ftok(file, 'j'));
        assertFalse(Files.exists(successor));
    }

    private static ShmKey keyByHand(Path file) throws IOException {
        long device = (Long) Files.getAttribute(file, "unix:dev");
        long inode = (Long) Files.getAttribute(file, "unix:ino");
        return ShmKey.of((int) ('j' << 24 | (device & 0xff) << 16 | inode & 0xffff));
    }
}
