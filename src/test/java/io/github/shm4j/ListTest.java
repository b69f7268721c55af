package io.github.shm4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.support.Blocks;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The list of all blocks, held against what the kernel says of those that a test has made. */
class ListTest {

    private final Blocks blocks = new Blocks();
    private final Arena arena = Arena.ofConfined();

    @AfterEach
    void removeBlocks() throws ShmException {
        arena.close();
        blocks.close();
    }

    /** Returns the entry of a block, of which there must be exactly one. */
    static ShmStatus find(List<ShmStatus> list, SharedMemory memory) {
        List<ShmStatus> found =
                list.stream().filter(status -> status.id() == memory.id()).toList();
        assertEquals(1, found.size(), memory + " in " + list);
        return found.getFirst();
    }

    /** The same status without what only the file in /proc tells. */
    static ShmStatus withoutResidency(ShmStatus status) {
        KernelStatus s = (KernelStatus) status;
        return new KernelStatus(s.key(), s.id(), s.size(), s.ownerUid(), s.ownerGid(), s.creatorUid(), s.creatorGid(),
                s.permissions(), s.attachCount(), s.creatorPid(), s.lastPid(), s.attachSeconds(), s.detachSeconds(),
                s.changeSeconds(), s.markedForRemoval(), s.locked(), -1, -1);
    }

    private static String seconds(Optional<Instant> time) {
        return Long.toString(time.map(Instant::getEpochSecond).orElse(0L));
    }

    // L07
    @Test
    void shouldShowEveryColumnThatTheKernelShows() throws ShmException, IOException {
        for (SharedMemory memory : variousBlocks()) {
            ShmStatus listed = find(SharedMemory.list(), memory);
            Map<String, String> row = kernelRow(memory.id());
            assertEquals(row.get("key"), Integer.toString(listed.key().value()));
            assertEquals(row.get("size"), Long.toString(listed.size()));
            assertEquals(row.get("cpid"), Long.toString(listed.creatorPid()));
            assertEquals(row.get("lpid"), Long.toString(listed.lastPid()));
            assertEquals(row.get("nattch"), Long.toString(listed.attachCount()));
            assertEquals(row.get("uid"), Long.toString(listed.ownerUid()));
            assertEquals(row.get("gid"), Long.toString(listed.ownerGid()));
            assertEquals(row.get("cuid"), Long.toString(listed.creatorUid()));
            assertEquals(row.get("cgid"), Long.toString(listed.creatorGid()));
            assertEquals(row.get("atime"), seconds(listed.lastAttachTime()));
            assertEquals(row.get("dtime"), seconds(listed.lastDetachTime()));
            assertEquals(row.get("ctime"), seconds(Optional.of(listed.changeTime())));
            assertEquals(row.get("rss"), Long.toString(listed.residentSize().orElseThrow()));
            assertEquals(row.get("swap"), Long.toString(listed.swappedSize().orElseThrow()));
            int mode = listed.permissions().mode() | (listed.markedForRemoval() ? 01000 : 0)
                    | (listed.locked() ? 02000 : 0);
            assertEquals(Integer.parseInt(row.get("perms"), 8), mode);
        }
    }

    @Test
    void shouldListByIndexWhatItListsByFile() throws ShmException {
        List<SharedMemory> mine = variousBlocks();
        List<ShmStatus> byFile = SharedMemory.list();
        List<ShmStatus> byIndex = BlockList.readByIndex();
        for (SharedMemory memory : mine) {
            ShmStatus indexed = find(byIndex, memory);
            assertEquals(withoutResidency(find(byFile, memory)), indexed);
            assertTrue(indexed.residentSize().isEmpty());
            assertTrue(indexed.swappedSize().isEmpty());
            boolean readable = (indexed.permissions().mode() & 0400) != 0;
            if (readable && !indexed.markedForRemoval()) {
                assertEquals(memory.status(), indexed);
            }
        }
    }

    @Test
    void shouldGiveAListThatTheCallerMayChange() throws ShmException {
        SharedMemory memory = blocks.create(1000);
        List<ShmStatus> list = SharedMemory.list();
        list.removeIf(status -> status.id() != memory.id());
        assertEquals(1, list.size());
        List<ShmStatus> byIndex = BlockList.readByIndex();
        byIndex.removeIf(status -> status.id() != memory.id());
        assertEquals(list.stream().map(ListTest::withoutResidency).toList(), byIndex);
    }

