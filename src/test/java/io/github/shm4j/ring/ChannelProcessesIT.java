package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Patient;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.FutureTask;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams, and requests and replies, between JVMs of which one is killed. */
@Patient
class ChannelProcessesIT {

    private static final int CAPACITY = 1 << 16;
    private static final Duration LONG = Duration.ofDays(1);

    private final Blocks blocks = new Blocks();
    private final Arena arena = Arena.ofShared();
    private final List<Child.Running> children = new ArrayList<>();

    @AfterEach
    void cleanUp() throws ShmException {
        children.forEach(Child.Running::close);
        blocks.close();
        arena.close();
    }

    private Child.Running start(String what, SharedMemory block) {
        Child.Running running = Child.java(ChannelPeer.class, what, block.id()).start();
        children.add(running);
        return running;
    }

    private void kill(Child.Running victim) {
        Child.Result result = victim.kill();
        children.remove(victim);
        assertEquals(128 + 9, result.exit(), result.err());
    }

    // R19
    @ParameterizedTest
    @EnumSource
    void shouldTellAStreamThatHasEndedFromOneWhoseWriterWasKilled(RingKind kind) throws Exception {
        SharedMemory block = blocks.create(kind.sizeFor(CAPACITY));
        MemorySegment mapping = block.attach(AttachMode.READ_WRITE, arena);
        try (RingConsumer consumer = RingBuffer.create(mapping, kind, CAPACITY).consumer()) {
            Child.Running writer = start("write", block);
            byte[] expected = new byte[ChannelPeer.LENGTH];
            new SplittableRandom(ChannelPeer.TYPE).nextBytes(expected);
            try (InputStream in = new GZIPInputStream(
                    Channels.newInputStream(RingSourceChannel.open(consumer, ChannelPeer.TYPE)), 777)) {
                assertArrayEquals(expected, in.readAllBytes());
            }
            RingSourceChannel endless = RingSourceChannel.open(consumer, ChannelPeer.TYPE);
            // The first stream was not read to its end, as its last bytes say that they are the last.
            ByteBuffer buffer = ByteBuffer.allocate(8 * 100);
            long next = 0;
            while (next < 1_000_000) {
                next = check(endless, buffer, next);
            }
            kill(writer);
            long before = next;
            StreamBrokenException broken = assertThrows(StreamBrokenException.class, () -> {
                long number = before;
                while (true) {
                    number = check(endless, buffer, number);
                }
            });
            assertTrue(
                    broken.getMessage().contains("its writer, process " + writer.pid() + ", which has terminated"),
                    broken::getMessage);
        }
    }

    private static long check(RingSourceChannel in, ByteBuffer buffer, long next) throws IOException {
        assertEquals(8 * 100, in.read(buffer.clear()));
        for (int i = 0; i < 100; i++) {
            assertEquals(next + i, buffer.getLong(8 * i));
        }
        return next + 100;
    }

    // R23
    @Test
    void shouldLetASuccessorOfAKilledServerGoOn() throws Exception {
        SharedMemory block = blocks.create(RingPair.sizeFor(CAPACITY));
        RingPair pair = RingPair.create(block.attach(AttachMode.READ_WRITE, arena), CAPACITY);
        Child.Running server = start("serve", block);
        assertEquals("ready", server.line());
        try (RingClient client = pair.client()) {
            for (long i = 0; i < 100; i++) {
                assertEquals(i + 1, ChannelPeer.call(client, i, LONG));
            }
            assertThrows(RingTimeoutException.class, () -> ChannelPeer.call(client, -5, Duration.ZERO));
            assertEquals("handling -5", server.line());
            kill(server);
            RingTimeoutException timeout = assertThrows(
                    RingTimeoutException.class, () -> ChannelPeer.call(client, 500, Duration.ofMillis(1)));
            assertTrue(timeout.getMessage().contains("the server, process " + server.pid() + ", has terminated"),
                    timeout::getMessage);
            FutureTask<Long> calling = new FutureTask<>(() -> ChannelPeer.call(client, 600, LONG));
            Thread caller = Thread.ofPlatform().daemon().start(calling);
            List<Long> handled = new ArrayList<>();
            try (RingServer successor = pair.server()) {
                while (handled.size() < 3) {
                    successor.serve((type, memory, offset, length, reply) -> {
                        long number = Rings.getLong(memory, offset);
                        handled.add(number);
                        reply.send(type, MemorySegment.ofArray(new long[] {number + 1}));
                    }, LONG);
                }
            }
            assertEquals(List.of(-5L, 500L, 600L), handled, "that which was being handled is handled again");
            assertEquals(601, Patience.get(calling));
            Patience.join(caller);
        }
    }

