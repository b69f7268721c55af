package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
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
import io.github.shm4j.structure.InBlocks;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Patient;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A ring and the block that it lies in. */
@Patient
class RingBlocksTest {

    private final Blocks blocks = new Blocks();
    private final Arena arena = Arena.ofShared();

    @AfterEach
    void cleanUp() throws ShmException {
        arena.close();
        blocks.close();
    }

    private RingBuffer create(RingKind kind, ShmKey key, ShmPermissions permissions) throws ShmException {
        return kind == RingKind.SPSC
                ? SpscRingBuffer.create(key, 4096, permissions, arena)
                : MpscRingBuffer.create(key, 4096, permissions, arena);
    }

    private RingBuffer.Opened<? extends RingBuffer> openOrCreate(RingKind kind, ShmKey key) throws ShmException {
        return kind == RingKind.SPSC
                ? SpscRingBuffer.openOrCreate(key, 4096, arena)
                : MpscRingBuffer.openOrCreate(key, 4096, arena);
    }

    /** One that was robbed before it had counted counts when it goes on. Whoever has the role by then keeps it. */
    @ParameterizedTest
    @EnumSource
    void shouldKeepTheRoleWhereARobbedOneCountsLate(RingKind kind) throws ShmException {
        RingBuffer ring = create(kind, blocks.freeKey(), ShmPermissions.OWNER_ONLY);
        try (RingProducer producer = ring.producer(); RingConsumer consumer = ring.consumer()) {
            // The same process signs elsewhere, in the same way.
            RingBuffer other = create(kind, blocks.freeKey(), ShmPermissions.OWNER_ONLY);
            try (RingProducer otherProducer = other.producer(); RingConsumer otherConsumer = other.consumer()) {
                assertTrue(otherProducer.write(Rings.TYPE, Rings.message("message")));
                assertEquals(1, otherConsumer.read((type, memory, offset, length) -> {}, 9));
                for (long count = 1; count <= 2; count++) {
                    Rings.setLong(ring.memory, RingLayout.CONSUMER_SUCCESSIONS_OFFSET, count);
                    if (kind == RingKind.SPSC) {
                        Rings.setLong(ring.memory, RingLayout.SLOTS_BEGIN + RingLayout.SLOT_SUCCESSIONS, count);
                    }
                    assertTrue(producer.write(Rings.TYPE, Rings.message("message")));
                    assertEquals(1, consumer.read((type, memory, offset, length) -> {}, 9));
                }
            }
        }
        assertEquals(0, Rings.getLong(ring.memory, RingLayout.CONSUMER_OFFSET), "given back");
        assertEquals(0, Rings.getLong(ring.memory, RingLayout.SLOTS_BEGIN + RingLayout.SLOT_OWNER), "given back");
    }

