package io.github.shm4j.shmop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmPermissions;
import io.github.shm4j.ShmStatus;
import io.github.shm4j.ShmTrust;
import io.github.shm4j.ShmUntrustedException;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Conversation;
import io.github.shm4j.support.Peers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Blocks that PHP and Java share, in both directions and in each combination of modes. */
class PhpInteropIT {

    private static final ShmPermissions MODE = ShmPermissions.OWNER_ONLY;
    private static final HexFormat HEX = HexFormat.of();

    private static Conversation php;

    private final Blocks blocks = new Blocks();

    @BeforeAll
    static void startPhp() {
        php = Conversation.php();
    }

    @AfterAll
    static void endPhp() {
        if (php != null) {
            php.close();
        }
    }

    @AfterEach
    void removeBlocks() throws ShmException {
        php.ask("$b = null");
        blocks.close();
    }

    @ParameterizedTest
    @CsvSource({"n, a", "n, c", "n, w", "c, a", "c, c", "c, w"})
    void shouldExchangeThroughABlockOfJava(String javaMode, String phpMode) throws ShmException {
        ShmKey key = blocks.freeKey();
        try (Shmop block = Shmop.open(key, javaMode, MODE, 1003)) {
            assertEquals("Shmop", php.ask("$b = shmop_open(%d, '%s', 0600, 1003)", key.value(), phpMode));
            exchange(block, phpMode, true);
        }
    }

    @ParameterizedTest
    @CsvSource({"n, a", "n, c", "n, w", "c, a", "c, c", "c, w"})
    void shouldExchangeThroughABlockOfPhp(String phpMode, String javaMode) throws ShmException {
        ShmKey key = blocks.freeKey();
        assertEquals("Shmop", php.ask("$b = shmop_open(%d, '%s', 0600, 1003)", key.value(), phpMode));
        try (Shmop block = Shmop.open(key, javaMode, MODE, 1003)) {
            exchange(block, phpMode, !javaMode.equals("a"));
        }
    }

    private static void exchange(Shmop block, String phpMode, boolean javaWrites) {
        assertEquals("1003", php.ask("shmop_size($b)"));
        assertEquals(1003, block.size());
        if (javaWrites) {
            block.write(HEX.parseHex("610062ff"), 7);
            assertEquals("00610062ff00", php.ask("bin2hex(shmop_read($b, 6, 6))"));
        } else {
            assertThrows(IllegalStateException.class, () -> block.write(new byte[4], 7));
        }
        if (phpMode.equals("a")) {
            assertTrue(php.ask("shmop_write($b, 'x', 0)").startsWith("Error: "));
        } else {
            assertEquals("5", php.ask("shmop_write($b, \"\\0c\\xfed\\0\", 998)"));
            assertEquals("0063fe6400", HEX.formatHex(block.read(998, 0)));
        }
    }

    @Test
    void shouldMeetByTheKeyOfAFile(@TempDir Path directory) throws IOException {
        Path file = Files.createFile(directory.resolve("meet here"));
        ShmKey key = Shmop.ftok(file, "j");
        // Another block with this key would be somebody else's: the key of a new file depends on its inode only.
        try (Shmop block = Shmop.open(key, "n", MODE, 77)) {
            SharedMemory memory = blocks.adopt(SharedMemory.open(key));
            php.ask("$b = shmop_open(ftok('%s', 'j'), 'w', 0, 0)", file);
            assertEquals("3", php.ask("shmop_write($b, 'php', 74)"));
            assertEquals("php", new String(block.read(74, 3)));
            assertEquals(2, memory.status().attachCount());
        }
    }

    @Test
    void shouldMeetWithNegativeKeys() throws ShmException {
        ShmKey key;
        do {
            key = blocks.freeKey();
        } while (key.value() >= 0);
        assertEquals("Shmop", php.ask("$b = shmop_open(%d, 'n', 0600, 77)", key.value()));
        assertEquals("3", php.ask("shmop_write($b, 'php', 74)"));
        try (Shmop block = Shmop.open(key, "a")) {
            assertEquals("php", new String(block.read(74, 0)));
        }
    }

