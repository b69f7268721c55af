package io.github.shm4j.peers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ring.RingConsumer;
import io.github.shm4j.ring.RingProducer;
import io.github.shm4j.ring.SpscRingBuffer;
import io.github.shm4j.state.LatestValue;
import io.github.shm4j.state.LatestValueWriter;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Patient;
import io.github.shm4j.support.Peers;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Peers whose roles are taken over while they live, that succeed the dead, or that are interrupted.
 *
 * <p>The property {@code shm4j.peers.python.stride} says at each how manieth line Python is interrupted.
 */
@Patient
class RobbedPeersIT {

    private static final int CAPACITY = 1024;
    private static final int RECORD = 64;
    private static final long START_MASK = (1L << 41) - 1;
    private static final int STRIDE = Integer.getInteger("shm4j.peers.python.stride", 23);

    /** In the ring, the consumer and the producer, and in the latest value, the writer; and how often each was succeeded. */
    private static final int[] OWNERS = {384, 768, 136};
    private static final int[] SUCCESSIONS = {440, 792, 144};

    @TempDir
    private Path directory;

    private final Blocks blocks = new Blocks();
    private final Arena arena = Arena.ofShared();
    private SharedMemory ringBlock;
    private SharedMemory valueBlock;
    private MemorySegment ringMemory;
    private MemorySegment valueMemory;
    private SpscRingBuffer ring;
    private LatestValue value;

    @BeforeEach
    void create() throws ShmException {
        ringBlock = blocks.create(SpscRingBuffer.sizeFor(CAPACITY));
        valueBlock = blocks.create(LatestValue.sizeFor(RECORD));
        ringMemory = ringBlock.attach(AttachMode.READ_WRITE, arena);
        valueMemory = valueBlock.attach(AttachMode.READ_WRITE, arena);
        ring = SpscRingBuffer.create(ringMemory, CAPACITY);
        value = LatestValue.create(valueMemory, RECORD);
        try (RingProducer producer = ring.producer()) {
            for (int type = 1; type <= 7; type++) {
                assertTrue(producer.write(type, HeaderIT.message(0, type, 8)));
            }
        }
    }

    @AfterEach
    void cleanUp() throws ShmException {
        arena.close();
        blocks.close();
    }

    private Child c() throws IOException {
        return Child.command(
                Peers.compile("robbed", HeaderIT.resource("robbed.c")), ringBlock.id(), valueBlock.id());
    }

    private Child python() throws IOException {
        return Child.command("env", "PYTHONPATH=" + Peers.PEERS, Peers.python39(), "-B", "-W", "error", script(),
                "robbed", ringBlock.id());
    }

    private Path script() throws IOException {
        return Files.writeString(directory.resolve("peer.py"), HeaderIT.resource("peer.py"));
    }

    private MemorySegment memoryOf(int role) {
        return role < 2 ? ringMemory : valueMemory;
    }

    private List<Long> words(int[] offsets) {
        List<Long> words = new ArrayList<>();
        for (int role = 0; role < offsets.length; role++) {
            words.add((long) ValueLayout.JAVA_LONG.varHandle().getAcquire(memoryOf(role), (long) offsets[role]));
        }
        return words;
    }

    private static List<String> tellToGo(Child.Running peer) {
        return tell(peer, "go");
    }

    private static List<String> tell(Child.Running peer, String what) {
        peer.send(what);
        List<String> said = new ArrayList<>();
        for (String line = peer.line(); !line.equals("said"); line = peer.line()) {
            said.add(line);
        }
        return said;
    }

    /** Takes all roles from a peer, which must find that out in each call, and store nothing. */
    private void rob(Child.Running peer, int calls) {
        RingConsumer consumer = ring.takeOverConsumer();
        RingProducer producer = ring.takeOverProducer();
        LatestValueWriter writer = value.takeOverWriter();
        byte[] ringBefore = ringMemory.toArray(ValueLayout.JAVA_BYTE);
        byte[] valueBefore = valueMemory.toArray(ValueLayout.JAVA_BYTE);
        List<String> said = tellToGo(peer);
        assertEquals(calls, said.size(), said::toString);
        assertTrue(said.stream().allMatch(line -> line.endsWith(" lost")), said::toString);
        assertArrayEquals(ringBefore, ringMemory.toArray(ValueLayout.JAVA_BYTE));
        assertArrayEquals(valueBefore, valueMemory.toArray(ValueLayout.JAVA_BYTE));
        consumer.close();
        producer.close();
        writer.close();
    }

    /** What a process does that was robbed between its signature and its count, once it goes on. */
    private void countLate(int roles) {
        for (int role = 0; role < roles; role++) {
            ValueLayout.JAVA_LONG.varHandle().getAndAdd(memoryOf(role), (long) SUCCESSIONS[role], 1L);
        }
    }

    private List<Integer> types() {
        List<Integer> types = new ArrayList<>();
        try (RingConsumer consumer = ring.consumer()) {
            consumer.read((type, memory, offset, length) -> types.add(type), 100);
        }
        return types;
    }

    private void consume(int from, int to) {
        List<Integer> expected = new ArrayList<>();
        for (int type = from; type <= to; type++) {
            expected.add(type);
        }
        assertEquals(expected, types());
    }

