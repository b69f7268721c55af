package io.github.shm4j.benchmarks.rings;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.benchmarks.rings.RingQuestion.Kind;
import io.github.shm4j.ring.Claim;
import io.github.shm4j.ring.MessageHandler;
import io.github.shm4j.ring.MpscRingBuffer;
import io.github.shm4j.ring.RingBuffer;
import io.github.shm4j.ring.SpscRingBuffer;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

/** What can lie between two JVMs. */
enum Ring {

    /** Messages are copied in by the ring. */
    SPSC("shm4j SPSC", Medium.BLOCK, Kind.FLOW, Kind.ROUND_TRIPS, Kind.CAPACITIES, Kind.WAKE_UPS) {
        @Override
        MessageSender sender(RingAddress address, TestMessage source) throws IOException {
            return write(open(address), source);
        }
    },

    /** Messages are copied in by the producer, to where the ring says. */
    SPSC_IN_PLACE("shm4j SPSC, in place", Medium.BLOCK, Kind.FLOW, Kind.ROUND_TRIPS) {
        @Override
        MessageSender sender(RingAddress address, TestMessage source) throws IOException {
            return writeInPlace(open(address), source);
        }
    },

    /** Messages are copied in by the ring, and published together. */
    SPSC_BATCHES("shm4j SPSC, batches of 256", Medium.BLOCK, Kind.FLOW) {
        @Override
        MessageSender sender(RingAddress address, TestMessage source) throws IOException {
            return writeBatches((SpscRingBuffer) open(address), source);
        }
    },

    /** For many producers. */
    MPSC("shm4j MPSC", Medium.BLOCK, Kind.FLOW, Kind.ROUND_TRIPS, Kind.PRODUCERS) {
        @Override
        long bytes(long capacity) {
            return MpscRingBuffer.sizeFor(capacity);
        }

        @Override
        void create(MemorySegment memory, long capacity) {
            MpscRingBuffer.create(memory, capacity).close();
        }

        @Override
        MessageSender sender(RingAddress address, TestMessage source) throws IOException {
            return write(open(address), source);
        }
    },

    /** Agrona's, for one producer. */
    AGRONA_ONE_TO_ONE("Agrona 1:1", Medium.FILE, Kind.FLOW, Kind.ROUND_TRIPS, Kind.CAPACITIES) {
        @Override
        long bytes(long capacity) {
            return capacity + RingBufferDescriptor.TRAILER_LENGTH;
        }

        @Override
        MessageSender sender(RingAddress address, TestMessage source) throws IOException {
            return write(new OneToOneRingBuffer(map(address, bytes(address.capacity()))), source);
        }

        @Override
        MessageReceiver receiver(RingAddress address, MessageCheck check) throws IOException {
            return read(new OneToOneRingBuffer(map(address, bytes(address.capacity()))), check);
        }
    },

    /** Agrona's, for many producers. */
    AGRONA_MANY_TO_ONE("Agrona N:1", Medium.FILE, Kind.FLOW, Kind.ROUND_TRIPS, Kind.PRODUCERS) {
        @Override
        long bytes(long capacity) {
            return capacity + RingBufferDescriptor.TRAILER_LENGTH;
        }

        @Override
        MessageSender sender(RingAddress address, TestMessage source) throws IOException {
            return write(new ManyToOneRingBuffer(map(address, bytes(address.capacity()))), source);
        }

        @Override
        MessageReceiver receiver(RingAddress address, MessageCheck check) throws IOException {
            return read(new ManyToOneRingBuffer(map(address, bytes(address.capacity()))), check);
        }
    },

    /** Aeron's IPC. Its terms are of a fixed size, larger than any ring here. */
    AERON("Aeron IPC", Medium.DIRECTORY, Kind.FLOW, Kind.ROUND_TRIPS) {
        @Override
        boolean needsPing() {
            return true;
        }

        @Override
        MessageSender sender(RingAddress address, TestMessage source) {
            return AeronPeer.sender(address, source);
        }

        @Override
        MessageReceiver receiver(RingAddress address, MessageCheck check) {
            return AeronPeer.receiver(address, check);
        }
    },

