package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.AttachMode;
import io.github.shm4j.CreateOption;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmPermissions;
import io.github.shm4j.ShmStatus;
import io.github.shm4j.broadcast.BroadcastRing;
import io.github.shm4j.state.LatestValue;
import io.github.shm4j.state.SharedLock;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Machine;
import io.github.shm4j.support.Peers;
import io.github.shm4j.support.Report;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rings in memory that is not there: what the JVM survives, in processes of their own. */
class RingMemoryIT {

    private static final String INTERPRETED = "-Xint";
    private static final String COMPILED = "-XX:TieredStopAtLevel=1";

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {INTERPRETED, COMPILED})
    void shouldRefuseToCreateARingInAFileOnAFullFileSystem(String mode) {
        List<String> lines = onFileSystem("64k", mode, Full.class);
        assertEquals(
                List.of(
                        "SPSC: RingMemoryException",
                        "MPSC: RingMemoryException",
                        "pair: RingMemoryException",
                        "broadcast: BroadcastMemoryException",
                        "value: ValueMemoryException",
                        "lock: LockMemoryException"),
                lines);
    }

    static final class Full {
        public static void main(String... arguments) throws Exception {
            Path filling = Path.of(arguments[0], "filling");
            try {
                Files.write(filling, new byte[1 << 20]);
            } catch (IOException full) {
                // That is what it is for.
            }
            try (FileChannel file = sparse(Path.of(arguments[0], "ring"), 1 << 20);
                    Arena arena = Arena.ofConfined()) {
                MemorySegment memory = file.map(FileChannel.MapMode.READ_WRITE, 0, 1 << 20, arena);
                Report.say("SPSC", () -> SpscRingBuffer.create(memory, 64 << 10));
                Report.say("MPSC", () -> MpscRingBuffer.create(memory, 64 << 10));
                Report.say("pair", () -> RingPair.create(memory, 64 << 10));
                Report.say("broadcast", () -> BroadcastRing.create(memory, 64 << 10));
                Report.say("value", () -> LatestValue.create(memory, 4096));
                Report.say("lock", () -> SharedLock.at(memory, 0).acquire());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {INTERPRETED, COMPILED})
    void shouldRefuseToUseHugePagesThatAreNotThere(String mode) throws IOException {
        try (Blocks blocks = new Blocks()) {
            Machine.takeAllHugePages(blocks);
            assertEquals(
                    List.of(
                            "SPSC: RingMemoryException",
                            "MPSC: RingMemoryException",
                            "open: RingMemoryException",
                            "send: InternalError",
                            "send: InternalError",
                            "ring: 1 of 1"),
                    Child.java(Huge.class).jvm(mode).run().ok().lines().toList());
        }
    }

    static final class Huge {
        public static void main(String... arguments) throws Exception {
            SharedMemory block = SharedMemory.createPrivate(
                    4 << 20, ShmPermissions.OWNER_ONLY, CreateOption.HUGE_PAGES, CreateOption.NO_RESERVE);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment memory = block.attach(AttachMode.READ_WRITE, arena);
                Report.say("SPSC", () -> SpscRingBuffer.create(memory, 1 << 20));
                Report.say("MPSC", () -> MpscRingBuffer.create(memory, 1 << 20));
                Report.say("open", () -> RingBuffer.open(memory));
                // As a message, from where the C library would copy it.
                RingUser ring = Rings.MPSC.create(arena.allocate(Rings.MPSC.sizeFor(1 << 20), 8), 1 << 20);
                for (int i = 0; i < 2; i++) {
                    try {
                        System.out.println("send: " + ring.write(1, memory, 0, 64 << 10));
                    } catch (InternalError noMemory) {
                        System.out.println("send: InternalError");
                    }
                }
                int written = ring.write(1, arena.allocate(64 << 10)) ? 1 : 0;
                Report.tell("ring", ring.read((type, source, offset, length) -> {}, 9) + " of " + written);
            } finally {
                block.remove();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {INTERPRETED, COMPILED})
    void shouldRefuseAMessageForWhichThereIsNoMemory(String mode) {
        List<String> lines = onFileSystem("3m", mode, Large.class);
        assertEquals(2, lines.size(), lines::toString);
        for (String line : lines) {
            assertTrue(line.matches("[SM]PSC:( RingMemoryException){4}, 0 of [1-9]\\d* lost, 0 wrong"), line);
        }
    }

    static final class Large {
        public static void main(String... arguments) throws Exception {
            for (String kind : List.of("SPSC", "MPSC")) {
                Path path = Path.of(arguments[0], "ring");
                try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
                        Arena arena = Arena.ofConfined()) {
                    file.setLength(16 << 20);
                    // Not by the JVM, which would know that it is a file.
                    MemorySegment memory = map(path, 16 << 20, arena);
                    RingUser ring = Rings.valueOf(kind).create(memory, 8 << 20);
                    MemorySegment message = arena.allocate(512 << 10).fill((byte) 7);
                    int written = 0;
                    String ends = "";
                    // What there is no room for, smaller ones may find some.
                    for (long length : new long[] {512 << 10, 512 << 10, 20_000, 100}) {
                        String end = refusal(ring, message.asSlice(0, length));
                        while (end == null) {
                            written++;
                            end = refusal(ring, message.asSlice(0, length));
                        }
                        ends += " " + end;
                    }
                    int[] good = new int[1];
                    int read = ring.read((type, source, offset, length) -> good[0] +=
                            source.asSlice(offset, length).mismatch(message.asSlice(0, length)) == -1 ? 1 : 0, 1 << 20);
                    System.out
                            .println(kind + ":" + ends + ", " + (written - read) + " of " + written + " lost, " + (read
                                    - good[0]) + " wrong");
                    // The mapping stays until the process ends.
                    file.setLength(0);
                }
                Files.delete(path);
            }
        }

        private static String refusal(RingUser ring, MemorySegment message) {
            try {
                return ring.write(1, message) ? null : "full";
            } catch (RingMemoryException refused) {
                return "RingMemoryException";
            }
        }

        @SuppressWarnings("restricted")
        private static MemorySegment map(Path path, long size, Arena arena) throws Exception {
            Linker linker = Linker.nativeLinker();
            // int open(const char *path, int flags); void *mmap(void *, size_t, int prot, int flags, int fd, off_t)
            MethodHandle open = linker.downcallHandle(
                    linker.defaultLookup().find("open").orElseThrow(),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
            MethodHandle mmap = linker.downcallHandle(
                    linker.defaultLookup().find("mmap").orElseThrow(),
                    FunctionDescriptor.of(
                            ValueLayout.ADDRESS,
                            ValueLayout.ADDRESS,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_LONG));
            try {
                int file = (int) open.invokeExact(arena.allocateFrom(path.toString()), 2);
                MemorySegment mapped = (MemorySegment) mmap.invokeExact(MemorySegment.NULL, size, 3, 1, file, 0L);
                return mapped.reinterpret(size);
            } catch (Throwable failed) {
                throw new AssertionError(failed);
            }
        }
    }

    @Test
    void shouldNotTakeMemoryForAllOfASparseBlock() throws ShmException {
        try (Blocks blocks = new Blocks();
                Arena arena = Arena.ofConfined()) {
            for (RingKind kind : RingKind.values()) {
                long capacity = 4L << 30;
                SharedMemory block = blocks.create(
                        kind.sizeFor(capacity), ShmPermissions.OWNER_ONLY, CreateOption.NO_RESERVE);
                RingFormat.create(block.attach(AttachMode.READ_WRITE, arena), kind, capacity);
                long resident = SharedMemory.list().stream()
                        .filter(each -> each.id() == block.id())
                        .mapToLong(status -> status.residentSize().orElseThrow())
                        .findFirst()
                        .orElseThrow();
                assertTrue(resident > 0 && resident < 4 << 20, resident + " bytes are in memory");
            }
        }
    }

    private List<String> onFileSystem(String size, String mode, Class<?> main) {
        Peers.requireNamespaces("-m");
        return Child.java(main, directory)
                .under(Child.unshare("-m"))
                .under(
                        "sh",
                        "-c",
                        "mount -t tmpfs -o size=" + size + " none '" + directory + "' && exec \"$@\"",
                        "sh")
                .jvm(mode)
                .run()
                .ok()
                .lines()
                .toList();
    }

    private static FileChannel sparse(Path path, long size) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(size);
        }
        return FileChannel.open(
                path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }
}
