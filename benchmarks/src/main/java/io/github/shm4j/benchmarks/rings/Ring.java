package io.github.shm4j.benchmarks.rings;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.benchmarks.rings.Rings.Kind;
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
    SPSC("shm4j SPSC", Medium.BLOCK, Kind.FLOW, Kind.TRIPS, Kind.CAPACITIES, Kind.NAPS) {
        @Override
        Outlet outlet(Way way, Source source) throws IOException {
            return write(open(way), source);
        }
    },

    /** Messages are copied in by the producer, to where the ring says. */
    SPSC_IN_PLACE("shm4j SPSC, in place", Medium.BLOCK, Kind.FLOW, Kind.TRIPS) {
        @Override
        Outlet outlet(Way way, Source source) throws IOException {
            return writeInPlace(open(way), source);
        }
    },

    /** Messages are copied in by the ring, and published together. */
    SPSC_BATCHES("shm4j SPSC, batches of 256", Medium.BLOCK, Kind.FLOW) {
        @Override
        Outlet outlet(Way way, Source source) throws IOException {
            return writeBatches((SpscRingBuffer) open(way), source);
        }
    },

    /** For many producers. */
    MPSC("shm4j MPSC", Medium.BLOCK, Kind.FLOW, Kind.TRIPS, Kind.PRODUCERS) {
        @Override
        long bytes(long capacity) {
            return MpscRingBuffer.sizeFor(capacity);
        }

        @Override
        void create(MemorySegment memory, long capacity) {
            MpscRingBuffer.create(memory, capacity).close();
        }

        @Override
        Outlet outlet(Way way, Source source) throws IOException {
            return write(open(way), source);
        }
    },

    /** Agrona's, for one producer. */
    AGRONA_ONE_TO_ONE("Agrona 1:1", Medium.FILE, Kind.FLOW, Kind.TRIPS, Kind.CAPACITIES) {
        @Override
        long bytes(long capacity) {
            return capacity + RingBufferDescriptor.TRAILER_LENGTH;
        }

        @Override
        Outlet outlet(Way way, Source source) throws IOException {
            return write(new OneToOneRingBuffer(map(way, bytes(way.capacity()))), source);
        }

        @Override
        Inlet inlet(Way way, Check check) throws IOException {
            return read(new OneToOneRingBuffer(map(way, bytes(way.capacity()))), check);
        }
    },

    /** Agrona's, for many producers. */
    AGRONA_MANY_TO_ONE("Agrona N:1", Medium.FILE, Kind.FLOW, Kind.TRIPS, Kind.PRODUCERS) {
        @Override
        long bytes(long capacity) {
            return capacity + RingBufferDescriptor.TRAILER_LENGTH;
        }

        @Override
        Outlet outlet(Way way, Source source) throws IOException {
            return write(new ManyToOneRingBuffer(map(way, bytes(way.capacity()))), source);
        }

        @Override
        Inlet inlet(Way way, Check check) throws IOException {
            return read(new ManyToOneRingBuffer(map(way, bytes(way.capacity()))), check);
        }
    },

    /** Aeron's IPC. Its terms are of a fixed size, larger than any ring here. */
    AERON("Aeron IPC", Medium.DIRECTORY, Kind.FLOW, Kind.TRIPS) {
        @Override
        boolean needsPing() {
            return true;
        }

        @Override
        Outlet outlet(Way way, Source source) {
            return Aerons.outlet(way, source);
        }

        @Override
        Inlet inlet(Way way, Check check) {
            return Aerons.inlet(way, check);
        }
    },

    /** Chronicle Queue, which has no capacity: all that was sent stays in its files. */
    CHRONICLE("Chronicle Queue", Medium.DIRECTORY, Kind.FLOW, Kind.TRIPS) {
        @Override
        long mostBytes() {
            return 3L << 30;
        }

        @Override
        Outlet outlet(Way way, Source source) {
            return Chronicles.outlet(way, source);
        }

        @Override
        Inlet inlet(Way way, Check check) {
            return Chronicles.inlet(way, check);
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
    abstract Outlet outlet(Way way, Source source) throws IOException;

    /** Opens the end for the consumer. */
    Inlet inlet(Way way, Check check) throws IOException {
        RingBuffer ring = open(way);
        MessageHandler handler = (type, memory, offset, length) -> check.message(memory, offset, length);
        return limit -> ring.read(handler, limit);
    }

    final RingBuffer open(Way way) throws IOException {
        MemorySegment block =
                SharedMemory.ofId(Integer.parseInt(way.address())).attach(AttachMode.READ_WRITE, Arena.ofShared());
        long bytes = bytes(way.capacity());
        return RingBuffer.open(block.asSlice(way.offset(bytes), bytes));
    }

    private static Outlet write(RingBuffer ring, Source source) {
        MemorySegment message = source.message();
        return () -> ring.write(1, message);
    }

    private static Outlet writeInPlace(RingBuffer ring, Source source) {
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

    private static Outlet writeBatches(SpscRingBuffer ring, Source source) {
        MemorySegment message = source.message();
        SpscRingBuffer.Batch batch = ring.beginBatch();
        return new Outlet() {
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

    private static UnsafeBuffer map(Way way, long bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(
                Path.of(way.address()), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return new UnsafeBuffer(channel.map(FileChannel.MapMode.READ_WRITE, way.offset(bytes), bytes));
        }
    }

    private static Outlet write(org.agrona.concurrent.ringbuffer.RingBuffer ring, Source source) {
        UnsafeBuffer message = new UnsafeBuffer(source.message().asByteBuffer());
        int size = message.capacity();
        return () -> ring.write(1, message, 0, size);
    }

    private static Inlet read(org.agrona.concurrent.ringbuffer.RingBuffer ring, Check check) {
        org.agrona.concurrent.MessageHandler handler =
                (type, buffer, offset, length) -> check.message(buffer, offset, length);
        return limit -> ring.read(handler, limit);
    }
}
