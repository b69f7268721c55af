package io.github.shm4j.benchmarks.crossing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;

/** Measured times of single operations, from the file that a side writes to the text that is kept. */
public final class LatencySamples {

    private LatencySamples() {}

    /** Writes times as a side measured them, the first of an array. */
    public static void write(Path file, int[] nanos, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(nanos, 0, count);
        Files.write(file, bytes.array());
    }

    /** Reads a file in which each time is an unsigned 32-bit number of nanoseconds. */
    public static Histogram read(Path file) throws IOException {
        Histogram histogram = new Histogram(3);
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            histogram.recordValue(Integer.toUnsignedLong(bytes.getInt()));
        }
        return histogram;
    }

    /** {@return a histogram, compressed and in Base64} */
    public static String encode(Histogram histogram) {
        ByteBuffer encoded = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
        int length = histogram.encodeIntoCompressedByteBuffer(encoded);
        return Base64.getEncoder().encodeToString(Arrays.copyOf(encoded.array(), length));
    }

    /** {@return what was encoded} */
    public static Histogram decode(String encoded) {
        try {
            return Histogram.decodeFromCompressedByteBuffer(ByteBuffer.wrap(Base64.getDecoder().decode(encoded)), 0);
        } catch (DataFormatException damaged) {
            throw new IllegalStateException("a histogram is damaged", damaged);
        }
    }
}
