package io.github.shm4j.ring;

import io.github.shm4j.support.Allocation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What does not wait allocates nothing, as soon as the code is compiled. */
class ChannelAllocationIT {

    @Test
    void shouldAllocateNothing() {
        Allocation.assertNone(Set.of("heap", "direct", "serve"), Measure.class);
    }

    static final class Measure {

        private static long sink;

        private Measure() {}

        public static void main(String[] arguments) throws Exception {
            for (ByteBuffer buffer : List.of(ByteBuffer.allocate(64), ByteBuffer.allocateDirect(64))) {
                MemorySegment memory = Arena.global().allocate(RingKind.SPSC.sizeFor(1 << 16), 128);
                SpscRingBuffer ring = SpscRingBuffer.create(memory, 1 << 16);
                RingSinkChannel out = RingSinkChannel.open(ring.producer(), 1);
                RingSourceChannel in = RingSourceChannel.open(ring.consumer(), 1);
                Allocation.measure(buffer.isDirect() ? "direct" : "heap",
                        i -> done(out.write(buffer.clear())) + done(in.read(buffer.clear())));
            }
            RingPair pair = RingPair.create(Arena.global().allocate(RingPair.sizeFor(1 << 16), 128), 1 << 16);
            SpscProducer producer = pair.requests().producer();
            RingConsumer consumer = pair.replies().consumer();
            RingServer server = pair.server();
            MemorySegment request = Arena.global().allocate(64, 8);
            RequestHandler echo = (type, memory, offset, length, reply) -> reply.send(type, request);
            MessageHandler reader = (type, memory, offset, length) -> sink += length;
            Allocation.measure("serve", i -> done(producer.write(1, request) ? 1 : 0)
                    + done(server.serve(echo, 1)) + done(consumer.read(reader, 1)));
        }

        /** {@return how much was done, which must not be nothing} */
        private static int done(int much) {
            if (much <= 0) {
                throw new AssertionError("nothing was done");
            }
            return much;
        }
    }
}
