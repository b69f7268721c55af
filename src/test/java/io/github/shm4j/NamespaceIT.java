package io.github.shm4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Lasting;
import io.github.shm4j.support.Peers;
import io.github.shm4j.support.Report;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Other namespaces, as containers have them. */
class NamespaceIT {

    private final Blocks blocks = new Blocks();

    @AfterEach
    void removeBlocks() throws ShmException {
        blocks.close();
    }

    // G20
    @Test
    void shouldShareNothingWithAnotherIpcNamespace() throws ShmException {
        Peers.requirePrivateIpc();
        ShmKey key = blocks.freeKey();
        SharedMemory memory = SharedMemory.create(key, 1000);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = memory.attach(AttachMode.READ_WRITE, arena);
            bytes.setString(0, "outside");
            Lasting before = Lasting.of(memory.status());
            List<String> lines = Child.java(Inside.class, key, memory.id()).inPrivateIpc().run().ok().lines().toList();
            assertEquals(List.of(
                    "open: ShmNotFoundException ENOENT",
                    "attach: ShmNotFoundException EINVAL",
                    "list: []",
                    "by index: []",
                    "created: true",
                    "text: ",
                    "text: inside"), lines.subList(0, 7));
            assertTrue(lines.get(7).contains("IPC namespace"), lines.get(7));
            assertTrue(lines.get(7).contains("containers"), lines.get(7));
            assertEquals("outside", bytes.getString(0));
            assertEquals(before, Lasting.of(memory.status()));
        }
    }

    static final class Inside {
        public static void main(String... arguments) throws Exception {
            ShmKey key = ShmKey.parse(arguments[0]);
            SharedMemory outside = SharedMemory.ofId(Integer.parseInt(arguments[1]));
            try (Arena arena = Arena.ofConfined()) {
                Report.say("open", () -> SharedMemory.open(key));
                Report.say("attach", () -> outside.attach(AttachMode.READ_WRITE, arena));
                Report.tell("list", SharedMemory.list());
                Report.tell("by index", BlockList.readByIndex());
                String message = message(key);
                SharedMemory.Opened opened = SharedMemory.openOrCreate(key, 1000);
                Report.tell("created", opened.created());
                MemorySegment bytes = opened.memory().attach(AttachMode.READ_WRITE, arena);
                Report.tell("text", bytes.getString(0));
                bytes.setString(0, "inside");
                Report.tell("text", bytes.getString(0));
                Report.tell("message", message);
            }
        }

        private static String message(ShmKey key) {
            try {
                SharedMemory.open(key);
                return "none";
            } catch (ShmException refused) {
                return refused.getMessage();
            }
        }
    }

    @Test
    void shouldUseTheIdZero() {
        Peers.requirePrivateIpc();
        List<String> lines = Child.java(Zero.class).inPrivateIpc().run().ok().lines().toList();
        assertEquals(List.of(
                "id: 0",
                "found: SharedMemory[id=0]",
                "again: Opened[memory=SharedMemory[id=0], created=false]",
                "text: zero",
                "status: 0 1000 1",
                "listed: 0 1000 1",
                "listed by index: 0 1000 1",
                "set: 0640",
                "removed: ShmNotFoundException EINVAL"), lines);
    }

    static final class Zero {
        public static void main(String... arguments) throws Exception {
            SharedMemory memory = SharedMemory.create(ShmKey.of(1), 1000);
            Report.tell("id", memory.id());
            Report.tell("found", SharedMemory.open(ShmKey.of(1)));
            Report.tell("again", SharedMemory.openOrCreate(ShmKey.of(1), 1000));
            try (Arena arena = Arena.ofConfined()) {
                memory.attach(AttachMode.READ_WRITE, arena).setString(990, "zero");
                try (Arena second = Arena.ofConfined()) {
                    Report.tell("text", SharedMemory.ofId(0).attach(AttachMode.READ_ONLY, second).getString(990));
                }
                Report.tell("status", brief(SharedMemory.ofId(0).status()));
                Report.tell("listed", brief(SharedMemory.list().getFirst()));
                Report.tell("listed by index", brief(BlockList.readByIndex().getFirst()));
            }
            memory.setPermissions(ShmPermissions.of(0640));
            Report.tell("set", memory.status().permissions());
            memory.remove();
            Report.say("removed", memory::status);
        }

        private static String brief(ShmStatus status) {
            return status.id() + " " + status.size() + " " + status.attachCount();
        }
    }

    @Test
    void shouldUseKeysAtTheEdges() {
        Peers.requirePrivateIpc();
        List<String> lines = Child.java(Edges.class).inPrivateIpc().run().ok().lines().toList();
        assertEquals(List.of("0xffffffff: true true", "0x80000000: true true", "0x7fffffff: true true",
                "0x00000001: true true", "blocks: 4"), lines);
    }

    static final class Edges {
        public static void main(String... arguments) throws Exception {
            for (int value : new int[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, 1}) {
                ShmKey key = ShmKey.of(value);
                SharedMemory memory = SharedMemory.create(key, 1000);
                ShmStatus listed = SharedMemory.list().stream()
                        .filter(status -> status.id() == memory.id())
                        .findFirst()
                        .orElseThrow();
                Report.tell(key.toString(), SharedMemory.open(key).equals(memory) + " "
                        + (listed.key().equals(key) && memory.status().key().equals(key)));
            }
            Report.tell("blocks", ShmUsage.current().blocks());
        }
    }

    @Test
    void shouldNotTakeAnUnknownUserForARemovedBlock() {
        Peers.require(Child.exists("unshare") && Child.command("unshare", "-Ur", "-i", "true").run().exit() == 0,
                "unshare -Ur");
        List<String> lines = Child.java(Unmapped.class).under("unshare", "-Ur", "-i").run().ok().lines().toList();
        // The user namespace has root only.
        assertEquals(List.of("give to root: ok", "give to 12345: ShmException EINVAL", "owner: 0",
                "remove: ok"), lines.subList(0, 4));
        assertTrue(lines.get(4).contains("IPC_SET): EINVAL (22)"), lines.get(4));
        assertFalse(lines.get(4).contains("removed"), lines.get(4));
    }

    @Test
    void shouldNotReplaceAnOwnerThatHasNoNumberHere() throws ShmException {
        Peers.requireOtherUser();
        Peers.require(Child.command("unshare", "-Ur", "true").run().exit() == 0, "unshare -Ur");
        SharedMemory memory = blocks.create(1000);
        memory.setOwner(0, 100_000);
        List<String> lines = Child.java(Chmod.class, memory.id()).under("unshare", "-Ur").run().ok().lines().toList();
        assertEquals(List.of("group: 65534", "set: ShmException"), lines);
        assertEquals(100_000, memory.status().ownerGid());
        assertEquals(0600, memory.status().permissions().mode());
    }

    @Test
    void shouldNotReplaceAnOwnerInANamespaceThatMapsNobody() throws ShmException {
        Peers.require(Child.command("true").under("unshare", "-U").run().exit() == 0, "unshare -U");
        SharedMemory memory = blocks.create(1000);
        List<String> lines = Child.java(Chmod.class, memory.id())
                .readableByAll()
                .under("unshare", "-U")
                .run()
                .ok()
                .lines()
                .toList();
        assertEquals(List.of("group: 65534", "set: ShmException"), lines);
        assertEquals(0600, memory.status().permissions().mode());
    }

    static final class Chmod {
        public static void main(String... arguments) throws Exception {
            SharedMemory memory = SharedMemory.ofId(Integer.parseInt(arguments[0]));
            Report.tell("group", memory.status().ownerGid());
            Report.say("set", () -> {
                memory.setPermissions(ShmPermissions.of(0640));
                return null;
            });
        }
    }

    static final class Unmapped {
        public static void main(String... arguments) throws Exception {
            SharedMemory memory = SharedMemory.createPrivate(1000);
            Report.say("give to root", () -> {
                memory.setOwner(0, 0);
                return null;
            });
            Report.say("give to 12345", () -> {
                memory.setOwner(12_345, 0);
                return null;
            });
            String message = "none";
            try {
                memory.setOwner(12_345, 0);
            } catch (ShmException refused) {
                message = refused.getMessage();
            }
            Report.tell("owner", memory.status().ownerUid());
            Report.say("remove", () -> {
                memory.remove();
                return null;
            });
            Report.tell("message", message);
        }
    }

    // Fault 13
    @Test
    void shouldNotCallABlockOrphanedWhoseCreatorCannotBeSeen() throws ShmException {
        Peers.requireNamespaces("-p", "-f", "--mount-proc");
        SharedMemory memory = blocks.create(1000);
        List<String> lines = Child.java(Elsewhere.class, memory.id())
                .under(Child.unshare("-p", "-f", "--mount-proc"))
                .run()
                .ok()
                .lines()
                .toList();
        assertEquals(List.of("pid: 1", "creator: 0", "may be alive: true", "orphaned: false", "listed orphaned: false"),
                lines.subList(0, 5));
        // In a user namespace of its own, whoever is not root is.
        assertTrue(lines.get(5).contains(" bytes, owned by user 0, has the key already: "), lines.get(5));
    }

    static final class Elsewhere {
        public static void main(String... arguments) throws Exception {
            SharedMemory memory = SharedMemory.ofId(Integer.parseInt(arguments[0]));
            ShmStatus status = memory.status();
            Report.tell("pid", ProcessHandle.current().pid());
            Report.tell("creator", status.creatorPid());
            Report.tell("may be alive", status.creatorMayBeAlive());
            Report.tell("orphaned", status.isOrphaned());
            Report.tell("listed orphaned", SharedMemory.list().stream()
                    .filter(each -> each.id() == memory.id())
                    .anyMatch(ShmStatus::isOrphaned));
            Report.message("create", () -> SharedMemory.create(status.key(), 1000));
        }
    }
}
