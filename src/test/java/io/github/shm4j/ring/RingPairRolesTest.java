package io.github.shm4j.ring;

import static io.github.shm4j.ring.Pairs.CAPACITY;
import static io.github.shm4j.ring.Pairs.ECHO;
import static io.github.shm4j.ring.Pairs.LONG;
import static io.github.shm4j.ring.Pairs.assertMessage;
import static io.github.shm4j.ring.Pairs.call;
import static io.github.shm4j.ring.Pairs.memory;
import static io.github.shm4j.ring.Pairs.pair;
import static io.github.shm4j.ring.Pairs.serving;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.shm4j.WaitStrategy;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Patient;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/** Who is the client and the server of a pair of rings. */
@Patient
class RingPairRolesTest {

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

    /** As if a process of another pid namespace had a side, of which nobody can see here whether it is alive. */
    private static void sign(SpscRingBuffer to, SpscRingBuffer from) {
        long unseen = 1L << 63 | 1L << 41 | 7;
        to.memory.set(ValueLayout.JAVA_LONG, RingLayout.SLOTS_BEGIN + RingLayout.SLOT_OWNER, unseen);
        from.memory.set(ValueLayout.JAVA_LONG, RingLayout.CONSUMER_OFFSET, unseen);
    }

    private static FutureTask<Object> waiting(Callable<Object> call) throws Exception {
        FutureTask<Object> task = new FutureTask<>(call);
        Thread thread = Thread.ofPlatform().daemon().start(task);
        Patience.await("the thread waits", () -> thread.getState() == Thread.State.TIMED_WAITING);
        return task;
    }

    private static void assertLost(FutureTask<Object> task) {
        Throwable thrown = assertThrows(ExecutionException.class, () -> Patience.get(task)).getCause();
        assertInstanceOf(RingRoleLostException.class, thrown);
    }

    @Test
    void shouldTakeASideOverWhoeverHasIt() throws Exception {
        MemorySegment memory = memory(CAPACITY);
        RingPair robbed = RingPair.create(memory, CAPACITY);
        RingServer lostServer = robbed.server(WaitStrategy.PARK);
        RingClient lostClient = robbed.client(WaitStrategy.PARK);
        FutureTask<Object> serving = waiting(() -> lostServer.serve((type, m, offset, length, reply) -> {}, LONG));
        sign(robbed.replies(), robbed.requests());
        RingPair pair = RingPair.open(memory);
        assertMessage("the pair has a server already", RingOccupiedException.class, pair::server);
        assertMessage("takeOverServer takes both roles", RingOccupiedException.class, pair::server);
        try (RingServer server = pair.takeOverServer(WaitStrategy.PARK)) {
            assertLost(serving);
            FutureTask<Object> calling = waiting(() -> call(lostClient, "lost", LONG));
            sign(robbed.requests(), robbed.replies());
            assertMessage("takeOverClient takes both roles", RingOccupiedException.class, pair::client);
            try (RingClient client = pair.takeOverClient(WaitStrategy.PARK)) {
                assertLost(calling);
                for (int i = 0; i < 2; i++) {
                    assertThrows(RingRoleLostException.class, () -> lostServer.serve(ECHO, 9));
                    assertThrows(RingRoleLostException.class, () -> lostServer.serve(ECHO, LONG));
                    assertThrows(RingRoleLostException.class, () -> lostServer.awaitRequest(LONG));
                    assertThrows(RingRoleLostException.class, () -> call(lostClient, "lost", LONG));
                }
                lostServer.close();
                lostClient.close();
                FutureTask<Integer> both = serving(server, ECHO, 2);
                assertEquals("mine", call(client, "mine", LONG));
                assertEquals(2, Patience.get(both), "with the request of the robbed client");
                // This process takes nothing from itself.
                assertMessage("through the same object", RingOccupiedException.class, pair::takeOverServer);
                assertMessage("through another object", RingOccupiedException.class,
                        () -> RingPair.open(memory).takeOverClient());
            }
        }
        robbed.server().close();
        robbed.client().close();
    }

    @Test
    void shouldGiveTheFirstRoleBackIfTheSecondCannotBeHad() {
        RingPair pair = pair();
        sign(pair.replies(), pair.requests());
        pair.replies().memory.set(ValueLayout.JAVA_LONG, RingLayout.SLOTS_BEGIN + RingLayout.SLOT_OWNER, 0);
        try (SpscProducer _ = pair.replies().producer()) {
            assertMessage("the pair has a server already", RingOccupiedException.class, pair::takeOverServer);
            pair.requests().consumer().close();
        }
        pair.server().close();
    }

    @Test
    void shouldCloseBothRolesAndSayAllThatWasThrown() {
        for (boolean ofServer : new boolean[] {false, true}) {
            Arena arena = Arena.ofShared();
            RingPair pair = RingPair.create(arena.allocate(RingPair.sizeFor(CAPACITY), 128), CAPACITY);
            RingClient client = pair.client();
            RingServer server = pair.server();
            arena.close();
            IllegalStateException thrown =
                    assertThrows(IllegalStateException.class, ofServer ? server::close : client::close);
            assertEquals(1, thrown.getSuppressed().length, "that of the other role");
            assertInstanceOf(IllegalStateException.class, thrown.getSuppressed()[0]);
        }
    }
}
