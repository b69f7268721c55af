package io.github.shm4j.aeron;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.aeron.Aeron;
import io.aeron.CncFileDescriptor;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ring.RingConsumer;
import io.github.shm4j.ring.RingStatistics.Liveness;
import io.github.shm4j.ring.SpscRingBuffer;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Patient;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.agrona.IoUtil;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Several relays through one media driver, and what stays there of those that cannot begin. */
@Patient
class SharedDriverIT {

    private static final int CAPACITY = 64 * 1024;

    /** What a channel of a stream has in the driver. */
    private static final String CHANNELS = "(snd|rcv)-channel.*";

    private final Blocks blocks = new Blocks();
    private final Arena arena = Arena.ofShared();
    private final int port = RelayProgram.freePorts();
    private Path directory;
    private MediaDriver driver;
    private Aeron aeron;

    @BeforeEach
    void launch() throws Exception {
        directory = Path.of("/dev/shm", "shm4j-relay-test-" + blocks.freeKey());
        driver = MediaDriver.launch(new MediaDriver.Context()
                .aeronDirectoryName(directory.toString())
                .dirDeleteOnStart(true)
                .dirDeleteOnShutdown(true)
                .termBufferSparseFile(true)
                .threadingMode(ThreadingMode.SHARED)
                .sharedIdleStrategy(Connection.idle()));
        aeron = Aeron.connect(new Aeron.Context().aeronDirectoryName(directory.toString()));
    }

    @AfterEach
    void close() throws Exception {
        aeron.close();
        driver.close();
        arena.close();
        blocks.close();
        IoUtil.delete(directory.toFile(), true);
    }

    private SpscRingBuffer ring(int capacity) throws Exception {
        return SpscRingBuffer.create(blocks.freeKey(), capacity, arena);
    }

    private String at() {
        return "127.0.0.1:" + port;
    }

    private List<String> counters(String pattern) {
        List<String> found = new ArrayList<>();
        aeron.countersReader().forEach((id, type, key, label) -> {
            if (label.matches(pattern)) {
                found.add(label);
            }
        });
        return found;
    }

    private void assertNothingIsLeft() throws Exception {
        Patience.await("all channels are closed: " + counters(CHANNELS), () -> counters(CHANNELS).isEmpty());
        assertEquals(List.of(), counters("shm4j.*"));
    }

    @Test
    void shouldRefuseASecondReceiverAtTheSamePlace() throws Exception {
        SpscRingBuffer first = ring(CAPACITY);
        SpscRingBuffer second = ring(CAPACITY);
        ShmKey journal = blocks.freeKey();
        try (Aeron other = Aeron.connect(new Aeron.Context().aeronDirectoryName(directory.toString()));
                RelayReceiver receiver = RelayReceiver.at(aeron, first, at(), journal, false)) {
            assertFalse(receiver.isConnected());
            for (String same : List.of(at(), "localhost:" + port)) {
                String message = assertThrows(RelayException.class,
                        () -> RelayReceiver.at(other, second, same, blocks.freeKey(), false)).getMessage();
                assertTrue(message.contains("another receiver, of process " + ProcessHandle.current().pid())
                        && message.contains(same), message);
            }
            assertTrue(second.statistics().producers().isEmpty());
            int elsewhere = RelayProgram.freePorts();
            RelayReceiver.at(other, second, "127.0.0.1:" + elsewhere, blocks.freeKey(), false).close();
        }
        // The place is free, and so is it for a successor in the same ring.
        RelayReceiver.at(aeron, second, at(), blocks.freeKey(), false).close();
        RelayReceiver.at(aeron, first, at(), journal, false).close();
        assertNothingIsLeft();
    }

    @Test
    void shouldLeaveNothingWhereASideCannotBegin() throws Exception {
        SpscRingBuffer ring = ring(CAPACITY);
        ShmKey journal = blocks.freeKey();
        // The port of the answers is another program's.
        try (DatagramSocket taken = new DatagramSocket(new InetSocketAddress("127.0.0.1", port + 1))) {
            assertTrue(taken.isBound());
            String message = assertThrows(
                    RelayException.class, () -> RelayReceiver.at(aeron, ring, at(), journal, false)).getMessage();
            assertTrue(message.startsWith("Aeron cannot send on aeron:udp?control-mode=dynamic|control=127.0.0.1:"),
                    message);
        }
        assertNothingIsLeft();
        // What happens last in both of them fails.
        Endpoint endpoint = Endpoint.parse(at());
        for (int moment = 0; moment < 2; moment++) {
            int last = moment;
            AtomicInteger asked = new AtomicInteger();
            Destination destination = Destination.open(ring, journal);
            assertThrows(ArithmeticException.class, () -> RelayReceiver.at(aeron, destination, endpoint, false,
                    () -> 1 / (last - asked.getAndIncrement())));
            destination.close();
            asked.set(0);
            try (RingConsumer consumer = ring.consumer()) {
                assertThrows(ArithmeticException.class, () -> RelaySender.to(aeron, ring, Integer.MAX_VALUE, consumer,
                        endpoint, () -> 1 / (last - asked.getAndIncrement())));
            }
        }
        assertNothingIsLeft();
        assertTrue(ring.statistics().producers().isEmpty());
        aeron.close();
        assertThrows(RelayDisconnectedException.class, () -> RelayReceiver.at(aeron, ring, at(), journal, false));
        assertTrue(ring.statistics().producers().isEmpty());
        SpscRingBuffer source = ring(CAPACITY);
        assertThrows(RelayDisconnectedException.class, () -> RelaySender.to(aeron, source, at()));
        assertEquals(Liveness.NOBODY, source.statistics().consumer().liveness());
    }

    /** A file of this version of Aeron, in which each length is wrong: what Aeron throws is none of its own exceptions. */
    @Test
    void shouldSayWhichDirectoryIsNoDriversWhateverIsThere() throws Exception {
        Path none = Files.createDirectory(Path.of(directory + "-none"));
        try {
            MemorySegment content = MemorySegment.ofArray(new byte[8192]).fill((byte) -1);
            content.set(ValueLayout.JAVA_INT_UNALIGNED, 0, CncFileDescriptor.CNC_VERSION);
            Files.write(none.resolve("cnc.dat"), content.toArray(ValueLayout.JAVA_BYTE));
            String message = assertThrows(RelayDisconnectedException.class, () -> Connection.to(none.toString()))
                    .getMessage();
            assertTrue(message.startsWith("no media driver answers in " + none + ": "), message);
        } finally {
            IoUtil.delete(none.toFile(), true);
        }
    }

    /** Aeron takes options as system properties, and throws this and that where they are none. */
    @Test
    void shouldSayThatNoDriverCanBeLaunchedAndLeaveNoDirectory() throws Exception {
        String role = "test-" + directory.getFileName();
        for (String[] option : new String[][] {
            {"aeron.mtu.length", "nonsense"}, {"aeron.mtu.length", "1"}, {"aeron.term.buffer.length", "3"},
            {"aeron.conductor.buffer.length", "5"}, {"aeron.timer.interval", "9z"}
        }) {
            System.setProperty(option[0], option[1]);
            try {
                String message = assertThrows(RelayException.class, () -> Connection.launch(role)).getMessage();
                assertTrue(message.startsWith("Aeron's media driver cannot be launched in "), message);
            } finally {
                System.clearProperty(option[0]);
            }
            try (Stream<Path> left = Files.list(directory.getParent())) {
                assertEquals(List.of(), left.filter(each -> each.toString().contains(role)).toList());
            }
        }
    }
}
