package io.github.shm4j.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.broadcast.BroadcastRing;
import io.github.shm4j.ring.MpscRingBuffer;
import io.github.shm4j.ring.RingBuffer;
import io.github.shm4j.ring.RingConsumer;
import io.github.shm4j.ring.RingProducer;
import io.github.shm4j.ring.SpscRingBuffer;
import io.github.shm4j.state.LatestValue;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Patient;
import io.github.shm4j.support.Peers;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The header by which programs in C and C++ are peers. What it does where processes are killed, the tests of rings, locks and
 * latest values show: their peers in C are users of it.
 *
 * <p>The property {@code shm4j.peers.hostile} says how many rounds of it run in memory that is overwritten.
 */
@Patient
class HeaderIT {

    private static final int HOSTILE_ROUNDS = Integer.getInteger("shm4j.peers.hostile", 2000);

    /** In front of a message: its producer's number, its own number, and a checksum of what follows. */
    private static final int FRAME = 24;

    /** What users compile with who want to know everything. */
    private static final String[] WARNINGS = {
        "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Wcast-qual", "-Werror", "-O2", "-pthread"
    };

    enum Kind {
        SPSC {
            @Override
            RingBuffer create(MemorySegment memory) {
                return SpscRingBuffer.create(memory, 1024);
            }
        },
        MPSC {
            @Override
            RingBuffer create(MemorySegment memory) {
                return MpscRingBuffer.create(memory, 1024);
            }
        };

        abstract RingBuffer create(MemorySegment memory);
    }

    private final Blocks blocks = new Blocks();
    private final Arena arena = Arena.ofShared();
    private SharedMemory block;

    @AfterEach
    void cleanUp() throws ShmException {
        arena.close();
        blocks.close();
    }

    static String resource(String name) throws IOException {
        try (InputStream in = HeaderIT.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private RingBuffer create(Kind kind) throws ShmException {
        block = blocks.create(MpscRingBuffer.sizeFor(1024));
        return kind.create(block.attach(AttachMode.READ_WRITE, arena));
    }

    private static String[] with(String[] options, String... first) {
        List<String> all = new ArrayList<>(List.of(first));
        all.addAll(List.of(options));
        return all.toArray(String[]::new);
    }

    private static Path peer() throws IOException {
        return Peers.compile("peer", resource("/io/github/shm4j/ring/peer.c"));
    }

    private static Path peerInCpp() throws IOException {
        return Peers.compile("peer", ".cpp", resource("/io/github/shm4j/ring/peer.c"),
                with(WARNINGS, "c++", "-std=c++11"));
    }

    private static MemorySegment text(String text) {
        return MemorySegment.ofArray(text.getBytes(StandardCharsets.UTF_8));
    }

    static MemorySegment message(long number, long sequence, int length) {
        MemorySegment message = MemorySegment.ofArray(new long[(FRAME + length + 7) / 8]).asSlice(0, FRAME + length);
        for (int i = 0; i < length; i++) {
            message.set(ValueLayout.JAVA_BYTE, FRAME + i, (byte) (sequence + i));
        }
        message.set(ValueLayout.JAVA_LONG, 0, number);
        message.set(ValueLayout.JAVA_LONG, 8, sequence);
        message.set(ValueLayout.JAVA_LONG, 16, checksum(message));
        return message;
    }

    static long checksum(MemorySegment message) {
        CRC32 crc = new CRC32();
        crc.update(message.asSlice(FRAME).toArray(ValueLayout.JAVA_BYTE));
        return crc.getValue();
    }

    private static List<String> read(RingConsumer consumer, int count) throws InterruptedException {
        List<String> texts = new ArrayList<>();
        Patience patience = Patience.withAll();
        while (texts.size() < count) {
            int read = consumer.read(
                    (type, memory, offset, length) -> texts.add(new String(
                            memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8)),
                    count - texts.size());
            if (read == 0) {
                patience.pause(() -> "got " + texts);
            }
        }
        return texts;
    }

    /** The language has no atomic types in common with C++, and a warning in a header is every user's. */
    @ParameterizedTest
    @CsvSource({"cc, c11, .c", "cc, c2x, .c", "c++, c++20, .cpp"})
    void shouldCompileWithoutAWarning(String compiler, String standard, String extension) throws IOException {
        Peers.compile("hostile", extension, resource("hostile.c"), with(WARNINGS, compiler, "-std=" + standard));
    }

    @Test
    void shouldNeverLeaveTheMemoryWhateverIsInIt() throws IOException {
        Path hostile = Peers.compile("hostile", ".c", resource("hostile.c"), "cc", "-std=c11", "-g", "-O1", "-pthread",
                "-fsanitize=address,undefined", "-fno-sanitize-recover=all");
        long seed = new SplittableRandom().nextLong(1L << 62);
        Child.Result result = Child.command(hostile, seed, HOSTILE_ROUNDS).run();
        assertEquals(0, result.exit(), () -> "seed " + seed + ": " + result.out() + result.err());
    }

    @ParameterizedTest
    @EnumSource
    void shouldTalkToCAndCpp(Kind kind) throws Exception {
        RingBuffer ring = create(kind);
        for (Path peer : List.of(peer(), peerInCpp())) {
            try (RingConsumer consumer = ring.consumer()) {
                Child.command(peer, "send", block.id(), "one", "", "three").run().ok();
                assertEquals(List.of("one", "", "three"), read(consumer, 3));
            }
            try (RingProducer producer = ring.producer();
                    Child.Running receiver = Child.command(peer, "receive", block.id(), 3).start()) {
                for (String message : List.of("four", "", "six")) {
                    assertTrue(producer.write(1, text(message)));
                    assertEquals(message, receiver.line());
                }
                receiver.await().ok();
            }
        }
        assertEquals(12, ring.statistics().messagesRead());
    }

    /** The consumer sleeps while nothing comes, and passes over what killed producers have left. */
    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5, 6, 7})
    void shouldSkipInCWhatAKilledProducerInCHasLeft(int step) throws Exception {
        MpscRingBuffer ring = (MpscRingBuffer) create(Kind.MPSC);
        Path producer = Peers.compile("producer", resource("/io/github/shm4j/ring/producer.c"));
        int rounds = 20;
        int messages = step == 7 ? 3 : 2;
        try (RingProducer inJava = ring.producer();
                Child.Running consumer =
                        Child.command(peer(), "receive", block.id(), rounds * (messages + 1)).start()) {
            for (int round = 0; round < rounds; round++) {
                Child.Result killed = Child.command(producer, block.id(), 2, step).run();
                assertEquals(128 + 9, killed.exit(), killed.err());
                assertTrue(inJava.write(1, text("behind")));
                assertEquals("c 0", consumer.line());
                assertEquals("c 1", consumer.line());
                assertEquals(step == 7 ? "the last one" : "behind", consumer.line());
                if (step == 7) {
                    assertEquals("behind", consumer.line());
                }
            }
            consumer.await().ok();
        }
        assertEquals(step == 3 || step == 7 ? 0 : rounds, ring.statistics().recordsSkipped());
    }

