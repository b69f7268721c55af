package io.github.shm4j.cli.block;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a file's size says is never taken for what the file holds. */
class InputTest {

    /** More than is kept in memory. */
    private static final int LARGE = (16 << 20) + 100_003;

    @TempDir
    private Path directory;

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private Path file(byte[] bytes) throws IOException {
        return Files.write(directory.resolve("file"), bytes);
    }

    private static byte[] copy(Input input, int room) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment target = arena.allocate(room);
            input.copyTo(target);
            return Arrays.copyOf(target.toArray(ValueLayout.JAVA_BYTE), (int) input.length());
        }
    }

    @Test
    void shouldReadFilesWhoseSizeIsNotTrue() throws IOException {
        for (String name : new String[] {"/proc/cpuinfo", "/proc/self/maps", "/sys/kernel/uevent_seqnum"}) {
            Path file = Path.of(name);
            byte[] expected = Files.readAllBytes(file);
            try (Input input = Input.of(file, 1 << 20)) {
                assertTrue(input.isCounted());
                assertTrue(Files.size(file) != input.length() && input.length() > 0, name);
                if (!name.contains("maps")) {
                    assertEquals(expected.length, input.length(), name);
                    assertArrayEquals(expected, copy(input, 1 << 20), name);
                }
            }
            try (Input input = Input.of(file, 1)) {
                assertEquals(2, input.length(), name);
                assertFalse(input.isCounted());
            }
        }
    }

    @Test
    void shouldReadSmallAndLargeFiles() throws IOException {
        for (int size : new int[] {0, 1, 65_535, 65_536, 65_537, 16 << 20, (16 << 20) + 1, LARGE}) {
            Path file = file(random(size));
            for (int room : new int[] {size, size + 1}) {
                try (Input input = Input.of(file, room)) {
                    assertEquals(size, input.length());
                    assertTrue(input.isCounted());
                    assertArrayEquals(random(size), copy(input, room));
                }
            }
            try (Input input = Input.of(file, Math.max(0, size - 1))) {
                assertEquals(size, input.length(), "one byte more than the room, if there is one");
            }
        }
    }

    @Test
    void shouldSayThatALargeFileBecameShorter() throws IOException {
        Path file = file(random(LARGE));
        try (Input input = Input.of(file, LARGE)) {
            try (FileChannel other = FileChannel.open(file, StandardOpenOption.WRITE)) {
                other.truncate(LARGE - 5);
            }
            IOException failure = assertThrows(IOException.class, () -> copy(input, LARGE));
            assertEquals(file + " became shorter while it was read: " + (LARGE - 5) + " bytes of it are written",
                    failure.getMessage());
        }
    }

    @Test
    void shouldTakeWhatALargeFileGrowsByIfItFits() throws IOException {
        Path file = file(random(LARGE));
        try (Input input = Input.of(file, LARGE + 3); Arena arena = Arena.ofConfined()) {
            Files.write(file, new byte[] {1, 2, 3}, StandardOpenOption.APPEND);
            MemorySegment target = arena.allocate(LARGE + 3);
            input.copyTo(target);
            assertArrayEquals(new byte[] {1, 2, 3}, target.asSlice(LARGE).toArray(ValueLayout.JAVA_BYTE));
        }
    }

    @Test
    void shouldSayThatALargeFileBecameLongerThanTheRoom() throws IOException {
        Path file = file(random(LARGE));
        try (Input input = Input.of(file, LARGE + 2)) {
            Files.write(file, new byte[] {1, 2, 3}, StandardOpenOption.APPEND);
            IOException failure = assertThrows(IOException.class, () -> copy(input, LARGE + 2));
            assertTrue(failure.getMessage().contains("became longer than the room for it while it was read"),
                    failure.getMessage());
        }
    }

    @Test
    void shouldKeepWhatASmallFileHeldWhenItWasRead() throws IOException {
        Path file = file(random(1000));
        try (Input input = Input.of(file, 2000)) {
            Files.write(file, new byte[10]);
            assertArrayEquals(random(1000), copy(input, 2000));
        }
    }
}
