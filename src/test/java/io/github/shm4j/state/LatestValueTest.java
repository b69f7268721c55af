package io.github.shm4j.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmAlreadyExistsException;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmNotFoundException;
import io.github.shm4j.ShmPermissions;
import io.github.shm4j.ShmTrust;
import io.github.shm4j.WaitStrategy;
import io.github.shm4j.internal.Owner;
import io.github.shm4j.ring.SpscRingBuffer;
import io.github.shm4j.structure.Format;
import io.github.shm4j.structure.Header;
import io.github.shm4j.structure.InBlocks;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Patient;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a latest value does for one process, and what it refuses. */
@Patient
class LatestValueTest {

    private final Blocks blocks = new Blocks();

    @AfterEach
    void removeBlocks() throws ShmException {
        blocks.close();
    }

    private static MemorySegment memory(long size) {
        return Arena.ofAuto().allocate(LatestValue.sizeFor(size), 128);
    }

    private static MemorySegment target(long size) {
        return MemorySegment.ofArray(new byte[(int) size]);
    }

    private static String read(LatestValue value) {
        MemorySegment target = target(value.size());
        return LatestValueScript.describe(value.read(target), target);
    }

    @Test
    void shouldGoOnTellingAWriterThatItHasLostItsRoleWhenThereIsANextOne() {
        MemorySegment memory = memory(8);
        LatestValue value = LatestValue.create(memory, 8);
        LatestValueWriter robbed = value.writer();
        memory.set(ValueLayout.JAVA_LONG, LatestValueFormat.WRITER_OFFSET, Processes.LIVING);
        memory.set(ValueLayout.JAVA_LONG, LatestValueFormat.WRITER_SUCCESSIONS_OFFSET, 1);
        assertThrows(ValueRoleLostException.class, () -> robbed.write(target(8)));
        memory.set(ValueLayout.JAVA_LONG, LatestValueFormat.WRITER_OFFSET, Owner.NOBODY);
        try (LatestValueWriter next = value.writer()) {
            assertThrows(ValueRoleLostException.class, () -> robbed.write(target(8)));
            robbed.close();
            assertEquals(1, next.write(target(8)));
        }
    }

    /** One that was robbed before it had counted counts when it goes on. */
    @Test
    void shouldGoOnWritingWhereARobbedOneCountsLate() throws ShmException {
        try (Arena arena = Arena.ofConfined()) {
            LatestValue value = LatestValue.create(blocks.freeKey(), 8, arena);
            try (LatestValueWriter writer = value.writer()) {
                value.memory.set(ValueLayout.JAVA_LONG, LatestValueFormat.WRITER_SUCCESSIONS_OFFSET, 1);
                assertEquals(1, writer.write(LatestValueScript.record(8, 1)));
                value.memory.set(ValueLayout.JAVA_LONG, LatestValueFormat.WRITER_SUCCESSIONS_OFFSET, 2);
            }
            assertEquals(0, value.memory.get(ValueLayout.JAVA_LONG, LatestValueFormat.WRITER_OFFSET), "given back");
        }
    }