    @Test
    void shouldStoreNothingInCOnceTheRolesAreTakenOver() throws Exception {
        try (Child.Running peer = c().start()) {
            assertTrue(peer.line().endsWith(" 1 2"));
            rob(peer, 11);
            assertEquals(List.of(1L, 1L, 1L), words(SUCCESSIONS));
            consume(2, 7);
            // It has signed through other objects, which are not the old ones.
            assertEquals(
                    List.of("peek lost", "write lost", "value lost", "close lost", "close lost", "write 1", "peek 1",
                            "value 0"),
                    tellToGo(peer));
            peer.send("go");
            peer.await().ok();
        }
        assertEquals(List.of(1L, 1L, 1L), words(SUCCESSIONS));
        assertEquals(List.of(0L, 0L, 0L), words(OWNERS));
        consume(9, 9);
    }

    @Test
    void shouldStoreNothingInPythonOnceTheRolesAreTakenOver() throws Exception {
        try (Child.Running peer = python().start()) {
            assertTrue(peer.line().endsWith(" 1 2"));
            rob(peer, 5);
            assertEquals(List.of(1L, 1L, 0L), words(SUCCESSIONS));
            consume(2, 7);
            assertEquals(List.of("peek lost", "write lost", "again 9"), tellToGo(peer));
            peer.kill();
        }
        // Who succeeds the dead counts, too: they may only seem to be dead.
        try (Child.Running successor = c().start()) {
            Patience.await("C has taken the roles", () -> words(SUCCESSIONS).equals(List.of(2L, 2L, 0L)));
            successor.kill();
        }
        try (Child.Running successor = python().start()) {
            successor.line();
            assertEquals(List.of(3L, 3L, 0L), words(SUCCESSIONS));
            successor.send("end");
            successor.await().ok();
        }
        assertEquals(List.of(0L, 0L), words(OWNERS).subList(0, 2));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldKeepTheRolesInCIfSomebodyCountsLate(boolean robbed) throws Exception {
        try (Child.Running peer = c().start()) {
            assertTrue(peer.line().endsWith(" 1 2"));
            countLate(3);
            assertEquals(List.of("release 0", "commit 0", "end 0", "value 0"), tell(peer, "late"));
            assertEquals(2, value.version());
            countLate(3);
            endLate(peer, robbed, List.of("peek lost", "close lost", "close 0"),
                    List.of("peek 1", "close 0", "close 0"));
        }
        assertEquals(List.of(robbed ? 3L : 2L, 2L, 2L), words(SUCCESSIONS));
        assertEquals(List.of(3, 4, 5, 6, 7, 8, 8), types());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldKeepTheRolesInPythonIfSomebodyCountsLate(boolean robbed) throws Exception {
        try (Child.Running peer = python().start()) {
            assertTrue(peer.line().endsWith(" 1 2"));
            countLate(2);
            assertEquals(List.of("release None", "write True"), tell(peer, "late"));
            countLate(2);
            endLate(peer, robbed, List.of("peek lost", "close None", "close None"),
                    List.of("peek 3", "close None", "close None"));
        }
        assertEquals(List.of(robbed ? 3L : 2L, 2L, 0L), words(SUCCESSIONS));
        consume(3, 8);
    }

    /** Lets a peer close its roles, of which the consumer's may be taken over before. */
    private void endLate(Child.Running peer, boolean robbed, List<String> lost, List<String> kept) throws Exception {
        RingConsumer taker = robbed ? ring.takeOverConsumer() : null;
        long owner = robbed ? words(OWNERS).getFirst() : 0;
        peer.send("end");
        for (String line : robbed ? lost : kept) {
            assertEquals(line, peer.line());
        }
        peer.await().ok();
        assertEquals(List.of(owner, 0L, 0L), words(OWNERS));
        if (taker != null) {
            taker.close();
        }
    }

    /** What takes long can take longer than whoever takes over waits, so that a peer looks once more behind it. */
    @Test
    void shouldPublishNothingThatTookLongWhileTheRoleWasTakenOver() throws Exception {
        Path program = Peers.compile("midway", HeaderIT.resource("midway.c"));
        assertEquals("lost", Child.command(program).run().ok());
        Child.Result python = Child.command(
                "env", "PYTHONPATH=" + Peers.PEERS, Peers.python39(), "-B", "-W", "error", script(), "midway").run();
        assertEquals(List.of("write lost", "0 0"), python.ok().lines().toList());
    }

    /** Two containers often have processes with the same pid that were started in the same tick. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldSignInAnotherNamespaceWithANumberOfItsOwn(boolean python) throws Exception {
        Peers.requireNamespaces("-p", "-f", "--mount-proc");
        try (Child.Running peer = (python ? python() : c())
                .under(Child.unshare("-p", "-f", "--kill-child", "--mount-proc"))
                .start()) {
            long start = Long.parseLong(peer.line().split(" ")[0]);
            List<Long> owners = words(OWNERS);
            long owner = owners.getFirst();
            assertTrue(owner < 0, () -> Long.toHexString(owner));
            assertNotEquals(start, owner & START_MASK);
            assertEquals(python ? List.of(owner, owner, 0L) : List.of(owner, owner, owner), owners);
            peer.kill();
        }
    }

    /** An exception can come at each line, and what is done next must not do harm. */
    @Test
    void shouldLoseNothingWhereverPythonIsInterrupted() throws Exception {
        int first = new SplittableRandom().nextInt(1, STRIDE + 1);
        Child.Result result = Child.command(
                "env", "PYTHONPATH=" + Peers.PEERS, Peers.python39(), "-B", "-W", "error", script(), "interrupt", first,
                STRIDE).run();
        assertEquals(0, result.exit(), () -> result.out() + result.err());
        assertEquals(2, result.lines().size(), result.out());
    }
}
