import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ring.RingConsumer;
import io.github.shm4j.ring.RingProducer;
import io.github.shm4j.ring.RingSinkChannel;
import io.github.shm4j.ring.RingSourceChannel;
import io.github.shm4j.ring.SpscRingBuffer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.lang.foreign.Arena;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Sends lines of text through a ring, by the channels, writers and readers that Java has. */
class Example15ByteStream {

    public static void main(String[] arguments) throws ShmException, IOException, InterruptedException {
        List<String> received = new ArrayList<>();
        try (Arena arena = Arena.ofShared()) {
            SpscRingBuffer ring = SpscRingBuffer.create(ShmKey.random(), 4096, arena);
            try {
                Thread writer = Thread.ofPlatform().start(() -> write(ring)); // Usually another process.
                // @start region="source"
                try (RingConsumer consumer = ring.consumer();
                        RingSourceChannel channel = RingSourceChannel.open(consumer, 1);
                        BufferedReader in = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8))) {
                    for (String line = in.readLine(); line != null; line = in.readLine()) {
                        received.add(line);
                    }
                } // A StreamBrokenException if the writer was killed before the end.
                  // @end region="source"
                writer.join();
            } finally {
                ring.remove();
            }
        }
        if (!received.equals(List.of("Grüße", "aus", "Säckingen"))) {
            throw new AssertionError("received " + received);
        }
        System.out.println("checked: received " + received.size() + " lines");
    }

    private static void write(SpscRingBuffer ring) {
        // @start region="sink"
        try (RingProducer producer = ring.producer();
                RingSinkChannel channel = RingSinkChannel.open(producer, 1);
                Writer out = Channels.newWriter(channel, StandardCharsets.UTF_8)) {
            for (String line : List.of("Grüße", "aus", "Säckingen")) {
                out.write(line + "\n");
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        // @end region="sink"
    }
}
