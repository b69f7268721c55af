import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ring.MpscRingBuffer;
import io.github.shm4j.ring.RingConsumer;
import io.github.shm4j.ring.SpscProducer;
import io.github.shm4j.ring.SpscRingBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Sends a message through a ring in shared memory, in a few lines, and several in a batch. {@code Example06FanIn} has all that
 * a program needs.
 */
class Example08Ring {

    public static void main(String[] arguments) throws ShmException {
        ShmKey key = ShmKey.ftok(Path.of("."), 'm'); // Any file or folder that both processes can name.
        List<String> received = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            // @start region="ring"
            MpscRingBuffer ring = MpscRingBuffer.create(key, 4096, arena);
            try {
                ring.producer().write(1, arena.allocateFrom("hello"));
                RingConsumer in = MpscRingBuffer.open(key, arena).consumer(); // In any process.
                in.read((type, memory, offset, length) -> received.add(memory.asSlice(offset, length).getString(0)),
                        10);
            } finally {
                ring.remove(); // By whoever has created it, when nobody needs it any more.
            }
            // @end region="ring"
        }
        try (Arena arena = Arena.ofConfined()) {
            // Any memory can hold a ring, also the process's own.
            SpscRingBuffer ring = SpscRingBuffer.create(arena.allocate(SpscRingBuffer.sizeFor(4096), 8), 4096);
            sendTogether(ring, List.of(arena.allocateFrom("and"), arena.allocateFrom("goodbye")));
            ring.consumer().read((type, memory, offset, length) -> received.add(
                    memory.asSlice(offset, length).getString(0)), 10);
        }
        if (!received.equals(List.of("hello", "and", "goodbye"))) {
            throw new AssertionError("received " + received);
        }
        System.out.println("checked: received " + received);
    }

    // @start region="batch"
    static void sendTogether(SpscRingBuffer ring, List<MemorySegment> messages) {
        try (SpscProducer out = ring.producer();
                SpscProducer.Batch batch = out.beginBatch()) {
            for (MemorySegment message : messages) {
                while (!out.write(1, message)) {
                    Thread.onSpinWait(); // What was written so far is on its way.
                }
            }
        }
    }
    // @end region="batch"
}
