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
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.WaitStrategy;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Patient;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
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
}
