package io.github.shm4j.support;

import io.github.shm4j.AttachMode;
import io.github.shm4j.AttachOption;
import io.github.shm4j.CreateOption;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmLimitException;
import io.github.shm4j.ShmPermissions;
import io.github.shm4j.internal.posix.Posix;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;

/** Properties of this machine's memory that differ between machines. */
public final class Machine {

    private static final Path SYSCTL = Path.of("/proc/sys/vm");

    private Machine() {}

    /** The bytes of a page: 4096, 16384 or 65536. */
    public static long pageSize() {
        return Posix.getpagesize();
    }

    /** How many pages it takes to hold so many bytes. */
    public static long pages(long bytes) {
        return (bytes - 1) / pageSize() + 1;
    }

    /** Skips or fails the test unless this process may use huge pages. */
    public static void requireHugePages() {
        Peers.require("root".equals(System.getProperty("user.name")), "root, to use huge pages,");
        Peers.require(Files.exists(SYSCTL.resolve("nr_hugepages")), "a kernel with huge pages");
    }

    /**
     * The size of one huge page more than the system has or could make; most systems have none at all. Skips or fails the
     * test where it could make as many as there is memory for.
     */
    public static long moreThanItsHugePages() {
        requireHugePages();
        long pages = number("nr_hugepages") + number("nr_overcommit_hugepages");
        long pageSize = hugePageSize();
        Peers.require(pages >= 0 && pages < Long.MAX_VALUE / 2 / pageSize, "a bound on the number of huge pages");
        return (pages + 1) * pageSize;
    }

    /**
     * Takes all huge pages that the system has or could make, so that none is left for what a test does next. Skips or fails
     * the test where it could make as many as there is memory for.
     *
     * @param blocks gives them back when it is closed
     */
    public static void takeAllHugePages(Blocks blocks) throws ShmException {
        SharedMemory all = blocks.create(
                moreThanItsHugePages(), ShmPermissions.OWNER_ONLY, CreateOption.HUGE_PAGES, CreateOption.NO_RESERVE);
        try (Arena arena = Arena.ofConfined()) {
            all.attach(AttachMode.READ_WRITE, arena, AttachOption.PRE_TOUCH);
            throw new AssertionError("there are more huge pages than the system says");
        } catch (ShmLimitException noneLeft) {
            // The block keeps those that it has got.
        }
    }

    private static long hugePageSize() {
        try {
            return Files.readAllLines(Path.of("/proc/meminfo")).stream()
                    .filter(line -> line.startsWith("Hugepagesize:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .findFirst()
                    .orElseThrow();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static long number(String name) {
        try {
            // Not with readString, which makes several read calls: the kernel answers only the first one for such a file.
            return Long.parseLong(Files.readAllLines(SYSCTL.resolve(name)).getFirst());
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
