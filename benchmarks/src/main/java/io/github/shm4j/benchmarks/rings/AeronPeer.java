package io.github.shm4j.benchmarks.rings;

import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.aeron.FragmentAssembler;
import io.aeron.Publication;
import io.aeron.Subscription;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.aeron.logbuffer.FragmentHandler;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.SleepingMillisIdleStrategy;
import org.agrona.concurrent.UnsafeBuffer;

/** Aeron's IPC in one process: a client, and the media driver in the process that measures. */
final class AeronPeer {

    private static final String CHANNEL = "aeron:ipc";
    private static final int STREAM = 1000;

    /** Small terms throttle it: how far a producer may be ahead is updated by the driver, which shares a core with others. */
    private static final int TERM_BYTES = 64 << 20;

    /**
     * How long the driver sleeps when there is nothing to do, as it shares a core with the consumer. In this time, a
     * producer does not fill half of a term.
     */
    private static final long DRIVER_MILLIS = 1;

    /** The largest there is, so that messages of 64 KiB come in two pieces and not in 47. */
    private static final int MTU = 65_504;

    /** So that the other side's client has left when the driver does; it would take it for a failure otherwise. */
    private static final long FAREWELL_MILLIS = 100;

    // Of a side, which may be a thread of a JVM that has the other one, too.
    private static final ThreadLocal<Aeron> CLIENT = new ThreadLocal<>();
    private static final ThreadLocal<MediaDriver> DRIVER = new ThreadLocal<>();

    private AeronPeer() {}

    private static Aeron client(RingAddress address) {
        if (CLIENT.get() == null) {
            String directory = address.location() + "/aeron";
            if (address.ping()) {
                DRIVER.set(MediaDriver.launch(new MediaDriver.Context()
                        .aeronDirectoryName(directory)
                        .threadingMode(ThreadingMode.SHARED)
                        .sharedIdleStrategy(new SleepingMillisIdleStrategy(DRIVER_MILLIS))
                        .ipcTermBufferLength(TERM_BYTES)
                        .ipcMtuLength(MTU)
                        .termBufferSparseFile(false)));
            }
            CLIENT.set(Aeron.connect(new Aeron.Context()
                    .aeronDirectoryName(directory)
                    // Terms are so large that a round trip would meet pages not mapped yet for all of a measurement.
                    .preTouchMappedMemory(true)));
        }
        return CLIENT.get();
    }

    /** Leaves, so that its threads do not keep the process alive. */
    private static void close() {
        Aeron client = CLIENT.get();
        if (client != null) {
            client.close();
            CLIENT.remove();
        }
        MediaDriver driver = DRIVER.get();
        if (driver != null) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(FAREWELL_MILLIS));
            driver.close();
            DRIVER.remove();
        }
    }

    static MessageSender sender(RingAddress address, TestMessage source) {
        ExclusivePublication publication = client(address).addExclusivePublication(CHANNEL, STREAM + address.index());
        UnsafeBuffer message = new UnsafeBuffer(source.message().asByteBuffer());
        int size = message.capacity();
        return new MessageSender() {
            @Override
            public boolean send() {
                long position = publication.offer(message, 0, size);
                if (position == Publication.CLOSED || position == Publication.MAX_POSITION_EXCEEDED) {
                    throw new IllegalStateException("Aeron refuses a message: " + Publication.errorString(position));
                }
                return position > 0;
            }

            @Override
            public void close() {
                AeronPeer.close();
            }
        };
    }

    static MessageReceiver receiver(RingAddress address, MessageCheck check) {
        Subscription subscription = client(address).addSubscription(CHANNEL, STREAM + address.index());
        FragmentHandler handler = (buffer, offset, length, header) -> check.message(buffer, offset, length);
        FragmentHandler whole = address.size() <= MTU / 2 ? handler : new FragmentAssembler(handler, address.size());
        return new MessageReceiver() {
            @Override
            public int poll(int limit) {
                return subscription.poll(whole, limit);
            }

            @Override
            public void close() {
                AeronPeer.close();
            }
        };
    }
}
