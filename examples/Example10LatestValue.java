import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.state.LatestValue;
import io.github.shm4j.state.LatestValueWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/** Shows the newest price to readers that may only read, and that nobody has to wait for. */
class Example10LatestValue {

    public static void main(String[] arguments) throws ShmException {
        ShmKey key = ShmKey.ftok(Path.of("."), 'v'); // Any file or folder that both processes can name.
        double seen;
        long version;
        try (Arena arena = Arena.ofConfined()) {
            // @start region="value"
            LatestValue prices = LatestValue.create(key, Double.BYTES, arena);
            try {
                try (LatestValueWriter writer = prices.writer()) {
                    MemorySegment price = arena.allocate(ValueLayout.JAVA_DOUBLE);
                    for (double next : new double[] {19.90, 20.10, 20.35}) {
                        price.set(ValueLayout.JAVA_DOUBLE, 0, next);
                        writer.write(price);
                    }
                }
                LatestValue readable = LatestValue.openReadOnly(key, arena); // In any process that may read the block.
                MemorySegment copy = arena.allocate(ValueLayout.JAVA_DOUBLE);
                version = readable.read(copy); // 0 if nothing was written yet.
                seen = copy.get(ValueLayout.JAVA_DOUBLE, 0);
            } finally {
                prices.remove(); // By whoever has created it, when nobody needs it any more.
            }
            // @end region="value"
        }
        if (seen != 20.35 || version != 3) {
            throw new AssertionError("read " + seen + ", version " + version);
        }
        System.out.println("checked: read " + seen + ", version " + version);
    }
}
