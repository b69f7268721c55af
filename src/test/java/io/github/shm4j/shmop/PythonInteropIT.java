package io.github.shm4j.shmop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmAlreadyExistsException;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmNotFoundException;
import io.github.shm4j.ShmPermissions;
import io.github.shm4j.ShmStatus;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Conversation;
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
import org.junit.jupiter.params.provider.ValueSource;

/** Blocks shared with Python's sysv_ipc. */
class PythonInteropIT {

    private static final ShmPermissions MODE = ShmPermissions.OWNER_ONLY;
    private static final HexFormat HEX = HexFormat.of();

    private static Conversation python;

    private final Blocks blocks = new Blocks();

    @BeforeAll
    static void startPython() {
        python = Conversation.python();
    }

    @AfterAll
    static void endPython() {
        if (python != null) {
            python.close();
        }
    }

    @AfterEach
    void removeBlocks() throws ShmException {
        python.ask("(b := None)");
        blocks.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "c", "w"})
    void shouldExchangeThroughABlockOfPython(String mode) throws ShmException {
        ShmKey key = blocks.freeKey();
        assertEquals(
                "1003",
                python.ask(
                        "(b := sysv_ipc.SharedMemory(%d, sysv_ipc.IPC_CREX, 0o600, 1003, b'.')).size", key.value()));
        python.ask("b.write(b'a\\0b\\xff', 7)");
        try (Shmop block = Shmop.open(key, mode, MODE, 1003)) {
            assertEquals(1003, block.size());
            // The dots are what sysv_ipc was told to fill the new block with.
            assertEquals("2e610062ff2e", HEX.formatHex(block.read(6, 6)));
            if (mode.equals("a")) {
                assertThrows(IllegalStateException.class, () -> block.write(new byte[1], 0));
            } else {
                block.write(HEX.parseHex("0063fe6400"), 998);
                assertEquals("0063fe6400", python.ask("b.read(5, 998).hex()"));
            }
            assertThrows(ShmAlreadyExistsException.class, () -> Shmop.open(key, "n", MODE, 1003));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"c", "n"})
    void shouldExchangeThroughABlockOfJava(String mode) throws ShmException {
        ShmKey key = blocks.freeKey();
        try (Shmop block = Shmop.open(key, mode, MODE, 1003)) {
            block.write(HEX.parseHex("610062ff"), 999);
            assertEquals("1003", python.ask("(b := sysv_ipc.SharedMemory(%d)).size", key.value()));
            assertEquals("610062ff", python.ask("b.read(0, 999).hex()"));
            python.ask("b.write(b'\\0py\\xfe', 0)");
            assertEquals("007079fe00", HEX.formatHex(block.read(0, 5)));
            assertTrue(python.ask("sysv_ipc.SharedMemory(%d, sysv_ipc.IPC_CREX, 0o600, 1003)", key.value())
                    .startsWith("ExistentialError"));
        }
    }

    @Test
    void shouldExchangeEveryByteOfALargeBlock() throws Exception {
        byte[] bytes = new byte[1_000_003];
        new Random(6).nextBytes(bytes);
        ShmKey key = blocks.freeKey();
        try (Shmop block = Shmop.open(key, "n", MODE, bytes.length)) {
            block.write(bytes, 0);
            python.ask("(b := sysv_ipc.SharedMemory(%d))", key.value());
            assertEquals(
                    HEX.formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)),
                    python.ask("__import__('hashlib').sha256(b.read()).hexdigest()"));
            python.ask("b.write(b.read()[::-1])");
            byte[] reversed = block.read(0, 0);
            for (int i = 0; i < bytes.length; i++) {
                assertEquals(bytes[bytes.length - 1 - i], reversed[i]);
            }
        }
    }

    @Test
    void shouldMeetByTheKeyOfAFile(@TempDir Path directory) throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        ShmKey key = Shmop.ftok(file, "j");
        try (Shmop block = Shmop.open(key, "n", MODE, 77)) {
            blocks.adopt(SharedMemory.open(key));
            python.ask("(b := sysv_ipc.SharedMemory(sysv_ipc.ftok('%s', ord('j'), True))).write(b'python', 71)", file);
            assertEquals("python", new String(block.read(71, 0)));
        }
    }

    @Test
    void shouldShowEachOtherTheSizeOwnerPermissionsAndAttachments() throws ShmException {
        ShmKey key = blocks.freeKey();
        try (Shmop _ = Shmop.open(key, "n", ShmPermissions.of(0640), 5003)) {
            python.ask("(b := sysv_ipc.SharedMemory(%d))", key.value());
            ShmStatus status = SharedMemory.open(key).status();
            assertEquals(Integer.toString(status.id()), python.ask("b.id"));
            assertEquals(Integer.toString(key.value()), python.ask("b.key"));
            assertEquals("5003", python.ask("b.size"));
            assertEquals("0o640", python.ask("oct(b.mode & 0o777)"));
            assertEquals("2", python.ask("b.number_attached"));
            assertEquals(2, status.attachCount());
            assertEquals(Long.toString(ProcessHandle.current().pid()), python.ask("b.creator_pid"));
            assertEquals(Long.toString(status.ownerUid()), python.ask("b.uid"));
            assertEquals(Long.toString(status.creatorGid()), python.ask("b.cgid"));
            python.ask("b.detach()");
            assertEquals(1, SharedMemory.open(key).status().attachCount());
        }
        ShmKey ofPython = blocks.freeKey();
        python.ask("(b := sysv_ipc.SharedMemory(%d, sysv_ipc.IPC_CREX, 0o604, 4097))", ofPython.value());
        ShmStatus status = SharedMemory.open(ofPython).status();
        assertEquals(4097, status.size());
        assertEquals(ShmPermissions.of(0604), status.permissions());
        assertEquals(1, status.attachCount());
    }

    @Test
    void shouldRemoveEachOthersBlocks() throws ShmException {
        ShmKey key = blocks.freeKey();
        try (Shmop block = Shmop.open(key, "n", MODE, 1003)) {
            python.ask("(b := sysv_ipc.SharedMemory(%d)).remove()", key.value());
            assertThrows(ShmNotFoundException.class, () -> Shmop.open(key, "a"));
            python.ask("b.write(b'still', 998)");
            assertEquals("still", new String(block.read(998, 0)));
        }
        python.ask("(b := sysv_ipc.SharedMemory(%d, sysv_ipc.IPC_CREX, 0o600, 1003))", key.value());
        try (Shmop block = Shmop.open(key, "a")) {
            block.delete();
        }
        assertTrue(python.ask("sysv_ipc.SharedMemory(%d)", key.value()).startsWith("ExistentialError"));
        assertEquals("b'     '", python.ask("b.read(5)"));
    }
}
