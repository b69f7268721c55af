package io.github.shm4j.ring;

import static io.github.shm4j.ring.Streams.LONG;
import static io.github.shm4j.ring.Streams.NOT_AT_ALL;
import static io.github.shm4j.ring.Streams.OTHER_TYPE;
import static io.github.shm4j.ring.Streams.PARK;
import static io.github.shm4j.ring.Streams.TYPE;
import static io.github.shm4j.ring.Streams.assertMessage;
import static io.github.shm4j.ring.Streams.begin;
import static io.github.shm4j.ring.Streams.bytes;
import static io.github.shm4j.ring.Streams.mark;
import static io.github.shm4j.ring.Streams.readAll;
import static io.github.shm4j.ring.Streams.ring;
import static io.github.shm4j.ring.Streams.sink;
import static io.github.shm4j.ring.Streams.source;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.WaitStrategy;
import io.github.shm4j.internal.Owner;
import io.github.shm4j.internal.ProcessIdentity;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Patient;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How streams of bytes end, or have no end. */
@Patient
class RingChannelEndsTest {

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
}