    @Test
    void shouldSayHowToHaveTheRoleOfAWriterThatCannotBeSeen() {
        MemorySegment memory = memory(8);
        LatestValue value = LatestValue.create(memory, 8);
        memory.set(ValueLayout.JAVA_LONG, LatestValueFormat.WRITER_OFFSET, Processes.LIVING | 1L << 63);
        String message = assertThrows(ValueOccupiedException.class, value::writer).getMessage();
        assertTrue(message.contains("once no other process has the memory attached")
                && message.contains("takeOverWriter"), message);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 7, 8, 64, 127, 128, 129, 1000, 4096, 16 << 10, 100_001})
    void shouldReadTheNewestRecordOfAnySize(long size) {
        LatestValue value = LatestValue.create(memory(size), size);
        assertEquals(size, value.size());
        assertEquals("0", read(value));
        try (LatestValueWriter writer = value.writer()) {
            for (int version = 1; version < 150; version++) {
                assertEquals(version, writer.write(LatestValueScript.record(size, version)));
                assertEquals(version, value.version());
                assertEquals("" + version, read(value));
            }
        }
        assertEquals("149", read(LatestValue.open(value.memory.asReadOnly())));
    }

    @Test
    void shouldHaveFourBuffersAtLeastAndAsManyAsFitIntoACacheForShortRecords() {
        assertEquals(64, LatestValueFormat.buffers(1));
        assertEquals(64, LatestValueFormat.buffers(256));
        assertEquals(32, LatestValueFormat.buffers(257));
        assertEquals(16, LatestValueFormat.buffers(1024));
        assertEquals(4, LatestValueFormat.buffers(4096));
        assertEquals(4, LatestValueFormat.buffers(1L << 40));
        assertEquals(256 + 64 * 128, LatestValue.sizeFor(8));
    }

    /** Any order of operations, of objects that come and go, beside one number. */
    @Test
    void shouldDoWhatAVariableDoes() {
        SplittableRandom random = new SplittableRandom(20261128);
        for (int round = 0; round < 100; round++) {
            long size = 1 + random.nextInt(400);
            MemorySegment memory = memory(size);
            LatestValue value = LatestValue.create(memory, size);
            LatestValueWriter writer = null;
            List<LatestValue> readers = new ArrayList<>(List.of(value));
            long newest = 0;
            for (int i = 0; i < 300; i++) {
                LatestValue reader = readers.get(random.nextInt(readers.size()));
                switch (random.nextInt(6)) {
                    case 0, 1 -> {
                        if (writer != null) {
                            assertEquals(++newest, writer.write(LatestValueScript.record(size, newest)));
                        }
                    }
                    case 2 -> assertEquals("" + newest, read(reader));
                    case 3 -> assertEquals(newest, reader.version());
                    case 4 -> readers.add(LatestValue.open(random.nextBoolean() ? memory : memory.asReadOnly()));
                    default -> {
                        if (writer == null) {
                            writer = LatestValue.open(memory).writer();
                        } else {
                            assertThrows(ValueOccupiedException.class, value::writer);
                            writer.close();
                            writer = null;
                        }
                    }
                }
            }
        }
    }

    @Test
    void shouldRefuseSizesThatNoRecordCanHave() {
        for (long size : new long[] {0, -1, Long.MIN_VALUE, (1L << 48) + 1, Long.MAX_VALUE}) {
            String message =
                    assertThrows(IllegalArgumentException.class, () -> LatestValue.sizeFor(size)).getMessage();
            assertTrue(message.contains("is " + size + ";"), message);
            assertThrows(IllegalArgumentException.class, () -> LatestValue.create(memory(8), size));
        }
    }

    @Test
    void shouldRefuseMemoryThatIsTooSmallReadOnlyOrMisaligned() {
        MemorySegment small = Arena.ofAuto().allocate(LatestValue.sizeFor(8) - 1, 128);
        String message = assertThrows(IllegalArgumentException.class, () -> LatestValue.create(small, 8)).getMessage();
        assertTrue(message.contains("needs " + LatestValue.sizeFor(8)), message);
        assertThrows(IllegalArgumentException.class, () -> LatestValue.create(memory(8).asReadOnly(), 8));
        MemorySegment odd = Arena.ofAuto().allocate(LatestValue.sizeFor(8) + 8, 128).asSlice(4);
        assertThrows(IllegalArgumentException.class, () -> LatestValue.create(odd, 8));
        assertThrows(IllegalArgumentException.class, () -> LatestValue.open(odd));
        assertFalse(LatestValue.isLatestValue(odd.asSlice(1)));
    }

    @Test
    void shouldRefuseARecordOfAnotherSizeAndNameTheRightOne() {
        LatestValue value = LatestValue.create(memory(8), 8);
        try (LatestValueWriter writer = value.writer()) {
            writer.write(LatestValueScript.record(8, 1));
            for (long size : new long[] {0, 7, 9, 1000}) {
                String message = assertThrows(IllegalArgumentException.class, () -> writer.write(target(size)))
                        .getMessage();
                assertTrue(message.contains(size + " bytes") && message.contains("exactly 8"), message);
            }
            String message = assertThrows(IllegalArgumentException.class, () -> value.read(target(7))).getMessage();
            assertTrue(message.contains("7 bytes") && message.contains("has 8"), message);
        }
        assertEquals("1", read(value));
    }

    @Test
    void shouldLeaveWhatIsBehindTheRecordInALargerTarget() {
        LatestValue value = LatestValue.create(memory(8), 8);
        try (LatestValueWriter writer = value.writer()) {
            writer.write(LatestValueScript.record(8, 1));
        }
        MemorySegment target = target(10);
        target.fill((byte) 0x55);
        assertEquals(1, value.read(target));
        assertEquals("1", LatestValueScript.describe(1, target.asSlice(0, 8)));
        assertEquals(0x5555, target.get(ValueLayout.JAVA_SHORT_UNALIGNED, 8));
    }

    @Test
    void shouldHaveOneWriterAtATime() {
        MemorySegment memory = memory(8);
        LatestValue value = LatestValue.create(memory, 8);
        LatestValueWriter writer = value.writer();
        String same = assertThrows(ValueOccupiedException.class, value::writer).getMessage();
        assertTrue(same.contains("this process, through the same object"), same);
        LatestValue other = LatestValue.open(memory);
        String another = assertThrows(ValueOccupiedException.class, other::writer).getMessage();
        assertTrue(another.contains("this process, " + ProcessHandle.current().pid() + ", through another object"),
                another);
        writer.close();
        writer.close();
        assertThrows(IllegalStateException.class, () -> writer.write(target(8)));
        try (LatestValueWriter next = other.writer()) {
            writer.close();
            assertThrows(ValueOccupiedException.class, value::writer);
            assertEquals(1, next.write(LatestValueScript.record(8, 1)));
        }
    }

    @Test
    void shouldLeaveTheRoleToTheNextWriterOfTheSameObject() {
        MemorySegment memory = memory(8);
        LatestValue value = LatestValue.create(memory, 8);
        LatestValueWriter writer = value.writer();
        writer.close();
        try (LatestValueWriter next = value.writer()) {
            writer.close();
            LatestValue other = LatestValue.open(memory);
            assertThrows(ValueOccupiedException.class, other::writer);
            assertEquals(1, next.write(LatestValueScript.record(8, 1)));
        }
        LatestValue.open(memory).writer().close();
    }

    @Test
    void shouldRefuseToWriteThroughAReadOnlyMapping() {
        MemorySegment memory = memory(8);
        LatestValue.create(memory, 8);
        LatestValue readable = LatestValue.open(memory.asReadOnly());
        String message = assertThrows(IllegalStateException.class, readable::writer).getMessage();
        assertTrue(message.contains("read-only"), message);
    }

    @Test
    void shouldRefuseMemoryThatHoldsSomethingElse() {
        MemorySegment empty = memory(8);
        assertFalse(LatestValue.isLatestValue(empty));
        String none =
                assertThrows(ValueFormatException.class, () -> LatestValue.open(empty, Duration.ZERO)).getMessage();
        assertTrue(none.contains("holds no latest value"), none);
        MemorySegment ring = Arena.ofAuto().allocate(SpscRingBuffer.sizeFor(1 << 14), 128);
        SpscRingBuffer.create(ring, 1 << 14);
        String other = assertThrows(ValueFormatException.class, () -> LatestValue.open(ring)).getMessage();
        assertTrue(other.contains("0x73686d346a726e67") && other.contains("0x73686d346a76616c"), other);
        assertThrows(ValueFormatException.class, () -> LatestValue.create(ring, 8));
        MemorySegment tiny = Arena.ofAuto().allocate(64, 8);
        assertThrows(ValueFormatException.class, () -> LatestValue.open(tiny));
        LatestValue.create(empty, 8);
        assertTrue(LatestValue.isLatestValue(empty));
        assertThrows(ValueFormatException.class, () -> LatestValue.create(empty, 8));
        assertThrows(ValueFormatException.class, () -> LatestValue.open(empty.asSlice(0, empty.byteSize() - 1)));
        MemorySegment used = memory(8);
        used.set(ValueLayout.JAVA_BYTE, 1000, (byte) 1);
        String notZero = assertThrows(ValueFormatException.class, () -> LatestValue.create(used, 8)).getMessage();
        assertTrue(notZero.contains("byte 1000 "), notZero);
    }

    @Test
    void shouldRefuseAHeaderThatContradictsItself() {
        for (long[] wrong : new long[][] {{16, 0}, {16, -1}, {16, Long.MAX_VALUE}, {128, -1}, {128, Long.MIN_VALUE},
            {128, Long.MAX_VALUE}}) {
            MemorySegment memory = memory(8);
            LatestValue.create(memory, 8);
            memory.set(ValueLayout.JAVA_LONG, wrong[0], wrong[1]);
            ValueCorruptedException corrupted = assertThrows(
                    ValueCorruptedException.class, () -> LatestValue.open(memory).read(target(8)));
            assertTrue(corrupted.getMessage().contains("" + wrong[1]), corrupted.getMessage());
        }
        for (int buffers : new int[] {0, 3, 5, 128, -4, Integer.MIN_VALUE}) {
            MemorySegment memory = memory(8);
            LatestValue.create(memory, 8);
            memory.set(ValueLayout.JAVA_INT, 12, buffers);
            assertThrows(ValueCorruptedException.class, () -> LatestValue.open(memory));
        }
    }

    @Test
    void shouldWaitForANewerVersion() throws Exception {
        LatestValue value = LatestValue.create(memory(8), 8);
        assertFalse(value.awaitNewer(0, WaitStrategy.PARK, Duration.ofMillis(2)));
        CountDownLatch waiting = new CountDownLatch(1);
        Thread thread = Thread.ofPlatform().start(() -> {
            try (LatestValueWriter writer = value.writer()) {
                waiting.await();
                writer.write(LatestValueScript.record(8, 1));
            } catch (InterruptedException interrupted) {
                throw new AssertionError(interrupted);
            }
        });
        waiting.countDown();
        Patience patience = Patience.withAll();
        while (!value.awaitNewer(0, WaitStrategy.YIELD, Duration.ofSeconds(1))) {
            patience.check(() -> "nothing was written");
        }
        Patience.join(thread);
        assertEquals("1", read(value));
        // Where it cannot sleep, since it must not write, it waits all the same.
        for (WaitStrategy strategy : WaitStrategy.values()) {
            LatestValue reader = LatestValue.open(value.memory.asReadOnly());
            assertTrue(reader.awaitNewer(0, strategy, Duration.ZERO));
            assertFalse(reader.awaitNewer(1, strategy, Duration.ZERO));
            assertFalse(reader.awaitNewer(1, strategy, Duration.ofNanos(1)));
            Thread.currentThread().interrupt();
            assertThrows(InterruptedException.class, () -> reader.awaitNewer(1, strategy, Duration.ofDays(1)));
            assertThrows(NullPointerException.class, () -> reader.awaitNewer(1, strategy, null));
        }
        assertThrows(NullPointerException.class, () -> value.awaitNewer(0, null, Duration.ZERO));
    }

    @Test
    void shouldLiveInABlockOfItsOwn() throws Exception {
        ShmKey key = blocks.freeKey();
        try (Arena arena = Arena.ofShared()) {
            LatestValue value = LatestValue.create(key, 24, arena);
            assertThrows(ShmAlreadyExistsException.class, () -> LatestValue.create(key, 24, arena));
            LatestValueWriter writer = value.writer();
            writer.write(LatestValueScript.record(24, 1));
            assertEquals("1", read(LatestValue.openReadOnly(key, arena)));
            assertEquals("1", read(LatestValue.open(key, arena)));
            assertEquals("1", read(LatestValue.open(value.block(), AttachMode.READ_ONLY, arena)));
            LatestValue.Opened opened = LatestValue.openOrCreate(key, 24, arena);
            assertFalse(opened.created());
            assertEquals("1", read(opened.value()));
            String other = assertThrows(ValueFormatException.class, () -> LatestValue.openOrCreate(key, 23, arena))
                    .getMessage();
            assertTrue(other.contains("has 24 bytes; expected was 23"), other);
        }
        // The end of the arena has given the role back.
        try (Arena arena = Arena.ofShared()) {
            LatestValue value = LatestValue.open(key, arena);
            try (LatestValueWriter writer = value.writer()) {
                assertEquals(2, writer.write(LatestValueScript.record(24, 2)));
            }
            value.remove();
            assertEquals("2", read(value));
            assertThrows(ShmNotFoundException.class, () -> LatestValue.open(key, arena));
            assertTrue(LatestValue.openOrCreate(key, 24, arena).created());
        }
        LatestValue inMemory = LatestValue.create(memory(8), 8);
        assertThrows(IllegalStateException.class, inMemory::block);
        assertThrows(IllegalStateException.class, inMemory::remove);
    }

    @Test
    void shouldCreateWhereTheCreatorOfTheBlockHasEndedBefore() throws Exception {
        ShmKey key = blocks.freeKey();
        SharedMemory.create(key, LatestValue.sizeFor(8));
        try (Arena arena = Arena.ofShared()) {
            assertTrue(LatestValue.openOrCreate(key, 8, arena).created());
            assertFalse(LatestValue.openOrCreate(key, 8, arena).created());
        }
    }

    @Test
    void shouldRemoveTheBlockAgainIfItCannotBeUsed() throws Exception {
        ShmKey key = blocks.freeKey();
        Arena closed = Arena.ofShared();
        closed.close();
        assertThrows(IllegalStateException.class, () -> LatestValue.create(key, 8, closed));
        assertThrows(ShmNotFoundException.class, () -> SharedMemory.open(key));
        assertThrows(IllegalStateException.class, () -> LatestValue.openOrCreate(key, 8, closed));
        assertThrows(ShmNotFoundException.class, () -> SharedMemory.open(key));
    }

    @Test
    void shouldRemoveTheBlockAgainIfTheValueInItCannotBeOpened() throws Exception {
        ShmKey key = blocks.freeKey();
        OutOfMemoryError thrown = new OutOfMemoryError("for the test");
        InBlocks<LatestValue> failing = new InBlocks<>(
                LatestValueFormat.INSTANCE,
                (mapping, timeout, block) -> {
                    throw thrown;
                },
                value -> mapping -> {
                });
        try (Arena arena = Arena.ofShared()) {
            assertSame(thrown, assertThrows(OutOfMemoryError.class, () -> openOrCreate(failing, key, arena)));
            assertThrows(ShmNotFoundException.class, () -> SharedMemory.open(key));
            LatestValue value = LatestValue.openOrCreate(key, 8, arena).value();
            assertThrows(OutOfMemoryError.class, () -> openOrCreate(failing, key, arena));
            assertEquals(value.block(), SharedMemory.open(key), "what was there is not removed");
        }
    }

    private static void openOrCreate(InBlocks<LatestValue> blocks, ShmKey key, Arena arena) throws ShmException {
        int buffers = LatestValueFormat.buffers(8);
        blocks.openOrCreate(key, buffers, 8, ShmPermissions.OWNER_ONLY, ShmTrust.callerOrRoot(), arena);
    }

    @Test
    void shouldNotJudgeACreatorOfAnotherNamespace() {
        MemorySegment memory = memory(8);
        // The pid of this process, which is no process of that start time.
        memory.set(ValueLayout.JAVA_LONG, Format.CREATOR_OFFSET, Owner.of(ProcessHandle.current().pid(), 1));
        assertTrue(incomplete(memory).contains(ProcessHandle.current().pid()
                + ", which has terminated if it is of this process's namespaces"));
        memory.set(ValueLayout.JAVA_LONG, Format.PID_NAMESPACE_OFFSET, Owner.pidNamespace());
        memory.set(ValueLayout.JAVA_LONG, Format.TIME_NAMESPACE_OFFSET, Owner.timeNamespace());
        assertTrue(incomplete(memory).contains(ProcessHandle.current().pid() + ", which has terminated"));
        memory.set(ValueLayout.JAVA_LONG, Format.PID_NAMESPACE_OFFSET, 1);
        memory.set(ValueLayout.JAVA_LONG, Format.TIME_NAMESPACE_OFFSET, 2);
        assertTrue(incomplete(memory).contains(ProcessHandle.current().pid() + " of another namespace"));
    }

    private static String incomplete(MemorySegment memory) {
        return assertThrows(ValueFormatException.class, () -> LatestValue.open(memory, Duration.ZERO)).getMessage();
    }

    /** The last page too, in which only a part of a buffer may be: the file takes as much of the file system as it is long. */
    @ParameterizedTest
    @ValueSource(longs = {1, 128, 4096, 5000})
    void shouldHaveMemoryForEachPageOnceItIsCreated(long size, @TempDir Path directory) throws Exception {
        Path file = directory.resolve("value");
        long length = LatestValue.sizeFor(size);
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
                Arena arena = Arena.ofConfined()) {
            LatestValue.create(channel.map(FileChannel.MapMode.READ_WRITE, 0, length, arena), size);
        }
        String[] blocks = Child.command("stat", "-c", "%b %B", file).run().ok().strip().split(" ");
        long taken = Long.parseLong(blocks[0]) * Long.parseLong(blocks[1]);
        assertTrue(taken >= length, taken + " of " + length + " bytes");
    }

    /** In fact the layout is the one of the library's own values. */
    @Test
    void shouldUseAsManyBuffersAsTheHeaderSays() {
        for (int buffers = 4; buffers <= 64; buffers *= 2) {
            MemorySegment memory = Arena.ofAuto().allocate(256 + buffers * 128L, 128);
            Header.create(memory, LatestValueFormat.INSTANCE, buffers, 100);
            LatestValue value = LatestValue.open(memory);
            try (LatestValueWriter writer = value.writer()) {
                for (int version = 1; version <= 2 * buffers; version++) {
                    writer.write(LatestValueScript.record(100, version));
                    assertEquals("" + version, read(value));
                }
            }
        }
    }
}
