import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ring.MpscRingBuffer;
import io.github.shm4j.ring.RingConsumer;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Sends a message through a ring in shared memory, in five lines; {@code Example06FanIn} has all that a program needs. */
class Example08Ring {

    public static void main(String[] arguments) throws ShmException {
        ShmKey key = ShmKey.ftok(Path.of("."), 'm'); // Any file or folder that both processes can name.
        List<String> received = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            // @start region="ring"
            MpscRingBuffer ring = MpscRingBuffer.create(key, 4096, arena);
            ring.producer().write(1, arena.allocateFrom("hello"));
            RingConsumer in = MpscRingBuffer.open(key, arena).consumer(); // In any process.
            in.read((type, memory, offset, length) -> received.add(memory.asSlice(offset, length).getString(0)), 10);
            ring.remove(); // By who has created it, when nobody needs it any more.
            // @end region="ring"
        }
        if (!received.equals(List.of("hello"))) {
            throw new AssertionError("received " + received);
        }
        System.out.println("checked: received " + received);
    }
}
