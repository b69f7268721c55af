package io.github.shm4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Machine;
import io.github.shm4j.support.Peers;
import io.github.shm4j.support.Report;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Limits, reached in IPC namespaces of their own, where that disturbs nobody; all blocks go with the namespace. */
class LimitsIT {

    private final Blocks blocks = new Blocks();

    @AfterEach
    void removeBlocks() throws ShmException {
        blocks.close();
    }

    // G05
    @Test
    void shouldRefuseABlockAboveTheLargestSize() {
        Peers.requirePrivateIpc();
        List<String> lines = lines(Child.java(LargestSize.class).inPrivateIpc("shmmax=8192"));
        assertEquals(List.of(
                "8192: ok",
                "8193: ShmLimitException EINVAL",
                "private 8193: ShmLimitException EINVAL",
                "openOrCreate 8193: ShmLimitException EINVAL",
                "0: ShmException EINVAL",
                "blocks: 1",
                "shmmax: 8192"), lines.subList(0, 7));
        assertMentions(lines.get(7), "shmget(0x00000007, 8193, IPC_CREAT|IPC_EXCL|0600): EINVAL (22)",
                "SHMMAX: 8192 bytes", "raise kernel.shmmax");
    }

    static final class LargestSize {
        public static void main(String... arguments) throws Exception {
            Report.say("8192", () -> SharedMemory.create(ShmKey.of(5), 8192));
            Report.say("8193", () -> SharedMemory.create(ShmKey.of(7), 8193));
            Report.say("private 8193", () -> SharedMemory.createPrivate(8193));
            Report.say("openOrCreate 8193", () -> SharedMemory.openOrCreate(ShmKey.of(7), 8193));
            Report.say("0", () -> SharedMemory.create(ShmKey.of(7), 0));
            Report.tell("blocks", SharedMemory.list().size());
            Report.tell("shmmax", ShmLimits.current().maxSize());
            Report.message("8193", () -> SharedMemory.create(ShmKey.of(7), 8193));
        }
    }

    // G11, fault 15
    @Test
    void shouldRefuseABlockAboveTheLargestNumber() {
        Peers.requirePrivateIpc();
        List<String> lines = lines(Child.java(LargestNumber.class).inPrivateIpc("shmmni=4"));
        assertEquals(List.of(
                "1: ok",
                "2: ok",
                "3: ok",
                "4: ok",
                "5: ShmLimitException ENOSPC",
                "private: ShmLimitException ENOSPC",
                "openOrCreate: ShmLimitException ENOSPC",
                "existing: false",
                "blocks: 4",
                "after removal: ok"), lines.subList(0, 10));
        assertMentions(lines.get(10), "shmget(0x00000006, 1000, IPC_CREAT|IPC_EXCL|0600): ENOSPC (28)",
                "SHMMNI: 4 of 4 blocks", "remove blocks that nobody uses", "raise kernel.shmmni");
    }

    static final class LargestNumber {
        public static void main(String... arguments) throws Exception {
            for (int key = 1; key <= 5; key++) {
                ShmKey next = ShmKey.of(key);
                Report.say(Integer.toString(key), () -> SharedMemory.create(next, 1000));
            }
            Report.say("private", () -> SharedMemory.createPrivate(1000));
            Report.say("openOrCreate", () -> SharedMemory.openOrCreate(ShmKey.of(6), 1000));
            Report.tell("existing", SharedMemory.openOrCreate(ShmKey.of(4), 1000).created());
            Report.tell("blocks", SharedMemory.list().size());
            SharedMemory.open(ShmKey.of(2)).remove();
            Report.say("after removal", () -> SharedMemory.create(ShmKey.of(5), 1000));
            Report.message("6", () -> SharedMemory.create(ShmKey.of(6), 1000));
        }
    }

    // Fault 15
    @Test
    void shouldRefuseABlockAboveTheLargestTotal() {
        Peers.requirePrivateIpc();
        List<String> lines = lines(Child.java(LargestTotal.class).inPrivateIpc("shmall=8"));
        assertEquals(List.of(
                "7 pages: ok", "2 pages: ShmLimitException ENOSPC", "1 page: ok", "1 byte: ShmLimitException ENOSPC",
                "blocks: 2", "pages: 8"), lines.subList(0, 6));
        assertMentions(lines.get(6), "ENOSPC (28)", "SHMALL: 8 of 8 pages", "raise kernel.shmmni or kernel.shmall");
    }

