package io.github.shm4j.ring;

import io.github.shm4j.WaitStrategy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * Does to a ring what short commands say, as the writer of a stream, {@code open; producer; sink; put 10; end; leave}, or its
 * reader, {@code open; consumer; source; get 10}.
 *
 * <p>Each byte of a stream follows from how many come before it. Noted are the numbers of bytes that were certainly written, or
 * read, and {@code ended}.
 */
public final class ChannelScript implements Consumer<String> {

    /** The type of the messages. */
    static final int TYPE = 7;

    private final MemorySegment memory;
    private final List<String> notes;
    private RingBuffer ring;
    private RingProducer producer;
    private RingConsumer consumer;
    private RingSinkChannel sink;
    private RingSourceChannel source;
    private int passed;

    public ChannelScript(MemorySegment memory, List<String> notes) {
        this.memory = memory;
        this.notes = notes;
    }

    static byte content(int index) {
        return (byte) (31 * index + 7);
    }

    /** Writes bytes of a stream from an index on. */
    static void put(WritableByteChannel channel, int index, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        for (int i = 0; i < count; i++) {
            bytes.put(i, content(index + i));
        }
        channel.write(bytes);
    }

    /** Throws if what was read into a buffer is not what follows in the stream. */
    static void requireNext(ByteBuffer read, int index) {
        for (int i = 0; i < read.position(); i++) {
            if (read.get(i) != content(index + i)) {
                throw new AssertionError("byte " + (index + i) + " of the stream is another one");
            }
        }
    }

    @Override
    public void accept(String commands) {
        for (String command : commands.split("; ")) {
            String[] words = command.split(" ");
            try {
                execute(words[0], words.length > 1 ? Integer.parseInt(words[1]) : 0);
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
    }

    private void execute(String command, int count) throws IOException {
        switch (command) {
            case "open" -> ring = RingBuffer.open(memory, Duration.ZERO);
            case "producer" -> producer = ring.producer();
            case "consumer" -> consumer = ring.consumer();
            case "sink" -> sink = RingSinkChannel.open(producer, TYPE, WaitStrategy.BUSY_SPIN, Duration.ZERO);
            case "put" -> {
                put(sink, passed, count);
                passed += count;
                notes.add("" + count);
            }
            case "end" -> {
                if (sink != null) {
                    sink.close();
                    notes.add("ended");
                }
            }
            case "source" -> source = RingSourceChannel.open(consumer, TYPE, WaitStrategy.BUSY_SPIN, Duration.ZERO);
            case "get" -> get(count);
            case "leave" -> {
                if (producer != null) {
                    producer.close();
                }
                if (consumer != null) {
                    consumer.close();
                }
            }
            default -> throw new IllegalArgumentException(command);
        }
    }

    private void get(int count) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(count);
        try {
            if (source.read(target) < 0) {
                notes.add("ended");
            }
        } finally {
            // Whatever is thrown, the position of the buffer says what was read.
            requireNext(target, passed);
            passed += target.position();
            notes.add("" + target.position());
        }
    }
}
