package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.WaitStrategy;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Patient;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Calls of channels and clients that others try to keep for longer than they may take. */
@Patient
class ChannelTimeoutsTest {

    private static final int TYPE = 7;
    private static final int CAPACITY = 1024;
    private static final Duration SHORT = Duration.ofMillis(300);

    /** What others can send that has no bytes for a reader. */
    private enum Flood {
        MARKS_THAT_END,
        EMPTY_MESSAGES
    }

    private static <T> FutureTask<T> begin(Callable<T> task) {
        FutureTask<T> future = new FutureTask<>(task);
        Thread.ofPlatform().daemon().start(future);
        return future;
    }

    private static void assertThrown(Class<? extends Throwable> expected, String part, FutureTask<?> task) {
        Throwable thrown = assertThrows(ExecutionException.class, () -> Patience.get(task)).getCause();
        assertInstanceOf(expected, thrown);
        assertTrue(thrown.getMessage().contains(part), thrown::getMessage);
    }

    @ParameterizedTest
    @EnumSource
    void shouldEndAReadInTimeWhateverComesWithoutBytes(Flood flood) throws Exception {
        RingBuffer ring =
                RingBuffer.create(Arena.ofAuto().allocate(RingKind.SPSC.sizeFor(CAPACITY), 128), RingKind.SPSC,
                        CAPACITY);
        AtomicBoolean over = new AtomicBoolean();
        AtomicLong sent = new AtomicLong();
        FutureTask<Void> flooding = begin(() -> {
            try (RingProducer producer = ring.producer()) {
                MemorySegment mark = StreamMark.of(TYPE, producer.self);
                StreamMark.set(mark, flood == Flood.EMPTY_MESSAGES ? StreamMark.BEGINS : StreamMark.ENDS);
                assertTrue(producer.write(RingSinkChannel.MARK_TYPE, mark));
                while (!over.get()) {
                    boolean written = flood == Flood.EMPTY_MESSAGES
                            ? producer.write(TYPE, mark, 0, 0)
                            : producer.write(RingSinkChannel.MARK_TYPE, mark);
                    sent.addAndGet(written ? 1 : 0);
                }
            }
            return null;
        });
        try {
            Patience.await("the flood has begun", () -> sent.get() > 0);
            FutureTask<Integer> reading = begin(() -> {
                try (RingConsumer consumer = ring.consumer();
                        RingSourceChannel in = RingSourceChannel.open(consumer, TYPE, WaitStrategy.PARK, SHORT)) {
                    return in.read(ByteBuffer.allocate(1));
                }
            });
            assertThrown(StreamTimeoutException.class, "no bytes came", reading);
        } finally {
            over.set(true);
        }
        Patience.get(flooding);
    }

    @Test
    void shouldEndACallInTimeWhereThePositionsSpeakOfRoom() throws Exception {
        RingPair pair = RingPair.create(Arena.ofAuto().allocate(RingPair.sizeFor(CAPACITY), 128), CAPACITY);
        try (RingClient client = pair.client(WaitStrategy.PARK)) {
            MemorySegment request = MemorySegment.ofArray(new byte[100]);
            Callable<Void> call = () -> {
                client.call(1, request, (type, memory, offset, length) -> {}, SHORT);
                return null;
            };
            while (pair.requests().backlog() < CAPACITY - 128) {
                assertThrown(RingTimeoutException.class, "no reply", begin(call));
            }
            pair.requests().memory.set(
                    ValueLayout.JAVA_LONG, RingLayout.PRODUCER_POSITION_OFFSET, 0);
            assertThrown(RingTimeoutException.class, "was not sent", begin(call));
        }
    }
}
