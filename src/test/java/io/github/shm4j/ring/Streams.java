package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.WaitStrategy;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/** What the tests of streams of bytes need. */
final class Streams {

    static final int TYPE = 7;
    static final int OTHER_TYPE = 8;
    static final Duration NOT_AT_ALL = Duration.ZERO;
    static final Duration LONG = Duration.ofDays(1);
    static final WaitStrategy PARK = WaitStrategy.PARK;

    private Streams() {}

    static RingBuffer ring(RingKind kind, long capacity) {
        return RingBuffer.create(Arena.ofAuto().allocate(kind.sizeFor(capacity), 128), kind, capacity);
    }

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    static String text(ByteBuffer buffer) {
        return new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
    }

    /** Reads by a buffer of a size what is there, to the end of the stream or of what was written. */
    static String readAll(RingSourceChannel in, int size) throws IOException {
        StringBuilder all = new StringBuilder();
        ByteBuffer buffer = ByteBuffer.allocate(size);
        while (in.read(buffer) >= 0) {
            all.append(text(buffer));
            buffer.clear();
        }
        return all.toString();
    }

    static RingSourceChannel source(RingConsumer consumer) {
        return RingSourceChannel.open(consumer, TYPE, PARK, NOT_AT_ALL);
    }

    static RingSinkChannel sink(RingProducer producer) throws IOException {
        return RingSinkChannel.open(producer, TYPE, PARK, NOT_AT_ALL);
    }

    static <T> FutureTask<T> begin(boolean virtual, Callable<T> task) {
        FutureTask<T> future = new FutureTask<>(task);
        (virtual ? Thread.ofVirtual() : Thread.ofPlatform().daemon()).start(future);
        return future;
    }

    static void mark(RingProducer producer, int kind, long writer) {
        MemorySegment mark = StreamMark.of(TYPE, writer);
        StreamMark.set(mark, kind);
        assertTrue(producer.write(RingSinkChannel.MARK_TYPE, mark));
    }

    @FunctionalInterface
    interface Action {

        void run() throws Exception;
    }

    static void assertMessage(String part, Class<? extends Exception> expected, Action action) {
        Exception thrown = assertThrows(expected, action::run);
        assertEquals(expected, thrown.getClass());
        assertTrue(thrown.getMessage().contains(part), thrown::getMessage);
    }
}
