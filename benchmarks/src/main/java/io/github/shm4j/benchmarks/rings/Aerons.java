package io.github.shm4j.benchmarks.rings;

import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.aeron.FragmentAssembler;
import io.aeron.Publication;
import io.aeron.Subscription;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.aeron.logbuffer.FragmentHandler;
import org.agrona.CloseHelper;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.UnsafeBuffer;

/** Aeron's IPC in one process: a client, and the media driver in the process that measures. */
final class Aerons {

    private static final String CHANNEL = "aeron:ipc";
    private static final int STREAM = 1000;

    /** Small terms throttle it: how far a producer may be ahead is updated by the driver, which shares a core with others. */
    private static final int TERM_BYTES = 64 << 20;

    /** The largest there is, so that messages of 64 KiB come in two pieces and not in 47. */
    private static final int MTU = 65_504;

    private static Aeron client;

    private Aerons() {}

    private static Aeron client(Way way) {
        if (client == null) {
            String directory = way.address() + "/aeron";
            MediaDriver driver = !way.ping() ? null
                    : MediaDriver.launch(new MediaDriver.Context()
                            .aeronDirectoryName(directory)
                            .dirDeleteOnStart(true)
                            .threadingMode(ThreadingMode.SHARED)
                            .sharedIdleStrategy(idle())
                            .ipcTermBufferLength(TERM_BYTES)
                            .ipcMtuLength(MTU)
                            .termBufferSparseFile(false));
            client = Aeron.connect(new Aeron.Context().aeronDirectoryName(directory));
            Runtime.getRuntime().addShutdownHook(new Thread(() -> CloseHelper.quietCloseAll(client, driver)));
        }
        return client;
    }

    private static IdleStrategy idle() {
        return Boolean.getBoolean("busy") ? BusySpinIdleStrategy.INSTANCE : new BackoffIdleStrategy();
    }

    static Outlet outlet(Way way, Source source) {
        ExclusivePublication publication = client(way).addExclusivePublication(CHANNEL, STREAM + way.index());
        UnsafeBuffer message = new UnsafeBuffer(source.message().asByteBuffer());
        int size = message.capacity();
        return () -> {
            long position = publication.offer(message, 0, size);
            if (position == Publication.CLOSED || position == Publication.MAX_POSITION_EXCEEDED) {
                throw new IllegalStateException("Aeron refuses a message: " + Publication.errorString(position));
            }
            return position > 0;
        };
    }

    static Inlet inlet(Way way, Check check) {
        Subscription subscription = client(way).addSubscription(CHANNEL, STREAM + way.index());
        FragmentHandler handler = (buffer, offset, length, header) -> check.message(buffer, offset, length);
        FragmentHandler whole = way.size() <= MTU / 2 ? handler : new FragmentAssembler(handler, way.size());
        return limit -> subscription.poll(whole, limit);
    }
}
