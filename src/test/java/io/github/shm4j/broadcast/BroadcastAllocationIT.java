package io.github.shm4j.broadcast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Method;
import java.util.List;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

/** Writing to a broadcast ring and reading from it allocates nothing, as soon as the code is compiled. */
class BroadcastAllocationIT {

    /** Asking the JVM allocates a little itself. */
    private static final double MEASURING = 0.01;

    @Test
    void shouldAllocateNothing() throws Exception {
        try (Blocks blocks = new Blocks()) {
            List<String> lines = Child.java(Measure.class, blocks.create(BroadcastRing.sizeFor(1024)).id())
                    .jvm("-XX:TieredStopAtLevel=4", "-Xbatch")
                    .run()
                    .ok()
                    .lines()
                    .toList();
            assertEquals(4, lines.size(), lines::toString);
            for (String line : lines) {
                assertTrue(Double.parseDouble(line.split("=")[1]) <= MEASURING, line);
            }
        }
    }

    static final class Measure {

        private static final int CALLS = 20_000;
        private static final int ROUNDS = 30;

        private static long sink;

        private Measure() {}

        public static void main(String[] arguments) throws Exception {
            MemorySegment mapping = SharedMemory.ofId(Integer.parseInt(arguments[0]))
                    .attach(AttachMode.READ_WRITE, Arena.global());
            BroadcastRing ring = BroadcastRing.create(mapping, 1024);
            BroadcastReader reader = BroadcastRing.open(mapping.asReadOnly()).readerFromNow();
            BroadcastReader slow = ring.readerFromNow();
            BroadcastProducer producer = ring.producer();
            MemorySegment message = Arena.global().allocate(64, 8);
            BroadcastHandler handler =
                    (type, memory, offset, length) -> sink += memory.get(ValueLayout.JAVA_LONG, offset);
            measure("write", () -> producer.write(1, message));
            measure("lost and read", () -> {
                for (int i = 0; i < 20; i++) {
                    producer.write(1, message);
                }
                return slow.read(handler, 1);
            });
            reader.read(handler, Integer.MAX_VALUE);
            measure("write and read", () -> producer.write(1, message) + reader.read(handler, 10));
            measure("messages", ring::messages);
        }

        /** Prints the least of many rounds: the compiler works beside the first ones. */
        private static void measure(String what, LongSupplier call) throws Exception {
            Object bean =
                    Class.forName("java.lang.management.ManagementFactory").getMethod("getThreadMXBean").invoke(null);
            Method bytes = Class.forName("com.sun.management.ThreadMXBean").getMethod("getCurrentThreadAllocatedBytes");
            double least = Double.MAX_VALUE;
            for (int round = 0; round < ROUNDS; round++) {
                long before = (long) bytes.invoke(bean);
                for (int i = 0; i < CALLS; i++) {
                    sink += call.getAsLong();
                }
                least = Math.min(least, ((long) bytes.invoke(bean) - before) / (double) CALLS);
            }
            System.out.println(what + "=" + least);
        }
    }
}
