package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.FutureTask;

/** What the tests of pairs of rings need. */
final class Pairs {

    static final int CAPACITY = 1024;
    static final Duration NOT_AT_ALL = Duration.ZERO;
    static final Duration LONG = Duration.ofDays(1);

    /** Replies what it was asked, with a type that is one greater. */
    static final RequestHandler ECHO = (type, memory, offset, length, reply) -> reply.send(
            type + 1, memory.asSlice(offset, length));

    private Pairs() {}

    static MemorySegment memory(long capacity) {
        return Arena.ofAuto().allocate(RingPair.sizeFor(capacity), 128);
    }

    static RingPair pair() {
        return RingPair.create(memory(CAPACITY), CAPACITY);
    }

    static MemorySegment bytes(String text) {
        return MemorySegment.ofArray(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Lets a server handle what waits, and then what comes until so many were handled. */
    static FutureTask<Integer> serving(RingServer server, RequestHandler handler, int count) {
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

    static String call(RingClient client, String request, Duration timeout) throws InterruptedException {
        MemorySegment target = MemorySegment.ofArray(new byte[200]);
        int length = client.call(1, bytes(request), target, timeout);
        return Rings.text(target, 0, length);
    }

    static void assertUsable(RingPair pair) {
        try (RingClient client = pair.client();
                RingServer server = pair.server()) {
            MemorySegment request = MemorySegment.ofArray(new byte[1]);
            assertThrows(RingTimeoutException.class,
                    () -> client.call(1, request, (type, memory, offset, length) -> {}, Duration.ZERO));
            assertEquals(1, server.serve((type, memory, offset, length, reply) -> {}, 9));
        }
    }

    @FunctionalInterface
    interface Action {

        void run() throws Exception;
    }

    static void assertMessage(String part, Class<? extends Exception> expected, Action action) {
        Exception thrown = assertThrows(expected, action::run);
        assertTrue(thrown.getMessage().contains(part), thrown::getMessage);
    }
}