    @ParameterizedTest
    @EnumSource
    void shouldRefuseARoleThatJavaHas(Kind kind) throws Exception {
        RingBuffer ring = create(kind);
        try (RingConsumer _ = ring.consumer()) {
            Child.Result refused = Child.command(peer(), "receive", block.id(), 1).run();
            assertEquals("the role is held by a process that may be alive", refused.err());
            assertEquals(4, refused.exit());
        }
        try (RingProducer producer = ring.producer()) {
            assertTrue(producer.write(1, text("first")));
            Child.Result sent = Child.command(peer(), "send", block.id(), "second").run();
            assertEquals(kind == Kind.MPSC ? 0 : 4, sent.exit(), sent.err());
        }
        try (RingConsumer consumer = ring.consumer()) {
            List<String> expected = kind == Kind.MPSC ? List.of("first", "second") : List.of("first");
            assertEquals(expected, read(consumer, expected.size()));
        }
    }

    /** C is stopped while the ring goes around: what it has got and lost are all messages. */
    @Test
    void shouldReadABroadcastOrLearnWhatItHasLost() throws Exception {
        block = blocks.create(BroadcastRing.sizeFor(4096));
        BroadcastRing broadcast = BroadcastRing.create(block.attach(AttachMode.READ_WRITE, arena), 4096);
        Path program = Peers.compile("reader", resource("reader.c"));
        try (Child.Running reader = Child.command(program, block.id()).start()) {
            SlowReader.lap(reader, broadcast, 2000);
        }
    }

    @Test
    void shouldSayWhatAnotherBlockIs() throws Exception {
        block = blocks.create(LatestValue.sizeFor(8));
        Child.Result empty = Child.command(peer(), "receive", block.id(), 1).run();
        assertEquals("the memory holds no complete structure of this kind and version", empty.err());
        LatestValue.create(block.attach(AttachMode.READ_WRITE, arena), 8);
        Child.Result value = Child.command(peer(), "receive", block.id(), 1).run();
        assertEquals("the memory holds no complete structure of this kind and version", value.err());
        Child.Result none = Child.command(peer(), "receive", Integer.MAX_VALUE, 1).run();
        assertEquals("Invalid argument", none.err());
    }
}
