package io.github.shm4j;

import io.github.shm4j.ring.SpscProducer;
import io.github.shm4j.ring.SpscRingBuffer;
import io.github.shm4j.state.SharedLock;
import io.github.shm4j.support.Allocation;
import io.github.shm4j.support.Blocks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How many bytes of the heap a call takes once it is compiled, as the JVM itself counts them. */
class AllocationIT {

    /**
     * The most that a {@code ShmStatus} of 18 components, a {@code ShmKey} and a {@code ShmPermissions} take with
     * object headers of 12 bytes and references of 4, as in any JVM with a small heap. Less than that is fine.
     */
    private static final double STATUS_BYTES = 136 + 16 + 16;

    @Test
    void shouldAllocateNothingButTheResult() throws ShmException {
        Map<String, Double> bytes;
        try (Blocks blocks = new Blocks()) {
            bytes = Allocation.by(Measure.class, blocks.create(100_003).id());
        }
        Allocation.assertAtMost(STATUS_BYTES + Allocation.MEASURING, "status", bytes);
        for (String what : List.of("get and set", "release and acquire", "acquire a lock", "try to acquire a lock",
                // It would be an event, were anything recorded.
                "find a ring full")) {
            Allocation.assertAtMost(Allocation.MEASURING, what, bytes);
        }
    }

    /** Measures and prints bytes per call. */
    static final class Measure {

        private static final VarHandle LONGS = ValueLayout.JAVA_LONG.varHandle();

        // A result that goes nowhere would be one that the compiler need not allocate.
        private static ShmStatus result;

        private Measure() {}

        public static void main(String[] arguments) throws Exception {
            SharedMemory memory = SharedMemory.ofId(Integer.parseInt(arguments[0]));
            Allocation.measure("status", i -> (result = memory.status()).size());
            try (Arena arena = Arena.ofShared()) {
                MemorySegment segment = memory.attach(AttachMode.READ_WRITE, arena);
                Allocation.measure("get and set", i -> {
                    long offset = i % 12_500 * 8L;
                    segment.set(ValueLayout.JAVA_LONG, offset, segment.get(ValueLayout.JAVA_LONG, offset) + 1);
                    return offset;
                });
                Allocation.measure("release and acquire", i -> {
                    long offset = i % 12_500 * 8L;
                    LONGS.setRelease(segment, offset, (long) LONGS.getAcquire(segment, offset) + 1);
                    return offset;
                });
                // The measurements above have written all over the block.
                segment.asSlice(0, SharedLock.BYTES).fill((byte) 0);
                SharedLock lock = SharedLock.at(segment, 0);
                Duration timeout = Duration.ofSeconds(1);
                Allocation.measure("acquire a lock", i -> {
                    try (SharedLock.Held held = lock.acquire(timeout)) {
                        return held.previousOwnerDied() ? 1 : 0;
                    }
                });
                segment.fill((byte) 0);
                SpscRingBuffer ring = SpscRingBuffer.create(segment, 1 << 14);
                SpscProducer producer = ring.producer();
                MemorySegment message = arena.allocate(1 << 10);
                while (producer.write(1, message)) {
                    // Until it is full.
                }
                Allocation.measure("find a ring full", i -> producer.write(1, message) ? 1 : 0);
                segment.fill((byte) 0);
                SharedLock again = SharedLock.at(segment, 0);
                Allocation.measure("try to acquire a lock", i -> {
                    try (SharedLock.Held held = again.tryAcquire()) {
                        return held != null && held.previousOwnerDied() ? 1 : 0;
                    }
                });
            }
        }

    }
}