    // R22
    @Test
    void shouldNotGiveASuccessorOfAKilledClientItsReply() throws Exception {
        SharedMemory block = blocks.create(RingPair.sizeFor(CAPACITY));
        RingPair pair = RingPair.create(block.attach(AttachMode.READ_WRITE, arena), CAPACITY);
        Child.Running victim = start("call", block);
        try (RingServer server = pair.server()) {
            assertTrue(server.serve((type, memory, offset, length, reply) -> {
                assertEquals(4711, Rings.getLong(memory, offset));
                kill(victim);
                ChannelPeer.handle(type, memory, offset, length, reply);
            }, LONG));
            FutureTask<Long> calling = new FutureTask<>(() -> {
                try (RingClient client = pair.client()) {
                    return ChannelPeer.call(client, 600, LONG);
                }
            });
            Thread.ofPlatform().daemon().start(calling);
            assertTrue(server.serve(ChannelPeer::handle, LONG));
            assertEquals(601, Patience.get(calling));
        }
    }

    // fault 25
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldTakeTheServerOverFromAProcessThatLives(boolean repliesMeanwhile) throws Exception {
        SharedMemory block = blocks.create(RingPair.sizeFor(CAPACITY));
        RingPair pair = RingPair.create(block.attach(AttachMode.READ_WRITE, arena), CAPACITY);
        Child.Running robbed = start("serve", block);
        assertEquals("ready", robbed.line());
        try (RingClient client = pair.client()) {
            assertEquals(2, ChannelPeer.call(client, 1, LONG));
            FutureTask<Long> calling = new FutureTask<>(() -> ChannelPeer.call(client, -5, LONG));
            Thread.ofPlatform().daemon().start(calling);
            assertEquals("handling -5", robbed.line());
            assertThrows(RingOccupiedException.class, pair::server);
            FutureTask<Void> replying = new FutureTask<>(() -> {
                if (repliesMeanwhile) {
                    // One of its roles is gone, and the other one is not, for half a second.
                    Patience.await("first role", () -> pair.requests().statistics().consumer().pid() != robbed.pid()
                            || pair.replies().statistics().producers().getFirst().pid() != robbed.pid());
                    robbed.send("");
                }
                return null;
            });
            Thread.ofPlatform().daemon().start(replying);
            try (RingServer server = pair.takeOverServer()) {
                if (!repliesMeanwhile) {
                    robbed.send("");
                }
                Patience.get(replying);
                Child.Result result = robbed.await();
                assertEquals(1, result.exit());
                assertTrue(
                        result.err().contains(RingRoleLostException.class.getName())
                                && result.err().contains("process " + ProcessHandle.current().pid()),
                        result::err);
                assertTrue(server.serve((type, memory, offset, length, reply) -> {
                    assertEquals(-5, Rings.getLong(memory, offset));
                    reply.send(type, MemorySegment.ofArray(new long[] {42}));
                }, LONG), "the request comes again");
                long reply = Patience.get(calling);
                assertTrue(reply == 42 || repliesMeanwhile && reply == -4, () -> "the reply is " + reply);
            }
        }
    }
}
