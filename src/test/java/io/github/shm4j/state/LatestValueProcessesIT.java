package io.github.shm4j.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmAccessDeniedException;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmPermissions;
import io.github.shm4j.WaitStrategy;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Patient;
import io.github.shm4j.support.Peers;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Latest values between processes in Java and in C, of which the writers are killed.
 *
 * <p>The property {@code shm4j.state.kills} says how many JVMs to kill, {@code shm4j.state.c.kills} how many programs in C.
 */
@Patient
class LatestValueProcessesIT {

    private static final int KILLS = Integer.getInteger("shm4j.state.kills", 3);
    private static final int C_KILLS = Integer.getInteger("shm4j.state.c.kills", 50);

    private final Blocks blocks = new Blocks();
    private final Arena arena = Arena.ofShared();
    private final List<Child.Running> children = new ArrayList<>();
    private SharedMemory block;

    @AfterEach
    void cleanUp() throws ShmException {
        children.forEach(Child.Running::close);
        blocks.close();
        arena.close();
    }

    private LatestValue create(long size) throws ShmException {
        block = blocks.create(LatestValue.sizeFor(size));
        return LatestValue.create(block.attach(AttachMode.READ_WRITE, arena), size);
    }

    private Path peerInC() throws IOException {
        try (InputStream in = LatestValueProcessesIT.class.getResourceAsStream("value.c")) {
            return Peers.compile("value", new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private Child.Running started(Child child) {
        Child.Running running = child.start();
        children.add(running);
        return running;
    }

    private void kill(Child.Running victim) {
        Child.Result result = victim.kill();
        children.remove(victim);
        assertEquals(128 + 9, result.exit(), result.err());
    }

    private static void awaitVersion(LatestValue value, long version, Child.Running writer) throws Exception {
        Patience patience = Patience.with(writer);
        while (!value.awaitNewer(version - 1, WaitStrategy.PARK, Duration.ofMillis(20))) {
            assertTrue(writer.isAlive(), () -> "the writer has ended: " + writer.await().err());
            patience.check(() -> "the version stays " + value.version());
        }
    }

    /** A thread of this process that reads through a mapping that cannot be written. */
    private final class ReadingThread implements AutoCloseable {

        private final LatestValuePeer.Reader reader;
        private final Thread thread;
        private volatile boolean done;
        private volatile Throwable failure;

        ReadingThread() throws ShmException {
            reader = new LatestValuePeer.Reader(LatestValue.open(block, AttachMode.READ_ONLY, arena));
            thread = Thread.ofPlatform().start(() -> {
                try {
                    while (!done) {
                        reader.read();
                        Thread.yield();
                    }
                } catch (Throwable thrown) {
                    failure = thrown;
                }
            });
        }

        @Override
        public void close() {
            done = true;
            try {
                Patience.join(thread);
            } catch (InterruptedException interrupted) {
                throw new AssertionError(interrupted);
            }
            assertNull(failure);
        }
    }

    /** The long record is one that is copied by the C library. */
    @ParameterizedTest
    @ValueSource(longs = {64, 40_000})
    void shouldShowWholeRecordsOnlyHoweverManyWritersAreKilled(long size) throws Exception {
        LatestValue value = create(size);
        Path program = peerInC();
        SplittableRandom random = new SplittableRandom();
        Child.Running inJava = started(Child.java(LatestValuePeer.class, "read", block.id(), Long.MAX_VALUE));
        assertEquals("ready", inJava.line());
        Child.Running inC = started(Child.command(program, "read", block.id(), Long.MAX_VALUE));
        int victims = C_KILLS + KILLS;
        int step = Math.max(1, victims / Math.max(1, KILLS));
        int ofJava = 0;
        Child.Running next = null;
        int kills = 0;
        try (ReadingThread reading = new ReadingThread()) {
            for (int i = 0; i < victims; i++) {
                if (next == null && ofJava < KILLS) {
                    // It starts while others are killed.
                    next = started(Child.java(LatestValuePeer.class, "write", block.id(), "told"));
                    ofJava++;
                }
                long before = value.version();
                Child.Running writer;
                if (next != null && (i % step == step - 1 || victims - i <= 1 + KILLS - ofJava)) {
                    writer = next;
                    next = null;
                    writer.send("begin");
                } else {
                    writer = started(Child.command(program, "write", block.id()));
                }
                awaitVersion(value, before + 1, writer);
                Thread.sleep(0, random.nextInt(999_999));
                kill(writer);
                kills++;
                assertTrue(value.version() > before);
                assertNull(reading.failure);
            }
            // All readers get what is written last.
            try (LatestValueWriter writer = value.writer()) {
                LatestValuePeer.write(value, writer, arena.allocate(size, 8));
            }
            Patience patience = Patience.withAll();
            while (reading.reader.version < value.version()) {
                assertNull(reading.failure);
                patience.pause(() -> "the reader stays at " + reading.reader.version);
            }
        }
        assertEquals(victims, kills);
        assertEquals(KILLS, ofJava);
        assertTrue(inJava.isAlive(), () -> inJava.await().err());
        assertTrue(inC.isAlive(), () -> inC.await().err());
        assertEquals("", inJava.kill().err());
        assertEquals("", inC.kill().err());
    }

    @Test
    void shouldReachReadersInJavaAndInC() throws Exception {
        LatestValue value = create(64);
        Path program = peerInC();
        int last = 100_000;
        Child.Running inJava = started(Child.java(LatestValuePeer.class, "read", block.id(), last));
        assertEquals("ready", inJava.line());
        Child.Running inC = started(Child.command(program, "read", block.id(), last));
        MemorySegment record = arena.allocate(64, 8);
        try (LatestValueWriter writer = value.writer()) {
            for (int i = 0; i < last; i++) {
                LatestValuePeer.write(value, writer, record);
            }
        }
        assertEquals("read " + last, inC.await().ok().strip());
        assertEquals("read " + last, inJava.line());
    }

    /** Whoever is alive keeps the role, also while it is stopped, and its readers go on. */
    @Test
    void shouldNameTheWriterThatIsAliveAndReadWhereItIsStopped() throws Exception {
        LatestValue value = create(4096);
        Child.Running writer = started(Child.command(peerInC(), "write", block.id()));
        awaitVersion(value, 100, writer);
        String message = assertThrows(ValueOccupiedException.class, value::writer).getMessage();
        assertTrue(message.contains("process " + writer.pid() + ", which is running"), message);
        LatestValuePeer.Reader reader = new LatestValuePeer.Reader(value);
        for (int i = 0; i < 50; i++) {
            writer.signal("STOP");
            reader.read();
            writer.signal("CONT");
        }
        writer.signal("STOP");
        assertThrows(ValueOccupiedException.class, value::writer);
        kill(writer);
        long version = value.version();
        try (LatestValueWriter successor = value.writer()) {
            LatestValuePeer.write(value, successor, arena.allocate(4096, 8));
        }
        assertEquals(version + 1, value.version());
        reader.read();
        assertEquals(version + 1, reader.version);
    }

    // security 6
    @Test
    void shouldLetOthersReadWhoMayOnlyRead() throws Exception {
        Peers.requireOtherUser();
        ShmKey key = blocks.freeKey();
        LatestValue value = LatestValue.create(key, 8, ShmPermissions.of(0644), arena);
        try (LatestValueWriter writer = value.writer()) {
            LatestValuePeer.write(value, writer, arena.allocate(8, 8));
        }
        Child.Result result = Child.java(OtherUser.class, key.toString()).asNobody().run();
        assertEquals(List.of("version 1", "ShmAccessDeniedException", "IllegalStateException"),
                result.ok().lines().toList());
    }

    static final class OtherUser {
        public static void main(String... arguments) throws Exception {
            ShmKey key = ShmKey.parse(arguments[0]);
            LatestValue value = LatestValue.openReadOnly(key, Arena.global());
            LatestValuePeer.Reader reader = new LatestValuePeer.Reader(value);
            reader.read();
            System.out.println("version " + reader.version);
            try {
                LatestValue.open(key, Arena.global());
            } catch (ShmAccessDeniedException asIntended) {
                System.out.println(asIntended.getClass().getSimpleName());
            }
            try {
                value.writer();
            } catch (IllegalStateException asIntended) {
                System.out.println(asIntended.getClass().getSimpleName());
            }
        }
    }
}
