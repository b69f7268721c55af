package io.github.shm4j.aeron;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.aeron.Aeron;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.aeron.driver.ext.DebugReceiveChannelEndpoint;
import io.aeron.driver.ext.DebugSendChannelEndpoint;
import io.aeron.driver.ext.LossGenerator;
import io.aeron.driver.ext.RandomLossGenerator;
import io.aeron.driver.status.SystemCounterDescriptor;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ring.RingConsumer;
import io.github.shm4j.ring.RingProducer;
import io.github.shm4j.ring.SpscRingBuffer;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Patient;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Both sides through a media driver that loses packets in all directions. */
@Patient
class RelayLossIT {

    private static final String RATES = System.getProperty("shm4j.relay.loss", "0.001,0.01,0.05");
    private static final long MESSAGES = Long.getLong("shm4j.relay.messages", 8_000);
    private static final int CAPACITY = 1 << 20;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static double[] rates() {
        return Stream.of(RATES.split(",")).mapToDouble(Double::parseDouble).toArray();
    }

    /** Loses this part of what goes in a direction. */
    private static LossGenerator loss(double rate) {
        return new RandomLossGenerator(rate, (long) (rate * 1_000_000) + 7);
    }

    @ParameterizedTest
    @MethodSource("rates")
    void shouldCarryEachMessageOnceWherePacketsAreLost(double rate) throws Exception {
        int port = RelayProgram.freePorts();
        try (Blocks blocks = new Blocks(); Arena arena = Arena.ofShared()) {
            ShmKey sourceKey = blocks.freeKey();
            SpscRingBuffer source = SpscRingBuffer.create(sourceKey, CAPACITY, arena);
            SpscRingBuffer destination = SpscRingBuffer.create(blocks.freeKey(), CAPACITY, arena);
            String directory = Path.of("/dev/shm", "shm4j-relay-test-" + sourceKey).toString();
            try (MediaDriver driver = MediaDriver.launch(new MediaDriver.Context()
                    .aeronDirectoryName(directory)
                    .dirDeleteOnStart(true)
                    .dirDeleteOnShutdown(true)
                    .termBufferSparseFile(true)
                    .receiveChannelEndpointSupplier(
                            (channel, dispatcher, status, context) -> new DebugReceiveChannelEndpoint(
                                    channel, dispatcher, status, context, loss(rate), loss(rate)))
                    .sendChannelEndpointSupplier((channel, status, context) -> new DebugSendChannelEndpoint(
                            channel, status, context, loss(rate), loss(rate)))
                    .threadingMode(ThreadingMode.SHARED)
                    .sharedIdleStrategy(Connection.idle()));
                    Aeron aeron = Aeron.connect(new Aeron.Context().aeronDirectoryName(directory));
                    RelaySender sender = RelaySender.to(aeron, source, "127.0.0.1:" + port);
                    RelayReceiver receiver = RelayReceiver.at(
                            aeron, destination, "127.0.0.1:" + port, blocks.freeKey(), false);
                    RingProducer producer = source.producer();
                    RingConsumer consumer = destination.consumer()) {
                Traffic traffic = new Traffic(producer, consumer, CAPACITY / 8, 11);
                Patience patience = Patience.withAll();
                long allocated = 0;
                long counted = 0;
                while (traffic.read() < MESSAGES || source.backlog() > 0) {
                    traffic.write(MESSAGES);
                    long before = THREADS.getCurrentThreadAllocatedBytes();
                    int work = sender.poll() + receiver.poll();
                    if (traffic.read() > MESSAGES / 4) {
                        // What is linked and made for the first time, and as long as the longest message, is there by now.
                        allocated += THREADS.getCurrentThreadAllocatedBytes() - before;
                    } else {
                        counted = traffic.read();
                    }
                    if (work + traffic.read(100) == 0) {
                        patience.renewIfChanged(traffic.read());
                        patience.pause(() -> "read " + traffic.read());
                    }
                }
                assertEquals(MESSAGES, traffic.read());
                assertEquals(MESSAGES, receiver.messagesCarried());
                // An object takes 16 bytes at least.
                assertTrue(allocated < 16 * (MESSAGES - counted),
                        allocated + " bytes for " + (MESSAGES - counted) + " messages");
                assertEquals(source.producerPosition(), sender.acknowledgedPosition());
                long repeated = aeron.countersReader().getCounterValue(
                        SystemCounterDescriptor.RETRANSMITS_SENT.id());
                assertTrue(repeated > 0, "no packet was lost, or none was sent again");
                assertTrue(driver.aeronDirectoryName().equals(directory));
            }
        }
    }
}
