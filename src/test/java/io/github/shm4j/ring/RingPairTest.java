package io.github.shm4j.ring;

import static io.github.shm4j.ring.Pairs.ECHO;
import static io.github.shm4j.ring.Pairs.LONG;
import static io.github.shm4j.ring.Pairs.NOT_AT_ALL;
import static io.github.shm4j.ring.Pairs.assertMessage;
import static io.github.shm4j.ring.Pairs.bytes;
import static io.github.shm4j.ring.Pairs.call;
import static io.github.shm4j.ring.Pairs.pair;
import static io.github.shm4j.ring.Pairs.serving;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.WaitStrategy;
import io.github.shm4j.internal.ProcessIdentity;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Patient;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Requests and replies through two rings. */
@Patient
class RingPairTest {

    @ParameterizedTest
    @EnumSource
    void shouldGetTheReplyToEachRequest(WaitStrategy strategy) throws Exception {
        RingPair pair = pair();
        int calls = 200;
        try (RingClient client = pair.client(strategy);
                RingServer server = pair.server(strategy)) {
            FutureTask<Integer> serving = serving(server, ECHO, calls);
            for (int i = 0; i < calls; i++) {
                String request = "x".repeat(i % (pair.maxMessageLength() + 1));
                List<String> replies = new ArrayList<>();
                client.call(1 + i, bytes(request), (type, memory, offset, length) -> replies.add(
                        type + Rings.text(memory, offset, length)), LONG);
                assertEquals(List.of(2 + i + request), replies);
            }
            assertEquals(calls, Patience.get(serving));
        }
        assertEquals(0, pair.requests().backlog());
        assertEquals(0, pair.replies().backlog());
    }

    // R22
    @Test
    void shouldNotTakeALateReplyForThatToTheNextRequest() throws Exception {
        RingPair pair = pair();
        RingClient client = pair.client(WaitStrategy.PARK);
        assertMessage("there is no server", RingTimeoutException.class, () -> call(client, "first", NOT_AT_ALL));
        RingServer server = pair.server(WaitStrategy.PARK);
        assertMessage("process " + ProcessIdentity.pid() + ", is running", RingTimeoutException.class,
                () -> call(client, "second", Duration.ofNanos(1)));
        assertEquals(2, server.serve(ECHO, 9));
        assertThrows(RingTimeoutException.class, () -> call(client, "third", NOT_AT_ALL));
        FutureTask<Integer> serving = serving(server, ECHO, 2);
        assertEquals("fourth", call(client, "fourth", LONG));
        assertEquals(2, Patience.get(serving));
        // One that comes while the next reply is awaited.
        assertThrows(RingTimeoutException.class, () -> call(client, "fifth", NOT_AT_ALL));
        Thread.currentThread().interrupt();
        assertThrows(InterruptedException.class, () -> call(client, "sixth", LONG));
        FutureTask<Integer> last = serving(server, ECHO, 3);
        assertEquals("seventh", call(client, "seventh", LONG));
        Patience.get(last);
    }

    // R22
    @Test
    void shouldNotGiveASuccessorTheReplyToItsPredecessor() throws Exception {
        RingPair pair = pair();
        RingServer server = pair.server();
        try (RingClient client = pair.client()) {
            assertThrows(RingTimeoutException.class, () -> call(client, "served", NOT_AT_ALL));
            assertEquals(1, server.serve(ECHO, 9));
            assertThrows(RingTimeoutException.class, () -> call(client, "waiting", NOT_AT_ALL));
        }
        try (RingClient successor = pair.client()) {
            FutureTask<Integer> serving = serving(server, ECHO, 2);
            assertEquals("mine", call(successor, "mine", LONG));
            Patience.get(serving);
        }
    }

    /** The bytes are what a program in another language sends and gets. */
    @Test
    void shouldSpeakWithAnybodyWhoGivesBackTheNumber() throws Exception {
        RingPair pair = pair();
        try (SpscProducer producer = pair.requests().producer();
                RingConsumer consumer = pair.replies().consumer();
                RingServer server = pair.server()) {
            MemorySegment request = MemorySegment.ofArray(new long[] {4711, 12});
            assertTrue(producer.write(5, request));
            assertEquals(1, server.serve(ECHO, 9));
            assertEquals(1, consumer.read((type, memory, offset, length) -> {
                assertEquals(6, type);
                assertEquals(-1, memory.asSlice(offset, length).mismatch(request));
            }, 9));
            assertTrue(producer.write(5, MemorySegment.ofArray(new byte[7])));
            assertMessage("less than its number", RingCorruptedException.class, () -> server.serve(ECHO, 9));
            assertEquals(0, server.serve(ECHO, 9));
        }
        RingClient client = pair.client();
        FutureTask<String> calling = new FutureTask<>(() -> call(client, "hello", LONG));
        Thread.ofPlatform().daemon().start(calling);
        try (RingConsumer consumer = pair.requests().consumer();
                SpscProducer producer = pair.replies().producer()) {
            assertTrue(consumer.awaitMessage(WaitStrategy.YIELD, LONG));
            consumer.read((type, memory, offset, length) -> {
                assertEquals("hello", Rings.text(memory, offset + 8, length - 8));
                MemorySegment wrong = MemorySegment.ofArray(new long[] {memory.get(ValueLayout.JAVA_LONG, offset) + 8});
                assertTrue(producer.write(1, wrong));
                assertTrue(producer.write(1, MemorySegment.ofArray(new byte[3])));
                assertTrue(producer.write(2, memory, offset, length));
            }, 1);
        }
        assertEquals("hello", Patience.get(calling));
    }

