package io.github.shm4j.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryCallsTest {

    /** Around the length that one call does, and below it. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 64, 2047, 65_536, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, (3 << 20) + 5})
    void shouldCopyTheBytesAndNoOthers(int length) {
        byte[] content = new byte[length + 20];
        new Random(length).nextBytes(content);
        try (Arena arena = Arena.ofConfined()) {
            for (MemorySegment source : new MemorySegment[] {
                MemorySegment.ofArray(content),
                arena.allocateFrom(ValueLayout.JAVA_BYTE, content)}) {
                byte[] heap = new byte[length + 30];
                MemorySegment off = arena.allocate(length + 30);
                MemoryCalls.copy(source, 7, MemorySegment.ofArray(heap), 11, length);
                MemoryCalls.copy(source, 7, off, 11, length);
                byte[] expected = new byte[length + 30];
                System.arraycopy(content, 7, expected, 11, length);
                assertArrayEquals(expected, heap);
                assertArrayEquals(expected, off.toArray(ValueLayout.JAVA_BYTE));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 64, 2047, 65_536, (1 << 20) + 1, (3 << 20) + 5})
    void shouldClearTheBytesAndNoOthers(int length) {
        byte[] expected = new byte[length + 30];
        Arrays.fill(expected, (byte) 1);
        byte[] heap = expected.clone();
        Arrays.fill(expected, 11, 11 + length, (byte) 0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment off = arena.allocateFrom(ValueLayout.JAVA_BYTE, heap);
            MemoryCalls.clear(MemorySegment.ofArray(heap), 11, length);
            MemoryCalls.clear(off, 11, length);
            assertArrayEquals(expected, heap);
            assertArrayEquals(expected, off.toArray(ValueLayout.JAVA_BYTE));
        }
    }

    @Test
    void shouldRefuseWhatIsOutsideASegment() {
        MemorySegment ten = MemorySegment.ofArray(new byte[10]);
        MemorySegment more = MemorySegment.ofArray(new byte[100]);
        assertThrows(IndexOutOfBoundsException.class, () -> MemoryCalls.copy(ten, 3, more, 0, 8));
        assertThrows(IndexOutOfBoundsException.class, () -> MemoryCalls.copy(more, 0, ten, 3, 8));
        assertThrows(IndexOutOfBoundsException.class, () -> MemoryCalls.copy(more, -1, ten, 0, 8));
        assertThrows(IndexOutOfBoundsException.class, () -> MemoryCalls.clear(ten, 3, 8));
    }

    @Test
    void shouldRefuseAReadOnlyTarget() {
        MemorySegment readOnly = MemorySegment.ofArray(new byte[10]).asReadOnly();
        MemorySegment source = MemorySegment.ofArray(new byte[10]);
        assertThrows(IllegalArgumentException.class, () -> MemoryCalls.copy(source, 0, readOnly, 0, 8));
        assertThrows(IllegalArgumentException.class, () -> MemoryCalls.clear(readOnly, 0, 8));
        MemoryCalls.copy(readOnly, 0, source, 0, 8);
    }

    @Test
    void shouldRefuseMemoryThatIsGone() {
        MemorySegment gone;
        try (Arena arena = Arena.ofShared()) {
            gone = arena.allocate(10);
        }
        MemorySegment other = MemorySegment.ofArray(new byte[10]);
        assertThrows(IllegalStateException.class, () -> MemoryCalls.copy(gone, 0, other, 0, 8));
        assertThrows(IllegalStateException.class, () -> MemoryCalls.copy(other, 0, gone, 0, 8));
        assertThrows(IllegalStateException.class, () -> MemoryCalls.clear(gone, 0, 8));
    }

    @Test
    void shouldRefuseMemoryOfAnotherThread() throws InterruptedException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment confined = arena.allocate(10);
            FutureTask<Void> task = new FutureTask<>(() -> MemoryCalls.clear(confined, 0, 8), null);
            Thread.ofPlatform().start(task).join();
            ExecutionException failed = assertThrows(ExecutionException.class, task::get);
            assertEquals(WrongThreadException.class, failed.getCause().getClass());
        }
    }

    /** In C, the fault would kill the JVM. */
    @Test
    void shouldFaultInJavaWhereThereIsNoMemoryBehindTheSource(@TempDir Path directory) throws IOException {
        try (Arena arena = Arena.ofConfined();
                FileChannel channel = FileChannel.open(
                        directory.resolve("file"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            MemorySegment gone = channel.map(FileChannel.MapMode.READ_WRITE, 0, 100_000, arena);
            channel.truncate(0);
            MemorySegment target = MemorySegment.ofArray(new byte[100_000]);
            assertThrows(InternalError.class, () -> MemoryCalls.copy(gone, 0, target, 0, 100_000));
            channel.write(ByteBuffer.allocate(1), 0);
            MemoryCalls.copy(gone, 0, target, 0, 1);
            assertThrows(InternalError.class, () -> MemoryCalls.copy(gone, 0, target, 0, 100_000));
        }
    }

    @Test
    void shouldLeaveFilesToTheJvm(@TempDir Path directory) throws IOException {
        try (Arena arena = Arena.ofConfined();
                FileChannel channel = FileChannel.open(
                        directory.resolve("file"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            MemorySegment mapped = channel.map(FileChannel.MapMode.READ_WRITE, 0, 100, arena);
            assertFalse(MemoryCalls.canAccess(mapped));
            assertFalse(MemoryCalls.canAccess(mapped.asSlice(10, 20)));
            assertTrue(MemoryCalls.canAccess(arena.allocate(1)));
            assertTrue(MemoryCalls.canAccess(MemorySegment.ofArray(new byte[1])));
        }
    }
}
