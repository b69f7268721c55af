package io.github.shm4j.aeron;

import io.aeron.Aeron;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmTrust;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What both commands have in common. */
abstract class SideCommand implements Callable<Integer> {

    /** Between attempts to reach a media driver. */
    private static final long RETRY_MILLIS = 500;

    /** For how long the driver stays after the relay has failed, so that what it has said to the other side is sent. */
    private static final long FAREWELL_MILLIS = 300;

    /** How long to wait for the relay when the process is told to end. */
    private static final long END_SECONDS = 30;

    /** A role in a ring, taken before there is a media driver: a process that cannot have it does not launch one. */
    interface Role extends AutoCloseable {

        Side connect(Aeron aeron);

        @Override
        void close();
    }

    /** Whose ring may be used. */
    enum Trust {
        /** This user's, or root's. */
        MINE,
        /** Anybody's. */
        ANY;

        ShmTrust trust() {
            return this == MINE ? ShmTrust.callerOrRoot() : ShmTrust.anyone();
        }
    }

    static final class Key implements ITypeConverter<ShmKey> {

        @Override
        public ShmKey convert(String text) {
            return ShmKey.parse(text);
        }
    }

    @Option(
            names = "--ring",
            required = true,
            paramLabel = "KEY",
            converter = Key.class,
            description = "The key of the ring, such as 0x7201e3f5.")
    private ShmKey key;

    @Option(
            names = "--trust",
            paramLabel = "WHOSE",
            description = "Whose ring it may be: mine (this user's or root's; the default) or any.")
    private Trust trust = Trust.MINE;

    @Option(
            names = "--aeron-dir",
            paramLabel = "DIR",
            description = "The directory of a media driver that runs. By default this program has its own.")
    private String directory;

    @Option(names = "--busy-spin", description = "Never pause: the lowest latency, for a whole core.")
    private boolean busySpin;

    @Mixin
    private Reporting reporting = new Reporting();

    private volatile boolean ending;

    ShmKey key() {
        return key;
    }

    SharedMemory block() throws ShmException {
        return SharedMemory.open(key, trust.trust());
    }

    /** {@return how the role is called, as a part of the name of a directory} */
    abstract String role();

    /** Takes the role. */
    abstract Role takeRole() throws ShmException;

    @Override
    public final Integer call() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        Thread end = new Thread(() -> {
            ending = true;
            try {
                ended.await(END_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException hurried) {
                // The JVM ends in any case.
            }
        }, "relay-end");
        Runtime.getRuntime().addShutdownHook(end);
        try {
            boolean lost = run();
            while (lost && !ending) {
                Thread.sleep(RETRY_MILLIS);
                try {
                    lost = run();
                } catch (RelayDisconnectedException noDriver) {
                    // It is still away.
                }
            }
            return 0;
        } finally {
            ended.countDown();
        }
    }

    /** Runs the relay; {@return whether it ended because its connection was lost} */
    private boolean run() throws Exception {
        try (Role role = takeRole();
                Connection connection = directory != null
                        ? Connection.to(directory)
                        : Connection.launch(role() + "-" + key);
                Side relay = role.connect(connection.aeron())) {
            try {
                loop(relay);
                return false;
            } catch (RelayDisconnectedException lost) {
                reporting.disconnected(lost);
                return true;
            } catch (RelayException failed) {
                Thread.sleep(FAREWELL_MILLIS);
                throw failed;
            } finally {
                reporting.end(relay);
            }
        }
    }

    private void loop(Side relay) {
        IdleStrategy idle = busySpin ? new BusySpinIdleStrategy() : Connection.idle();
        while (!ending) {
            idle.idle(relay.poll());
            reporting.report(relay);
        }
    }
}
