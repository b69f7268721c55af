package io.github.shm4j.aeron;

import io.aeron.Aeron;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.aeron.exceptions.AeronException;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.agrona.IoUtil;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;

/** The program's client of Aeron, and its media driver unless it uses one that runs. */
final class Connection implements AutoCloseable {

    private static final Path SHARED_MEMORY = Path.of("/dev/shm");
    private static final long LONGEST_PARK_MICROS = 500;

    private final MediaDriver driver;
    private final Aeron aeron;

    private Connection(MediaDriver driver, Aeron aeron) {
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
        return new Connection(null, connect(directory));
    }

    /**
     * Launches a media driver in a directory of its own, and removes those that killed predecessors have left behind.
     *
     * @param role the role that this process has
     */
    static Connection launch(String role) {
        String prefix = "shm4j-relay-" + System.getProperty("user.name") + "-" + role + "-";
        Path parent = directory();
        removeLeftOvers(parent, prefix);
        String directory = parent.resolve(prefix + ProcessHandle.current().pid()).toString();
        MediaDriver driver;
        try {
            driver = MediaDriver.launch(new MediaDriver.Context()
                    .aeronDirectoryName(directory)
                    .dirDeleteOnStart(true)
                    .dirDeleteOnShutdown(true)
                    .termBufferSparseFile(true)
                    .threadingMode(ThreadingMode.SHARED)
                    .sharedIdleStrategy(idle()));
        } catch (AeronException failed) {
            throw new RelayException(
                    "Aeron's media driver cannot be launched in " + directory + ": " + failed.getMessage(),
                    failed);
        }
        try {
            return new Connection(driver, connect(directory));
        } catch (Throwable failed) {
            driver.close();
            throw failed;
        }
    }

    private static void removeLeftOvers(Path parent, String prefix) {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(parent, prefix + "*")) {
            for (Path each : found) {
                String pid = each.getFileName().toString().substring(prefix.length());
                if (Files.notExists(Path.of("/proc", pid))) {
                    IoUtil.delete(each.toFile(), true);
                }
            }
        } catch (IOException | DirectoryIteratorException unreadable) {
            throw new RelayException("what killed predecessors have left behind in " + parent + " cannot be found",
                    unreadable);
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
        } catch (AeronException failed) {
            throw new RelayDisconnectedException(
                    "no media driver answers in " + directory + ": " + failed.getMessage() + ".",
                    failed);
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
        try {
            aeron.close();
        } finally {
            if (driver != null) {
                driver.close();
            }
        }
    }
}
