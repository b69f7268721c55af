package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmAlreadyExistsException;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmNotFoundException;
import io.github.shm4j.ShmPermissions;
import io.github.shm4j.ShmTrust;
import io.github.shm4j.WaitStrategy;
import io.github.shm4j.internal.ProcessIdentity;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Patient;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Requests and replies through two rings. */
@Patient
class RingPairTest {

    private static final int CAPACITY = 1024;
    private static final Duration NOT_AT_ALL = Duration.ZERO;
    private static final Duration LONG = Duration.ofDays(1);

    /** Replies what it was asked, with a type that is one greater. */
    private static final RequestHandler ECHO = (type, memory, offset, length, reply) -> reply.send(
            type + 1, memory.asSlice(offset, length));

    private final Blocks blocks = new Blocks();

    @AfterEach
    void removeBlocks() throws ShmException {
        blocks.close();
    }

    private static MemorySegment memory(long capacity) {
        return Arena.ofAuto().allocate(RingPair.sizeFor(capacity), 128);
    }

    private static RingPair pair() {
        return RingPair.create(memory(CAPACITY), CAPACITY);
    }

    private static MemorySegment bytes(String text) {
        return MemorySegment.ofArray(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Lets a server handle what waits, and then what comes until so many were handled. */
    private static FutureTask<Integer> serving(RingServer server, RequestHandler handler, int count) {
        FutureTask<Integer> serving = new FutureTask<>(() -> {
            int served = 0;
            while (served < count) {
                served += server.serve(handler, LONG) ? 1 : 0;
            }
            return served;
        });
        Thread.ofVirtual().start(serving);
        return serving;
    }

    private static String call(RingClient client, String request, Duration timeout) throws InterruptedException {
        MemorySegment target = MemorySegment.ofArray(new byte[200]);
        int length = client.call(1, bytes(request), target, timeout);
        return Rings.text(target, 0, length);
    }

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
    void shouldLetTheRolesOfASideThatCannotBeSeenBeTakenOver() throws Exception {
        RingPair pair = pair();
        // A server of another pid namespace was killed while others have the memory.
        long unseen = 1L << 63 | 1L << 41 | 7;
        pair.requests().memory.set(ValueLayout.JAVA_LONG, RingLayout.CONSUMER_OFFSET, unseen);
        pair.replies().memory.set(ValueLayout.JAVA_LONG, RingLayout.SLOTS_BEGIN + RingLayout.SLOT_OWNER, unseen);
        String refused = assertThrows(RingOccupiedException.class, () -> pair.server(WaitStrategy.PARK)).getMessage();
        assertTrue(refused.startsWith("the pair has a server already: ") && refused.contains("takeOver"), refused);
        pair.requests().takeOverConsumer().close();
        assertThrows(RingOccupiedException.class, () -> pair.server(WaitStrategy.PARK));
        pair.replies().takeOverProducer().close();
        try (RingServer server = pair.server(WaitStrategy.PARK);
                RingClient client = pair.client(WaitStrategy.PARK)) {
            FutureTask<Integer> serving = serving(server, ECHO, 1);
            assertEquals("x", call(client, "x", LONG));
            assertEquals(1, Patience.get(serving));
        }
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

    @Test
    void shouldHaveOneClientAndOneServer() throws Exception {
        MemorySegment memory = memory(CAPACITY);
        RingPair pair = RingPair.create(memory, CAPACITY);
        RingPair other = RingPair.open(memory);
        RingClient client = pair.client();
        RingServer server = pair.server();
        for (RingPair each : List.of(pair, other)) {
            assertMessage("the pair has a client already", RingOccupiedException.class, each::client);
            assertMessage("the pair has a server already", RingOccupiedException.class, each::server);
        }
        client.close();
        server.close();
        try (RingClient _ = other.client();
                RingServer _ = other.server()) {
            assertThrows(RingOccupiedException.class, pair::client);
        }
        // Half a role is given back.
        try (RingConsumer _ = pair.replies().consumer()) {
            assertThrows(RingOccupiedException.class, other::client);
            pair.requests().producer().close();
        }
        try (SpscProducer _ = pair.replies().producer()) {
            assertThrows(RingOccupiedException.class, other::server);
            pair.requests().consumer().close();
        }
        RingPair readOnly = RingPair.open(memory.asReadOnly());
        assertThrows(IllegalStateException.class, readOnly::client);
        assertThrows(IllegalStateException.class, readOnly::server);
        assertThrows(NullPointerException.class, () -> pair.client(null));
    }

    @Test
    void shouldLieInMemoryAsIsSaid() {
        MemorySegment memory = memory(CAPACITY);
        assertFalse(RingPair.isRingPair(memory));
        assertFalse(RingPair.isRingPair(MemorySegment.ofArray(new byte[200])));
        RingPair pair = RingPair.create(memory, CAPACITY);
        assertTrue(RingPair.isRingPair(memory));
        assertFalse(RingBuffer.isRing(memory));
        assertEquals(0x73686d346a706172L, Rings.getLong(memory, 0));
        assertEquals(1, memory.get(ValueLayout.JAVA_INT, 8));
        assertEquals(2, memory.get(ValueLayout.JAVA_INT, 12));
        assertEquals(CAPACITY, Rings.getLong(memory, 16));
        assertEquals(1920 + 2 * CAPACITY, RingPair.sizeFor(CAPACITY));
        assertEquals(memory.byteSize(), RingPair.sizeFor(CAPACITY));
        assertEquals(CAPACITY, pair.capacity());
        assertEquals(CAPACITY / 8 - 8, pair.maxMessageLength());
        SpscRingBuffer.open(memory.asSlice(128)).producer().write(1, bytes("request"));
        assertTrue(pair.requests().backlog() > 0);
        SpscRingBuffer.open(memory.asSlice(1024 + CAPACITY)).producer().write(1, bytes("reply"));
        assertTrue(pair.replies().backlog() > 0);
    }

    @Test
    void shouldRefuseMemoryThatHoldsNoPair() {
        for (long capacity : new long[] {0, 64, 100, 1L << 60, -128}) {
            assertThrows(IllegalArgumentException.class, () -> RingPair.sizeFor(capacity));
            assertThrows(IllegalArgumentException.class, () -> RingPair.create(memory(CAPACITY), capacity));
        }
        assertThrows(IllegalArgumentException.class, () -> RingPair.create(memory(128), 256));
        assertThrows(RingFormatException.class, () -> RingPair.open(memory(CAPACITY), NOT_AT_ALL));
        assertThrows(RingFormatException.class, () -> RingPair.open(memory(CAPACITY).asSlice(0, 100), NOT_AT_ALL));
        MemorySegment ring = memory(CAPACITY);
        SpscRingBuffer.create(ring, CAPACITY);
        assertMessage("ring pair", RingFormatException.class, () -> RingPair.open(ring));
        MemorySegment memory = memory(CAPACITY);
        RingPair.create(memory, CAPACITY);
        assertThrows(RingFormatException.class, () -> RingPair.create(memory, CAPACITY));
        assertThrows(RingFormatException.class, () -> RingBuffer.open(memory));
        Rings.setLong(memory, 16, CAPACITY / 2);
        assertThrows(RingException.class, () -> RingPair.open(memory));
        Rings.setLong(memory, 16, 77);
        assertThrows(RingCorruptedException.class, () -> RingPair.open(memory));
        Rings.setLong(memory, 16, CAPACITY);
        Rings.setLong(memory, 128 + 16, CAPACITY / 2);
        assertThrows(RingCorruptedException.class, () -> RingPair.open(memory));
    }

    @Test
    void shouldLiveInABlockOfItsOwn() throws Exception {
        ShmKey key = blocks.freeKey();
        try (Arena arena = Arena.ofShared()) {
            RingPair pair = RingPair.create(key, CAPACITY, ShmPermissions.of(0600), arena);
            assertThrows(ShmAlreadyExistsException.class, () -> RingPair.create(key, CAPACITY, arena));
            assertFalse(RingPair.openOrCreate(key, CAPACITY, arena).created());
            FutureTask<Integer> serving = serving(pair.server(), ECHO, 1);
            RingPair opened = RingPair.open(key, arena);
            assertEquals(pair.block().id(), opened.block().id());
            assertEquals("hello", call(opened.client(), "hello", LONG));
            Patience.get(serving);
        }
        // The end of the arena has given all roles back.
        try (Arena arena = Arena.ofShared()) {
            RingPair pair = RingPair.open(key, ShmTrust.anyone(), arena);
            try (RingClient _ = pair.client();
                    RingServer _ = pair.server()) {
                RingPair looking = RingPair.open(pair.block(), AttachMode.READ_ONLY, arena);
                assertEquals(1, looking.replies().statistics().messagesRead());
            }
            pair.remove();
            assertThrows(ShmNotFoundException.class, () -> RingPair.open(key, arena));
            assertThrows(IllegalArgumentException.class, () -> RingPair.openOrCreate(key, 100, arena));
            assertTrue(RingPair.openOrCreate(key, CAPACITY, arena).created());
            SharedMemory.open(key).remove();
            assertThrows(IllegalStateException.class, () -> pair().block());
        }
        // What cannot be created is not left behind.
        Arena closed = Arena.ofShared();
        closed.close();
        assertThrows(IllegalStateException.class, () -> RingPair.create(key, CAPACITY, closed));
        assertThrows(ShmNotFoundException.class, () -> SharedMemory.open(key));
    }

    @FunctionalInterface
    private interface Action {

        void run() throws Exception;
    }

    private static void assertMessage(String part, Class<? extends Exception> expected, Action action) {
        Exception thrown = assertThrows(expected, action::run);
        assertTrue(thrown.getMessage().contains(part), thrown::getMessage);
    }
}
