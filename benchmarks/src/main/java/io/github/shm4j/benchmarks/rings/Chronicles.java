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
final class Chronicles {

    private Chronicles() {}

    private static ChronicleQueue queue(Way way) {
        return SingleChronicleQueueBuilder.single(Path.of(way.address(), "queue" + way.index()).toFile()).build();
    }

    static Outlet outlet(Way way, Source source) {
        ExcerptAppender appender = queue(way).createAppender();
        BytesStore<?, ?> message = Bytes.wrapForRead(source.message().asByteBuffer());
        return () -> {
            appender.writeBytes(message);
            return true;
        };
    }

    static Inlet inlet(Way way, Check check) {
        ExcerptTailer tailer = queue(way).createTailer();
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
