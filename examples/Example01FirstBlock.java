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
        // @start region="first"
        ShmKey key = ShmKey.ftok(Path.of("."), 'j'); // Any file or folder that both processes can name.
        SharedMemory memory = SharedMemory.create(key, 1024);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = memory.attach(AttachMode.READ_WRITE, arena);
            bytes.setString(0, "hello");
            readAsAnyProcessCan(key);
        } finally {
            memory.remove();
        }
        // @end region="first"
    }

    // @start region="reader"
    static void readAsAnyProcessCan(ShmKey key) throws ShmException {
        try (Arena arena = Arena.ofConfined()) {
            // @start region="open"
            String read = SharedMemory.open(key).attach(AttachMode.READ_ONLY, arena).getString(0);
            // @end region="open"
            if (!read.equals("hello")) {
                throw new AssertionError("read '" + read + "'");
            }
            System.out.println("checked: block " + key + " holds '" + read + "' for everybody who opens it");
        }
    }
    // @end region="reader"
}
