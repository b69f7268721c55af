package io.github.shm4j.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.broadcast.BroadcastProducer;
import io.github.shm4j.broadcast.BroadcastRing;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Patience;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** A peer that reads a broadcast and is stopped, so that the producer is ahead of it by more than the ring has. */
final class SlowReader {

    private static final int STOPS = 5;

    private final Child.Running reader;
    private final BroadcastProducer producer;
    private long messages;
    private long bytes;

    private SlowReader(Child.Running reader, BroadcastProducer producer) {
        this.reader = reader;
        this.producer = producer;
    }

    /**
     * Sends messages to a reader, which says that it is ready, that it has the first one, and behind one of type 2 how many
     * messages it has received and lost, and how many bytes these had. It has to lose some at each stop.
     *
     * @param running how many messages to send, each time, while it is not stopped
     */
    static void lap(Child.Running reader, BroadcastRing broadcast, int running) throws Exception {
        assertEquals("ready", reader.line());
        try (BroadcastProducer producer = broadcast.producer()) {
            SlowReader slow = new SlowReader(reader, producer);
            slow.send(1, 1);
            assertEquals("first", reader.line());
            for (int stop = 0; stop < STOPS; stop++) {
                slow.send(1, running);
                slow.stop();
                for (long begin = slow.bytes; slow.bytes - begin <= broadcast.capacity();) {
                    slow.send(1, 1);
                }
                reader.signal("CONT");
            }
            slow.send(2, 1);
            long[] said = Arrays.stream(reader.line().split(" ")).mapToLong(Long::parseLong).toArray();
            reader.await().ok();
            String counts = Arrays.toString(said);
            assertTrue(said[0] >= 2, counts);
            assertTrue(said[1] >= STOPS, counts);
            assertEquals(slow.messages, said[0] + said[1], counts);
            assertEquals(slow.bytes, said[2] + said[3], counts);
        }
    }

    private void send(int type, int count) {
        for (int i = 0; i < count; i++) {
            MemorySegment message = HeaderIT.message(0, messages, (int) (messages % 200));
            producer.write(type, message);
            messages++;
            bytes += message.byteSize();
        }
    }

    /** Stops the reader, and waits until it has stopped. */
    private void stop() throws Exception {
        reader.signal("STOP");
        Path stat = Path.of("/proc", Long.toString(reader.pid()), "stat");
        Patience.await("the reader has stopped", () -> {
            try {
                String text = Files.readString(stat);
                return text.startsWith("T", text.lastIndexOf(')') + 2);
            } catch (IOException ended) {
                throw new UncheckedIOException(ended);
            }
        });
    }
}
