package io.github.shm4j.ring;

import static io.github.shm4j.ring.Streams.LONG;
import static io.github.shm4j.ring.Streams.OTHER_TYPE;
import static io.github.shm4j.ring.Streams.PARK;
import static io.github.shm4j.ring.Streams.TYPE;
import static io.github.shm4j.ring.Streams.assertMessage;
import static io.github.shm4j.ring.Streams.begin;
import static io.github.shm4j.ring.Streams.bytes;
import static io.github.shm4j.ring.Streams.readAll;
import static io.github.shm4j.ring.Streams.ring;
import static io.github.shm4j.ring.Streams.sink;
import static io.github.shm4j.ring.Streams.source;
import static io.github.shm4j.ring.Streams.text;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.WaitStrategy;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Patient;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.Writer;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.FutureTask;
import java.util.zip.CRC32;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Streams of bytes through rings. */
@Patient
class RingChannelsTest {

    private static ByteBuffer buffer(SplittableRandom random, int size) {
        return random.nextBoolean() ? ByteBuffer.allocate(size) : ByteBuffer.allocateDirect(size);
    }

    /** Writes random bytes from buffers of all sorts and sizes, and returns their checksum. */
    private static long writeRandom(RingSinkChannel out, long length, int most, long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        CRC32 sum = new CRC32();
        byte[] block = new byte[most];
        long written = 0;
        while (written < length) {
            int size = (int) Math.min(length - written, random.nextInt(most));
            random.nextBytes(block);
            sum.update(block, 0, size);
            int before = random.nextInt(9);
            ByteBuffer buffer = buffer(random, before + size + 3);
            buffer.put(before, block, 0, size).position(before).limit(before + size);
            ByteBuffer source = random.nextBoolean() ? buffer : buffer.asReadOnlyBuffer();
            while (source.hasRemaining()) {
                int position = source.position();
                int count = out.write(source);
                assertEquals(position + count, source.position());
                assertTrue(count > 0);
            }
            assertEquals(before + size, source.limit());
            written += size;
        }
        return sum.getValue();
    }