    @Test
    void shouldLetRequestsWaitWhileNobodyReadsReplies() throws Exception {
        RingPair pair = pair();
        RingClient client = pair.client();
        RingServer server = pair.server();
        RequestHandler longReply = (type, memory, offset, length, reply) -> reply.send(
                1, MemorySegment.ofArray(new byte[pair.maxMessageLength()]));
        int sent = 0;
        while (true) {
            try {
                client.call(1, bytes(""), (t, m, o, l) -> {}, NOT_AT_ALL);
            } catch (RingTimeoutException expected) {
                if (expected.getMessage().contains("was not sent")) {
                    break;
                }
                sent++;
            }
        }
        assertTrue(sent > 10);
        int served = server.serve(longReply, sent);
        assertTrue(served > 0 && served < sent, served + " of " + sent);
        assertEquals(0, server.serve(longReply, sent));
        assertFalse(server.serve(longReply, Duration.ofMillis(1)));
        // A long request needs more room than those make that can be replied to.
        FutureTask<Integer> serving = serving(server, longReply, sent - served + 1);
        int[] length = new int[1];
        client.call(1, MemorySegment.ofArray(new byte[pair.maxMessageLength()]), (t, m, o, l) -> length[0] = l, LONG);
        assertEquals(pair.maxMessageLength(), length[0]);
        Patience.get(serving);
    }

    @Test
    void shouldTellTheClientWhatTheHandlerHasThrown() throws Exception {
        RingPair pair = pair();
        RingClient client = pair.client();
        RingServer server = pair.server();
        List<Throwable> thrown = new ArrayList<>();
        FutureTask<Void> serving = new FutureTask<>(() -> {
            for (String text : List.of("short", "long".repeat(500))) {
                try {
                    server.serve((type, memory, offset, length, reply) -> {
                        throw new UnsupportedOperationException(text);
                    }, LONG);
                } catch (UnsupportedOperationException expected) {
                    thrown.add(expected);
                }
            }
            while (!server.serve((type, memory, offset, length, reply) -> {}, LONG)) {
                // Until there is a request.
            }
            return null;
        });
        Thread.ofVirtual().start(serving);
        for (int i = 0; i < 2; i++) {
            assertMessage("java.lang.UnsupportedOperationException: ", RingCallException.class,
                    () -> call(client, "hello", LONG));
        }
        List<Integer> empty = new ArrayList<>();
        client.call(9, bytes("hello"), (type, memory, offset, length) -> empty.addAll(List.of(type, length)), LONG);
        assertEquals(List.of(9, 0), empty, "what has no reply gets an empty one");
        Patience.get(serving);
        assertEquals(2, thrown.size());
        assertEquals(0, thrown.getFirst().getSuppressed().length);
    }

    @Test
    void shouldReplyOnce() throws Exception {
        RingPair pair = pair();
        RingClient client = pair.client();
        RingServer server = pair.server();
        assertThrows(RingTimeoutException.class, () -> call(client, "hello", NOT_AT_ALL));
        RingServer.Reply[] kept = new RingServer.Reply[1];
        assertEquals(1, server.serve((type, memory, offset, length, reply) -> {
            assertThrows(IllegalArgumentException.class, () -> reply.send(0, bytes("")));
            assertThrows(IllegalArgumentException.class, () -> reply.send(Integer.MAX_VALUE, bytes("")));
            assertThrows(IllegalArgumentException.class, () -> reply.send(1, MemorySegment.ofArray(new byte[121])));
            assertThrows(IllegalStateException.class, () -> server.serve(ECHO, 1));
            reply.send(1, MemorySegment.ofArray(new byte[120]));
            assertThrows(IllegalStateException.class, () -> reply.send(1, bytes("")));
            kept[0] = reply;
        }, 9));
        assertThrows(IllegalStateException.class, () -> kept[0].send(1, bytes("")));
        assertEquals(1, pair.replies().statistics().messagesWritten());
    }

