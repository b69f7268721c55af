package io.github.shm4j.broadcast;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.support.Allocation;
import io.github.shm4j.support.Blocks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Writing to a broadcast ring and reading from it allocates nothing, as soon as the code is compiled. */
class BroadcastAllocationIT {

    @Test
    void shouldAllocateNothing() throws Exception {
        try (Blocks blocks = new Blocks()) {
            Allocation.assertNone(Set.of("write", "lost and read", "write and read", "messages"),
                    Measure.class, blocks.create(BroadcastRing.sizeFor(1024)).id());
        }
    }

    static final class Measure {

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
            Allocation.measure("write", i -> producer.write(1, message));
            Allocation.measure("lost and read", i -> {
                for (int written = 0; written < 20; written++) {
                    producer.write(1, message);
                }
                return slow.read(handler, 1);
            });
            reader.read(handler, Integer.MAX_VALUE);
            Allocation.measure("write and read", i -> producer.write(1, message) + reader.read(handler, 10));
            Allocation.measure("messages", i -> ring.messages());
        }

    }
}
