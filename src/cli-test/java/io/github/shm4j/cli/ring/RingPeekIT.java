package io.github.shm4j.cli.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.broadcast.BroadcastRing;
import io.github.shm4j.cli.Cli;
import io.github.shm4j.cli.TestRing;
import io.github.shm4j.ring.RingPair;
import io.github.shm4j.ring.RingStatistics.Liveness;
import io.github.shm4j.state.LatestValue;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Peers;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code shm4j ring peek} shows what waits in a ring, and nobody notices. */
class RingPeekIT {

    private final Blocks blocks = new Blocks();
    private final List<TestRing> rings = new ArrayList<>();

    @AfterEach
    void removeBlocks() throws ShmException {
        rings.forEach(TestRing::close);
        blocks.close();
    }

    private TestRing ring() throws ShmException {
        TestRing ring = TestRing.mpsc(blocks, 1 << 12);
        rings.add(ring);
        return ring;
    }

    private static void assertFails(int exit, String message, Child.Result result) {
        assertEquals(exit, result.exit(), result::toString);
        assertTrue(result.err().startsWith("shm4j: ") && result.err().contains(message), result.err());
    }

    @Test
    void shouldPrintAndLeaveWhatWaits() throws ShmException {
        TestRing ring = ring();
        assertEquals("", Cli.run("ring", "peek", ring).ok());
        ring.send(1, "one");
        ring.send(2, "two\033");
        ring.send(1, "three");
        assertEquals("one\ntwo\033\nthree", Cli.run("ring", "peek", ring.key()).ok());
        assertEquals("1\tone\n2\ttwo\\x1b", Cli.run("ring", "peek", ring, "--limit", 2, "--show-type", "--text").ok());
        assertEquals("one\nthree", Cli.run("ring", "peek", ring, "--type", 1).ok());
        assertEquals("one", Cli.run("ring", "peek", ring, "--type", 1, "-n", 1).ok());
        assertEquals("0000000: 0000 0003 6f6e 65",
                Cli.shell("\"$@\" ring peek " + ring + " -n 1 --length-prefixed | od -An -tx1 | tr -d ' \\n'").ok()
                        .replace("000000036f6e65", "0000000: 0000 0003 6f6e 65"));
        assertEquals(Liveness.NOBODY, ring.statistics().consumer().liveness());
        assertEquals(0, ring.statistics().messagesRead());
        assertEquals(List.of("one", "two\033", "three"), ring.drain());
        assertEquals("", Cli.run("ring", "peek", ring).ok());
    }

    @Test
    void shouldLookBesideTheConsumer() throws Exception {
        TestRing ring = ring();
        // The consumer hangs in a pipe that nobody reads, with its role in the ring.
        try (Child.Running receiving =
                Cli.shellChild("\"$@\" ring receive " + ring + " | { read -r go; cat; }").start()) {
            ring.await("a consumer", receiving,
                    statistics -> statistics.consumer().liveness() == Liveness.ALIVE);
            assertEquals("", Cli.run("ring", "peek", ring).ok());
            assertEquals(Liveness.ALIVE, ring.statistics().consumer().liveness());
        }
    }

    @Test
    void shouldRefuseWhatWouldLookLikeTwo() throws ShmException {
        TestRing ring = ring();
        ring.send(1, "one");
        ring.send(1, "two\nlines");
        Child.Result result = Cli.run("ring", "peek", ring);
        assertFails(1, "the next message has a line end in it, at byte 3", result);
        assertEquals("one\n", result.out());
        assertEquals("one\ntwo\\nlines", Cli.run("ring", "peek", ring, "--text").ok());
    }

    @Test
    void shouldNeedNoMoreThanThePermissionToRead() throws IOException {
        Peers.requireOtherUser();
        TestRing ring = ring();
        ring.send(1, "one");
        assertFails(1, "EACCES", Cli.child("ring", "peek", ring).asNobody().run());
        Cli.run("permissions", ring, "644").ok();
        assertEquals("one", Cli.child("ring", "peek", ring).asNobody().run().ok());
    }

    @Test
    void shouldFailWhereThereIsNoRing() throws ShmException {
        String block = "id:" + blocks.create(5000).id();
        assertFails(1, block + ": the memory holds no ring", Cli.run("ring", "peek", block));
        assertFails(1, "no block has the key", Cli.run("ring", "peek", blocks.freeKey()));
        assertFails(2, "--limit is 0", Cli.run("ring", "peek", block, "--limit", 0));
        assertFails(2, "--type is -1", Cli.run("ring", "peek", block, "--type", -1));
    }

    @Test
    void shouldSayWhatABlockHoldsThatIsNoRing() throws ShmException {
        try (Arena arena = Arena.ofConfined()) {
            SharedMemory pair = blocks.create(RingPair.sizeFor(4096));
            RingPair.create(pair.attach(AttachMode.READ_WRITE, arena), 4096);
            for (String[] command : new String[][] {{"peek"}, {"send"}, {"receive", "--no-wait"}}) {
                List<String> words = new ArrayList<>(List.of("ring"));
                words.addAll(List.of(command));
                words.add("id:" + pair.id());
                assertFails(1, "id:" + pair.id() + ": this is a pair of rings", Cli.run(words.toArray()));
            }
            SharedMemory broadcast = blocks.create(BroadcastRing.sizeFor(4096));
            BroadcastRing.create(broadcast.attach(AttachMode.READ_WRITE, arena), 4096);
            assertFails(1, ": this is a broadcast ring", Cli.run("ring", "peek", "id:" + broadcast.id()));
            SharedMemory value = blocks.create(LatestValue.sizeFor(100));
            LatestValue.create(value.attach(AttachMode.READ_WRITE, arena), 100);
            assertFails(1, ": this is a latest value", Cli.run("ring", "status", "id:" + value.id()));
        }
    }

    @Test
    void shouldSayThatNobodyReadsOrThatTheOutputIsFull() throws ShmException {
        TestRing ring = ring();
        ring.send(1, "one");
        assertFails(1, "cannot write to standard output: No space left on device",
                Cli.shell("\"$@\" ring peek " + ring + " >/dev/full"));
        assertEquals(List.of("one"), ring.drain());
    }
}
