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
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.WaitStrategy;
import io.github.shm4j.internal.WaitLoop;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Patient;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Threads that are interrupted in channels, and channels that are closed while threads use them. */
@Patient
class RingChannelInterruptsTest {

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

    /** Waits until a thread waits for what others do in a ring. */
    private static void awaitWaiting(Thread thread) throws Exception {
        Patience.await("the thread waits", () -> Arrays.stream(thread.getStackTrace())
                .anyMatch(frame -> frame.getClassName().equals(WaitLoop.class.getName())
                        && frame.getMethodName().equals("await")));
    }

    /** Lets a thread wait in a read, and cuts that off; returns what the read has thrown, and whether the thread is interrupted. */
    private static String cutOff(RingSourceChannel in, boolean virtual, CutOff way) throws Exception {
        CompletableFuture<String> end = new CompletableFuture<>();
        Thread reader = (virtual ? Thread.ofVirtual() : Thread.ofPlatform().daemon()).start(() -> {
            String result;
            try {
                result = "read " + in.read(ByteBuffer.allocate(1));
            } catch (Throwable thrown) {
                result = thrown.getClass().getSimpleName();
            }
            end.complete(result + (Thread.currentThread().isInterrupted() ? ", interrupted" : ""));
        });
        awaitWaiting(reader);
        way.cutOff(in, reader);
        return Patience.get(end);
    }

    @FunctionalInterface
    private interface CutOff {

        void cutOff(RingSourceChannel in, Thread reader) throws IOException;
    }

    @ParameterizedTest
    @EnumSource
    void shouldLeaveAReadThatIsInterruptedOrClosed(WaitStrategy strategy) throws Exception {
        for (boolean virtual : new boolean[] {true, false}) {
            RingSourceChannel closed =
                    RingSourceChannel.open(ring(RingKind.SPSC, 1024).consumer(), TYPE, strategy, LONG);
            assertEquals("AsynchronousCloseException", cutOff(closed, virtual, (in, reader) -> in.close()));
            RingSourceChannel interrupted =
                    RingSourceChannel.open(ring(RingKind.MPSC, 1024).consumer(), TYPE, strategy, LONG);
            assertEquals("ClosedByInterruptException, interrupted",
                    cutOff(interrupted, virtual, (in, reader) -> reader.interrupt()));
            assertFalse(interrupted.isOpen());
        }
    }

    /** Is interrupted right after its channel has seen that it is not, by somebody who is slow to close the channel. */
    private static final class Interrupted extends Thread {

        private boolean asked;

        Interrupted(Runnable action) {
            super(action);
        }

        @Override
        public boolean isInterrupted() {
            boolean interrupted = super.isInterrupted();
            if (!asked) {
                asked = true;
                // A thread that interrupts itself does not close the channel.
                interrupt();
            }
            return interrupted;
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldSayThatAReadWasInterruptedAlsoBeforeTheOneWhoHasDoneSoHasClosedTheChannel(WaitStrategy strategy)
            throws Exception {
        RingSourceChannel in = RingSourceChannel.open(ring(RingKind.SPSC, 1024).consumer(), TYPE, strategy, LONG);
        FutureTask<Integer> reading = new FutureTask<>(() -> in.read(ByteBuffer.allocate(1)));
        new Interrupted(reading).start();
        Exception failed = assertThrows(Exception.class, () -> Patience.get(reading));
        assertEquals(ClosedByInterruptException.class, failed.getCause().getClass(), failed::toString);
        assertFalse(in.isOpen());
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

    /** Before JDK 24, a virtual thread that waits in a monitor keeps its carrier from running others. */
    @Test
    void shouldHoldNoMonitorWhileItWaitsForRoomToClose() throws Exception {
        RingBuffer ring = ring(RingKind.SPSC, 256);
        RingProducer producer = ring.producer();
        RingSinkChannel out = RingSinkChannel.open(producer, TYPE, PARK, LONG);
        while (producer.write(OTHER_TYPE, Rings.message("full"))) {
            // Until it is full.
        }
        FutureTask<Void> closing = new FutureTask<>(() -> {
            out.close();
            return null;
        });
        awaitWaiting(Thread.ofPlatform().daemon().start(closing));
        // Whoever closes it, too, waits for that thread, and would be blocked if it were for a monitor.
        FutureTask<Void> closingToo = new FutureTask<>(() -> {
            out.close();
            return null;
        });
        Thread second = Thread.ofPlatform().daemon().start(closingToo);
        Set<Thread.State> waiting = EnumSet.of(Thread.State.WAITING, Thread.State.BLOCKED);
        Patience.await("the second thread waits", () -> waiting.contains(second.getState()));
        assertEquals(Thread.State.WAITING, second.getState());
        RingConsumer consumer = ring.consumer();
        assertTrue(consumer.read((type, memory, offset, length) -> {}, 99) > 0);
        Patience.get(closing);
        Patience.get(closingToo);
        assertEquals(1, consumer.read((type, memory, offset, length) -> assertEquals(
                StreamMark.ENDS, StreamMark.kind(TYPE, type, memory, offset, length)), 9));
    }
}
