import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** Creates a block, writes into it, reads it back as another process would, and removes it. */
class Example01FirstBlock {

    public static void main(String[] arguments) throws ShmException {
        Path file = Path.of(arguments.length > 0 ? arguments[0] : "/etc/hostname");
        String read;
        // @start region="first"
        ShmKey key = ShmKey.ftok(file, 'j');
        SharedMemory memory = SharedMemory.create(key, 1024);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = memory.attach(AttachMode.READ_WRITE, arena);
            bytes.setString(0, "hello");
            read = readAsAnyProcessCan(key);
        } finally {
            memory.remove();
        }
        // @end region="first"
        System.out.println("read '" + read + "' from block " + key);
        if (!read.equals("hello")) {
            throw new AssertionError(read);
        }
    }

    // @start region="reader"
    static String readAsAnyProcessCan(ShmKey key) throws ShmException {
        try (Arena arena = Arena.ofConfined()) {
            return SharedMemory.open(key).attach(AttachMode.READ_ONLY, arena).getString(0);
        }
    }
    // @end region="reader"
}
