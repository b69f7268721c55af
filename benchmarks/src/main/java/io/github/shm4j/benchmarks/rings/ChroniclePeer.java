package io.github.shm4j.benchmarks.rings;

import java.nio.file.Path;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.bytes.BytesStore;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.wire.DocumentContext;

/** Chronicle Queue in one process: messages are appended to files, and stay there. */
final class ChroniclePeer {

    private ChroniclePeer() {}

    private static ChronicleQueue queue(RingAddress address) {
        return SingleChronicleQueueBuilder.single(Path.of(address.location(), "queue" + address.index()).toFile())
                .build();
    }

    static MessageSender sender(RingAddress address, TestMessage source) {
        ExcerptAppender appender = queue(address).createAppender();
        BytesStore<?, ?> message = Bytes.wrapForRead(source.message().asByteBuffer());
        return () -> {
            appender.writeBytes(message);
            return true;
        };
    }

    static MessageReceiver receiver(RingAddress address, MessageCheck check) {
        ExcerptTailer tailer = queue(address).createTailer();
        return limit -> {
            for (int messages = 0; messages < limit; messages++) {
                try (DocumentContext document = tailer.readingDocument()) {
                    if (!document.isPresent()) {
                        return messages;
                    }
                    Bytes<?> bytes = document.wire().bytes();
                    check.message(bytes, bytes.readPosition(), (int) bytes.readRemaining());
                }
            }
            return limit;
        };
    }
}
