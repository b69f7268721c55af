package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmStatus;
import io.github.shm4j.WaitStrategy;
import io.github.shm4j.internal.Owner;
import io.github.shm4j.internal.ShmCalls;
import io.github.shm4j.state.LatestValue;
import io.github.shm4j.state.SharedLock;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the JDK's flight recorder gets, and that it need not be there. */
class FlightRecorderIT {

    private static final int CAPACITY = 1 << 12;
    private static final String PREFIX = "io.github.shm4j.";
    private static final int IPC_RMID = 0;

    private final Blocks blocks = new Blocks();

    @TempDir
    private Path directory;

    @AfterEach
    void removeBlocks() throws ShmException {
        blocks.close();
    }

    @Test
    void shouldRecordEachEventOnce() throws Exception {
        Path file = directory.resolve("all.jfr");
        ShmKey key = blocks.freeKey();
        Map<String, String> said = new TreeMap<>();
        Child.java(Recorded.class, key, file).run().ok().lines()
                .forEach(line -> said.put(line.split("=")[0], line.split("=")[1]));
        Map<String, Integer> counts = new TreeMap<>();
        Map<String, RecordedEvent> last = new TreeMap<>();
        for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
            String name = event.getEventType().getName();
            if (name.startsWith(PREFIX)) {
                counts.merge(name.substring(PREFIX.length()), 1, Integer::sum);
                last.put(name.substring(PREFIX.length()), event);
                assertEquals("Shared Memory", event.getEventType().getCategoryNames().getFirst());
            }
        }
        assertEquals(
                Map.of("Create", 1, "Attach", 1, "Detach", 1, "Remove", 1, "RingFull", 2, "RecordSkipped", 1,
                        "OwnerDied", 4, "RoleTakenOver", 1),
                counts);
        assertEquals("0", said.get("left"), "blocks of calls that have thrown");
        int id = Integer.parseInt(said.get("id"));
        last.forEach((name, event) -> assertEquals(
                name.matches("Create|Attach|Detach|Remove|RingFull|RecordSkipped") ? id : -1, event.getInt("block"),
                name));
        assertEquals(key.toString(), last.get("Create").getString("key"));
        assertEquals(RingKind.MPSC.sizeFor(CAPACITY), last.get("Create").getLong("size"));
        assertEquals(RingKind.MPSC.sizeFor(CAPACITY), last.get("Attach").getLong("size"));
        assertTrue(!last.get("Attach").getBoolean("readOnly"));
        // As long as the program says that it was full at least, whatever the machine does.
        assertTrue(last.get("RingFull").getDuration().toMillis() >= 20, last.get("RingFull")::toString);
        assertTrue(last.get("RecordSkipped").getLong("size") > 0);
        RecordedEvent died = last.get("OwnerDied");
        assertEquals("lock owner", died.getString("structure") + " " + died.getString("role"));
        assertEquals(Long.parseLong(said.get("terminated")), died.getLong("pid"));
        RecordedEvent takenOver = last.get("RoleTakenOver");
        assertEquals("ring consumer", takenOver.getString("structure") + " " + takenOver.getString("role"));
        assertEquals(Long.parseLong(said.get("living")), takenOver.getLong("pid"));
    }

    /** As in a runtime image that was made without it. */
    @Test
    void shouldDoTheSameWhereThereIsNoRecorder() throws ShmException {
        ShmKey key = blocks.freeKey();
        List<String> lines = Child.java(Unrecorded.class, key).jvm("--limit-modules", "java.base").run().ok().lines()
                .toList();
        assertEquals("recorder: false", lines.getLast());
        assertEquals(4, lines.size());
    }

    static final class Recorded {
        public static void main(String... arguments) throws Exception {
            try (Recording recording = new Recording()) {
                recording.start();
                Unrecorded.act(ShmKey.parse(arguments[0]));
                recording.stop();
                recording.dump(Path.of(arguments[1]));
            }
            System.out.println("left=" + new Exhaustion().left());
        }
    }

    /** Creates blocks ever deeper until the stack is exhausted, which is most often where the recorder is told of one. */
    private static final class Exhaustion {

        private final Set<Integer> known = new HashSet<>();
        private int id;

        private void create() throws ShmException {
            id = -1;
            id = SharedMemory.createPrivate(1).id();
            if (ShmCalls.shmctl(id, IPC_RMID, MemorySegment.NULL) == 0) {
                id = -1;
            }
            create();
        }

        /** {@return how many blocks this process has created whose ids nobody got} */
        long left() throws Exception {
            for (int i = 0; i < 20; i++) {
                Thread thread = Thread.ofPlatform().unstarted(() -> {
                    try {
                        create();
                    } catch (StackOverflowError asIntended) {
                        known.add(id);
                    } catch (ShmException refused) {
                        throw new AssertionError(refused);
                    }
                });
                thread.start();
                thread.join();
            }
            long left = 0;
            for (ShmStatus block : SharedMemory.list()) {
                if (block.creatorPid() == ProcessHandle.current().pid()) {
                    left += known.contains(block.id()) ? 0 : 1;
                    SharedMemory.ofId(block.id()).remove();
                }
            }
            return left;
        }
    }

    static final class Unrecorded {
        public static void main(String... arguments) throws Exception {
            act(ShmKey.parse(arguments[0]));
            System.out.println("recorder: " + ModuleLayer.boot().findModule("jdk.jfr").isPresent());
        }

        /** Everything there is an event for. */
        static void act(ShmKey key) throws Exception {
            try (Arena arena = Arena.ofShared()) {
                MpscRingBuffer ring = MpscRingBuffer.create(key, CAPACITY, arena);
                System.out.println("id=" + ring.block().id());
                fill(ring);
                skip(ring);
                ring.remove();
            }
            long terminated = Rings.terminatedOwner();
            // Of another namespace, so that nobody can see whether it is alive.
            long living = terminated | 1L << 63;
            System.out.println("terminated=" + Owner.pid(terminated));
            System.out.println("living=" + Owner.pid(living));
            succeed(terminated, living);
        }

        private static void fill(MpscRingBuffer ring) throws InterruptedException {
            MemorySegment message = Rings.message(100);
            try (RingProducer producer = ring.producer();
                    RingConsumer consumer = ring.consumer()) {
                for (int round = 0; round < 2; round++) {
                    while (producer.write(1, message)) {
                        // Until it is full.
                    }
                    producer.awaitRoom(100, WaitStrategy.BLOCKING, Duration.ofMillis(20));
                    if (producer.write(1, message)) {
                        throw new AssertionError("room");
                    }
                    while (consumer.awaitMessage(WaitStrategy.PARK, Duration.ZERO)) {
                        consumer.read((type, memory, offset, length) -> {
                        }, 99);
                    }
                    if (!producer.write(1, message)) {
                        throw new AssertionError("no room");
                    }
                }
            }
        }

        /** As if the process had been killed that has claimed. */
        private static void skip(MpscRingBuffer ring) throws InterruptedException {
            RingProducer producer = ring.producer();
            try (RingConsumer consumer = ring.consumer()) {
                consumer.read((type, memory, offset, length) -> {
                }, 99);
                if (!producer.tryClaim(1, 8, new Claim())) {
                    throw new AssertionError("no room");
                }
                Rings.setLong(ring.memory, RingLayout.SLOTS_BEGIN, Rings.terminatedOwner());
                consumer.awaitMessage(WaitStrategy.PARK, RingConsumer.RECOVERY_TIME);
                long skipped = ring.statistics().recordsSkipped();
                while (skipped == 0) {
                    consumer.awaitMessage(WaitStrategy.PARK, RingConsumer.RECOVERY_TIME);
                    skipped = ring.statistics().recordsSkipped();
                }
            }
            Rings.setLong(ring.memory, RingLayout.SLOTS_BEGIN, 0);
        }

        private static void succeed(long terminated, long living) throws InterruptedException {
            MemorySegment memory = Rings.SPSC.memory(CAPACITY);
            SpscRingBuffer ring = SpscRingBuffer.create(memory, CAPACITY);
            Rings.setLong(memory, RingLayout.CONSUMER_OFFSET, terminated);
            ring.consumer().close();
            Rings.setLong(memory, RingLayout.SLOTS_BEGIN, terminated);
            ring.producer().close();
            Rings.setLong(memory, RingLayout.CONSUMER_OFFSET, living);
            ring.takeOverConsumer().close();
            MemorySegment record = Arena.ofAuto().allocate(LatestValue.sizeFor(8), 128);
            LatestValue value = LatestValue.create(record, 8);
            Rings.setLong(record, 136, terminated);
            value.writer().close();
            MemorySegment word = Arena.ofAuto().allocate(SharedLock.BYTES, 8);
            SharedLock lock = SharedLock.at(word, 0);
            Rings.setLong(word, 24, terminated);
            lock.acquire(Duration.ZERO).close();
        }
    }
}
