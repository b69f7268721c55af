package io.github.shm4j;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.github.shm4j.shmop.Shmop;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Mappings;
import io.github.shm4j.support.Patience;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How long a mapping lives, who may use it, and what happens to those who use it otherwise. */
class LifetimeTest {

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    private final Blocks blocks = new Blocks();

    @AfterEach
    void removeBlocks() throws ShmException {
        blocks.close();
    }

    /** Kinds of threads. */
    enum Kind {
        PLATFORM(Thread.ofPlatform()),
        VIRTUAL(Thread.ofVirtual());

        private final Thread.Builder builder;

        Kind(Thread.Builder builder) {
            this.builder = builder;
        }

        /** Runs something in another thread and returns what it threw, or {@code null}. */
        Throwable thrownBy(Executable call) throws InterruptedException {
            Throwable[] thrown = new Throwable[1];
            Thread thread = builder.start(() -> {
                try {
                    call.execute();
                } catch (Throwable failure) {
                    thrown[0] = failure;
                }
            });
            Patience.join(thread);
            return thrown[0];
        }
    }

    /** Kinds of arenas that can be closed. */
    enum Closeable {
        CONFINED,
        SHARED;

        Arena open() {
            return this == CONFINED ? Arena.ofConfined() : Arena.ofShared();
        }
    }

