package io.github.shm4j.broadcast;

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
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Patient;
import io.github.shm4j.support.Peers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Broadcast rings between JVMs, of which those that write are killed.
 *
 * <p>The property {@code shm4j.broadcast.kills} says how many to kill.
 */
@Patient
class BroadcastProcessesIT {

    private static final int KILLS = Integer.getInteger("shm4j.broadcast.kills", 4);

    /** As much as the readers that pause are too slow for. */
    private static final int CAPACITY = 16 << 10;

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

    private Child.Running started(Object... arguments) {
        Child.Running running = Child.java(BroadcastPeer.class, arguments)
                .jvm("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
                .start();
        children.add(running);
        return running;
    }

    /** A thread of this process that reads through a mapping of its own. */
    private final class ReadingThread implements AutoCloseable {

        private final BroadcastPeer.Reader reader;
        private final Thread thread;
        private volatile Throwable failure;

        ReadingThread(AttachMode mode, boolean fromOldest, int pauseMillis) throws ShmException {
            BroadcastRing ring = BroadcastRing.open(block, mode, arena);
            reader = new BroadcastPeer.Reader(
                    ring, fromOldest ? ring.readerFromOldest() : ring.readerFromNow(), pauseMillis);
            thread = Thread.ofPlatform().start(() -> {
                try {
                    while (!reader.hasEnded) {
                        reader.read();
                    }
                } catch (Throwable thrown) {
                    failure = thrown;
                }
            });
        }

        @Override
        public void close() {
            reader.hasEnded = true;
            try {
                Patience.join(thread);
            } catch (InterruptedException interrupted) {
                throw new AssertionError(interrupted);
            }
        }
    }

    // B02
    @Test
    void shouldAccountToEachReaderForEachMessageHoweverManyProducersAreKilled() throws Exception {
        block = blocks.create(BroadcastRing.sizeFor(CAPACITY));
        BroadcastRing ring = BroadcastRing.create(block.attach(AttachMode.READ_WRITE, arena), CAPACITY);
        Child.Running reading = started("read", block.id(), 1);
        Child.Running next = started("write", block.id());
        assertEquals("ready", reading.line());
        SplittableRandom random = new SplittableRandom();
        try (ReadingThread fast = new ReadingThread(AttachMode.READ_WRITE, true, 0);
                ReadingThread slow = new ReadingThread(AttachMode.READ_ONLY, false, 3)) {
            List<ReadingThread> threads = List.of(fast, slow);
            for (int i = 0; i < KILLS; i++) {
                Child.Running writer = next;
                assertEquals("ready", writer.line());
                if (i + 1 < KILLS) {
                    // It starts while this one writes.
                    next = started("write", block.id());
                }
                long before = ring.messages();
                writer.send("begin");
                Patience patience = Patience.with(writer);
                while (ring.messages() < before + 10) {
                    assertTrue(writer.isAlive(), () -> "the producer has ended: " + writer.await().err());
                    patience.pause(() -> "there are " + ring.messages() + " messages");
                }
                if (i == 0) {
                    String message = assertThrows(BroadcastOccupiedException.class, ring::producer).getMessage();
                    assertTrue(message.contains("process " + writer.pid() + ", which is running"), message);
                }
                Thread.sleep(0, random.nextInt(999_999));
                Child.Result result = writer.kill();
                children.remove(writer);
                assertEquals(128 + 9, result.exit(), result.err());
                assertEquals("", result.err());
                assertTrue(ring.messages() > before);
                threads.forEach(thread -> assertNull(thread.failure));
            }
            // All readers get as far as what is written last.
            long last;
            try (BroadcastProducer producer = ring.producer()) {
                BroadcastPeer.write(ring, producer, arena.allocate(ring.maxMessageLength(), 8));
                last = producer.write(BroadcastPeer.LAST, MemorySegment.ofArray(new byte[0]));
            }
            for (ReadingThread thread : threads) {
                Patience patience = Patience.withAll();
                while (!thread.reader.hasEnded) {
                    assertNull(thread.failure);
                    patience.pause(() -> "a reader has got as far as " + thread.reader);
                }
                assertEquals(last, thread.reader.passed);
                assertTrue(thread.reader.got > 0);
            }
            String said = reading.line();
            assertTrue(said.startsWith("passed " + last + " got "), said);
        }
        assertEquals("", reading.await().err());
    }

    // security 6
    @Test
    void shouldLetOthersReadWhoMayOnlyRead() throws Exception {
        Peers.requireOtherUser();
        ShmKey key = blocks.freeKey();
        BroadcastRing ring = BroadcastRing.create(key, 1024, ShmPermissions.of(0644), arena);
        try (BroadcastProducer producer = ring.producer()) {
            BroadcastPeer.write(ring, producer, arena.allocate(128, 8));
            producer.write(BroadcastPeer.LAST, MemorySegment.ofArray(new byte[0]));
        }
        Child.Result result = Child.java(OtherUser.class, key.toString()).asNobody().run();
        assertEquals(List.of("passed 2 got 2 lost 0", "ShmAccessDeniedException", "IllegalStateException"),
                result.ok().lines().toList());
    }

    static final class OtherUser {
        public static void main(String... arguments) throws Exception {
            ShmKey key = ShmKey.parse(arguments[0]);
            BroadcastRing ring = BroadcastRing.openReadOnly(key, Arena.global());
            BroadcastPeer.Reader reader = new BroadcastPeer.Reader(ring, ring.readerFromOldest(), 0);
            while (!reader.hasEnded) {
                reader.read();
            }
            System.out.println(reader);
            try {
                BroadcastRing.open(key, Arena.global());
            } catch (ShmAccessDeniedException asIntended) {
                System.out.println(asIntended.getClass().getSimpleName());
            }
            try {
                ring.producer();
            } catch (IllegalStateException asIntended) {
                System.out.println(asIntended.getClass().getSimpleName());
            }
        }
    }
}
