import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmPermissions;
import io.github.shm4j.shmop.Shmop;
import java.nio.file.Path;

/** Writes and reads a block with the functions of PHP's shmop extension. */
class Example03Shmop {

    public static void main(String[] arguments) throws ShmException {
        Path file = Path.of("."); // Any file or folder that both processes can name.
        String read;
        // @start region="first"
        ShmKey key = Shmop.ftok(file, "p"); // PHP: ftok($file, "p")
        try (Shmop block = Shmop.open(key, "n", ShmPermissions.of(0644), 100)) {
            try {
                block.write("hello".getBytes(UTF_8), 0);
                read = new String(block.read(0, 5), UTF_8);
            } finally {
                block.delete();
            }
        }
        // @end region="first"
        if (!read.equals("hello")) {
            throw new AssertionError("read '" + read + "'");
        }
        System.out.println("checked: block " + key + " held '" + read + "'");
    }
}