    private static long readRandom(RingSourceChannel in, int most, long seed, long[] length) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        CRC32 sum = new CRC32();
        List<ByteBuffer> buffers = List.of(ByteBuffer.allocate(most + 4), ByteBuffer.allocateDirect(most + 4));
        while (true) {
            ByteBuffer target = buffers.get(random.nextInt(2));
            int before = random.nextInt(4);
            target.limit(before + 1 + random.nextInt(most)).position(before);
            int count = in.read(target);
            if (count < 0) {
                assertEquals(before, target.position());
                return sum.getValue();
            }
            assertEquals(before + count, target.position());
            assertTrue(count > 0);
            sum.update(target.flip().position(before));
            length[0] += count;
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldCarryFiftyMegabytesWhateverTheBuffers(RingKind kind) throws Exception {
        RingBuffer ring = ring(kind, 1 << 20);
        long length = 50_000_000;
        FutureTask<Long> written = begin(false, () -> {
            try (RingProducer producer = ring.producer();
                    RingSinkChannel out = RingSinkChannel.open(producer, TYPE)) {
                return writeRandom(out, length, 400_000, 1);
            }
        });
        long[] read = new long[1];
        try (RingConsumer consumer = ring.consumer();
                RingSourceChannel in = RingSourceChannel.open(consumer, TYPE)) {
            long sum = readRandom(in, 300_000, 2, read);
            assertEquals(Patience.get(written), sum);
            assertEquals(length, read[0]);
        }
    }

    @ParameterizedTest
    @EnumSource(WaitStrategy.class)
    void shouldCarryBytesThroughATinyRingBetweenVirtualThreads(WaitStrategy strategy) throws Exception {
        RingBuffer ring = ring(RingKind.MPSC, 128);
        // One that spins keeps its carrier, and there may be one only.
        boolean virtual = strategy != WaitStrategy.BUSY_SPIN;
        FutureTask<Long> written = begin(virtual, () -> {
            try (RingSinkChannel out = RingSinkChannel.open(ring.producer(), TYPE, strategy, LONG)) {
                return writeRandom(out, 5000, 40, 3);
            }
        });
        FutureTask<Long> read = begin(virtual, () -> {
            try (RingSourceChannel in = RingSourceChannel.open(ring.consumer(), TYPE, strategy, LONG)) {
                return readRandom(in, 30, 4, new long[1]);
            }
        });
        assertEquals(Patience.get(written), Patience.get(read));
    }

    @ParameterizedTest
    @EnumSource
    void shouldSendAMessageForEachWriteAndMarksAroundThem(RingKind kind) throws IOException {
        RingBuffer ring = ring(kind, 256);
        RingProducer producer = ring.producer();
        RingConsumer consumer = ring.consumer();
        List<String> messages = new ArrayList<>();
        MessageHandler noting = (type, memory, offset, length) -> messages.add(
                type == RingSinkChannel.MARK_TYPE ? "mark " + length : type + " " + Rings.text(memory, offset, length));
        try (RingSinkChannel out = sink(producer)) {
            assertEquals(3, out.write(bytes("abc")));
            assertEquals(0, out.write(bytes("")));
            consumer.read(noting, 9);
            String large = "0123456789".repeat(8).substring(0, 2 * 32 + 5);
            assertEquals(large.length(), out.write(bytes(large)));
            consumer.read(noting, 9);
        }
        consumer.read(noting, 9);
        assertEquals(
                List.of("mark 16", "7 abc", "7 01234567890123456789012345678901", "7 23456789012345678901234567890123",
                        "7 45678", "mark 16"),
                messages);
    }

    // R21
    @ParameterizedTest
    @EnumSource
    void shouldKeepTheRestOfAMessageForTheNextReadOrTheNextConsumer(RingKind kind) throws IOException {
        RingBuffer ring = ring(kind, 1024);
        RingSinkChannel out = sink(ring.producer());
        out.write(bytes("abcdefg"));
        out.write(bytes("hij"));
        RingConsumer consumer = ring.consumer();
        RingSourceChannel in = source(consumer);
        ByteBuffer target = ByteBuffer.allocate(10);
        target.limit(2);
        assertEquals(2, in.read(target));
        assertEquals(0, in.read(target));
        target.limit(6);
        assertEquals(4, in.read(target));
        assertEquals("abcdef", text(target));
        target.limit(10);
        assertEquals(1, in.read(target), "bytes of one message only");
        target.limit(8);
        assertEquals(1, in.read(target));
        assertEquals("abcdefgh", text(target));
        in.close();
        assertThrows(ClosedChannelException.class, () -> in.read(target));
        List<String> rest = new ArrayList<>();
        assertEquals(1, consumer.read((t, memory, offset, length) -> rest.add(Rings.text(memory, offset, length)), 9));
        assertEquals(List.of("hij"), rest, "all of the message that was read in part");
    }

    // R20
    @ParameterizedTest
    @EnumSource
    void shouldRefuseMessagesOfOthersAndLeaveThem(RingKind kind) throws IOException {
        RingBuffer ring = ring(kind, 1024);
        RingProducer producer = ring.producer();
        RingConsumer consumer = ring.consumer();
        RingSourceChannel in = source(consumer);
        RingSinkChannel out = sink(producer);
        RingSinkChannel other = RingSinkChannel.open(producer, OTHER_TYPE);
        out.write(bytes("abc"));
        ByteBuffer target = ByteBuffer.allocate(9);
        for (int i = 0; i < 2; i++) {
            assertMessage("type " + RingSinkChannel.MARK_TYPE, IOException.class, () -> in.read(target));
        }
        assertEquals(1, consumer.read((type, memory, offset, length) -> assertEquals(16, length), 1));
        assertEquals(3, in.read(target));
        other.write(bytes("other"));
        out.close();
        assertMessage("type 8 and 5 bytes", IOException.class, () -> in.read(target));
        assertEquals(1, consumer.read((type, memory, offset, length) -> assertEquals(5, length), 1));
        assertEquals(-1, in.read(target));
    }

    @Test
    void shouldBeUsedByStreamsWritersAndCodecs() throws Exception {
        RingBuffer ring = ring(RingKind.SPSC, 1 << 12);
        String text = "Straße nach Bad Säckingen\n".repeat(2000);
        List<Object> objects = List.of(text, 42L, List.of(1, 2, 3));
        FutureTask<Void> writing = begin(true, () -> {
            try (RingProducer producer = ring.producer()) {
                try (Writer out = Channels.newWriter(RingSinkChannel.open(producer, 1), StandardCharsets.UTF_8)) {
                    out.write(text);
                }
                try (OutputStream out =
                        new GZIPOutputStream(Channels.newOutputStream(RingSinkChannel.open(producer, 2)))) {
                    out.write(text.getBytes(StandardCharsets.UTF_8));
                }
                try (ObjectOutputStream out =
                        new ObjectOutputStream(Channels.newOutputStream(RingSinkChannel.open(producer, 3)))) {
                    for (Object object : objects) {
                        out.writeObject(object);
                    }
                }
            }
            return null;
        });
        try (RingConsumer consumer = ring.consumer()) {
            StringBuilder lines = new StringBuilder();
            try (BufferedReader in = new BufferedReader(
                    Channels.newReader(RingSourceChannel.open(consumer, 1), StandardCharsets.UTF_8))) {
                in.lines().forEach(line -> lines.append(line).append('\n'));
            }
            assertEquals(text, lines.toString());
            try (GZIPInputStream in =
                    new GZIPInputStream(Channels.newInputStream(RingSourceChannel.open(consumer, 2)))) {
                assertArrayEquals(text.getBytes(StandardCharsets.UTF_8), in.readAllBytes());
            }
            List<Object> received = new ArrayList<>();
            try (RingSourceChannel channel = RingSourceChannel.open(consumer, 3);
                    ObjectInputStream in = new ObjectInputStream(Channels.newInputStream(channel))) {
                while (received.size() < objects.size()) {
                    received.add(in.readObject());
                }
                assertEquals(-1, channel.read(ByteBuffer.allocate(1)));
            }
            assertEquals(objects, received);
        }
        Patience.get(writing);
    }

    @Test
    void shouldLetManyThreadsWriteOneAfterTheOther() throws Exception {
        RingBuffer ring = ring(RingKind.SPSC, 1 << 16);
        RingSinkChannel out = RingSinkChannel.open(ring.producer(), TYPE);
        List<FutureTask<Integer>> writing = new ArrayList<>();
        for (char letter : "abcd".toCharArray()) {
            byte[] line = new byte[100];
            Arrays.fill(line, (byte) letter);
            writing.add(begin(letter % 2 == 0, () -> {
                for (int i = 0; i < 50; i++) {
                    out.write(ByteBuffer.wrap(line));
                }
                return 0;
            }));
        }
        for (FutureTask<Integer> each : writing) {
            Patience.get(each);
        }
        out.close();
        String read = readAll(source(ring.consumer()), 100);
        assertEquals(4 * 50 * 100, read.length());
        for (int i = 0; i < read.length(); i += 100) {
            assertEquals(read.substring(i, i + 1).repeat(100), read.substring(i, i + 100));
        }
    }

    @Test
    void shouldRefuseWhatCanNeverBeRight() throws IOException {
        RingBuffer ring = ring(RingKind.SPSC, 1024);
        RingProducer producer = ring.producer();
        RingConsumer consumer = ring.consumer();
        for (int type : new int[] {0, -1, RingSinkChannel.MARK_TYPE}) {
            assertThrows(IllegalArgumentException.class, () -> RingSinkChannel.open(producer, type));
            assertThrows(IllegalArgumentException.class, () -> RingSourceChannel.open(consumer, type));
        }
        assertThrows(NullPointerException.class, () -> RingSinkChannel.open(producer, 1, null, LONG));
        assertThrows(NullPointerException.class, () -> RingSourceChannel.open(consumer, 1, PARK, null));
        RingBuffer tiny = ring(RingKind.SPSC, 64);
        assertThrows(IllegalArgumentException.class, () -> RingSinkChannel.open(tiny.producer(), 1));
        assertThrows(IllegalArgumentException.class, () -> RingSourceChannel.open(tiny.consumer(), 1));
        assertThrows(IllegalArgumentException.class,
                () -> source(consumer).read(ByteBuffer.allocate(1).asReadOnlyBuffer()));
        RingSourceChannel in = source(consumer);
        consumer.close();
        assertThrows(IllegalStateException.class, () -> in.read(ByteBuffer.allocate(1)));
        producer.close();
        assertThrows(IllegalStateException.class, () -> RingSinkChannel.open(producer, 1));
        // What could not be copied is not lost.
        RingBuffer other = ring(RingKind.SPSC, 1024);
        RingSinkChannel out = sink(other.producer());
        out.write(bytes("abc"));
        RingSourceChannel reading = source(other.consumer());
        Arena arena = Arena.ofShared();
        ByteBuffer gone = arena.allocate(9).asByteBuffer();
        arena.close();
        assertThrows(IllegalStateException.class, () -> reading.read(gone));
        assertThrows(IllegalStateException.class, () -> out.write(gone));
        assertEquals(3, reading.read(ByteBuffer.allocate(9)));
    }
}
