package io.github.shm4j.benchmarks.rings;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.WaitStrategy;
import io.github.shm4j.broadcast.BroadcastHandler;
import io.github.shm4j.broadcast.BroadcastProducer;
import io.github.shm4j.broadcast.BroadcastReader;
import io.github.shm4j.broadcast.BroadcastRing;
import io.github.shm4j.ring.Claim;
import io.github.shm4j.ring.MessageHandler;
import io.github.shm4j.ring.MpscRingBuffer;
import io.github.shm4j.ring.RingBuffer;
import io.github.shm4j.ring.RingConsumer;
import io.github.shm4j.ring.RingProducer;
import io.github.shm4j.ring.SpscProducer;
import io.github.shm4j.ring.SpscRingBuffer;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;

/** shm4j's rings in one process. All that is measured between processes calls the library here. */
final class Shm4jPeer {

    private static final Duration FOR_EVER = Duration.ofDays(1);

    private Shm4jPeer() {}

    static long spscBytes(long capacity) {
        return SpscRingBuffer.sizeFor(capacity);
    }

    static void createSpsc(MemorySegment memory, long capacity) {
        SpscRingBuffer.create(memory, capacity);
    }

    static long mpscBytes(long capacity) {
        return MpscRingBuffer.sizeFor(capacity);
    }

    static void createMpsc(MemorySegment memory, long capacity) {
        MpscRingBuffer.create(memory, capacity);
    }

    private static RingBuffer open(RingAddress address, long bytes) throws IOException {
        return RingBuffer.open(memory(address, bytes));
    }

    private static MemorySegment memory(RingAddress address, long bytes) throws IOException {
        MemorySegment block = SharedMemory.ofId(Integer.parseInt(address.location()))
                .attach(AttachMode.READ_WRITE, Arena.ofShared());
        return block.asSlice(address.offset(bytes), bytes);
    }

    /** {@return a sender that lets the ring copy} */
    static MessageSender copyingSender(RingAddress address, long bytes, TestMessage source) throws IOException {
        RingProducer producer = open(address, bytes).producer();
        MemorySegment message = source.message();
        return () -> producer.write(1, message);
    }

    /** {@return a sender that copies to where the ring says} */
    static MessageSender claimingSender(RingAddress address, long bytes, TestMessage source) throws IOException {
        RingProducer producer = open(address, bytes).producer();
        MemorySegment message = source.message();
        int size = (int) message.byteSize();
        Claim claim = new Claim();
        return () -> {
            if (!producer.tryClaim(1, size, claim)) {
                return false;
            }
            MemorySegment.copy(message, 0, claim.memory(), claim.offset(), size);
            claim.commit();
            return true;
        };
    }

    /** {@return a sender that lets the ring copy and publishes messages together} */
    static MessageSender batchingSender(RingAddress address, long bytes, TestMessage source) throws IOException {
        SpscProducer producer = SpscRingBuffer.open(memory(address, bytes)).producer();
        MemorySegment message = source.message();
        SpscProducer.Batch batch = producer.beginBatch();
        return new MessageSender() {
            private int written;

            @Override
            public boolean send() {
                if (!producer.write(1, message)) {
                    // The ring has published those before.
                    written = 0;
                    return false;
                }
                if (++written == Ring.BATCH) {
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

    static MessageSender broadcastSender(RingAddress address, long bytes, TestMessage source) throws IOException {
        BroadcastProducer producer = BroadcastRing.open(memory(address, bytes)).producer();
        MemorySegment message = source.message();
        return () -> producer.write(1, message) > 0;
    }

    static MessageReceiver broadcastReceiver(RingAddress address, long bytes, MessageCheck check) throws IOException {
        BroadcastReader reader = BroadcastRing.open(memory(address, bytes)).readerFromOldest();
        BroadcastHandler handler = (type, memory, offset, length) -> check.message(memory, offset, length);
        return limit -> reader.read(handler, limit);
    }

    static MessageReceiver receiver(RingAddress address, long bytes, MessageCheck check) throws IOException {
        RingConsumer consumer = open(address, bytes).consumer();
        MessageHandler handler = (type, memory, offset, length) -> check.message(memory, offset, length);
        return new MessageReceiver() {
            @Override
            public int poll(int limit) {
                return consumer.read(handler, limit);
            }

            @Override
            public void sleep() throws InterruptedException {
                consumer.awaitMessage(WaitStrategy.BLOCKING, FOR_EVER);
            }
        };
    }
}
