package io.github.shm4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.internal.ShmCalls;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Mappings;
import io.github.shm4j.support.Outcome;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.SystemCalls;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The ends of mappings that could take the process with them, or that only the end of the process brings. */
class LifetimeIT {

    private final Blocks blocks = new Blocks();

    @AfterEach
    void removeBlocks() throws ShmException {
        blocks.close();
    }

    // J07, fault 17, security 7
    @Test
    void shouldStopReadersOfASharedMappingWithoutHarmWhenItIsClosed() throws ShmException {
        SharedMemory memory = blocks.create(100_003);
        Child.Result result = Child.java(CloseUnderLoad.class, memory.id(), 40)
                .jvm("-XX:TieredStopAtLevel=4")
                .run();
        assertEquals("40 rounds, 160 readers stopped by IllegalStateException", result.ok(), result.err());
        assertEquals(0, memory.status().attachCount());
    }

    /** Closes an arena under four reading threads, again and again. */
    static final class CloseUnderLoad {

        private static final VarHandle LONGS = ValueLayout.JAVA_LONG.varHandle();

        private static volatile long sink;

        private CloseUnderLoad() {}

        private interface Reader {
            long read(MemorySegment segment, ByteBuffer buffer, int round);
        }

        private static long plain(MemorySegment segment, ByteBuffer buffer, int round) {
            long sum = 0;
            for (int i = 0; i < 1000; i++) {
                sum += segment.getAtIndex(ValueLayout.JAVA_LONG, (i * 37L + round) % 12_500);
            }
            return sum;
        }

        private static long acquiring(MemorySegment segment, ByteBuffer buffer, int round) {
            long sum = 0;
            for (int i = 0; i < 1000; i++) {
                sum += (long) LONGS.getAcquire(segment, (i & 1023) * 8L);
                sum += (long) LONGS.getAndAdd(segment, 99_992L, 1L);
            }
            return sum;
        }

        private static long copying(MemorySegment segment, ByteBuffer buffer, int round) {
            byte[] copy = new byte[10_007];
            MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, round % 1000, copy, 0, copy.length);
            return copy[copy.length - 1];
        }

        private static long buffered(MemorySegment segment, ByteBuffer buffer, int round) {
            long sum = 0;
            for (int i = 0; i < 1000; i++) {
                sum += buffer.getLong((i * 101 + round) % 99_000);
            }
            return sum;
        }

        public static void main(String[] arguments) throws Exception {
            SharedMemory memory = SharedMemory.ofId(Integer.parseInt(arguments[0]));
            int rounds = Integer.parseInt(arguments[1]);
            AtomicInteger stopped = new AtomicInteger();
            for (int round = 0; round < rounds; round++) {
                round(memory, stopped);
                if (memory.status().attachCount() != 0 || !Mappings.of(memory).isEmpty()) {
                    throw new AssertionError("still attached: " + memory.status());
                }
            }
            System.out.println(rounds + " rounds, " + stopped + " readers stopped by IllegalStateException");
        }

