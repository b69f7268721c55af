import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A process is killed. What is left of its block, and of the file that it has mapped?
 *
 * <p>It prints:
 *
 * <pre>
 * the block is there, attached 0 times, and its creator is gone: true
 * in the block: 'written to a block'
 * in the file:  'written to a mapped file'
 * </pre>
 */
public class Demo {

    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 2) {
            child(Integer.parseInt(arguments[0]), Path.of(arguments[1]));
            return;
        }
        int key = (int) System.nanoTime() | 1;
        Path file = Files.createTempFile("course", ".bytes");
        // region kill
        Process child = Peer.start(Demo.class, key, file);
        while (!Files.exists(Path.of(file + ".done"))) { // Until it has written both.
            Thread.sleep(10);
        }
        child.destroyForcibly().waitFor(); // kill -9
        // endregion
        // region left
        Judge.Block block = Judge.Block.withKey(key).orElseThrow();
        System.out.println("the block is there, attached " + block.attached() + " times, and its creator is gone: "
                + ProcessHandle.of(block.creator()).isEmpty());
        try (Arena arena = Arena.ofConfined()) {
            System.out.println("in the block: '" + Calls.attach(block.id(), 0, arena).getString(0) + "'");
            System.out.println("in the file:  '" + map(file, arena).getString(0) + "'");
        }
        // endregion
        Calls.remove(block.id());
        Files.delete(file);
        Files.delete(Path.of(file + ".done"));
    }

    // region map
    static MemorySegment map(Path file, Arena arena) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return channel.map(FileChannel.MapMode.READ_WRITE, 0, 1000, arena);
        }
    }
    // endregion

    static void child(int key, Path file) throws Exception {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mapped = map(file, arena);
            mapped.setString(0, "written to a mapped file");
            int id = Calls.shmget(key, 1000, Calls.IPC_CREAT | Calls.IPC_EXCL | 0600);
            Calls.attach(id, 0, arena).setString(0, "written to a block");
            Files.createFile(Path.of(file + ".done"));
            Thread.sleep(Long.MAX_VALUE);
        }
    }
}
