import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmUsage;
import io.github.shm4j.ring.RingBuffer;
import io.github.shm4j.ring.RingStatistics;
import io.github.shm4j.ring.SpscProducer;
import io.github.shm4j.ring.SpscRingBuffer;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.DoubleSupplier;

/** Tells a library of metrics about the blocks of the machine and about a ring. Here a map stands for the library. */
class Example12Gauges {

    // @start region="gauges"
    static void register(RingBuffer ring, BiConsumer<String, DoubleSupplier> gauge) {
        gauge.accept("ring.full", () -> full(ring.statistics()));
        gauge.accept("ring.failed.claims", () -> ring.statistics().failedClaims());
        gauge.accept("ring.skipped", () -> ring.statistics().recordsSkipped());
        gauge.accept("shm.blocks", () -> {
            try {
                return ShmUsage.current().blocks();
            } catch (ShmException unknown) {
                return Double.NaN; // A gap in the chart, and not a 0.
            }
        });
    }

    static double full(RingStatistics now) {
        return (now.producerPosition() - now.consumerPosition()) / (double) now.capacity();
    }
    // @end region="gauges"

    public static void main(String[] arguments) throws ShmException {
        ShmKey key = ShmKey.ftok(Path.of("."), 'g'); // Any file or folder that both processes can name.
        try (Arena arena = Arena.ofShared()) { // The thread that collects metrics is another one.
            SpscRingBuffer ring = SpscRingBuffer.create(key, 1024, arena);
            try (SpscProducer producer = ring.producer()) {
                Map<String, DoubleSupplier> registry = new TreeMap<>();
                register(ring, registry::put);
                for (int message = 0; message < 32; message++) {
                    producer.write(1, arena.allocateFrom("tick")); // With header and zero 13 bytes, rounded up to 16.
                }
                check(registry, "ring.full", 0.5);
                check(registry, "ring.failed.claims", 0);
                check(registry, "ring.skipped", 0);
                if (!(registry.get("shm.blocks").getAsDouble() >= 1)) {
                    throw new AssertionError("there is no block");
                }
                System.out.println("checked: " + registry.keySet());
            } finally {
                ring.remove();
            }
        }
    }

    private static void check(Map<String, DoubleSupplier> registry, String name, double expected) {
        double value = registry.get(name).getAsDouble();
        if (value != expected) {
            throw new AssertionError(name + " is " + value + ", and not " + expected);
        }
    }
}