        private static void round(SharedMemory memory, AtomicInteger stopped) throws Exception {
            Arena arena = Arena.ofShared();
            MemorySegment segment = memory.attach(AttachMode.READ_WRITE, arena);
            ByteBuffer buffer = segment.asByteBuffer();
            List<Reader> readers = List.of(
                    CloseUnderLoad::plain, CloseUnderLoad::acquiring, CloseUnderLoad::copying,
                    CloseUnderLoad::buffered);
            CountDownLatch reading = new CountDownLatch(readers.size());
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < readers.size(); i++) {
                Reader reader = readers.get(i);
                Runnable loop = () -> readUntilClosed(reader, segment, buffer, reading, stopped);
                threads.add(i % 2 == 0 ? Thread.ofPlatform().start(loop) : Thread.ofVirtual().start(loop));
            }
            Patience.await(reading, "the readers have started");
            arena.close();
            for (Thread thread : threads) {
                Patience.join(thread);
            }
        }

        private static void readUntilClosed(
                Reader reader, MemorySegment segment, ByteBuffer buffer, CountDownLatch reading,
                AtomicInteger stopped) {
            try {
                for (int round = 0;; round++) {
                    sink += reader.read(segment, buffer, round & 0xfff);
                    if (round == 3) {
                        reading.countDown();
                    }
                    // A virtual thread would keep the other one from ever starting where there is one processor.
                    Thread.yield();
                }
            } catch (IllegalStateException closed) {
                stopped.incrementAndGet();
            }
        }

        private static void require(boolean condition, String otherwise) {
            if (!condition) {
                throw new AssertionError(otherwise);
            }
        }
    }

    // J08, fault 18
    @Test
    void shouldRefuseToCloseWhileANativeCallUsesTheMapping() throws ShmException {
        SharedMemory memory = blocks.create(1000);
        try (Child.Running child =
                Child.java(CloseDuringCall.class, memory.id()).start()) {
            assertEquals("in the call", child.line());
            assertEquals("IllegalStateException", child.line());
            assertEquals(1, memory.status().attachCount());
            child.send("unharmed");
            assertEquals("read unharmed", child.line());
            assertEquals("closed", child.line());
            assertEquals(0, memory.status().attachCount());
            assertEquals(0, child.await().exit());
        }
    }

    /** Reads standard input into shared memory and tries to detach meanwhile. */
    static final class CloseDuringCall {

        private CloseDuringCall() {}

        public static void main(String[] arguments) throws Exception {
            SharedMemory memory = SharedMemory.ofId(Integer.parseInt(arguments[0]));
            Arena arena = Arena.ofShared();
            MemorySegment segment = memory.attach(AttachMode.READ_WRITE, arena);
            Thread reader = Thread.ofPlatform().start(() -> {
                try {
                    FileInputStream in = new FileInputStream(FileDescriptor.in);
                    FileChannel channel = in.getChannel();
                    channel.read(segment.asByteBuffer());
                } catch (IOException failed) {
                    throw new UncheckedIOException(failed);
                }
            });
            while (SystemCalls.threadsIn(segment.address()) == 0) {
                Thread.onSpinWait();
            }
            System.out.println("in the call");
            Outcome.print(() -> {
                arena.close();
                return null;
            });
            reader.join();
            System.out.println("read " + segment.getString(0).strip());
            arena.close();
            System.out.println("closed");
        }
    }

    // security 7
    @Test
    void shouldReportADetachThatFails() throws ShmException {
        SharedMemory memory = blocks.create(1000);
        SharedMemory other = blocks.create(1000);
        List<String> lines = Child.java(DetachBehindTheBack.class, memory.id(), other.id())
                .run()
                .ok()
                .lines()
                .toList();
        assertEquals("UncheckedIOException, ShmException, shmdt, EINVAL (22)", lines.get(0));
        assertTrue(
                lines.get(1).matches("shmdt\\(0x[0-9a-f]+\\): EINVAL \\(22\\), Invalid argument\\. Block " + memory.id()
                        + " is no longer attached .*"),
                lines.get(1));
        assertEquals("other: 0 attached", lines.get(2),
                "one failure must not keep the arena's other mappings attached");
        assertEquals("scope alive: false", lines.get(3));
        assertEquals(0, memory.status().attachCount());
    }

    /** Detaches a block behind its arena's back, in a process of its own, where nobody else gets the address. */
    static final class DetachBehindTheBack {

        private DetachBehindTheBack() {}

        public static void main(String[] arguments) throws Exception {
            SharedMemory memory = SharedMemory.ofId(Integer.parseInt(arguments[0]));
            SharedMemory other = SharedMemory.ofId(Integer.parseInt(arguments[1]));
            Arena arena = Arena.ofConfined();
            other.attach(AttachMode.READ_ONLY, arena);
            MemorySegment segment = memory.attach(AttachMode.READ_WRITE, arena);
            other.attach(AttachMode.READ_ONLY, arena);
            if (ShmCalls.shmdt(segment.address()) != 0) {
                throw new AssertionError("shmdt failed");
            }
            try {
                arena.close();
                System.out.println("closed quietly");
            } catch (UncheckedIOException reported) {
                ShmException cause = (ShmException) reported.getCause();
                System.out.println(
                        "UncheckedIOException, " + cause.getClass().getSimpleName() + ", " + cause.call() + ", "
                                + cause.errnoName() + " (" + cause.errno() + ")");
                System.out.println(cause.getMessage());
            }
            System.out.println("other: " + other.status().attachCount() + " attached");
            System.out.println("scope alive: " + segment.scope().isAlive());
        }
    }

    // J09, fault 19, security 7
    @Test
    void shouldLogADetachFromAnAutomaticArenaThatFails() throws ShmException {
        SharedMemory memory = blocks.create(1000);
        SharedMemory next = blocks.create(1000);
        Child.Result result =
                Child.java(DetachBehindTheCollector.class, memory.id(), next.id()).run();
        assertEquals("logged\nthe next one is detached", result.ok(), result.err());
        assertTrue(
                result.err().contains("EINVAL (22), Invalid argument. Block " + memory.id() + " is no longer attached"),
                result.err());
        assertTrue(result.err().contains("SEVERE"), result.err());
    }

    /** Detaches a block of an automatic arena behind its back, and waits until that was noticed. */
    static final class DetachBehindTheCollector {

        private DetachBehindTheCollector() {}

        public static void main(String[] arguments) throws Exception {
            SharedMemory memory = SharedMemory.ofId(Integer.parseInt(arguments[0]));
            SharedMemory next = SharedMemory.ofId(Integer.parseInt(arguments[1]));
            PrintStream err = System.err;
            ByteArrayOutputStream log = new ByteArrayOutputStream();
            System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
            if (ShmCalls.shmdt(attach(memory)) != 0) {
                throw new AssertionError("shmdt failed");
            }
            Patience.await("the failure is logged", () -> {
                System.gc();
                return log.toString(StandardCharsets.UTF_8).contains("EINVAL");
            });
            System.out.println("logged");
            attach(next);
            Patience.await("the next one is detached", () -> {
                System.gc();
                return next.status().attachCount() == 0;
            });
            System.out.println("the next one is detached");
            err.print(log.toString(StandardCharsets.UTF_8));
        }

        private static long attach(SharedMemory memory) throws ShmException {
            return memory.attach(AttachMode.READ_WRITE, Arena.ofAuto()).address();
        }
    }

    // J09
    @Test
    void shouldStayAttachedInTheGlobalArenaUntilTheProcessEnds() throws ShmException {
        SharedMemory memory = blocks.create(1000);
        try (Child.Running child = Child.java(AttachForEver.class, memory.id()).start()) {
            assertEquals("UnsupportedOperationException", child.line());
            assertEquals("attached", child.line());
            assertEquals(1, memory.status().attachCount());
            child.send("end");
            assertEquals("5", child.line());
            assertEquals(0, child.await().exit());
        }
        assertEquals(0, memory.status().attachCount());
    }

    /** Attaches to the global arena. */
    static final class AttachForEver {

        private AttachForEver() {}

        public static void main(String[] arguments) throws Exception {
            SharedMemory memory = SharedMemory.ofId(Integer.parseInt(arguments[0]));
            MemorySegment segment = memory.attach(AttachMode.READ_WRITE, Arena.global());
            Outcome.print(() -> {
                Arena.global().close();
                return null;
            });
            Thread.ofVirtual()
                    .start(() -> segment.set(ValueLayout.JAVA_INT, 0, 5))
                    .join();
            System.gc();
            System.out.println("attached");
            if (System.in.read() < 0) {
                throw new AssertionError("no input");
            }
            System.out.println(segment.get(ValueLayout.JAVA_INT, 0));
        }
    }

    // J23
    @Test
    void shouldNotPassAMappingOnToProcessesThatThisOneStarts() throws ShmException {
        SharedMemory memory = blocks.create(1000);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = memory.attach(AttachMode.READ_WRITE, arena);
            try (Child.Running child =
                    Child.command("sh", "-c", "echo ready; read line; echo done").start()) {
                // Until it runs a program of its own, the process may be a copy of this one, mappings and all.
                assertEquals("ready", child.line());
                assertEquals(1, memory.status().attachCount());
                assertEquals(List.of(), Mappings.of(memory, child.pid()));
                assertFalse(Mappings.of(memory).isEmpty());
                child.send("");
                assertEquals("done", child.line());
            }
            segment.set(ValueLayout.JAVA_BYTE, 999, (byte) 1);
            assertEquals(1, memory.status().attachCount());
        }
        assertEquals(0, memory.status().attachCount());
    }
}
