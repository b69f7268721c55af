package io.github.shm4j.benchmarks.rings;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Function;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.broadcast.BroadcastBufferDescriptor;
import org.agrona.concurrent.broadcast.BroadcastReceiver;
import org.agrona.concurrent.broadcast.BroadcastTransmitter;
import org.agrona.concurrent.broadcast.CopyBroadcastReceiver;
import org.agrona.concurrent.ringbuffer.RingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

/** Agrona's rings and its broadcast in one process, in a mapped file. */
final class AgronaPeer {

    private AgronaPeer() {}

    static long bytes(long capacity) {
        return capacity + RingBufferDescriptor.TRAILER_LENGTH;
    }

    static long broadcastBytes(long capacity) {
        return capacity + BroadcastBufferDescriptor.TRAILER_LENGTH;
    }

    private static UnsafeBuffer map(RingAddress address, long bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(
                Path.of(address.location()), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return new UnsafeBuffer(channel.map(FileChannel.MapMode.READ_WRITE, address.offset(bytes), bytes));
        }
    }

    static MessageSender sender(RingAddress address, Function<UnsafeBuffer, RingBuffer> kind, TestMessage source)
            throws IOException {
        RingBuffer ring = kind.apply(map(address, bytes(address.capacity())));
        UnsafeBuffer message = new UnsafeBuffer(source.message().asByteBuffer());
        int size = message.capacity();
        return () -> ring.write(1, message, 0, size);
    }

    static MessageReceiver receiver(RingAddress address, Function<UnsafeBuffer, RingBuffer> kind, MessageCheck check)
            throws IOException {
        RingBuffer ring = kind.apply(map(address, bytes(address.capacity())));
        MessageHandler handler = (type, buffer, offset, length) -> check.message(buffer, offset, length);
        return limit -> ring.read(handler, limit);
    }

    static MessageSender broadcastSender(RingAddress address, TestMessage source) throws IOException {
        BroadcastTransmitter transmitter =
                new BroadcastTransmitter(map(address, broadcastBytes(address.capacity())));
        UnsafeBuffer message = new UnsafeBuffer(source.message().asByteBuffer());
        int size = message.capacity();
        return () -> {
            transmitter.transmit(1, message, 0, size);
            return true;
        };
    }

    static MessageReceiver broadcastReceiver(RingAddress address, MessageCheck check) throws IOException {
        CopyBroadcastReceiver receiver = new CopyBroadcastReceiver(
                new BroadcastReceiver(map(address, broadcastBytes(address.capacity()))));
        MessageHandler handler = (type, buffer, offset, length) -> check.message(buffer, offset, length);
        // It gives one message at a time.
        return limit -> {
            int messages = 0;
            while (messages < limit && receiver.receive(handler) > 0) {
                messages++;
            }
            return messages;
        };
    }
}