    // J01
    @ParameterizedTest
    @EnumSource
    void shouldKeepOtherThreadsOutOfAConfinedMapping(Kind kind) throws Exception {
        SharedMemory memory = blocks.create(1000);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = memory.attach(AttachMode.READ_WRITE, arena);
            segment.set(LONG, 8, 42);
            ByteBuffer buffer = segment.asByteBuffer();
            assertInstanceOf(WrongThreadException.class, kind.thrownBy(() -> segment.get(LONG, 8)));
            assertInstanceOf(WrongThreadException.class, kind.thrownBy(() -> segment.set(LONG, 8, 7)));
            assertInstanceOf(WrongThreadException.class, kind.thrownBy(() -> segment.asSlice(8).get(LONG, 0)));
            assertInstanceOf(WrongThreadException.class, kind.thrownBy(() -> segment.fill((byte) 1)));
            assertInstanceOf(WrongThreadException.class, kind.thrownBy(() -> segment.toArray(BYTE)));
            assertInstanceOf(WrongThreadException.class, kind.thrownBy(() -> buffer.getLong(8)));
            assertInstanceOf(WrongThreadException.class, kind.thrownBy(arena::close));
            assertEquals(1, memory.status().attachCount());
            assertEquals(42, segment.get(LONG, 8));
        }
        assertEquals(0, memory.status().attachCount());
    }

    // J01
    @ParameterizedTest
    @EnumSource
    void shouldLetEveryThreadUseAndCloseASharedMapping(Kind kind) throws Exception {
        SharedMemory memory = blocks.create(1000);
        Arena arena = Arena.ofShared();
        MemorySegment segment = memory.attach(AttachMode.READ_WRITE, arena);
        assertEquals(null, kind.thrownBy(() -> segment.set(LONG, 992, -3)));
        assertEquals(-3, segment.get(LONG, 992));
        assertEquals(null, kind.thrownBy(arena::close));
        assertEquals(0, memory.status().attachCount());
        assertThrows(IllegalStateException.class, () -> segment.get(LONG, 992));
    }

    // J01
    @ParameterizedTest
    @EnumSource
    void shouldMapNothingIntoAnArenaOfAnotherThread(Kind kind) throws Exception {
        SharedMemory memory = blocks.create(1000);
        try (Arena arena = Arena.ofConfined()) {
            Throwable refused = kind.thrownBy(() -> memory.attach(AttachMode.READ_WRITE, arena));
            assertInstanceOf(WrongThreadException.class, refused);
            assertWasNeverAttached(memory);
        }
    }

    // J02
    @ParameterizedTest
    @EnumSource
    void shouldMapNothingIntoAClosedArena(Closeable closeable) throws ShmException {
        SharedMemory memory = blocks.create(1000);
        Arena arena = closeable.open();
        arena.close();
        IllegalStateException refused =
                assertThrows(IllegalStateException.class, () -> memory.attach(AttachMode.READ_WRITE, arena));
        assertTrue(refused.getMessage().contains("Already closed"), refused.getMessage());
        assertWasNeverAttached(memory);
    }

    private static void assertWasNeverAttached(SharedMemory memory) throws ShmException {
        ShmStatus status = memory.status();
        assertEquals(0, status.attachCount());
        assertEquals(Optional.empty(), status.lastAttachTime(), "somebody attached and detached again");
        assertEquals(List.of(), Mappings.of(memory));
    }

    // J02
    @ParameterizedTest
    @EnumSource
    void shouldRefuseEveryAccessAfterTheArenaIsClosed(Closeable closeable) throws ShmException {
        SharedMemory memory = blocks.create(1000);
        Arena arena = closeable.open();
        MemorySegment segment = memory.attach(AttachMode.READ_WRITE, arena);
        MemorySegment slice = segment.asSlice(8, 16);
        MemorySegment readOnly = segment.asReadOnly();
        ByteBuffer buffer = segment.asByteBuffer();
        ByteBuffer part = buffer.slice(8, 16).asReadOnlyBuffer();
        MemorySegment ofBuffer = MemorySegment.ofBuffer(buffer);
        MemorySegment heap = MemorySegment.ofArray(new byte[1000]);
        VarHandle varHandle = LONG.varHandle();
        arena.close();

        Map<String, Executable> accesses = new LinkedHashMap<>();
        accesses.put("get", () -> segment.get(BYTE, 0));
        accesses.put("set", () -> segment.set(BYTE, 999, (byte) 1));
        accesses.put("getAtIndex", () -> segment.getAtIndex(LONG, 1));
        accesses.put("slice.get", () -> slice.get(LONG, 0));
        accesses.put("slice.set", () -> slice.set(LONG, 0, 1));
        accesses.put("a new slice's get", () -> segment.asSlice(0, 8).get(LONG, 0));
        accesses.put("asReadOnly.get", () -> readOnly.get(LONG, 0));
        accesses.put("getString", () -> segment.getString(0));
        accesses.put("setString", () -> segment.setString(0, "x"));
        accesses.put("copyFrom", () -> segment.copyFrom(heap));
        accesses.put("copy to an array", () -> MemorySegment.copy(segment, BYTE, 0, new byte[10], 0, 10));
        accesses.put("copy from an array", () -> MemorySegment.copy(new byte[10], 0, segment, BYTE, 0, 10));
        accesses.put("copy to a segment", () -> MemorySegment.copy(segment, 0, heap, 0, 1000));
        accesses.put("fill", () -> segment.fill((byte) 1));
        accesses.put("toArray", () -> segment.toArray(BYTE));
        accesses.put("mismatch", () -> segment.mismatch(heap));
        accesses.put("elements", () -> segment.elements(LONG).forEach(element -> element.get(LONG, 0)));
        accesses.put("volatile get", () -> varHandle.getVolatile(segment, 8L));
        accesses.put("compare and set", () -> varHandle.compareAndSet(segment, 8L, 0L, 1L));
        accesses.put("get and add", () -> varHandle.getAndAdd(slice, 0L, 1L));
        accesses.put("asByteBuffer.get", () -> segment.asByteBuffer().get(0));
        accesses.put("buffer.get", () -> buffer.get(0));
        accesses.put("buffer.getLong", () -> buffer.getLong(8));
        accesses.put("buffer.put", () -> buffer.put(0, (byte) 1));
        accesses.put("buffer bulk get", () -> buffer.get(0, new byte[10]));
        accesses.put("buffer bulk put", () -> buffer.put(0, new byte[10]));
        accesses.put("buffer.duplicate.get", () -> buffer.duplicate().get(0));
        accesses.put("a part of the buffer", () -> part.get(0));
        accesses.put("an int view of the buffer", () -> buffer.asIntBuffer().get(0));
        accesses.put("the buffer as a segment", () -> ofBuffer.get(BYTE, 0));
        accesses.forEach((name, access) -> {
            IllegalStateException refused = assertThrows(IllegalStateException.class, access, name);
            assertTrue(refused.getMessage().contains("Already closed"), name + ": " + refused.getMessage());
        });

        assertFalse(segment.scope().isAlive());
        assertEquals(0, memory.status().attachCount());
        assertEquals(List.of(), Mappings.of(memory));
    }

    // J03
    @ParameterizedTest
    @EnumSource
    void shouldDetachOnceWhenTheArenaIsClosedTwice(Closeable closeable) throws ShmException {
        SharedMemory memory = blocks.create(1000);
        try (Arena other = Arena.ofConfined()) {
            MemorySegment kept = memory.attach(AttachMode.READ_WRITE, other);
            Arena arena = closeable.open();
            memory.attach(AttachMode.READ_WRITE, arena);
            arena.close();
            assertThrows(IllegalStateException.class, arena::close);
            assertEquals(1, memory.status().attachCount());
            kept.set(LONG, 0, 1);
        }
        assertEquals(0, memory.status().attachCount());
    }

    // J03
    @Test
    void shouldAllowToCloseAFacadeTwice() throws ShmException {
        ShmKey key = blocks.freeKey();
        Shmop shmop = Shmop.open(key, "n", ShmPermissions.OWNER_ONLY, 1000);
        SharedMemory memory = SharedMemory.open(key);
        assertEquals(1, memory.status().attachCount());
        shmop.close();
        shmop.close();
        assertEquals(0, memory.status().attachCount());
        assertThrows(IllegalStateException.class, () -> shmop.read(0, 0));
    }

    // J04, security 6
    @Test
    @SuppressWarnings("restricted")
    void shouldRefuseEveryStoreThroughAReadOnlyMapping() throws ShmException {
        SharedMemory memory = blocks.create(1000);
        byte[] contents = new byte[1000];
        for (int i = 0; i < contents.length; i++) {
            contents[i] = (byte) (i * 7 + 1);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment writable = memory.attach(AttachMode.READ_WRITE, arena);
            MemorySegment.copy(contents, 0, writable, BYTE, 0, contents.length);
            MemorySegment readOnly = memory.attach(AttachMode.READ_ONLY, arena);
            assertTrue(readOnly.isReadOnly());
            long first = readOnly.get(LONG, 0);

            Map<String, MemorySegment> views = new LinkedHashMap<>();
            views.put("segment", readOnly);
            views.put("slice", readOnly.asSlice(0, 800));
            views.put("slice of a slice", readOnly.asSlice(0, 900).asSlice(0, 64));
            views.put("aligned slice", readOnly.asSlice(0, 64, 8));
            views.put("element", readOnly.elements(ValueLayout.JAVA_LONG).findFirst().orElseThrow());
            views.put("read-only view", readOnly.asReadOnly());
            views.put("segment of its buffer", MemorySegment.ofBuffer(readOnly.asByteBuffer()));
            views.put("reinterpret", readOnly.reinterpret(500));
            views.put("reinterpret in an arena", readOnly.reinterpret(500, arena, null));
            views.forEach((name, view) -> assertRefusesStores(name, view, first));

            assertArrayEquals(contents, writable.toArray(BYTE));
            writable.set(LONG, 0, 5);
            assertEquals(5, readOnly.get(LONG, 0), "a read-only mapping must still see what others store");
        }
        assertEquals(0, memory.status().attachCount());
    }

    private static void assertRefusesStores(String name, MemorySegment view, long present) {
        VarHandle longs = LONG.varHandle();
        VarHandle ints = INT.varHandle();
        MemorySegment heap = MemorySegment.ofArray(new byte[8]);
        Map<String, Executable> stores = new LinkedHashMap<>();
        stores.put("set byte", () -> view.set(BYTE, 0, (byte) 0));
        stores.put("set long", () -> view.set(LONG, 0, 0));
        stores.put("set unaligned", () -> view.set(ValueLayout.JAVA_INT_UNALIGNED, 1, 0));
        stores.put("set double", () -> view.set(ValueLayout.JAVA_DOUBLE, 0, 0));
        stores.put("setAtIndex", () -> view.setAtIndex(LONG, 0, 0));
        stores.put("setString", () -> view.setString(0, "x"));
        stores.put("fill", () -> view.fill((byte) 0));
        stores.put("copyFrom", () -> view.copyFrom(heap));
        stores.put("copy from a segment", () -> MemorySegment.copy(heap, 0, view, 0, 8));
        stores.put("copy from an array", () -> MemorySegment.copy(new byte[8], 0, view, BYTE, 0, 8));
        stores.put("copy onto itself", () -> MemorySegment.copy(view, 0, view, 0, 8));
        stores.put("var handle set", () -> longs.set(view, 0L, 0L));
        stores.put("opaque", () -> longs.setOpaque(view, 0L, 0L));
        stores.put("release", () -> longs.setRelease(view, 0L, 0L));
        stores.put("volatile", () -> longs.setVolatile(view, 0L, 0L));
        stores.put("CAS that would succeed", () -> longs.compareAndSet(view, 0L, present, 0L));
        stores.put("CAS that would fail", () -> longs.compareAndSet(view, 0L, ~present, 0L));
        stores.put("CAS of the present value", () -> longs.compareAndSet(view, 0L, present, present));
        stores.put("weak CAS", () -> longs.weakCompareAndSetPlain(view, 0L, present, 0L));
        stores.put("compareAndExchange", () -> longs.compareAndExchange(view, 0L, present, 0L));
        stores.put("getAndSet", () -> longs.getAndSet(view, 0L, 0L));
        stores.put("getAndAdd 0", () -> longs.getAndAdd(view, 0L, 0L));
        stores.put("getAndBitwiseOr 0", () -> longs.getAndBitwiseOr(view, 0L, 0L));
        stores.put("int CAS", () -> ints.compareAndSet(view, 4L, 0, 1));
        stores.put("int getAndAdd 0", () -> ints.getAndAdd(view, 4L, 0));
        stores.forEach((store, call) -> {
            IllegalArgumentException refused =
                    assertThrows(IllegalArgumentException.class, call, name + ": " + store);
            assertTrue(refused.getMessage().contains("read-only"), name + ": " + store + ": " + refused.getMessage());
        });

        ByteBuffer buffer = view.asByteBuffer();
        Map<String, Executable> puts = new LinkedHashMap<>();
        puts.put("put", () -> buffer.put(0, (byte) 0));
        puts.put("putLong", () -> buffer.putLong(0, 0));
        puts.put("bulk put", () -> buffer.put(0, new byte[8]));
        puts.put("put a buffer", () -> buffer.put(ByteBuffer.allocate(8)));
        puts.put("duplicate", () -> buffer.duplicate().put(0, (byte) 0));
        puts.put("slice", () -> buffer.slice(0, 8).put(0, (byte) 0));
        puts.put("long view", () -> buffer.asLongBuffer().put(0, 0));
        puts.put("compact", buffer::compact);
        assertTrue(buffer.isReadOnly(), name);
        puts.forEach((put, call) -> assertThrows(ReadOnlyBufferException.class, call, name + ": buffer " + put));
    }

    // security 6, security 11
    @Test
    void shouldMapWithTheProtectionThatTheModeSaysAndNeverExecutable() throws ShmException {
        SharedMemory memory = blocks.create(5000);
        try (Arena arena = Arena.ofConfined()) {
            long writable = memory.attach(AttachMode.READ_WRITE, arena).address();
            long readOnly = memory.attach(AttachMode.READ_ONLY, arena).address();
            List<Mappings.Mapping> mappings = Mappings.of(memory);
            assertEquals(2, mappings.size(), mappings::toString);
            for (Mappings.Mapping mapping : mappings) {
                assertTrue(mapping.start() == writable || mapping.start() == readOnly, mappings::toString);
                assertEquals(mapping.start() == writable ? "rw-s" : "r--s", mapping.protection());
                assertTrue(mapping.end() - mapping.start() >= 5000, mappings::toString);
            }
            assertFalse(memory.status().locked());
        }
    }

    // J09, fault 19
    @Test
    void shouldRefuseToCloseAnAutomaticArena() throws ShmException {
        SharedMemory memory = blocks.create(1000);
        Arena arena = Arena.ofAuto();
        MemorySegment segment = memory.attach(AttachMode.READ_WRITE, arena);
        assertThrows(UnsupportedOperationException.class, arena::close);
        segment.set(LONG, 0, 1);
        assertEquals(1, memory.status().attachCount());
        Reference.reachabilityFence(arena);
    }

    // J09, fault 19
    @Test
    void shouldDetachFromAnAutomaticArenaOnlyWhenNothingRefersToItAnyMore() throws Exception {
        SharedMemory sliced = blocks.create(1000);
        SharedMemory buffered = blocks.create(1000);
        SharedMemory handled = blocks.create(1000);
        MemorySegment slice = attachToNewAutomaticArena(sliced).asSlice(8, 8);
        ByteBuffer buffer = attachToNewAutomaticArena(buffered).asByteBuffer().slice(8, 8);
        Arena arena = Arena.ofAuto();
        handled.attach(AttachMode.READ_WRITE, arena);

        // Had the collector taken one of the three, it would have been before the last of these, which it takes.
        for (int i = 0; i < 3; i++) {
            SharedMemory dropped = blocks.create(1000);
            assertNotNull(attachToNewAutomaticArena(dropped));
            awaitDetached(dropped);
        }

        assertEquals(1, sliced.status().attachCount());
        assertEquals(1, buffered.status().attachCount());
        assertEquals(1, handled.status().attachCount());
        slice.set(LONG, 0, 11);
        buffer.putLong(0, 12);
        Reference.reachabilityFence(slice);
        Reference.reachabilityFence(buffer);
        Reference.reachabilityFence(arena);
        slice = null;
        buffer = null;
        arena = null;
        awaitDetached(sliced);
        awaitDetached(buffered);
        awaitDetached(handled);
    }

    private static MemorySegment attachToNewAutomaticArena(SharedMemory memory) throws ShmException {
        MemorySegment segment = memory.attach(AttachMode.READ_WRITE, Arena.ofAuto());
        assertEquals(1, memory.status().attachCount());
        return segment;
    }

    private static void awaitDetached(SharedMemory memory) throws Exception {
        Patience.await("block " + memory.id() + " is detached", () -> {
            System.gc();
            return memory.status().attachCount() == 0;
        });
        assertEquals(List.of(), Mappings.of(memory));
    }

    // J15
    @Test
    void shouldServeFiftyVirtualThreadsWithArenasOfTheirOwn() throws Exception {
        int threads = 50;
        SharedMemory memory = blocks.create(threads * Long.BYTES + 3);
        CountDownLatch attached = new CountDownLatch(threads);
        CountDownLatch counted = new CountDownLatch(1);
        List<Future<Long>> results = new ArrayList<>();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < threads; i++) {
                int index = i;
                Callable<Long> task = () -> {
                    try (Arena arena = Arena.ofConfined()) {
                        MemorySegment segment = memory.attach(AttachMode.READ_WRITE, arena);
                        attached.countDown();
                        counted.await();
                        for (int round = 1; round <= 20; round++) {
                            segment.setAtIndex(LONG, index, index * 1000L + round);
                            // Gives up the carrier thread, so that the next access may run on another one.
                            Thread.sleep(1);
                            assertEquals(index * 1000L + round, segment.getAtIndex(LONG, index));
                        }
                        return segment.getAtIndex(LONG, index);
                    }
                };
                results.add(executor.submit(task));
            }
            Patience.await(attached, "all have attached");
            assertEquals(threads, memory.status().attachCount());
            counted.countDown();
            for (int i = 0; i < threads; i++) {
                assertEquals(i * 1000L + 20, Patience.get(results.get(i)));
            }
        }
        assertEquals(0, memory.status().attachCount());
    }

    // J16
    @Test
    void shouldHoldAtomicFieldsToTheirNaturalAlignment() throws ShmException {
        SharedMemory memory = blocks.create(1000);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = memory.attach(AttachMode.READ_WRITE, arena);
            VarHandle longs = LONG.varHandle();
            VarHandle unaligned = ValueLayout.JAVA_LONG_UNALIGNED.varHandle();
            assertThrows(IllegalArgumentException.class, () -> segment.get(INT, 1));
            assertThrows(IllegalArgumentException.class, () -> longs.getVolatile(segment, 4L));
            assertThrows(IllegalArgumentException.class, () -> longs.compareAndSet(segment, 4L, 0L, 1L));
            assertThrows(UnsupportedOperationException.class, () -> unaligned.getVolatile(segment, 0L));
            assertThrows(UnsupportedOperationException.class, () -> unaligned.compareAndSet(segment, 0L, 0L, 1L));
            longs.setRelease(segment, 992L, -9L);
            assertEquals(-9L, (long) longs.getAcquire(segment, 992L));
            segment.set(ValueLayout.JAVA_LONG_UNALIGNED, 991, 77);
            assertEquals(77, segment.get(ValueLayout.JAVA_LONG_UNALIGNED, 991));
            assertThrows(IndexOutOfBoundsException.class, () -> segment.get(LONG, 1000));
            assertThrows(IndexOutOfBoundsException.class, () -> segment.get(BYTE, 1000));
            assertThrows(IndexOutOfBoundsException.class, () -> segment.get(BYTE, -1));
            assertEquals(0, segment.address() % 4096, "the base of a mapping is aligned for everything");
        }
    }

    // fault 17
    @Test
    void shouldDetachAgainWhenTheArenaIsClosedDuringAttach() throws ShmException {
        SharedMemory memory = blocks.create(1000);
        try (Arena shared = Arena.ofShared()) {
            Arena closing = new ClosingArena(memory, shared);
            assertThrows(IllegalStateException.class, () -> memory.attach(AttachMode.READ_WRITE, closing));
            assertFalse(shared.scope().isAlive());
        } catch (IllegalStateException alreadyClosed) {
            // By the arena above, as it should be.
        }
        ShmStatus status = memory.status();
        assertEquals(0, status.attachCount());
        assertTrue(status.lastAttachTime().isPresent(), "the arena was closed before and not during the call");
        assertEquals(List.of(), Mappings.of(memory));
    }

    /** An arena that is closed as soon as a block is mapped, as another thread could do at that moment. */
    private record ClosingArena(SharedMemory memory, Arena shared) implements Arena {

        @Override
        public MemorySegment.Scope scope() {
            try {
                if (shared.scope().isAlive() && memory.status().attachCount() > 0) {
                    shared.close();
                }
            } catch (ShmException unexpected) {
                throw new AssertionError(unexpected);
            }
            return shared.scope();
        }

        @Override
        public MemorySegment allocate(long byteSize, long byteAlignment) {
            return shared.allocate(byteSize, byteAlignment);
        }

        @Override
        public void close() {
            shared.close();
        }
    }

    // fault 17
    @Test
    void shouldEitherAttachOrRefuseWhenAnotherThreadClosesTheArena() throws Exception {
        SharedMemory memory = blocks.create(1000);
        for (int round = 0; round < 100; round++) {
            Arena arena = Arena.ofShared();
            CountDownLatch ready = new CountDownLatch(1);
            Thread closer = Thread.ofPlatform().start(() -> {
                ready.countDown();
                arena.close();
            });
            Patience.await(ready, "the other thread runs");
            try {
                memory.attach(AttachMode.READ_WRITE, arena);
            } catch (IllegalStateException closed) {
                assertFalse(arena.scope().isAlive());
            }
            Patience.join(closer);
            assertEquals(0, memory.status().attachCount(), "round " + round);
        }
        assertEquals(List.of(), Mappings.of(memory));
    }

    // A17
    @Test
    void shouldKeepARemovedBlockUsableUntilItsArenaIsClosed() throws ShmException {
        SharedMemory memory = blocks.create(1000);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = memory.attach(AttachMode.READ_WRITE, arena);
            memory.remove();
            segment.set(LONG, 0, 3);
            assertEquals(3, segment.get(LONG, 0));
            assertTrue(memory.status().markedForRemoval());
            assertEquals(1, memory.status().attachCount());
        }
        ShmNotFoundException gone = assertThrows(ShmNotFoundException.class, memory::status);
        assertEquals("EINVAL", gone.errnoName());
    }
}
