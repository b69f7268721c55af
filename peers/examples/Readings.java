import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.WaitStrategy;
import io.github.shm4j.ring.RingProducer;
import io.github.shm4j.ring.SpscRingBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Sends the readings of a sensor to a program in C and one in Python, each of which has a ring of its own. Run it with readings.c
 * and readings.py, before them or at the same time.
 */
class Readings {

    private static final int COUNT = 1000;

    // region message
    static final int READING = 1; // The types of messages: a reading, and that there are no more.
    static final int END = 2;

    /** struct reading { int64_t nanos; int32_t sensor; int32_t millidegrees; }; */
    static final MemoryLayout LAYOUT = MemoryLayout.structLayout(
            ValueLayout.JAVA_LONG.withName("nanos"),
            ValueLayout.JAVA_INT.withName("sensor"),
            ValueLayout.JAVA_INT.withName("millidegrees"));
    // endregion message

    public static void main(String[] arguments) throws ShmException, InterruptedException {
        try (Arena arena = Arena.ofConfined()) {
            // region producer
            ShmKey forC = ShmKey.ftok(Path.of("."), 'c'); // Any file or folder that both programs can name.
            ShmKey forPython = ShmKey.ftok(Path.of("."), 'p');
            try (RingProducer c = SpscRingBuffer.create(forC, 1 << 16, arena).producer();
                    RingProducer python = SpscRingBuffer.create(forPython, 1 << 16, arena).producer()) {
                MemorySegment reading = arena.allocate(LAYOUT);
                for (int i = 0; i < COUNT; i++) {
                    reading.set(ValueLayout.JAVA_LONG, 0, i * 1_000_000L);
                    reading.set(ValueLayout.JAVA_INT, 8, i % 4);
                    reading.set(ValueLayout.JAVA_INT, 12, 20_000 + i);
                    send(c, READING, reading);
                    send(python, READING, reading);
                }
                send(c, END, MemorySegment.NULL);
                send(python, END, MemorySegment.NULL);
            }
            // endregion producer
        }
        System.out.println("Java: sent " + COUNT + " readings to each of two rings");
    }

    // region send
    static void send(RingProducer producer, int type, MemorySegment message) throws InterruptedException {
        if (!producer.write(type, message, WaitStrategy.BLOCKING, Duration.ofMinutes(1))) {
            throw new IllegalStateException("the ring is full, and nobody has read from it for a minute");
        }
    }
    // endregion send
}