    static final class LargestTotal {
        public static void main(String... arguments) throws Exception {
            Report.say("7 pages", () -> SharedMemory.create(ShmKey.of(1), 6 * Machine.pageSize() + 1));
            Report.say("2 pages", () -> SharedMemory.create(ShmKey.of(2), Machine.pageSize() + 1));
            Report.say("1 page", () -> SharedMemory.create(ShmKey.of(3), Machine.pageSize() - 1));
            Report.say("1 byte", () -> SharedMemory.create(ShmKey.of(4), 1));
            Report.tell("blocks", SharedMemory.list().size());
            Report.tell("pages", ShmUsage.current().totalPages());
            Report.message("1 byte", () -> SharedMemory.create(ShmKey.of(4), 1));
        }
    }

    // C11, C12
    @Test
    void shouldCountWhatANamespaceHas() {
        Peers.requirePrivateIpc();
        List<String> lines =
                lines(Child.java(Usage.class).inPrivateIpc("shmmax=18446744073709551615", "shmmni=77",
                        "shmall=123456"));
        assertEquals(List.of(
                "limits: ShmLimits[maxSize=18446744073709551615, minSize=1, maxBlocks=77, maxBlocksPerProcess=77,"
                        + " maxPages=123456, rmidForced=false]",
                "by call: true",
                "empty: ShmUsage[blocks=0, totalPages=0, residentPages=0, swappedPages=0, swapAttempts=0,"
                        + " swapSuccesses=0, highestIndex=0]",
                "lists: [] []",
                "one: ShmUsage[blocks=1, totalPages=3, residentPages=0, swappedPages=0, swapAttempts=0,"
                        + " swapSuccesses=0, highestIndex=0]",
                "three: ShmUsage[blocks=3, totalPages=6, residentPages=2, swappedPages=0, swapAttempts=0,"
                        + " swapSuccesses=0, highestIndex=2]",
                "hole: ShmUsage[blocks=2, totalPages=4, residentPages=0, swappedPages=0, swapAttempts=0,"
                        + " swapSuccesses=0, highestIndex=2]",
                "resident: " + 2 * Machine.pageSize(),
                "pages of the list: 4",
                "same: true"), lines);
    }

    static final class Usage {
        public static void main(String... arguments) throws Exception {
            Report.tell("limits", ShmLimits.current());
            Report.tell("by call", ShmLimits.ask().equals(ShmLimits.current()));
            Report.tell("empty", ShmUsage.current());
            Report.tell("lists", SharedMemory.list() + " " + BlockList.readByIndex());
            SharedMemory.create(ShmKey.of(1), 2 * Machine.pageSize() + 1);
            Report.tell("one", ShmUsage.current());
            SharedMemory second = SharedMemory.create(ShmKey.of(2), Machine.pageSize() + 1);
            try (Arena arena = Arena.ofConfined()) {
                second.attach(AttachMode.READ_WRITE, arena).fill((byte) 1);
            }
            SharedMemory.create(ShmKey.of(3), 1);
            Report.tell("three", ShmUsage.current());
            long resident = SharedMemory.list().stream()
                    .mapToLong(status -> status.residentSize().orElseThrow())
                    .sum();
            second.remove();
            Report.tell("hole", ShmUsage.current());
            Report.tell("resident", resident);
            List<ShmStatus> list = SharedMemory.list();
            Report.tell("pages of the list", list.stream()
                    .mapToLong(status -> Machine.pages(status.size()))
                    .sum());
            Report.tell("same", list.stream().map(ListTest::withoutResidency).toList()
                    .equals(BlockList.readByIndex()));
        }
    }

    // A19
    @Test
    void shouldSayThatTheAddressSpaceIsFull() throws ShmException {
        Peers.require(Child.exists("prlimit"), "prlimit");
        long size = 16L << 30;
        SharedMemory memory = blocks.create(size + 1, ShmPermissions.OWNER_ONLY, CreateOption.NO_RESERVE);
        List<String> lines = lines(Child.java(Cramped.class, memory.id()).under("prlimit", "--as=" + size));
        assertEquals(List.of("read: ShmLimitException ENOMEM", "write: ShmLimitException ENOMEM", "attached: 0"),
                lines.subList(0, 3));
        assertMentions(lines.get(3), "shmat(" + memory.id() + ", NULL, 0): ENOMEM (12)", "address space", "ulimit -v");
    }

    static final class Cramped {
        public static void main(String... arguments) throws Exception {
            SharedMemory memory = SharedMemory.ofId(Integer.parseInt(arguments[0]));
            try (Arena arena = Arena.ofConfined()) {
                Report.say("read", () -> memory.attach(AttachMode.READ_ONLY, arena));
                Report.say("write", () -> memory.attach(AttachMode.READ_WRITE, arena));
                Report.tell("attached", memory.status().attachCount());
                Report.message("write", () -> memory.attach(AttachMode.READ_WRITE, arena));
            }
        }
    }

