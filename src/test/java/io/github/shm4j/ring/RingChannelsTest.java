package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.WaitStrategy;
import io.github.shm4j.internal.Owner;
import io.github.shm4j.internal.ProcessIdentity;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Patient;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.Writer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
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

    private static final int TYPE = 7;
    private static final int OTHER_TYPE = 8;
    private static final Duration NOT_AT_ALL = Duration.ZERO;
    private static final Duration LONG = Duration.ofDays(1);
    private static final WaitStrategy PARK = WaitStrategy.PARK;

    private static RingBuffer ring(RingKind kind, long capacity) {
        return RingBuffer.create(Arena.ofAuto().allocate(kind.sizeFor(capacity), 128), kind, capacity);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(ByteBuffer buffer) {
        return new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
    }

    /** Reads by a buffer of a size what is there, to the end of the stream or of what was written. */
    private static String readAll(RingSourceChannel in, int size) throws IOException {
        StringBuilder all = new StringBuilder();
        ByteBuffer buffer = ByteBuffer.allocate(size);
        while (in.read(buffer) >= 0) {
            all.append(text(buffer));
            buffer.clear();
        }
        return all.toString();
    }

    private static RingSourceChannel source(RingConsumer consumer) {
        return RingSourceChannel.open(consumer, TYPE, PARK, NOT_AT_ALL);
    }

    private static RingSinkChannel sink(RingProducer producer) throws IOException {
        return RingSinkChannel.open(producer, TYPE, PARK, NOT_AT_ALL);
    }

    private static <T> FutureTask<T> begin(boolean virtual, Callable<T> task) {
        FutureTask<T> future = new FutureTask<>(task);
        (virtual ? Thread.ofVirtual() : Thread.ofPlatform().daemon()).start(future);
        return future;
    }

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

    // R19
    @ParameterizedTest
    @EnumSource
    void shouldEndStreamsOneBehindTheOther(RingKind kind) throws IOException {
        RingBuffer ring = ring(kind, 1024);
        RingProducer producer = ring.producer();
        RingConsumer consumer = ring.consumer();
        for (String text : List.of("one", "", "three")) {
            try (RingSinkChannel out = sink(producer)) {
                out.write(bytes(text));
            }
            assertTrue(producer.write(OTHER_TYPE, Rings.message("between")));
            try (RingSourceChannel in = source(consumer)) {
                assertEquals(text, readAll(in, 2));
                assertEquals(-1, in.read(ByteBuffer.allocate(1)));
                assertEquals(-1, in.read(ByteBuffer.allocate(0)));
            }
            assertEquals(1, consumer.read((type, memory, offset, length) -> assertEquals(OTHER_TYPE, type), 9));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldSayThatNothingCameOrHadRoomInTime(RingKind kind) throws IOException {
        RingBuffer ring = ring(kind, 256);
        RingConsumer consumer = ring.consumer();
        RingProducer producer = ring.producer();
        RingSourceChannel in = source(consumer);
        ByteBuffer target = ByteBuffer.allocate(100);
        assertMessage("no stream has begun", StreamTimeoutException.class, () -> in.read(target));
        RingSinkChannel out = sink(producer);
        assertMessage("written by process " + ProcessIdentity.pid() + ", which is running",
                StreamTimeoutException.class, () -> in.read(target));
        ByteBuffer source = ByteBuffer.wrap(new byte[256]);
        assertMessage("160 of 256 bytes were written", StreamTimeoutException.class, () -> out.write(source));
        assertEquals(160, source.position());
        assertMessage("0 of 96 bytes were written", StreamTimeoutException.class, () -> out.write(source));
        while (producer.write(OTHER_TYPE, Rings.message(""))) {
            // Until there is no room for the end.
        }
        assertMessage("the stream has no end", StreamTimeoutException.class, out::close);
        assertMessage("was not begun", StreamTimeoutException.class, () -> sink(producer));
        assertEquals(32, in.read(target));
    }

    // R19
    @ParameterizedTest
    @EnumSource
    void shouldTellTheReaderThatThereIsNoEnd(RingKind kind) throws IOException {
        RingBuffer ring = ring(kind, 1024);
        RingProducer producer = ring.producer();
        RingConsumer consumer = ring.consumer();
        RingSinkChannel out = sink(producer);
        out.write(bytes("abc"));
        out.breakOff();
        out.breakOff();
        out.close();
        assertThrows(ClosedChannelException.class, () -> out.write(bytes("d")));
        RingSourceChannel in = source(consumer);
        assertEquals(3, in.read(ByteBuffer.allocate(9)));
        assertMessage("has broken off", StreamBrokenException.class, () -> in.read(ByteBuffer.allocate(9)));
        assertMessage("has broken off", StreamBrokenException.class, () -> in.read(ByteBuffer.allocate(9)));

        // One that was killed, and whose successor has begun before this reader got so far.
        mark(producer, StreamMark.BEGINS, Rings.terminatedOwner());
        assertTrue(producer.write(TYPE, Rings.message("def")));
        try (RingSinkChannel successor = sink(producer)) {
            successor.write(bytes("ghi"));
        }
        RingSourceChannel second = source(consumer);
        assertEquals(3, second.read(ByteBuffer.allocate(9)));
        for (int i = 0; i < 2; i++) {
            assertMessage("another stream begins here", StreamBrokenException.class,
                    () -> second.read(ByteBuffer.allocate(9)));
        }
        assertEquals("ghi", readAll(source(consumer), 9));
    }

    // R19
    @ParameterizedTest
    @EnumSource
    void shouldBreakOffWhenClosedAfterAWriteThatFailed(RingKind kind) throws IOException {
        RingBuffer ring = ring(kind, 256);
        RingConsumer consumer = ring.consumer();
        RingSinkChannel out = sink(ring.producer());
        RingSourceChannel in = source(consumer);
        ByteBuffer source = ByteBuffer.allocate(256);
        assertThrows(StreamTimeoutException.class, () -> out.write(source));
        ByteBuffer target = ByteBuffer.allocate(256);
        while (target.position() < source.position()) {
            in.read(target);
        }
        out.close();
        assertMessage("has broken off", StreamBrokenException.class, () -> in.read(target));
    }

    // R19
    @ParameterizedTest
    @EnumSource
    void shouldNoticeThatTheWriterWasKilled(RingKind kind) throws IOException {
        MemorySegment memory = Arena.ofAuto().allocate(kind.sizeFor(1024), 128);
        RingBuffer ring = RingBuffer.create(memory, kind, 1024);
        RingProducer producer = ring.producer();
        mark(producer, StreamMark.BEGINS, Rings.terminatedOwner());
        assertTrue(producer.write(TYPE, Rings.message("abc")));
        // As if it had been the one.
        memory.set(ValueLayout.JAVA_LONG, RingLayout.SLOTS_BEGIN, Rings.terminatedOwner());
        for (WaitStrategy strategy : WaitStrategy.values()) {
            RingBuffer again = RingBuffer.open(memory);
            try (RingConsumer consumer = again.consumer()) {
                RingSourceChannel in = RingSourceChannel.open(consumer, TYPE, strategy, LONG);
                if (strategy == WaitStrategy.BUSY_SPIN) {
                    assertEquals(3, in.read(ByteBuffer.allocate(9)));
                    assertMessage(
                            "its writer, process " + ProcessIdentity.pid() + ", which has terminated",
                            StreamBrokenException.class,
                            () -> in.read(ByteBuffer.allocate(9)));
                    memory.set(ValueLayout.JAVA_LONG, RingLayout.SLOTS_BEGIN, Owner.NOBODY);
                }
            }
            try (RingProducer next = RingBuffer.open(memory).producer()) {
                mark(next, StreamMark.BEGINS, Rings.terminatedOwner());
            }
            try (RingConsumer consumer = again.consumer()) {
                RingSourceChannel in = RingSourceChannel.open(consumer, TYPE, strategy,
                        strategy == PARK ? NOT_AT_ALL : LONG);
                assertMessage("the stream has no end", StreamBrokenException.class,
                        () -> in.read(ByteBuffer.allocate(9)));
            }
        }
    }

    @Test
    void shouldNoticeThatTheOnlyProducerWasClosed() throws Exception {
        RingBuffer ring = ring(RingKind.SPSC, 1024);
        RingProducer producer = ring.producer();
        RingSinkChannel out = sink(producer);
        out.write(bytes("abc"));
        RingSourceChannel in = RingSourceChannel.open(ring.consumer(), TYPE);
        assertEquals(3, in.read(ByteBuffer.allocate(9)));
        FutureTask<Integer> reading = begin(false, () -> in.read(ByteBuffer.allocate(9)));
        producer.close();
        Exception failed = assertThrows(Exception.class, () -> Patience.get(reading));
        assertEquals(StreamBrokenException.class, failed.getCause().getClass(), failed::toString);
        assertThrows(IllegalStateException.class, () -> out.write(bytes("d")));
        assertThrows(IllegalStateException.class, out::close);
    }

    // R19
    @ParameterizedTest
    @EnumSource
    void shouldRefuseTheRestOfAStreamThatSomebodyElseHasBegun(RingKind kind) throws IOException {
        RingBuffer ring = ring(kind, 1024);
        RingProducer producer = ring.producer();
        RingConsumer consumer = ring.consumer();
        RingSourceChannel first = source(consumer);
        RingSinkChannel out = sink(producer);
        out.write(bytes("abc"));
        out.write(bytes("def"));
        assertThrows(IllegalStateException.class, () -> {
            first.read(ByteBuffer.allocate(9));
            first.skipRest();
        });
        first.close();
        assertThrows(ClosedChannelException.class, first::skipRest);
        RingSourceChannel second = source(consumer);
        for (int i = 0; i < 2; i++) {
            assertMessage("skipRest()", StreamBrokenException.class, () -> second.read(ByteBuffer.allocate(9)));
        }
        assertEquals(3, second.skipRest());
        assertEquals(0, second.skipRest());
        out.close();
        try (RingSinkChannel next = sink(producer)) {
            next.write(bytes("next"));
        }
        assertEquals(0, second.skipRest());
        assertEquals("next", readAll(second, 9));
        // Who knows from the bytes where they end need not read on.
        try (RingSinkChannel last = sink(producer)) {
            last.write(bytes("last"));
        }
        assertEquals(4, source(consumer).read(ByteBuffer.allocate(9)));
        sink(producer).close();
        assertEquals("", readAll(source(consumer), 9));
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

    @ParameterizedTest
    @EnumSource
    void shouldBeClosedByAnInterruptAndTellTheReader(RingKind kind) throws Exception {
        RingBuffer ring = ring(kind, 256);
        RingProducer producer = ring.producer();
        RingSinkChannel out = RingSinkChannel.open(producer, TYPE);
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        Thread writer = Thread.ofPlatform().start(() -> {
            try {
                out.write(ByteBuffer.allocate(1000));
            } catch (ClosedByInterruptException expected) {
                interrupted.complete(Thread.currentThread().isInterrupted());
            } catch (Throwable other) {
                interrupted.completeExceptionally(other);
            }
        });
        Patience.await("the ring is full", () -> producer.failedClaims() > 0);
        writer.interrupt();
        RingConsumer consumer = ring.consumer();
        // Whether this reader has made room in time or not, it is told in the end.
        RingSourceChannel in = RingSourceChannel.open(consumer, TYPE);
        FutureTask<String> reading = begin(false, () -> readAll(in, 100));
        Patience.join(writer);
        if (kind == RingKind.SPSC) {
            producer.close();
        } else {
            RingSinkChannel.open(producer, TYPE);
        }
        Exception failed = assertThrows(Exception.class, () -> Patience.get(reading));
        assertEquals(StreamBrokenException.class, failed.getCause().getClass(), failed::toString);
        assertTrue(Patience.get(interrupted));
        assertFalse(out.isOpen());
    }

    @Test
    void shouldLeaveAReadThatIsInterruptedOrClosed() throws Exception {
        for (boolean virtual : new boolean[] {true, false}) {
            for (WaitStrategy strategy : WaitStrategy.values()) {
                RingBuffer ring = ring(RingKind.SPSC, 1024);
                RingSourceChannel closed = RingSourceChannel.open(ring.consumer(), TYPE, strategy, LONG);
                FutureTask<Integer> reading = begin(virtual, () -> closed.read(ByteBuffer.allocate(1)));
                closed.close();
                Exception failed = assertThrows(Exception.class, () -> Patience.get(reading));
                assertTrue(failed.getCause() instanceof ClosedChannelException, failed::toString);

                RingSourceChannel in =
                        RingSourceChannel.open(ring(RingKind.MPSC, 1024).consumer(), TYPE, strategy, LONG);
                CompletableFuture<Throwable> end = new CompletableFuture<>();
                Thread reader = (virtual ? Thread.ofVirtual() : Thread.ofPlatform()).start(() -> {
                    try {
                        end.complete(new AssertionError(in.read(ByteBuffer.allocate(1))));
                    } catch (Throwable expected) {
                        end.complete(expected);
                    }
                });
                reader.interrupt();
                assertEquals(ClosedByInterruptException.class, Patience.get(end).getClass());
            }
        }
    }

    @Test
    void shouldBeClosedByAThreadThatWasInterruptedBefore() throws IOException {
        RingBuffer ring = ring(RingKind.SPSC, 1024);
        RingSinkChannel out = sink(ring.producer());
        RingSourceChannel in = source(ring.consumer());
        Thread.currentThread().interrupt();
        assertThrows(ClosedByInterruptException.class, () -> out.write(bytes("abc")));
        assertTrue(Thread.interrupted());
        assertMessage("has broken off", StreamBrokenException.class, () -> in.read(ByteBuffer.allocate(9)));
        RingSourceChannel other = RingSourceChannel.open(ring(RingKind.SPSC, 1024).consumer(), TYPE);
        Thread.currentThread().interrupt();
        assertThrows(ClosedByInterruptException.class, () -> other.read(ByteBuffer.allocate(9)));
        assertTrue(Thread.interrupted());
    }

    @Test
    void shouldBreakOffIfAnotherThreadClosesWhileOneWrites() throws Exception {
        RingBuffer ring = ring(RingKind.MPSC, 256);
        RingProducer producer = ring.producer();
        RingSinkChannel out = RingSinkChannel.open(producer, TYPE, WaitStrategy.BLOCKING, LONG);
        FutureTask<Integer> writing = begin(true, () -> out.write(ByteBuffer.allocate(1000)));
        Patience.await("the ring is full", () -> producer.failedClaims() > 0);
        out.close();
        Exception failed = assertThrows(Exception.class, () -> Patience.get(writing));
        assertEquals(AsynchronousCloseException.class, failed.getCause().getClass(), failed::toString);
        assertThrows(ClosedChannelException.class, () -> out.write(bytes("d")));
    }

    @Test
    void shouldGiveUpClosingInAFullRingIfInterrupted() throws Exception {
        RingBuffer ring = ring(RingKind.SPSC, 256);
        RingProducer producer = ring.producer();
        RingSinkChannel out = RingSinkChannel.open(producer, TYPE);
        while (producer.write(OTHER_TYPE, Rings.message("full"))) {
            // Until it is full.
        }
        Thread.currentThread().interrupt();
        assertThrows(ClosedByInterruptException.class, out::close);
        assertTrue(Thread.interrupted());
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

    private static void mark(RingProducer producer, int kind, long writer) {
        MemorySegment mark = StreamMark.of(TYPE, writer);
        StreamMark.set(mark, kind);
        assertTrue(producer.write(RingSinkChannel.MARK_TYPE, mark));
    }

    @FunctionalInterface
    private interface Action {

        void run() throws Exception;
    }

    private static void assertMessage(String part, Class<? extends Exception> expected, Action action) {
        Exception thrown = assertThrows(expected, action::run);
        assertEquals(expected, thrown.getClass());
        assertTrue(thrown.getMessage().contains(part), thrown::getMessage);
    }
}
