import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/** Writes a struct by its fields' names. Programs in other languages read it by its bytes, as this one does, too. */
class Example11Struct {

    // @start region="layout"
    /** The struct as C lays it out: each field at a multiple of its own size. */
    static final StructLayout READING = MemoryLayout.structLayout(
            ValueLayout.JAVA_INT.withName("sensor"), // At byte 0.
            MemoryLayout.paddingLayout(4),
            ValueLayout.JAVA_LONG.withName("nanos"), // At byte 8.
            ValueLayout.JAVA_DOUBLE.withName("celsius")); // At byte 16.

    static final VarHandle SENSOR = READING.varHandle(PathElement.groupElement("sensor"));
    static final VarHandle NANOS = READING.varHandle(PathElement.groupElement("nanos"));
    static final VarHandle CELSIUS = READING.varHandle(PathElement.groupElement("celsius"));

    static void write(MemorySegment block, int sensor, long nanos, double celsius) {
        SENSOR.set(block, 0L, sensor);
        NANOS.set(block, 0L, nanos);
        CELSIUS.set(block, 0L, celsius);
    }
    // @end region="layout"

    public static void main(String[] arguments) throws ShmException {
        ShmKey key = ShmKey.ftok(Path.of("."), 's'); // Any file or folder that all programs can name.
        SharedMemory memory = SharedMemory.create(key, READING.byteSize());
        try (Arena arena = Arena.ofConfined()) {
            write(memory.attach(AttachMode.READ_WRITE, arena), -7, 1_700_000_000_123_456_789L, 21.5);
            ByteBuffer bytes = SharedMemory.open(key)
                    .attach(AttachMode.READ_ONLY, arena)
                    .asByteBuffer()
                    .order(ByteOrder.nativeOrder());
            String read = bytes.getInt(0) + " " + bytes.getLong(8) + " " + bytes.getDouble(16);
            if (!read.equals("-7 1700000000123456789 21.5") || bytes.capacity() != 24) {
                throw new AssertionError(bytes.capacity() + " bytes: " + read);
            }
            System.out.println("checked: " + bytes.capacity() + " bytes: " + read);
        } finally {
            memory.remove();
        }
    }
}
