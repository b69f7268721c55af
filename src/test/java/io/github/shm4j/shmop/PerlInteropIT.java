package io.github.shm4j.shmop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmAccessDeniedException;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmNotFoundException;
import io.github.shm4j.ShmPermissions;
import io.github.shm4j.ShmStatus;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Conversation;
import io.github.shm4j.support.Outcome;
import io.github.shm4j.support.Peers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Blocks shared with Perl's own shmget, shmread and shmwrite. */
class PerlInteropIT {

    private static final ShmPermissions MODE = ShmPermissions.OWNER_ONLY;
    private static final HexFormat HEX = HexFormat.of();

    private static Conversation perl;

    private final Blocks blocks = new Blocks();

    @BeforeAll
    static void startPerl() {
        perl = Conversation.perl();
    }

    @AfterAll
    static void endPerl() {
        if (perl != null) {
            perl.close();
        }
    }

    @AfterEach
    void removeBlocks() throws ShmException {
        blocks.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "c", "w"})
    void shouldExchangeThroughABlockOfPerl(String mode) throws ShmException {
        ShmKey key = blocks.freeKey();
        String id = perl.ask("$id = shmget(%d, 1003, IPC_CREAT | IPC_EXCL | 0600)", key.value());
        assertEquals(Integer.toString(SharedMemory.open(key).id()), id.replace("0 but true", "0"));
        perl.ask("shmwrite($id, \"a\\0b\\xff\", 7, 4)");
        try (Shmop block = Shmop.open(key, mode, MODE, 1003)) {
            assertEquals(1003, block.size());
            assertEquals("00610062ff00", HEX.formatHex(block.read(6, 6)));
            if (mode.equals("a")) {
                assertThrows(IllegalStateException.class, () -> block.write(new byte[1], 0));
            } else {
                block.write(HEX.parseHex("0063fe6400"), 998);
                assertEquals("0063fe6400", perl.ask("shmread($id, $got, 998, 5) && unpack('H*', $got)"));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"c", "n"})
    void shouldExchangeThroughABlockOfJava(String mode) throws ShmException {
        ShmKey key = blocks.freeKey();
        try (Shmop block = Shmop.open(key, mode, MODE, 1003)) {
            block.write(HEX.parseHex("610062ff"), 999);
            perl.ask("$id = shmget(%d, 0, 0)", key.value());
            assertEquals("610062ff", perl.ask("shmread($id, $got, 999, 4) && unpack('H*', $got)"));
            // Perl fills the rest of the length with zeros.
            block.write(HEX.parseHex("7777777777777777"), 0);
            perl.ask("shmwrite($id, \"p\\0l\", 1, 5)");
            assertEquals("7770006c00007777", HEX.formatHex(block.read(0, 8)));
            assertTrue(perl.ask("shmread($id, $got, 999, 5)").startsWith("failed: Bad address"));
        }
    }

    @Test
    void shouldExchangeEveryByteOfALargeBlock() throws ShmException {
        byte[] bytes = new byte[300_007];
        new Random(5).nextBytes(bytes);
        ShmKey key = blocks.freeKey();
        try (Shmop block = Shmop.open(key, "n", MODE, bytes.length)) {
            block.write(bytes, 0);
            perl.ask("$id = shmget(%d, %d, 0)", key.value(), bytes.length);
            assertEquals(HEX.formatHex(bytes), perl.ask("shmread($id, $got, 0, 300007) && unpack('H*', $got)"));
            perl.ask("shmwrite($id, scalar reverse($got), 0, 300007)");
            byte[] reversed = new byte[bytes.length];
            for (int i = 0; i < bytes.length; i++) {
                reversed[i] = bytes[bytes.length - 1 - i];
            }
            assertArrayEquals(reversed, block.read(0, 0));
        }
    }

    @Test
    void shouldMeetByTheKeyOfAFile(@TempDir Path directory) throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        ShmKey key = Shmop.ftok(file, "j");
        try (Shmop block = Shmop.open(key, "n", MODE, 77)) {
            blocks.adopt(SharedMemory.open(key));
            perl.ask("$id = shmget(ftok('%s', 'j'), 77, 0)", file);
            perl.ask("shmwrite($id, 'perl', 73, 4)");
            assertEquals("perl", new String(block.read(73, 0)));
        }
    }

    @Test
    void shouldShowPerlTheSizeOwnerPermissionsAndAttachments() throws ShmException {
        ShmKey key = blocks.freeKey();
        try (Shmop _ = Shmop.open(key, "n", ShmPermissions.of(0640), 5003);
                Shmop _ = Shmop.open(key, "a")) {
            ShmStatus status = SharedMemory.open(key).status();
            perl.ask("$stat = IPC::SharedMem->new(%d, 0, 0)->stat", key.value());
            assertEquals("5003", perl.ask("$stat->segsz"));
            assertEquals("0640", perl.ask("sprintf '%04o', $stat->mode & 0777"));
            assertEquals("2", perl.ask("$stat->nattch"));
            assertEquals(Long.toString(ProcessHandle.current().pid()), perl.ask("$stat->cpid"));
            assertEquals(Long.toString(status.ownerUid()), perl.ask("$stat->uid"));
            assertEquals(Long.toString(status.creatorGid()), perl.ask("$stat->cgid"));
        }
    }

    @Test
    void shouldSeeTheSizeAndPermissionsThatPerlChose() throws ShmException {
        ShmKey key = blocks.freeKey();
        perl.ask("$id = shmget(%d, 4097, IPC_CREAT | 0604)", key.value());
        ShmStatus status = SharedMemory.open(key).status();
        assertEquals(4097, status.size());
        assertEquals(ShmPermissions.of(0604), status.permissions());
        assertEquals(0, status.attachCount());
    }

    @Test
    void shouldRemoveEachOthersBlocks() throws ShmException {
        ShmKey key = blocks.freeKey();
        try (Shmop block = Shmop.open(key, "n", MODE, 1003)) {
            perl.ask("$id = shmget(%d, 0, 0)", key.value());
            assertEquals("0 but true", perl.ask("shmctl($id, IPC_RMID, 0)"));
            assertThrows(ShmNotFoundException.class, () -> Shmop.open(key, "a"));
            block.write(new byte[] {1}, 1002);
            assertEquals(1, block.read(1002, 0)[0]);
        }
        perl.ask("$id = shmget(%d, 1003, IPC_CREAT | 0600)", key.value());
        try (Shmop block = Shmop.open(key, "a")) {
            block.delete();
        }
        assertTrue(perl.ask("shmread($id, $got, 0, 1)").startsWith("failed: Invalid argument"));
        assertTrue(perl.ask("shmget(%d, 0, 0)", key.value()).startsWith("failed: No such file"));
    }

    @Test
    void shouldGuardBlocksAgainstAnotherUsersPerlAndTheReverse() throws ShmException {
        Peers.requireOtherUser();
        ShmKey key = blocks.freeKey();
        ShmKey readable = blocks.freeKey();
        try (Shmop _ = Shmop.open(key, "n", MODE, 1003);
                Shmop block = Shmop.open(readable, "n", ShmPermissions.of(0604), 1003);
                Conversation nobody = Conversation.perl(Child::asNobody)) {
            assertTrue(nobody.ask("shmget(%d, 0, 0600)", key.value()).startsWith("failed: Permission denied"));
            nobody.ask("$id = shmget(%d, 0, 0)", key.value());
            assertTrue(nobody.ask("shmread($id, $got, 0, 1)").startsWith("failed: Permission denied"));
            assertTrue(nobody.ask("shmctl($id, IPC_RMID, 0)").startsWith("failed: Operation not permitted"));
            nobody.ask("$id = shmget(%d, 0, 0)", readable.value());
            block.write("read me".getBytes(), 0);
            assertEquals("read me", nobody.ask("shmread($id, $got, 0, 7) && $got"));
            assertTrue(nobody.ask("shmwrite($id, 'x', 0, 1)").startsWith("failed: Permission denied"));
            assertEquals('r', block.read(0, 1)[0]);
        }
    }

    @Test
    void shouldBeRefusedWhatPerlRefusesAsAnotherUser() throws ShmException {
        Peers.requireOtherUser();
        ShmKey key = blocks.freeKey();
        perl.ask("$id = shmget(%d, 1003, IPC_CREAT | IPC_EXCL | 0640)", key.value());
        Child.Result result = Child.java(OpenEachMode.class, key).asNobody().run();
        assertEquals("", result.err());
        for (String line : result.lines()) {
            assertTrue(line.startsWith(ShmAccessDeniedException.class.getSimpleName() + " EACCES"), result.out());
        }
        assertEquals(3, result.lines().size());
    }

    /** Says how opening a block in each mode ends. */
    static final class OpenEachMode {
        public static void main(String[] key) {
            for (String mode : new String[] {"a", "w", "c"}) {
                Outcome.print(() -> Shmop.open(ShmKey.parse(key[0]), mode, MODE, 1003));
            }
        }
    }
}
