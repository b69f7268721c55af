package consumer;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Uses a block from the outside, as a module. */
public final class Consumer {

    private Consumer() {}

    public static void main(String[] arguments) throws IOException {
        SharedMemory memory = SharedMemory.createPrivate(1024);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = memory.attach(AttachMode.READ_WRITE, arena);
            bytes.setString(0, "from the repository");
            System.out.println(bytes.getString(0));
        } finally {
            memory.remove();
        }
    }
}