    /** The field names the process still, but through another mapping of the block. */
    @Test
    void shouldTellARobbedOneWhoseProcessHasTheRoleThroughAnotherMapping() throws ShmException {
        SpscRingBuffer ring = SpscRingBuffer.create(blocks.freeKey(), 4096, arena);
        RingConsumer consumer = ring.consumer();
        SpscProducer producer = ring.producer();
        long self = Rings.getLong(ring.memory, RingLayout.CONSUMER_OFFSET);
        // Another process has taken both roles over and given them back.
        for (long field : new long[] {
            RingLayout.CONSUMER_OFFSET, RingLayout.SLOTS_BEGIN + RingLayout.SLOT_OWNER
        }) {
            Rings.setLong(ring.memory, field, 0);
        }
        Rings.setLong(ring.memory, RingLayout.CONSUMER_SUCCESSIONS_OFFSET, 1);
        Rings.setLong(ring.memory, RingLayout.SLOTS_BEGIN + RingLayout.SLOT_SUCCESSIONS, 1);
        SpscRingBuffer again = (SpscRingBuffer) RingBuffer.open(ring.block(), AttachMode.READ_WRITE, arena);
        try (RingConsumer next = again.consumer(); SpscProducer nextProducer = again.producer()) {
            assertEquals(self, Rings.getLong(ring.memory, RingLayout.CONSUMER_OFFSET));
            assertThrows(RingRoleLostException.class, () -> consumer.read((type, memory, offset, length) -> {}, 1));
            assertThrows(RingRoleLostException.class, () -> producer.write(Rings.TYPE, Rings.message("message")));
            consumer.close();
            producer.close();
            assertTrue(nextProducer.write(Rings.TYPE, Rings.message("message")));
            assertEquals(1, next.read((type, memory, offset, length) -> {}, 9));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldRemoveItsOwnBlockAndNoOther(RingKind kind) throws ShmException {
        ShmKey key = blocks.freeKey();
        RingBuffer ring = create(kind, key, ShmPermissions.OWNER_ONLY);
        assertEquals(SharedMemory.open(key), ring.block());
        assertEquals(kind, ring.kind());
        assertEquals(kind.sizeFor(4096), ring.block().status().size());
        RingBuffer opened = RingBuffer.openReadOnly(key, arena);
        assertEquals(ring.block(), opened.block());
        opened.remove();
        SharedMemory another = blocks.adopt(SharedMemory.create(key, 100));
        assertThrows(ShmAlreadyExistsException.class, () -> create(kind, key, ShmPermissions.OWNER_ONLY));
        // Mapped as it is, the block is there until the arena ends, and has no key any more.
        assertTrue(ring.block().status().markedForRemoval());
        ring.remove();
        assertEquals(another, SharedMemory.open(key));
        assertEquals(100, another.status().size());
    }

    @Test
    void shouldKnowNoBlockOfASegment() throws ShmException {
        SharedMemory block = blocks.create(MpscRingBuffer.sizeFor(4096));
        RingBuffer ring = MpscRingBuffer.create(block.attach(AttachMode.READ_WRITE, arena), 4096);
        assertThrows(IllegalStateException.class, ring::block);
        assertThrows(IllegalStateException.class, ring::remove);
        assertEquals(1, block.status().attachCount());
        RingBuffer again = RingBuffer.open(block, AttachMode.READ_WRITE, arena);
        assertEquals(block, again.block());
    }

    @ParameterizedTest
    @EnumSource
    void shouldGiveThePermissionsThatItIsTold(RingKind kind) throws ShmException {
        RingBuffer ring = create(kind, blocks.freeKey(), ShmPermissions.of(0660));
        assertEquals(ShmPermissions.of(0660), ring.block().status().permissions());
        ring.remove();
    }

    @ParameterizedTest
    @EnumSource
    void shouldSayWhetherItHasCreatedTheRing(RingKind kind) throws ShmException {
        ShmKey key = blocks.freeKey();
        RingBuffer.Opened<?> first = openOrCreate(kind, key);
        assertTrue(first.created());
        assertEquals(kind, first.ring().kind());
        try (RingProducer producer = first.ring().producer()) {
            assertTrue(producer.write(Rings.TYPE, Rings.message("kept")));
        }
        RingBuffer.Opened<?> second = openOrCreate(kind, key);
        assertFalse(second.created());
        assertEquals(first.ring().block(), second.ring().block());
        assertEquals(List.of("kept"), Rings.read(RingUser.of(second.ring()), 9));
        if (kind == RingKind.SPSC) {
            assertThrows(ShmException.class, () -> openOrCreate(RingKind.MPSC, key), "too small");
        } else {
            assertThrows(RingFormatException.class, () -> openOrCreate(RingKind.SPSC, key));
        }
        first.ring().remove();
    }

    @ParameterizedTest
    @EnumSource
    void shouldRemoveTheBlockAgainIfTheRingInItCannotBeOpened(RingKind kind) throws ShmException {
        ShmKey key = blocks.freeKey();
        OutOfMemoryError thrown = new OutOfMemoryError("for the test");
        InBlocks.Opening<RingBuffer> failing = (mapping, timeout, block) -> {
            throw thrown;
        };
        assertSame(thrown, assertThrows(OutOfMemoryError.class, () -> openOrCreate(key, kind, failing)));
        assertThrows(ShmNotFoundException.class, () -> SharedMemory.open(key));
        RingBuffer ring = openOrCreate(kind, key).ring();
        assertThrows(OutOfMemoryError.class, () -> openOrCreate(key, kind, failing));
        assertEquals(ring.block(), SharedMemory.open(key), "what was there is not removed");
        ring.remove();
    }

    private void openOrCreate(ShmKey key, RingKind kind, InBlocks.Opening<RingBuffer> opening) throws ShmException {
        new InBlocks<>(RingFormat.of(kind), opening, RingBuffer::beforeDetach)
                .openOrCreate(key, kind.code, 4096, ShmPermissions.OWNER_ONLY, ShmTrust.callerOrRoot(), arena);
    }

    @ParameterizedTest
    @EnumSource
    void shouldCreateTheRingOfACreatorThatHasTerminatedBeforeItDid(RingKind kind) throws ShmException {
        ShmKey key = blocks.freeKey();
        SharedMemory block = blocks.adopt(SharedMemory.create(key, kind.sizeFor(4096)));
        RingBuffer.Opened<?> opened = openOrCreate(kind, key);
        assertTrue(opened.created());
        assertEquals(block, opened.ring().block());
        assertFalse(openOrCreate(kind, key).created());
    }

    @ParameterizedTest
    @EnumSource
    void shouldLeaveAloneWhatIsNoRing(RingKind kind) throws ShmException {
        for (long more : new long[] {0, 8}) {
            ShmKey key = blocks.freeKey();
            SharedMemory block = blocks.adopt(SharedMemory.create(key, kind.sizeFor(4096) + more));
            MemorySegment mapping = block.attach(AttachMode.READ_WRITE, arena);
            if (more == 0) {
                Rings.setLong(mapping, 1000, 77);
            }
            byte[] before = Rings.bytes(mapping);
            assertThrows(RingFormatException.class, () -> openOrCreate(kind, key));
            assertEquals(-1, mapping.mismatch(MemorySegment.ofArray(before)), "nothing is written");
            assertEquals(block, SharedMemory.open(key));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldCreateOneRingHoweverManyCreateItAtTheSameTime(RingKind kind) throws Exception {
        int threads = 4;
        try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            for (int round = 0; round < 50; round++) {
                ShmKey key = blocks.freeKey();
                CountDownLatch ready = new CountDownLatch(threads);
                List<Future<RingBuffer.Opened<?>>> all = new ArrayList<>();
                for (int i = 0; i < threads; i++) {
                    all.add(executor.submit(() -> {
                        ready.countDown();
                        ready.await();
                        return openOrCreate(kind, key);
                    }));
                }
                int created = 0;
                for (Future<RingBuffer.Opened<?>> one : all) {
                    created += one.get().created() ? 1 : 0;
                }
                all.getFirst().get().ring().remove();
                assertEquals(1, created);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldOpenWhosoeverBlockTheCallerTrusts(RingKind kind) throws ShmException {
        ShmKey key = blocks.freeKey();
        RingBuffer ring = create(kind, key, ShmPermissions.OWNER_ONLY);
        ShmTrust anyone = ShmTrust.anyone();
        if (kind == RingKind.SPSC) {
            assertInstanceOf(SpscRingBuffer.class, SpscRingBuffer.open(key, anyone, arena));
            assertFalse(SpscRingBuffer.openOrCreate(key, 4096, ShmPermissions.OWNER_ONLY, anyone, arena).created());
        } else {
            assertInstanceOf(MpscRingBuffer.class, MpscRingBuffer.open(key, anyone, arena));
            assertFalse(MpscRingBuffer.openOrCreate(key, 4096, ShmPermissions.OWNER_ONLY, anyone, arena).created());
        }
        ring.remove();
        assertThrows(ShmNotFoundException.class, () -> RingBuffer.openReadOnly(key, anyone, arena));
    }

    @ParameterizedTest
    @EnumSource
    void shouldGiveNoRoleWhereItOnlyLooks(RingKind kind) throws ShmException {
        ShmKey key = blocks.freeKey();
        RingBuffer ring = create(kind, key, ShmPermissions.OWNER_ONLY);
        RingBuffer looking = RingBuffer.openReadOnly(key, arena);
        assertThrows(IllegalStateException.class, looking::consumer);
        assertThrows(IllegalStateException.class, looking::producer);
        assertEquals(kind, looking.kind());
        assertEquals(0, looking.statistics().messagesWritten());
        ring.remove();
    }
}
