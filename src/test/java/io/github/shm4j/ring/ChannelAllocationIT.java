package io.github.shm4j.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.support.Child;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What does not wait allocates nothing, as soon as the code is compiled. */
class ChannelAllocationIT {

    /** Asking the JVM allocates a little itself. */
    private static final double MEASURING = 0.01;

    @Test
    void shouldAllocateNothing() {
        List<String> lines = Child.java(Measure.class)
                .jvm("-XX:TieredStopAtLevel=4", "-Xbatch")
                .run()
                .ok()
                .lines()
                .toList();
        assertEquals(3, lines.size(), lines::toString);
        for (String line : lines) {
            assertTrue(Double.parseDouble(line.split("=")[1]) <= MEASURING, line);
        }
    }

    static final class Measure {

        private static final int CALLS = 20_000;
        private static final int ROUNDS = 12;

        private static long sink;

        @FunctionalInterface
        private interface Call {

            int call() throws Exception;
        }

        private Measure() {}

        public static void main(String[] arguments) throws Exception {
            for (ByteBuffer buffer : List.of(ByteBuffer.allocate(64), ByteBuffer.allocateDirect(64))) {
                MemorySegment memory = Arena.global().allocate(RingKind.SPSC.sizeFor(1 << 16), 128);
                SpscRingBuffer ring = SpscRingBuffer.create(memory, 1 << 16);
                RingSinkChannel out = RingSinkChannel.open(ring.producer(), 1);
                RingSourceChannel in = RingSourceChannel.open(ring.consumer(), 1);
                measure(buffer.isDirect() ? "direct" : "heap",
                        () -> out.write(buffer.clear()) + in.read(buffer.clear()));
            }
            RingPair pair = RingPair.create(Arena.global().allocate(RingPair.sizeFor(1 << 16), 128), 1 << 16);
            SpscProducer producer = pair.requests().producer();
            RingConsumer consumer = pair.replies().consumer();
            RingServer server = pair.server();
            MemorySegment request = Arena.global().allocate(64, 8);
            RequestHandler echo = (type, memory, offset, length, reply) -> reply.send(type, request);
            MessageHandler reader = (type, memory, offset, length) -> sink += length;
            measure("serve", () -> producer.write(1, request) ? server.serve(echo, 1) + consumer.read(reader, 1) : 0);
        }

        /** Prints the least of many rounds: the compiler works beside the first ones. */
        private static void measure(String what, Call call) throws Exception {
            Object bean =
                    Class.forName("java.lang.management.ManagementFactory").getMethod("getThreadMXBean").invoke(null);
            Method bytes = Class.forName("com.sun.management.ThreadMXBean").getMethod("getCurrentThreadAllocatedBytes");
            double least = Double.MAX_VALUE;
            for (int round = 0; round < ROUNDS; round++) {
                long before = (long) bytes.invoke(bean);
                for (int i = 0; i < CALLS; i++) {
                    int done = call.call();
                    if (done <= 0) {
                        throw new AssertionError(what + " has done nothing");
                    }
                    sink += done;
                }
                least = Math.min(least, ((long) bytes.invoke(bean) - before) / (double) CALLS);
            }
            System.out.println(what + "=" + least);
        }
    }
}
