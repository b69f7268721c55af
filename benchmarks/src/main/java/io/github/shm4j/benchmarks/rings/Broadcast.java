package io.github.shm4j.benchmarks.rings;

import io.github.shm4j.broadcast.BroadcastRing;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** What can lie between a producer and any number of readers, each of which gets each message. */
enum Broadcast {

    /** The reader copies a message before it looks whether that was overwritten meanwhile. */
    SHM4J(BroadcastFlow.OURS, Ring.Medium.BLOCK) {
        @Override
        long bytes(long capacity) {
            return BroadcastRing.sizeFor(capacity);
        }

        @Override
        void create(MemorySegment memory, long capacity) {
            BroadcastRing.create(memory, capacity);
        }

        @Override
        MessageSender sender(RingAddress address, TestMessage source) throws IOException {
            return Shm4jPeer.broadcastSender(address, bytes(address.capacity()), source);
        }

        @Override
        MessageReceiver receiver(RingAddress address, MessageCheck check) throws IOException {
            return Shm4jPeer.broadcastReceiver(address, bytes(address.capacity()), check);
        }
    },

    /** Agrona's, with the receiver that does the same. */
    AGRONA(BroadcastFlow.AGRONA, Ring.Medium.FILE) {
        @Override
        long bytes(long capacity) {
            return AgronaPeer.broadcastBytes(capacity);
        }

        @Override
        void create(MemorySegment memory, long capacity) {
            // It is zeros.
        }

        @Override
        MessageSender sender(RingAddress address, TestMessage source) throws IOException {
            return AgronaPeer.broadcastSender(address, source);
        }

        @Override
        MessageReceiver receiver(RingAddress address, MessageCheck check) throws IOException {
            return AgronaPeer.broadcastReceiver(address, check);
        }
    };

    private final String label;
    private final Ring.Medium medium;

    Broadcast(String label, Ring.Medium medium) {
        this.label = label;
        this.medium = medium;
    }

    String label() {
        return label;
    }

    Ring.Medium medium() {
        return medium;
    }

    abstract long bytes(long capacity);

    /** Makes one in a block. */
    abstract void create(MemorySegment memory, long capacity);

    /** Opens the end of the producer, which never has to wait for room. */
    abstract MessageSender sender(RingAddress address, TestMessage source) throws IOException;

    /** Opens the end of a reader, which begins with the first message. */
    abstract MessageReceiver receiver(RingAddress address, MessageCheck check) throws IOException;
}
