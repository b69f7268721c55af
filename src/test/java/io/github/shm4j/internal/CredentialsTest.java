package io.github.shm4j.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who runs this, and which ids mean somebody. */
class CredentialsTest {

    private static final Path SELF = Path.of("/proc/self");

    @Test
    void shouldKnowTheEffectiveUser() throws IOException {
        assertEquals(
                Integer.toUnsignedLong((int) Files.getAttribute(SELF, "unix:uid")), Credentials.effectiveUid());
    }

    @ParameterizedTest
    @ValueSource(strings = {"         0          0 4294967295", "0 0 4294967295"})
    void shouldSeeThatEachIdIsMapped(String line) {
        assertTrue(Credentials.mapsAll(line));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "         0       1000          1", "0 0 1", "1 0 4294967295", "004294967295"})
    void shouldSeeThatSomeIdsAreNotMapped(String line) {
        assertFalse(Credentials.mapsAll(line));
    }

    @Test
    void shouldDoubtTheIdsOnlyThatStandForUnmappedOnes() throws IOException {
        long nobody = number("/proc/sys/kernel/overflowuid");
        long nogroup = number("/proc/sys/kernel/overflowgid");
        boolean allUsers = Credentials.mapsAll(Files.readAllLines(SELF.resolve("uid_map")).getFirst());
        boolean allGroups = Credentials.mapsAll(Files.readAllLines(SELF.resolve("gid_map")).getFirst());

        assertFalse(Credentials.mayBeUnmapped(nobody + 1, nogroup + 1));
        assertEquals(!allUsers, Credentials.mayBeUnmapped(nobody, nogroup + 1));
        assertEquals(!allGroups, Credentials.mayBeUnmapped(nobody + 1, nogroup));
    }

    private static long number(String file) throws IOException {
        return Long.parseLong(Files.readAllLines(Path.of(file)).getFirst());
    }
}
