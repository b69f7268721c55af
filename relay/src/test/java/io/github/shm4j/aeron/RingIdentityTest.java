package io.github.shm4j.aeron;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.shm4j.ring.SpscRingBuffer;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RingIdentityTest {

    private static final UUID BOOT = new UUID(11, 12);

    @TempDir
    private Path proc;

    private void provide(UUID boot, String kind, String namespace) throws IOException {
        Path file = Files.createDirectories(proc.resolve("sys/kernel/random")).resolve("boot_id");
        Files.writeString(file, boot + "\n");
        Path link = Files.createDirectories(proc.resolve("self/ns")).resolve(kind);
        Files.deleteIfExists(link);
        if (namespace != null) {
            Files.createSymbolicLink(link, Path.of(namespace));
        }
    }

    /** The same process has created it, with the same block id: as two containers that start together do. */
    @Test
    void shouldTellRingsOfMachinesAndOfTheirNamespacesApart() throws Exception {
        try (Blocks blocks = new Blocks(); Arena arena = Arena.ofConfined()) {
            SpscRingBuffer ring = SpscRingBuffer.create(blocks.freeKey(), 512, arena);
            provide(BOOT, "ipc", "ipc:[4026531839]");
            RingIdentity here = RingIdentity.of(ring, proc);
            assertEquals(here, RingIdentity.of(ring, proc));
            assertTrue(here.toString().contains("of IPC namespace 4026531839 of boot " + BOOT), here.toString());
            provide(BOOT, "ipc", "ipc:[4026531840]");
            RingIdentity there = RingIdentity.of(ring, proc);
            assertNotEquals(here, there);
            assertNotEquals(here.number(), there.number());
            provide(new UUID(11, 13), "ipc", "ipc:[4026531839]");
            RingIdentity elsewhere = RingIdentity.of(ring, proc);
            assertNotEquals(here, elsewhere);
            assertNotEquals(here.number(), elsewhere.number());
            // A kernel without namespaces has one for all.
            provide(BOOT, "ipc", null);
            assertEquals(new RingIdentity(BOOT, here.creator(), here.block(), 0), RingIdentity.of(ring, proc));
        }
    }

    @Test
    void shouldSayWhatIsMissingOfProc() throws Exception {
        try (Blocks blocks = new Blocks(); Arena arena = Arena.ofConfined()) {
            SpscRingBuffer ring = SpscRingBuffer.create(blocks.freeKey(), 512, arena);
            assertRefused(ring, "boot_id");
            provide(BOOT, "ipc", "elsewhere");
            assertRefused(ring, "it is 'elsewhere'");
            Files.writeString(proc.resolve("sys/kernel/random/boot_id"), "none");
            assertRefused(ring, "'none'");
        }
        String message = assertThrows(RelayException.class, () -> Namespaces.number(Path.of("/nonexistent"), "pid"))
                .getMessage();
        assertTrue(message.contains("/nonexistent/self/ns/pid") && message.contains("Mount /proc"), message);
    }

    private void assertRefused(SpscRingBuffer ring, String what) {
        String message = assertThrows(RelayException.class, () -> RingIdentity.of(ring, proc)).getMessage();
        assertTrue(message.contains(what) && message.contains("Mount /proc"), message);
    }

    /** The kernel's own numbers: blocks of both namespaces can have the same id. */
    @Test
    void shouldHaveTheNumberOfTheKernelsNamespace() {
        assumeTrue(Child.canUnshare("-i"), "unshare is not available here");
        String here = Child.command("readlink", "/proc/self/ns/ipc").run().out();
        String there = Child.command("unshare", "-i", "readlink", "/proc/self/ns/ipc").run().out();
        assertEquals("ipc:[" + Namespaces.number(Path.of("/proc"), "ipc") + "]", here.strip());
        assertNotEquals(here, there);
    }
}
