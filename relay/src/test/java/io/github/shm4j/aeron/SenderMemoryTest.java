package io.github.shm4j.aeron;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.ring.RingBuffer;
import io.github.shm4j.ring.RingConsumer;
import io.github.shm4j.ring.RingKind;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SenderMemoryTest {

    private static final int CAPACITY = 16 << 20;
    private static final int PAGE = 4096;

    private static final Outlet NOBODY = new Outlet() {
        @Override
        public boolean offer(MemorySegment frame, long length) {
            return false;
        }

        @Override
        public int longestFrame() {
            return CAPACITY;
        }

        @Override
        public int longestWholeFrame() {
            return 1024;
        }

        @Override
        public void close() {}
    };

    /** With frames of 2 MiB: if those of senders that cannot begin stayed, that would be 80 MiB. */
    @Test
    void shouldKeepNoMemoryWhereASenderCannotBegin() throws Exception {
        MemorySegment memory = Arena.ofAuto().allocate(RingKind.SPSC.sizeFor(CAPACITY), 128);
        RingBuffer ring = RingBuffer.create(memory, RingKind.SPSC, CAPACITY);
        try (RingConsumer consumer = ring.consumer()) {
            long before = resident();
            for (int i = 0; i < 40; i++) {
                AtomicInteger asked = new AtomicInteger();
                assertThrows(ArithmeticException.class,
                        () -> new RelaySender(ring, Integer.MAX_VALUE, new RingIdentity(World.HERE, 5, 6, 0), List.of(),
                                consumer, NOBODY, null, () -> 1 / (1 - asked.getAndIncrement())));
            }
            long more = resident() - before;
            assertTrue(more < 40 << 20, "it has " + more + " bytes more");
        }
    }

    /** {@return how many bytes of memory this process has} */
    private static long resident() throws IOException {
        return Long.parseLong(Files.readString(Path.of("/proc/self/statm")).split(" ")[1]) * PAGE;
    }
}
