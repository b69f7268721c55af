package io.github.shm4j.shmop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmNotFoundException;
import io.github.shm4j.ShmPermissions;
import io.github.shm4j.ShmStatus;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Conversation;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Blocks shared with a C program. */
class CInteropIT {

    private static final ShmPermissions MODE = ShmPermissions.OWNER_ONLY;
    private static final HexFormat HEX = HexFormat.of();

    @TempDir
    private static Path directory;

    private static Conversation c;

    private final Blocks blocks = new Blocks();

    @BeforeAll
    static void startC() {
        c = Conversation.c();
    }

    @AfterAll
    static void endC() {
        if (c != null) {
            c.close();
        }
    }

    @AfterEach
    void removeBlocks() throws ShmException {
        blocks.close();
    }

    // G06, G07
    @ParameterizedTest
    @ValueSource(strings = {"a", "c", "w"})
    void shouldExchangeThroughABlockOfC(String mode) throws ShmException {
        ShmKey key = blocks.freeKey();
        // IPC_CREAT | IPC_EXCL | 0600
        String id = c.ask("get %d 1003 3600", key.value());
        assertEquals(Integer.toString(SharedMemory.open(key).id()), id);
        assertEquals("ok", c.ask("write %s 7 610062ff", id));
        try (Shmop block = Shmop.open(key, mode, MODE, 1003)) {
            assertEquals(1003, block.size());
            assertEquals("00610062ff00", HEX.formatHex(block.read(6, 6)));
            if (mode.equals("a")) {
                assertThrows(IllegalStateException.class, () -> block.write(new byte[1], 0));
            } else {
                block.write(HEX.parseHex("0063fe6400"), 998);
                assertEquals("0063fe6400", c.ask("read %s 998 5", id));
            }
        }
        assertEquals("shmget: EEXIST", c.ask("get %d 1003 3600", key.value()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"c", "n"})
    void shouldExchangeThroughABlockOfJava(String mode) throws ShmException {
        ShmKey key = blocks.freeKey();
        try (Shmop block = Shmop.open(key, mode, MODE, 1003)) {
            block.write(HEX.parseHex("610062ff"), 999);
            String id = c.ask("get %d 1003 0", key.value());
            assertEquals("610062ff", c.ask("read %s 999 4", id));
            assertEquals("ok", c.ask("write %s 1 00fe43", id));
            assertEquals("0000fe4300", HEX.formatHex(block.read(0, 5)));
            assertEquals("shmget: EINVAL", c.ask("get %d 1004 0", key.value()));
        }
    }

    @Test
    void shouldExchangeEveryByteOfALargeBlock() throws ShmException {
        int size = 5_000_011;
        ShmKey key = blocks.freeKey();
        try (Shmop block = Shmop.open(key, "n", MODE, size)) {
            String id = c.ask("get %d 0 0", key.value());
            byte[] bytes = new byte[size];
            for (int i = 0; i < size; i++) {
                bytes[i] = (byte) (i * 3L % 251);
            }
            block.write(bytes, 0);
            assertEquals(Integer.toString(size), c.ask("check %s 3", id));
            block.write(new byte[] {(byte) (bytes[size - 1] + 1)}, size - 1);
            assertEquals(Integer.toString(size - 1), c.ask("check %s 3", id));
            assertEquals(Integer.toString(size), c.ask("fill %s 5", id));
            byte[] filled = block.read(0, 0);
            for (int i = 0; i < size; i++) {
                assertEquals((byte) (i * 5L % 251), filled[i]);
            }
        }
    }

    @Test
    void shouldExchangeThroughSegmentsByIdAndWithoutKey() throws ShmException {
        SharedMemory memory = blocks.adopt(SharedMemory.createPrivate(1003));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment segment = memory.attach(AttachMode.READ_WRITE, arena);
            segment.set(ValueLayout.JAVA_LONG_UNALIGNED, 995, Long.reverseBytes(0x0102030405060708L));
            String native64 = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN
                    ? "0102030405060708"
                    : "0807060504030201";
            assertEquals(native64, c.ask("read %d 995 8", memory.id()));
            c.ask("write %d 0 6869", memory.id());
            assertEquals("hi", segment.getString(0));
        }
    }

    @Test
    void shouldMeetByTheKeyOfAFile() throws IOException {
        Path file = Files.createFile(directory.resolve("meeting point"));
        ShmKey key = Shmop.ftok(file, "j");
        String id = c.ask("get %s 77 3600", c.ask("ftok %d %s", (int) 'j', file));
        blocks.adopt(SharedMemory.ofId(Integer.parseInt(id)));
        try (Shmop block = Shmop.open(key, "w")) {
            block.write("java".getBytes(), 73);
            assertEquals("6a617661", c.ask("read %s 73 4", id));
        }
    }

    // C01
    @Test
    void shouldShowEachOtherTheSizeOwnerPermissionsAndAttachments() throws ShmException {
        ShmKey key = blocks.freeKey();
        try (Shmop _ = Shmop.open(key, "n", ShmPermissions.of(0640), 5003);
                Shmop _ = Shmop.open(key, "a")) {
            ShmStatus status = SharedMemory.open(key).status();
            assertEquals(
                    "5003 0640 " + status.ownerUid() + " " + status.creatorUid() + " 2", c.ask("stat %d", status.id()));
        }
        ShmKey ofC = blocks.freeKey();
        String id = c.ask("get %d 4097 3604", ofC.value());
        ShmStatus status = SharedMemory.open(ofC).status();
        assertEquals(id, Integer.toString(status.id()));
        assertEquals(4097, status.size());
        assertEquals(ShmPermissions.of(0604), status.permissions());
        assertEquals(0, status.attachCount());
    }

    @Test
    void shouldShowTheRemovalMarkOfAnAttachedBlock() throws ShmException {
        ShmKey key = blocks.freeKey();
        try (Shmop block = Shmop.open(key, "n", MODE, 1003)) {
            int id = SharedMemory.open(key).id();
            block.delete();
            assertEquals("1600", c.ask("stat %d", id).split(" ")[1]);
            assertEquals("shmget: ENOENT", c.ask("get %d 0 0", key.value()));
            // Linux lets a removed block be attached by its id as long as it exists.
            assertEquals("ok", c.ask("write %d 1002 2a", id));
            assertEquals(42, block.read(1002, 0)[0]);
        }
    }

    @Test
    void shouldRemoveEachOthersBlocks() throws ShmException {
        ShmKey key = blocks.freeKey();
        String id = c.ask("get %d 1003 3600", key.value());
        try (Shmop block = Shmop.open(key, "w")) {
            block.delete();
        }
        assertEquals("shmat: EINVAL", c.ask("read %s 0 1", id));
        Shmop.open(key, "n", MODE, 1003).close();
        assertEquals("ok", c.ask("remove %d", SharedMemory.open(key).id()));
        assertThrows(ShmNotFoundException.class, () -> Shmop.open(key, "a"));
    }
}