    @Test
    void shouldExchangeEveryByteOfALargeBlock() throws Exception {
        byte[] bytes = new byte[1_000_003];
        new Random(8).nextBytes(bytes);
        ShmKey key = blocks.freeKey();
        try (Shmop block = Shmop.open(key, "n", MODE, bytes.length)) {
            block.write(bytes, 0);
            php.ask("$b = shmop_open(%d, 'w', 0, 0)", key.value());
            assertEquals(
                    HEX.formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)),
                    php.ask("hash('sha256', shmop_read($b, 0, 0))"));
            assertEquals("1000003", php.ask("shmop_write($b, strrev(shmop_read($b, 0, 0)), 0)"));
            byte[] reversed = block.read(0, 0);
            for (int i = 0; i < bytes.length; i++) {
                assertEquals(bytes[bytes.length - 1 - i], reversed[i]);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"600", "640", "644", "444", "604", "755"})
    void shouldGiveBlocksThePermissionsThatWereAskedFor(String octal) throws ShmException {
        ShmPermissions permissions = ShmPermissions.of(Integer.parseInt(octal, 8));
        if (octal.equals("444")) {
            // Opening writes as well, which only root may with this.
            Peers.requireOtherUser();
        }
        ShmKey ofPhp = blocks.freeKey();
        php.ask("$b = shmop_open(%d, 'n', 0%s, 1003)", ofPhp.value(), octal);
        ShmKey ofJava = blocks.freeKey();
        Shmop.open(ofJava, "n", permissions, 1003).close();
        ShmStatus expected = SharedMemory.open(ofPhp).status();
        ShmStatus status = SharedMemory.open(ofJava).status();
        assertEquals(permissions, expected.permissions());
        assertEquals(permissions, status.permissions());
        assertEquals(expected.size(), status.size());
        assertEquals(expected.ownerUid(), status.ownerUid());
        assertEquals(expected.creatorGid(), status.creatorGid());
    }

    @Test
    void shouldKeepEachOthersBlocksUsableAfterDeletion() throws ShmException {
        ShmKey key = blocks.freeKey();
        php.ask("$b = shmop_open(%d, 'n', 0600, 1003)", key.value());
        try (Shmop block = Shmop.open(key, "w")) {
            block.delete();
            assertTrue(php.ask("shmop_open(%d, 'a', 0, 0)", key.value()).contains("No such file or directory"));
            php.ask("shmop_write($b, 'still here', 500)");
            assertArrayEquals("still here".getBytes(), block.read(500, 10));
        }
    }

    // P22
    @Test
    void shouldBeGrantedAndRefusedTheSameByAnotherUsersPhp() throws ShmException {
        Peers.requireOtherUser();
        ShmKey key = blocks.freeKey();
        try (Shmop block = Shmop.open(key, "n", ShmPermissions.of(0644), 1003);
                Conversation nobody = Conversation.php(Child::asNobody)) {
            block.write("for all to read".getBytes(), 0);
            assertEquals("Shmop", nobody.ask("$b = shmop_open(%d, 'a', 0, 0)", key.value()));
            assertEquals("for all to read", nobody.ask("shmop_read($b, 0, 15)"));
            String deleted = nobody.ask("shmop_delete($b)");
            assertTrue(deleted.startsWith("false (") && deleted.contains("are you the owner?"), deleted);
            for (String mode : new String[] {"w", "c"}) {
                String opened = nobody.ask("shmop_open(%d, '%s', 0644, 1003)", key.value(), mode);
                assertTrue(opened.startsWith("false (") && opened.contains("Permission denied"), opened);
            }
        }
    }

    @Test
    void shouldNotBeLuredIntoABlockThatAStrangersPhpMade() throws ShmException {
        Peers.requireOtherUser();
        ShmKey key = blocks.freeKey();
        try (Conversation nobody = Conversation.php(Child::asNobody)) {
            assertEquals("Shmop", nobody.ask("$b = shmop_open(%d, 'n', 0666, 1003)", key.value()));
            assertEquals("Shmop", php.ask("$b = shmop_open(%d, 'c', 0600, 1003)", key.value()));
            ShmUntrustedException lured =
                    assertThrows(ShmUntrustedException.class, () -> Shmop.open(key, "c", MODE, 1003));
            assertTrue(lured.getMessage().contains("is owned by user " + Child.NOBODY), lured.getMessage());
            try (Shmop block = Shmop.open(key, "c", MODE, 1003, ShmTrust.anyone())) {
                nobody.ask("shmop_write($b, 'hello', 1)");
                assertEquals("hello", new String(block.read(1, 5)));
            }
        }
    }
}
