package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.broadcast.BroadcastOccupiedException;
import io.github.shm4j.broadcast.BroadcastProducer;
import io.github.shm4j.broadcast.BroadcastRing;
import io.github.shm4j.broadcast.BroadcastRoleLostException;
import io.github.shm4j.state.LatestValue;
import io.github.shm4j.state.LatestValueWriter;
import io.github.shm4j.state.LockTimeoutException;
import io.github.shm4j.state.SharedLock;
import io.github.shm4j.state.ValueOccupiedException;
import io.github.shm4j.state.ValueRoleLostException;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Patient;
import io.github.shm4j.support.Peers;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Roles of processes that share an IPC namespace and no pid namespace, as the containers of a pod. */
@Patient
class TakeOverIT {

    private static final int CAPACITY = 1 << 14;
    private static final int RECORD = 64;

    /** What each process has in its hands: all roles there are. */
    private static final List<String> ROLES = List.of("consumer", "producer", "writer", "lock", "broadcast");

    private final Blocks blocks = new Blocks();

    @AfterEach
    void removeBlocks() throws ShmException {
        blocks.close();
    }

    // fault 24, fault 25
    @Test
    void shouldSucceedAProcessThatWasKilledInAnotherPidNamespace() throws Exception {
        Peers.requireNamespaces("-p", "-f", "--mount-proc");
        SharedMemory ring = blocks.create(RingKind.SPSC.sizeFor(CAPACITY));
        SharedMemory value = blocks.create(LatestValue.sizeFor(RECORD));
        SharedMemory lock = blocks.create(SharedLock.BYTES);
        SharedMemory broadcast = blocks.create(BroadcastRing.sizeFor(CAPACITY));
        try (Arena arena = Arena.ofShared()) {
            SpscRingBuffer made = SpscRingBuffer.create(ring.attach(AttachMode.READ_WRITE, arena), CAPACITY);
            SpscProducer producer = made.producer();
            for (int i = 0; i < 5; i++) {
                assertTrue(producer.write(i + 1, Rings.message("message " + i)));
            }
            producer.close();
            LatestValue.create(value.attach(AttachMode.READ_WRITE, arena), RECORD);
            SharedLock.at(lock.attach(AttachMode.READ_WRITE, arena), 0);
            BroadcastRing.create(broadcast.attach(AttachMode.READ_WRITE, arena), CAPACITY);
        }
        Object[] ids = {ring.id(), value.id(), lock.id(), broadcast.id()};
        try (Child.Running first = inPidNamespace(ids); Child.Running second = inPidNamespace(ids)) {
            assertEquals("consumer producer writer lock broadcast", ask(first, "take all"));
            assertEquals("read 1 2", ask(first, "read 2"));
            assertEquals("broadcast 1", ask(first, "broadcast"));
            assertEquals("", ask(second, "take all"), "nobody robs the living");
            first.kill();
            List<String> taken = new ArrayList<>();
            // A process that lists all rings may have this one attached for a moment.
            Patience.await("the successor has all roles", () -> {
                taken.addAll(List.of(ask(second, "take all").split(" ")));
                return taken.containsAll(ROLES);
            });
            assertEquals("read 3 4", ask(second, "read 2"));
            assertEquals("wrote 1", ask(second, "write"));
            assertEquals("broadcast 2", ask(second, "broadcast"));
            try (Arena arena = Arena.ofShared()) {
                takeFromTheLiving(second, arena, ring, value, broadcast);
            }
            assertEquals("bye", ask(second, "close"));
        }
    }

    /** This process is of a third namespace, and knows that it may. */
    private static void takeFromTheLiving(
            Child.Running living, Arena arena, SharedMemory ring, SharedMemory value, SharedMemory broadcast)
            throws ShmException {
        SpscRingBuffer here = (SpscRingBuffer) RingBuffer.open(ring, AttachMode.READ_WRITE, arena);
        LatestValue valueHere = LatestValue.open(value, AttachMode.READ_WRITE, arena);
        BroadcastRing broadcastHere = BroadcastRing.open(broadcast, AttachMode.READ_WRITE, arena);
        assertThrows(RingOccupiedException.class, here::consumer);
        assertThrows(RingOccupiedException.class, here::producer);
        assertThrows(ValueOccupiedException.class, valueHere::writer);
        assertThrows(BroadcastOccupiedException.class, broadcastHere::producer);
        RingConsumer consumer = here.takeOverConsumer();
        SpscProducer producer = here.takeOverProducer();
        LatestValueWriter writer = valueHere.takeOverWriter();
        BroadcastProducer broadcaster = broadcastHere.takeOverProducer();
        String taker = "process " + ProcessHandle.current().pid();
        String lost = ask(living, "read 1");
        assertTrue(lost.startsWith(RingRoleLostException.class.getSimpleName()) && lost.contains(taker), lost);
        lost = ask(living, "produce");
        assertTrue(lost.startsWith(RingRoleLostException.class.getSimpleName()) && lost.contains(taker), lost);
        lost = ask(living, "write");
        assertTrue(lost.startsWith(ValueRoleLostException.class.getSimpleName()) && lost.contains(taker), lost);
        lost = ask(living, "broadcast");
        assertTrue(lost.startsWith(BroadcastRoleLostException.class.getSimpleName()) && lost.contains(taker), lost);
        assertTrue(producer.write(6, Rings.message("message 6")));
        List<Integer> types = new ArrayList<>();
        assertEquals(2, consumer.read((type, memory, offset, length) -> types.add(type), 9));
        assertEquals(List.of(5, 6), types);
        assertEquals(2, writer.write(MemorySegment.ofArray(new byte[RECORD])));
        assertEquals(3, broadcaster.write(1, Rings.message("message 3")));
        broadcaster.close();
        consumer.close();
        producer.close();
        writer.close();
    }