    /** Chronicle Queue, which has no capacity: all that was sent stays in its files. */
    CHRONICLE("Chronicle Queue", Medium.DIRECTORY, Kind.FLOW, Kind.ROUND_TRIPS) {
        @Override
        long mostBytes() {
            return 3L << 30;
        }

        @Override
        MessageSender sender(RingAddress address, TestMessage source) {
            return ChroniclePeer.sender(address, source);
        }

        @Override
        MessageReceiver receiver(RingAddress address, MessageCheck check) {
            return ChroniclePeer.receiver(address, check);
        }
    };

    /** How many messages are published together, where that is done. */
    static final int BATCH = 256;

    /** What has to be there before the two ends meet. */
    enum Medium {
        /** A block of shared memory, found by its id. */
        BLOCK,
        /** A file on tmpfs. */
        FILE,
        /** A directory on tmpfs, for those who make their files themselves. */
        DIRECTORY
    }

    private final String label;
    private final Medium medium;
    private final Set<Kind> kinds;

    Ring(String label, Medium medium, Kind... kinds) {
        this.label = label;
        this.medium = medium;
        this.kinds = Set.of(kinds);
    }

    String label() {
        return label;
    }

    Medium medium() {
        return medium;
    }

    /** {@return what it is measured for} */
    Set<Kind> kinds() {
        return kinds;
    }

    /** {@return whether the other end cannot be opened before ping has begun to open its own} */
    boolean needsPing() {
        return false;
    }

    /** {@return how many bytes may be sent at most, where what was read does not become free again} */
    long mostBytes() {
        return Long.MAX_VALUE;
    }

    /** {@return how many bytes a ring takes, if it lies in a block or a file} */
    long bytes(long capacity) {
        return SpscRingBuffer.sizeFor(capacity);
    }

    /** Makes a ring in a block. */
    void create(MemorySegment memory, long capacity) {
        SpscRingBuffer.create(memory, capacity).close();
    }

    /** Opens the end for a producer. */
    abstract MessageSender sender(RingAddress address, TestMessage source) throws IOException;

    /** Opens the end for the consumer. */
    MessageReceiver receiver(RingAddress address, MessageCheck check) throws IOException {
        RingBuffer ring = open(address);
        MessageHandler handler = (type, memory, offset, length) -> check.message(memory, offset, length);
        return limit -> ring.read(handler, limit);
    }

    final RingBuffer open(RingAddress address) throws IOException {
        MemorySegment block =
                SharedMemory.ofId(Integer.parseInt(address.location())).attach(AttachMode.READ_WRITE, Arena.ofShared());
        long bytes = bytes(address.capacity());
        return RingBuffer.open(block.asSlice(address.offset(bytes), bytes));
    }

    private static MessageSender write(RingBuffer ring, TestMessage source) {
        MemorySegment message = source.message();
        return () -> ring.write(1, message);
    }

    private static MessageSender writeInPlace(RingBuffer ring, TestMessage source) {
        MemorySegment message = source.message();
        int size = (int) message.byteSize();
        Claim claim = new Claim();
        return () -> {
            if (!ring.tryClaim(1, size, claim)) {
                return false;
            }
            MemorySegment.copy(message, 0, claim.memory(), claim.offset(), size);
            claim.commit();
            return true;
        };
    }

    private static MessageSender writeBatches(SpscRingBuffer ring, TestMessage source) {
        MemorySegment message = source.message();
        SpscRingBuffer.Batch batch = ring.beginBatch();
        return new MessageSender() {
            private int written;

            @Override
            public boolean send() {
                if (!ring.write(1, message)) {
                    // The ring has published those before.
                    written = 0;
                    return false;
                }
                if (++written == BATCH) {
                    flush();
                }
                return true;
            }

            @Override
            public void flush() {
                batch.publish();
                written = 0;
            }
        };
    }

    private static UnsafeBuffer map(RingAddress address, long bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(
                Path.of(address.location()), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return new UnsafeBuffer(channel.map(FileChannel.MapMode.READ_WRITE, address.offset(bytes), bytes));
        }
    }

    private static MessageSender write(org.agrona.concurrent.ringbuffer.RingBuffer ring, TestMessage source) {
        UnsafeBuffer message = new UnsafeBuffer(source.message().asByteBuffer());
        int size = message.capacity();
        return () -> ring.write(1, message, 0, size);
    }

    private static MessageReceiver read(org.agrona.concurrent.ringbuffer.RingBuffer ring, MessageCheck check) {
        org.agrona.concurrent.MessageHandler handler =
                (type, buffer, offset, length) -> check.message(buffer, offset, length);
        return limit -> ring.read(handler, limit);
    }
}
