package io.github.shm4j;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.ring.SpscProducer;
import io.github.shm4j.ring.SpscRingBuffer;
import io.github.shm4j.state.SharedLock;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How many bytes of the heap a call takes once it is compiled, as the JVM itself counts them. */
class AllocationIT {

    /**
     * The most that a {@code ShmStatus} of 18 components, a {@code ShmKey} and a {@code ShmPermissions} take with
     * object headers of 12 bytes and references of 4, as in any JVM with a small heap. Less than that is fine.
     */
    private static final double STATUS_BYTES = 136 + 16 + 16;

    /** Asking the JVM allocates a little itself. */
    private static final double MEASURING = 0.01;

    @Test
    void shouldAllocateNothingButTheResult() throws ShmException {
        Map<String, Double> bytes = new HashMap<>();
        try (Blocks blocks = new Blocks()) {
            Child.java(Measure.class, blocks.create(100_003).id())
                    // In the background, the compiler would find other methods compiled already whenever the machine
                    // is busy. What it then does not inline, such as the view of a buffer, stays an object for good.
                    .jvm("-XX:TieredStopAtLevel=4", "-Xbatch")
                    .run()
                    .ok()
                    .lines()
                    .map(line -> line.split("="))
                    .forEach(line -> bytes.put(line[0], Double.parseDouble(line[1])));
        }
        assertAtMost(STATUS_BYTES + MEASURING, "status", bytes);
        assertAtMost(MEASURING, "get and set", bytes);
        assertAtMost(MEASURING, "release and acquire", bytes);
        assertAtMost(MEASURING, "acquire a lock", bytes);
        assertAtMost(MEASURING, "try to acquire a lock", bytes);
        // It would be an event, were anything recorded.
        assertAtMost(MEASURING, "find a ring full", bytes);
    }

    private static void assertAtMost(double limit, String what, Map<String, Double> bytes) {
        assertTrue(bytes.get(what) <= limit,
                () -> what + ": " + bytes.get(what) + " bytes per call instead of " + limit);
    }

    /** Measures and prints bytes per call. */
    static final class Measure {

        private static final int CALLS = 20_000;
        private static final int ROUNDS = 60;
        private static final VarHandle LONGS = ValueLayout.JAVA_LONG.varHandle();

        private static long sink;

        // A result that goes nowhere would be one that the compiler need not allocate.
        private static ShmStatus result;

        private Measure() {}

        private interface Call {
            long run(int i) throws Exception;
        }

        public static void main(String[] arguments) throws Exception {
            SharedMemory memory = SharedMemory.ofId(Integer.parseInt(arguments[0]));
            measure("status", i -> (result = memory.status()).size());
            try (Arena arena = Arena.ofShared()) {
                MemorySegment segment = memory.attach(AttachMode.READ_WRITE, arena);
                measure("get and set", i -> {
                    long offset = i % 12_500 * 8L;
                    segment.set(ValueLayout.JAVA_LONG, offset, segment.get(ValueLayout.JAVA_LONG, offset) + 1);
                    return offset;
                });
                measure("release and acquire", i -> {
                    long offset = i % 12_500 * 8L;
                    LONGS.setRelease(segment, offset, (long) LONGS.getAcquire(segment, offset) + 1);
                    return offset;
                });
                // The measurements above have written all over the block.
                segment.asSlice(0, SharedLock.BYTES).fill((byte) 0);
                SharedLock lock = SharedLock.at(segment, 0);
                Duration timeout = Duration.ofSeconds(1);
                measure("acquire a lock", i -> {
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
                measure("find a ring full", i -> producer.write(1, message) ? 1 : 0);
                segment.fill((byte) 0);
                SharedLock again = SharedLock.at(segment, 0);
                measure("try to acquire a lock", i -> {
                    try (SharedLock.Held held = again.tryAcquire()) {
                        return held != null && held.previousOwnerDied() ? 1 : 0;
                    }
                });
            }
        }

        /** Prints the least of many rounds: the compiler works beside the first ones. */
        private static void measure(String what, Call call) throws Exception {
            double least = Double.MAX_VALUE;
            for (int round = 0; round < ROUNDS; round++) {
                long before = allocatedBytes();
                for (int i = 0; i < CALLS; i++) {
                    sink += call.run(i);
                }
                least = Math.min(least, (allocatedBytes() - before) / (double) CALLS);
            }
            System.out.println(what + "=" + least);
        }

        /** By reflection: the module of the library, to which the tests belong, does not need the management module. */
        private static long allocatedBytes() throws ReflectiveOperationException {
            return (long) Counter.METHOD.invoke(Counter.BEAN);
        }

        private static final class Counter {
            static final Object BEAN;
            static final Method METHOD;

            static {
                try {
                    BEAN = Class.forName("java.lang.management.ManagementFactory")
                            .getMethod("getThreadMXBean")
                            .invoke(null);
                    METHOD = Class.forName("com.sun.management.ThreadMXBean")
                            .getMethod("getCurrentThreadAllocatedBytes");
                } catch (ReflectiveOperationException missing) {
                    throw new ExceptionInInitializerError(missing);
                }
            }
        }
    }
}