    // G14
    @Test
    void shouldCreateTheLargestBlockThereCanBeButNotAttachIt() {
        Peers.requirePrivateIpc();
        long size = Long.MAX_VALUE / Machine.pageSize() * Machine.pageSize();
        List<String> lines = lines(Child.java(Enormous.class).inPrivateIpc());
        assertEquals(List.of(
                "create: ok",
                "size: " + size,
                "listed: " + size,
                "same: true",
                "attach: ShmLimitException ENOMEM",
                "attached: 0",
                "open: ok",
                "remove: ok"), lines);
    }

    static final class Enormous {
        public static void main(String... arguments) throws Exception {
            ShmKey key = ShmKey.of(1);
            long size = Long.MAX_VALUE / Machine.pageSize() * Machine.pageSize();
            Report.say("create", () -> SharedMemory.create(
                    key, size, ShmPermissions.OWNER_ONLY, CreateOption.NO_RESERVE));
            SharedMemory memory = SharedMemory.open(key);
            Report.tell("size", memory.status().size());
            List<ShmStatus> list = SharedMemory.list();
            Report.tell("listed", list.getFirst().size());
            Report.tell("same", ListTest.withoutResidency(list.getFirst()).equals(memory.status()));
            try (Arena arena = Arena.ofConfined()) {
                Report.say("attach", () -> memory.attach(AttachMode.READ_WRITE, arena));
            }
            Report.tell("attached", memory.status().attachCount());
            Report.say("open", () -> SharedMemory.open(key, size));
            Report.say("remove", () -> {
                memory.remove();
                return null;
            });
        }
    }

    // G19
    @Test
    void shouldUseTheHighestIdThereCanBe() {
        Peers.requirePrivateIpc();
        Peers.require(Files.exists(Path.of("/proc/sys/kernel/shm_next_id")), "a kernel that lets choose ids");
        List<String> lines = lines(Child.java(HighestId.class).inPrivateIpc("shm_next_id=2147483647"));
        assertEquals(List.of(
                "id: 2147483647",
                "found: SharedMemory[id=2147483647]",
                "next: 0",
                "listed: [0, 2147483647]",
                "by index: [0, 2147483647]",
                "highest index: 32767"), lines);
    }

    static final class HighestId {
        public static void main(String... arguments) throws Exception {
            Report.tell("id", SharedMemory.create(ShmKey.of(1), 1000).id());
            Report.tell("found", SharedMemory.open(ShmKey.of(1)));
            Report.tell("next", SharedMemory.create(ShmKey.of(2), 1000).id());
            Report.tell("listed", ids(SharedMemory.list()));
            Report.tell("by index", ids(BlockList.readByIndex()));
            Report.tell("highest index", ShmUsage.current().highestIndex());
        }

        private static List<Integer> ids(List<ShmStatus> list) {
            List<Integer> ids = new ArrayList<>();
            list.forEach(status -> ids.add(status.id()));
            ids.sort(null);
            return ids;
        }
    }

    @Test
    void shouldSayWhyBlocksVanish() {
        Peers.requirePrivateIpc();
        List<String> lines = lines(Child.java(Vanishing.class).inPrivateIpc("shm_rmid_forced=1"));
        assertEquals("forced: true", lines.get(0));
        assertMentions(lines.get(1), "EINVAL (22)", "it has been removed", "kernel.shm_rmid_forced is set here");
        assertMentions(lines.get(2), "ENOENT (2)", "has the key", "kernel.shm_rmid_forced is set here");
        List<String> usual = lines(Child.java(Vanishing.class).inPrivateIpc("shm_rmid_forced=0"));
        assertEquals(List.of("forced: false", "status: no exception", "open: no exception"), usual);
    }

    static final class Vanishing {
        public static void main(String... arguments) throws Exception {
            Report.tell("forced", ShmLimits.current().rmidForced());
            SharedMemory memory = SharedMemory.create(ShmKey.of(5), 1000);
            try (Arena arena = Arena.ofConfined()) {
                memory.attach(AttachMode.READ_WRITE, arena);
            }
            Report.message("status", memory::status);
            Report.message("open", () -> SharedMemory.open(ShmKey.of(5)));
        }
    }

    @Test
    void shouldTakeASettingThatIsHiddenForOneThatIsNotSet() {
        Peers.requireNamespaces("-i", "-m");
        String hide = "mount --bind /dev/null /proc/sys/kernel/shm_rmid_forced && exec \"$@\"";
        List<String> lines =
                lines(Child.java(Vanishing.class).under(Child.unshare("-i", "-m")).under("sh", "-c", hide, "sh"));
        assertEquals(List.of("forced: false", "status: no exception", "open: no exception"), lines);
    }

    private static List<String> lines(Child child) {
        return child.run().ok().lines().toList();
    }

    private static void assertMentions(String line, String... words) {
        for (String word : words) {
            assertTrue(line.contains(word), () -> "\"" + word + "\" is not in: " + line);
        }
    }
}
