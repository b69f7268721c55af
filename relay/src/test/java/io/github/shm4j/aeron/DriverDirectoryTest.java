package io.github.shm4j.aeron;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DriverDirectoryTest {

    private static final String ROLE = "send-0x7e1a0001";

    /** More than the kernel gives out. */
    private static final long NO_PID = 999_999_999;

    @TempDir
    private Path parent;

    @TempDir
    private Path elsewhere;

    private Path precious;

    @BeforeEach
    void haveSomethingPrecious() throws IOException {
        precious = Files.writeString(elsewhere.resolve("precious"), "kept");
    }

    private Path named(String role, String namespace, long pid) {
        return parent.resolve("shm4j-relay-" + role + "-" + namespace + "-" + pid + "-0123456789abcdef");
    }

    private Path leftOver() throws IOException {
        Path left = named(ROLE, DriverDirectory.namespace(), NO_PID);
        Files.createDirectories(left.resolve("driver").resolve("publications"));
        Files.writeString(left.resolve("driver").resolve("cnc.dat"), "of a driver");
        return left;
    }

    private List<Path> there() throws IOException {
        try (Stream<Path> all = Files.list(parent)) {
            return all.toList();
        }
    }

    @Test
    void shouldBeANewOneThatNobodyElseMayEnterAndGoAwayWithAllThatIsInIt() throws IOException {
        try (DriverDirectory one = DriverDirectory.create(parent, ROLE);
                DriverDirectory other = DriverDirectory.create(parent, ROLE)) {
            assertNotEquals(one.driver(), other.driver());
            assertFalse(Files.exists(one.driver()));
            assertEquals("rwx------",
                    PosixFilePermissions.toString(Files.getPosixFilePermissions(one.driver().getParent())));
            assertTrue(one.driver().toString().contains("-" + DriverDirectory.namespace() + "-"
                    + ProcessHandle.current().pid() + "-"), one.driver().toString());
            Files.createDirectories(one.driver().resolve("images"));
            Files.createSymbolicLink(one.driver().resolve("link"), elsewhere);
        }
        assertEquals(List.of(), there());
        assertEquals("kept", Files.readString(precious));
    }

    @Test
    void shouldRemoveWhatAKilledPredecessorHasLeftAndNotWhatItsLinksLeadTo() throws IOException {
        Path left = leftOver();
        Files.createSymbolicLink(left.resolve("link"), elsewhere);
        Files.createSymbolicLink(left.resolve("driver").resolve("link"), precious);
        DriverDirectory.create(parent, ROLE).close();
        assertEquals(List.of(), there());
        assertEquals("kept", Files.readString(precious));
    }

    @Test
    void shouldFollowNoLinkThatHasTheNameOfALeftOver() throws IOException {
        Path link = Files.createSymbolicLink(named(ROLE, DriverDirectory.namespace(), NO_PID), elsewhere);
        DriverDirectory.create(parent, ROLE).close();
        assertEquals("kept", Files.readString(precious));
        assertTrue(Files.exists(link, LinkOption.NOFOLLOW_LINKS));
    }

    @Test
    void shouldLeaveAloneWhatIsNoLeftOverOfThisRole() throws IOException {
        String namespace = DriverDirectory.namespace();
        List<Path> kept = List.of(
                named(ROLE, namespace, ProcessHandle.current().pid()),
                // Nobody can see here whether a process of another namespace is running.
                named(ROLE, "1" + namespace, NO_PID),
                named("send-0x7e1a0002", namespace, NO_PID),
                named("receive-0x7e1a0001", namespace, NO_PID),
                parent.resolve("shm4j-relay-" + ROLE + "-" + namespace + "-" + NO_PID),
                parent.resolve("shm4j-relay-" + ROLE + "-" + namespace + "-.-0123456789abcdef"),
                parent.resolve("shm4j-relay-" + ROLE + "-" + namespace + "-" + NO_PID + "-0123456789abcdef.saved"));
        for (Path each : kept) {
            Files.createDirectory(each);
        }
        DriverDirectory.create(parent, ROLE).close();
        assertEquals(kept.stream().sorted().toList(), there().stream().sorted().toList());
    }

    @Test
    void shouldLeaveAloneWhatSomebodyElseHasPutThere() throws IOException {
        Path left = leftOver();
        assumeTrue(Files.getAttribute(left, "unix:uid").equals(0), "only root gives files away");
        Files.setAttribute(left, "unix:uid", 65_534);
        DriverDirectory.create(parent, ROLE).close();
        assertEquals("of a driver", Files.readString(left.resolve("driver").resolve("cnc.dat")));
    }

    @Test
    void shouldSayWhereNoneCanBeCreated() {
        Path missing = parent.resolve("missing");
        String message = assertThrows(RelayException.class, () -> DriverDirectory.create(missing, ROLE)).getMessage();
        assertTrue(message.contains(missing.toString()), message);
    }
}