    @Test
    void shouldWaitForOtherThreadsNoLongerThanItWasTold() throws Exception {
        RingPair pair = pair();
        try (RingServer server = pair.server(WaitStrategy.PARK);
                RingClient client = pair.client(WaitStrategy.PARK)) {
            FutureTask<Boolean> waiting = new FutureTask<>(() -> server.serve(ECHO, LONG));
            Thread waiter = Thread.ofPlatform().daemon().start(waiting);
            Patience.await("the other thread waits", () -> waiter.getState() == Thread.State.TIMED_WAITING);
            FutureTask<Boolean> others = new FutureTask<>(
                    () -> server.serve(ECHO, 5) != 0 || server.serve(ECHO, Duration.ofMillis(1))
                            || server.awaitRequest(Duration.ofMillis(1)));
            Thread.ofPlatform().daemon().start(others);
            assertFalse(Patience.get(others));
            FutureTask<Boolean> interrupted = new FutureTask<>(() -> server.serve(ECHO, LONG));
            Thread second = Thread.ofPlatform().daemon().start(interrupted);
            Patience.await("the second thread waits", () -> second.getState() == Thread.State.TIMED_WAITING);
            second.interrupt();
            assertInstanceOf(
                    InterruptedException.class,
                    assertThrows(ExecutionException.class, () -> Patience.get(interrupted)).getCause());
            assertEquals("x", call(client, "x", LONG));
            assertTrue(Patience.get(waiting));
        }
    }

    @Test
    void shouldNotBeKeptByAServerThatSendsOtherReplies() throws Exception {
        RingPair pair = pair();
        AtomicBoolean over = new AtomicBoolean();
        FutureTask<Long> flood = new FutureTask<>(() -> {
            MemorySegment reply = Arena.ofAuto().allocate(8, 8);
            reply.set(ValueLayout.JAVA_LONG, 0, 7);
            long sent = 0;
            try (SpscProducer producer = pair.replies().producer()) {
                while (!over.get()) {
                    sent += producer.write(1, reply) ? 1 : 0;
                }
            }
            return sent;
        });
        Thread.ofPlatform().daemon().start(flood);
        FutureTask<String> calling = new FutureTask<>(() -> {
            try (RingClient client = pair.client(WaitStrategy.PARK)) {
                return call(client, "x", Duration.ofMillis(50));
            }
        });
        Thread.ofPlatform().daemon().start(calling);
        assertInstanceOf(
                RingTimeoutException.class,
                assertThrows(ExecutionException.class, () -> Patience.get(calling)).getCause());
        over.set(true);
        assertTrue(Patience.get(flood) > 0);
    }

    @Test
    void shouldLetNoOtherThreadSendAReply() throws Exception {
        RingPair pair = pair();
        try (RingServer server = pair.server(WaitStrategy.PARK);
                RingClient client = pair.client(WaitStrategy.PARK)) {
            FutureTask<Integer> serving = serving(server, (type, memory, offset, length, reply) -> {
                FutureTask<Void> sending = new FutureTask<>(() -> {
                    reply.send(9, MemorySegment.ofArray(new byte[0]));
                    return null;
                });
                Thread.ofPlatform().daemon().start(sending);
                ExecutionException refused = assertThrows(ExecutionException.class, () -> Patience.get(sending));
                assertInstanceOf(IllegalStateException.class, refused.getCause());
                reply.send(type, memory.asSlice(offset, length));
            }, 1);
            assertEquals("x", call(client, "x", LONG));
            assertEquals(1, Patience.get(serving));
        }
    }

    @Test
    void shouldRefuseCallsThatCanNeverBeRight() throws Exception {
        RingPair pair = pair();
        RingClient client = pair.client();
        for (int type : new int[] {0, -1, Integer.MAX_VALUE}) {
            assertThrows(IllegalArgumentException.class,
                    () -> client.call(type, bytes(""), (t, m, o, l) -> {}, LONG));
        }
        assertMessage("up to 120", IllegalArgumentException.class,
                () -> client.call(1, MemorySegment.ofArray(new byte[121]), (t, m, o, l) -> {}, LONG));
        MessageHandler none = null;
        assertThrows(NullPointerException.class, () -> client.call(1, bytes(""), none, LONG));
        assertEquals(0, pair.requests().statistics().messagesWritten());
        RingServer server = pair.server();
        FutureTask<Integer> serving = serving(server, ECHO, 3);
        assertMessage("5 bytes; the target has 4", IllegalArgumentException.class,
                () -> client.call(1, bytes("hello"), MemorySegment.ofArray(new byte[4]), LONG));
        client.call(1, bytes(""), (type, memory, offset, length) -> assertMessage("must not call",
                IllegalStateException.class, () -> call(client, "hello", LONG)), LONG);
        assertEquals("hello", call(client, "hello", LONG));
        Patience.get(serving);
        client.close();
        assertThrows(IllegalStateException.class, () -> call(client, "hello", LONG));
        server.close();
        assertThrows(IllegalStateException.class, () -> server.serve(ECHO, 1));
    }
}