    @Test
    void shouldNotListWhatIsRemoved() throws ShmException {
        SharedMemory memory = blocks.create(1000);
        memory.remove();
        assertFalse(SharedMemory.list().stream().anyMatch(status -> status.id() == memory.id()));
        assertFalse(BlockList.readByIndex().stream().anyMatch(status -> status.id() == memory.id()));
    }

    @Test
    void shouldPassOverIndexesThatNoBlockHas() throws ShmException {
        SharedMemory first = blocks.create(1001);
        SharedMemory hole = blocks.create(1002);
        SharedMemory last = blocks.create(1003);
        hole.remove();
        List<ShmStatus> byIndex = BlockList.readByIndex();
        assertEquals(1001, find(byIndex, first).size());
        assertEquals(1003, find(byIndex, last).size());
        assertFalse(byIndex.stream().anyMatch(status -> status.id() == hole.id()));
    }

    @Test
    void shouldListTheBlockWithTheHighestIndex() throws ShmException {
        // A new block gets the lowest free index.
        SharedMemory highest = blocks.create(1);
        for (int i = 2; i < 200 && index(highest) < ShmUsage.current().highestIndex(); i++) {
            highest = blocks.create(i);
        }
        assertTrue(index(highest) <= ShmUsage.current().highestIndex());
        find(BlockList.readByIndex(), highest);
    }

    /** The kernel's usual index of a block, whose id has a sequence number in front of it. */
    private static int index(SharedMemory memory) {
        return memory.id() % 32_768;
    }

    @Test
    void shouldListWhileBlocksComeAndGo() throws Exception {
        SharedMemory staying = blocks.create(1000);
        Exception[] failure = new Exception[1];
        Thread creator = new Thread(() -> {
            try {
                for (int i = 0; i < 1000; i++) {
                    SharedMemory.createPrivate(1 + i).remove();
                }
            } catch (ShmException unexpected) {
                failure[0] = unexpected;
            }
        });
        creator.start();
        int lists = 0;
        do {
            assertEquals(1000, find(SharedMemory.list(), staying).size());
            assertEquals(1000, find(BlockList.readByIndex(), staying).size());
            lists++;
        } while (creator.isAlive());
        creator.join();
        assertEquals(null, failure[0]);
        assertTrue(lists > 0);
    }

    /** One block of each kind that differs in some column. */
    private List<SharedMemory> variousBlocks() throws ShmException {
        List<SharedMemory> various = new ArrayList<>();
        various.add(blocks.create(1));
        various.add(blocks.create(12_345, ShmPermissions.of(0)));
        various.add(blocks.create(4097, ShmPermissions.ofWorldWritable(0777)));
        various.add(blocks.adopt(SharedMemory.createPrivate(777)));
        various.add(blocks.create((1L << 40) + 5, ShmPermissions.OWNER_ONLY, CreateOption.NO_RESERVE));

        SharedMemory used = blocks.create(9001);
        try (Arena detached = Arena.ofConfined()) {
            used.attach(AttachMode.READ_WRITE, detached).fill((byte) 1);
        }
        various.add(used);

        SharedMemory attached = blocks.create(10_001);
        attached.attach(AttachMode.READ_ONLY, arena);
        MemorySegment twice = attached.attach(AttachMode.READ_WRITE, arena);
        twice.setString(5000, "resident");
        various.add(attached);

        SharedMemory marked = blocks.create(2002);
        marked.attach(AttachMode.READ_ONLY, arena);
        marked.remove();
        various.add(marked);

        SharedMemory locked = blocks.create(3003);
        locked.lockInMemory();
        various.add(locked);
        return various;
    }

    private static Map<String, String> kernelRow(int id) throws IOException {
        List<String> lines = Files.readAllLines(Path.of("/proc/sysvipc/shm"));
        String[] names = lines.getFirst().strip().split(" +");
        for (String line : lines.subList(1, lines.size())) {
            String[] values = line.strip().split(" +");
            if (values[1].equals(Integer.toString(id))) {
                Map<String, String> row = new HashMap<>();
                for (int i = 0; i < names.length; i++) {
                    row.put(names[i], values[i]);
                }
                return row;
            }
        }
        throw new AssertionError("no block " + id + " in " + lines);
    }
}
