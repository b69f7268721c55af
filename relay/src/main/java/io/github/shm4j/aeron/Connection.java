package io.github.shm4j.aeron;

import io.aeron.Aeron;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;

/** The program's client of Aeron, and its media driver unless it uses one that runs. */
final class Connection implements AutoCloseable {

    private static final Path SHARED_MEMORY = Path.of("/dev/shm");
    private static final long LONGEST_PARK_MICROS = 500;

    /** That of the driver, or null as the driver is. */
    private final DriverDirectory directory;

    private final MediaDriver driver;
    private final Aeron aeron;

    private Connection(DriverDirectory directory, MediaDriver driver, Aeron aeron) {
        this.directory = directory;
        this.driver = driver;
        this.aeron = aeron;
    }

    /**
     * Connects to a media driver that runs.
     *
     * @param directory its directory
     * @throws RelayDisconnectedException if none runs there
     */
    static Connection to(String directory) {
        return new Connection(null, null, connect(directory));
    }

    /**
     * Launches a media driver in a directory of its own, and removes those that killed predecessors have left behind.
     *
     * @param role the role that this process has
     */
    static Connection launch(String role) {
        DriverDirectory directory = DriverDirectory.create(directory(), role);
        MediaDriver driver = null;
        try {
            String path = directory.driver().toString();
            driver = launchIn(path);
            return new Connection(directory, driver, connect(path));
        } catch (Throwable failed) {
            Closing.after(failed, driver, directory);
            throw failed;
        }
    }

    private static MediaDriver launchIn(String directory) {
        try {
            return MediaDriver.launch(new MediaDriver.Context()
                    .aeronDirectoryName(directory)
                    .dirDeleteOnShutdown(true)
                    .termBufferSparseFile(true)
                    .threadingMode(ThreadingMode.SHARED)
                    .sharedIdleStrategy(idle()));
        } catch (Exception failed) {
            // Where a file or an option is not as it should be, all kinds of them are thrown, also checked ones.
            throw new RelayException(
                    "Aeron's media driver cannot be launched in " + directory + ": " + Streams.describe(failed),
                    failed);
        }
    }

    private static Path directory() {
        return Files.isWritable(SHARED_MEMORY) ? SHARED_MEMORY : Path.of(System.getProperty("java.io.tmpdir"));
    }

    private static Aeron connect(String directory) {
        try {
            // What goes wrong there closes the client, which the relay notices.
            return Aeron.connect(new Aeron.Context().aeronDirectoryName(directory).errorHandler(failure -> {
            }));
        } catch (Exception failed) {
            // What is there may be no driver's, or may be about to be created or removed.
            throw new RelayDisconnectedException(
                    "no media driver answers in " + directory + ": " + Streams.describe(failed) + ".", failed);
        }
    }

    /** {@return what spins, yields and parks for half a millisecond at most} */
    static IdleStrategy idle() {
        return new BackoffIdleStrategy(
                100, 10, TimeUnit.MICROSECONDS.toNanos(1), TimeUnit.MICROSECONDS.toNanos(LONGEST_PARK_MICROS));
    }

    Aeron aeron() {
        return aeron;
    }

    @Override
    public void close() {
        Closing.all(aeron, driver, directory);
    }
}
