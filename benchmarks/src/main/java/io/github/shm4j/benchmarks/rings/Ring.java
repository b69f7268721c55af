package io.github.shm4j.benchmarks.rings;

import io.github.shm4j.benchmarks.rings.RingQuestion.Kind;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;

/** What can lie between two JVMs. */
enum Ring {

    /** Messages are copied in by the ring. */
    SPSC("shm4j SPSC", Medium.BLOCK, Kind.FLOW, Kind.COPIED_OUT, Kind.SMALLER_RING, Kind.ROUND_TRIPS,
            Kind.ROUND_TRIPS_G1,
            Kind.CAPACITIES, Kind.WAKE_UPS) {
        @Override
        MessageSender sender(RingAddress address, TestMessage source) throws IOException {
            return Shm4jPeer.copyingSender(address, bytes(address.capacity()), source);
        }
    },

    /** Messages are copied in by the producer, to where the ring says. */
    SPSC_IN_PLACE("shm4j SPSC, in place", Medium.BLOCK, Kind.FLOW, Kind.ROUND_TRIPS) {
        @Override
        MessageSender sender(RingAddress address, TestMessage source) throws IOException {
            return Shm4jPeer.claimingSender(address, bytes(address.capacity()), source);
        }
    },

    /** Messages are copied in by the ring, and published together. */
    SPSC_BATCHES("shm4j SPSC, batches of 256", Medium.BLOCK, Kind.FLOW) {
        @Override
        MessageSender sender(RingAddress address, TestMessage source) throws IOException {
            return Shm4jPeer.batchingSender(address, bytes(address.capacity()), source);
        }
    },

    /** For many producers. */
    MPSC("shm4j MPSC", Medium.BLOCK, Kind.FLOW, Kind.COPIED_OUT, Kind.ROUND_TRIPS, Kind.PRODUCERS) {
        @Override
        long bytes(long capacity) {
            return Shm4jPeer.mpscBytes(capacity);
        }

        @Override
        void create(MemorySegment memory, long capacity) {
            Shm4jPeer.createMpsc(memory, capacity);
        }

        @Override
        MessageSender sender(RingAddress address, TestMessage source) throws IOException {
            return Shm4jPeer.copyingSender(address, bytes(address.capacity()), source);
        }
    },

    /** Agrona's, for one producer. */
    AGRONA_ONE_TO_ONE("Agrona 1:1", Medium.FILE, Kind.FLOW, Kind.COPIED_OUT, Kind.SMALLER_RING, Kind.ROUND_TRIPS,
            Kind.ROUND_TRIPS_G1, Kind.CAPACITIES) {
        @Override
        long bytes(long capacity) {
            return AgronaPeer.bytes(capacity);
        }

        @Override
        MessageSender sender(RingAddress address, TestMessage source) throws IOException {
            return AgronaPeer.sender(address, OneToOneRingBuffer::new, source);
        }

        @Override
        MessageReceiver receiver(RingAddress address, MessageCheck check) throws IOException {
            return AgronaPeer.receiver(address, OneToOneRingBuffer::new, check);
        }
    },

    /** Agrona's, for many producers. */
    AGRONA_MANY_TO_ONE("Agrona N:1", Medium.FILE, Kind.FLOW, Kind.COPIED_OUT, Kind.ROUND_TRIPS, Kind.PRODUCERS) {
        @Override
        long bytes(long capacity) {
            return AgronaPeer.bytes(capacity);
        }

        @Override
        MessageSender sender(RingAddress address, TestMessage source) throws IOException {
            return AgronaPeer.sender(address, ManyToOneRingBuffer::new, source);
        }

        @Override
        MessageReceiver receiver(RingAddress address, MessageCheck check) throws IOException {
            return AgronaPeer.receiver(address, ManyToOneRingBuffer::new, check);
        }
    },

    /** Aeron's IPC. Its terms are of a fixed size, larger than any ring here. */
    AERON("Aeron IPC", Medium.DIRECTORY, Kind.FLOW, Kind.COPIED_OUT, Kind.ROUND_TRIPS_G1, Kind.ROUND_TRIPS) {
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
        /** A directory on tmpfs, in which a library makes its files itself. */
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
        return Shm4jPeer.spscBytes(capacity);
    }

    /** Makes a ring in a block. */
    void create(MemorySegment memory, long capacity) {
        Shm4jPeer.createSpsc(memory, capacity);
    }

    /** Opens the end for a producer. */
    abstract MessageSender sender(RingAddress address, TestMessage source) throws IOException;

    /** Opens the end for the consumer. */
    MessageReceiver receiver(RingAddress address, MessageCheck check) throws IOException {
        return Shm4jPeer.receiver(address, bytes(address.capacity()), check);
    }
}
