package io.github.shm4j.benchmarks.relay;

import io.aeron.Aeron;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.AgentInvoker;

/**
 * Aeron's client and media driver in the thread that uses them.
 *
 * <p>A driver in a thread of its own would have to share a core with that thread here, and the kernel would let them take turns
 * of milliseconds. Instead, the thread calls the driver in each turn of its loop, as Aeron provides for it.
 */
final class Network implements AutoCloseable {

    /** How often the driver is called in a row while it has something to do: it receives and sends about a packet each time. */
    private static final int MOST_PACKETS = 16;

    /** A machine that stands still for some seconds must not end a measurement. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final MediaDriver driver;
    private final AgentInvoker driverInvoker;
    private final Aeron aeron;
    private final AgentInvoker clientInvoker;

    /** Launches a driver in a directory. But for where and in which thread it runs, it is Aeron's default. */
    Network(String directory) {
        driver = MediaDriver.launch(new MediaDriver.Context()
                .aeronDirectoryName(directory)
                .threadingMode(ThreadingMode.INVOKER)
                .clientLivenessTimeoutNs(PATIENCE_NANOS)
                .publicationUnblockTimeoutNs(2 * PATIENCE_NANOS)
                .imageLivenessTimeoutNs(PATIENCE_NANOS)
                .termBufferSparseFile(false));
        driverInvoker = driver.sharedAgentInvoker();
        aeron = Aeron.connect(new Aeron.Context()
                .aeronDirectoryName(directory)
                .useConductorAgentInvoker(true)
                .driverAgentInvoker(driverInvoker)
                // A round trip would meet pages not mapped yet for all of a measurement.
                .preTouchMappedMemory(true));
        clientInvoker = aeron.conductorAgentInvoker();
    }

    Aeron aeron() {
        return aeron;
    }

    /** Does what client and driver have to do now, up to a number of packets. */
    void work() {
        clientInvoker.invoke();
        for (int i = 0; i < MOST_PACKETS && driverInvoker.invoke() > 0; i++) {
            // It has done it.
        }
    }

    @Override
    public void close() {
        try (driver) {
            aeron.close();
        }
    }
}