    private static Child.Running inPidNamespace(Object... ids) {
        Child.Running process = Child.java(Process.class, ids)
                .under(Child.unshare("-p", "-f", "--kill-child", "--mount-proc"))
                .start();
        assertEquals("ready", process.line());
        return process;
    }

    private static String ask(Child.Running process, String question) {
        process.send(question);
        return process.line();
    }

    /** Does what it is told, one line at a time. */
    static final class Process {

        private static RingConsumer consumer;
        private static SpscProducer producer;
        private static LatestValueWriter writer;
        private static SharedLock.Held held;
        private static BroadcastProducer broadcaster;

        public static void main(String... arguments) throws Exception {
            Arena arena = Arena.global();
            SpscRingBuffer ring =
                    (SpscRingBuffer) RingBuffer.open(block(arguments[0]), AttachMode.READ_WRITE, arena);
            LatestValue value = LatestValue.open(block(arguments[1]), AttachMode.READ_WRITE, arena);
            SharedLock lock = SharedLock.at(block(arguments[2]).attach(AttachMode.READ_WRITE, arena), 0);
            BroadcastRing broadcast =
                    BroadcastRing.open(block(arguments[3]), AttachMode.READ_WRITE, arena);
            System.out.println("ready");
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] words = line.split(" ");
                System.out.println(answer(() -> switch (words[0]) {
                    case "take" -> take(ring, value, lock, broadcast);
                    case "read" -> read(Integer.parseInt(words[1]));
                    case "produce" -> "produced " + producer.write(7, Rings.message("of the robbed one"));
                    case "write" -> "wrote " + writer.write(MemorySegment.ofArray(new byte[RECORD]));
                    case "broadcast" -> "broadcast " + broadcaster.write(1, Rings.message("of one of them"));
                    case "close" -> close();
                    default -> throw new IllegalArgumentException(words[0]);
                }));
            }
        }

        private static SharedMemory block(String id) {
            return SharedMemory.ofId(Integer.parseInt(id));
        }

        private static String answer(Callable<String> act) {
            try {
                return act.call();
            } catch (Exception failed) {
                return failed.getClass().getSimpleName() + ": " + failed.getMessage();
            }
        }

        private static String take(SpscRingBuffer ring, LatestValue value, SharedLock lock, BroadcastRing broadcast)
                throws InterruptedException {
            List<String> taken = new ArrayList<>();
            if (consumer == null) {
                try {
                    consumer = ring.consumer();
                    taken.add("consumer");
                } catch (RingOccupiedException refused) {
                    // Somebody has it who may be alive.
                }
            }
            if (producer == null) {
                try {
                    producer = ring.producer();
                    taken.add("producer");
                } catch (RingOccupiedException refused) {
                    // Somebody has it who may be alive.
                }
            }
            if (writer == null) {
                try {
                    writer = value.writer();
                    taken.add("writer");
                } catch (ValueOccupiedException refused) {
                    // Somebody has it who may be alive.
                }
            }
            if (held == null) {
                try {
                    held = lock.acquire(Duration.ZERO);
                    taken.add("lock");
                } catch (LockTimeoutException refused) {
                    // Somebody has it who may be alive.
                }
            }
            if (broadcaster == null) {
                try {
                    broadcaster = broadcast.producer();
                    taken.add("broadcast");
                } catch (BroadcastOccupiedException refused) {
                    // Somebody has it who may be alive.
                }
            }
            return String.join(" ", taken);
        }

        private static String read(int limit) {
            List<String> types = new ArrayList<>();
            consumer.read((type, memory, offset, length) -> types.add("" + type), limit);
            return "read " + String.join(" ", types);
        }

        private static String close() {
            consumer.close();
            producer.close();
            writer.close();
            held.close();
            broadcaster.close();
            return "bye";
        }
    }
}
