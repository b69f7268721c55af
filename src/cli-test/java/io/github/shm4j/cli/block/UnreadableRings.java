package io.github.shm4j.cli.block;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ring.RingBuffer;
import io.github.shm4j.ring.RingKind;
import io.github.shm4j.ring.RingPair;
import io.github.shm4j.ring.RingProducer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;

/** A program that leaves behind rings which cannot be read, or not by their size alone, and blocks that look like them. */
final class UnreadableRings {

    private static final long MAGIC = 0;
    private static final long VERSION = 8;
    private static final long CREATOR = 48;
    private static final long CONSUMER_POSITION = 392;

    private UnreadableRings() {}

    public static void main(String... arguments) throws ShmException {
        long size = RingKind.MPSC.sizeFor(4096);
        long data = size - 4096;
        create(0x21, size, ring(4096, memory -> memory.set(ValueLayout.JAVA_INT, VERSION, 2)));
        create(0x22, size, ring(4096, memory -> memory.set(ValueLayout.JAVA_LONG, CONSUMER_POSITION, 7)));
        create(0x23, size, ring(4096, memory -> memory.set(ValueLayout.JAVA_INT, data, 1 << 20)));
        create(0x24, RingPair.sizeFor(4096),
                pair(4096, memory -> memory.set(ValueLayout.JAVA_LONG, 128 + RingKind.SPSC.sizeFor(4096) + MAGIC, 1)));
        create(0x25, size + 1, ring(4096, memory -> memory.set(ValueLayout.JAVA_INT, VERSION, 2)));
        create(0x26, RingPair.sizeFor(1024), pair(1024, memory -> {}));
        create(0x27, size, memory -> memory.set(ValueLayout.JAVA_LONG, CREATOR, 1));

        create(0x30, size + 1, memory -> memory.set(ValueLayout.JAVA_LONG, CREATOR, 1));
        create(0x31, size, memory -> {});
        create(0x32, size, memory -> memory.set(ValueLayout.JAVA_LONG, MAGIC, 1));
    }

    private static void create(int key, long size, Consumer<MemorySegment> contents) throws ShmException {
        try (Arena arena = Arena.ofConfined()) {
            contents.accept(SharedMemory.create(ShmKey.of(key), size).attach(AttachMode.READ_WRITE, arena));
        }
    }

    private static Consumer<MemorySegment> ring(long capacity, Consumer<MemorySegment> damage) {
        return memory -> {
            send(RingBuffer.create(memory, RingKind.MPSC, capacity));
            damage.accept(memory);
        };
    }

    private static Consumer<MemorySegment> pair(long capacity, Consumer<MemorySegment> damage) {
        return memory -> {
            send(RingPair.create(memory, capacity).requests());
            damage.accept(memory);
        };
    }

    private static void send(RingBuffer ring) {
        try (RingProducer producer = ring.producer()) {
            producer.write(1, MemorySegment.ofArray(new byte[10]));
        }
    }
}
