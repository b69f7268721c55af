package io.github.shm4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.internal.BeforeDetach;
import io.github.shm4j.internal.ShmCalls;
import io.github.shm4j.internal.sysv.SysVShm;
import io.github.shm4j.shmop.Shmop;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Lasting;
import io.github.shm4j.support.Mappings;
import io.github.shm4j.support.Outcome;
import io.github.shm4j.support.Peers;
import io.github.shm4j.support.Report;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What another user may do, and what the owner may. If this process is root, its children are nobody. */
class PermissionsIT {

    private final Blocks blocks = new Blocks();

    @BeforeEach
    void requireAnOrdinaryUser() {
        Peers.requireOrdinaryUser();
    }

    @AfterEach
    void removeBlocks() throws ShmException {
        blocks.close();
    }

    // G08, A07, C05
    @Test
    void shouldKeepAStrangerOutOfAPrivateBlock() throws ShmException {
        Peers.requireOtherUser();
        SharedMemory memory = blocks.create(1000);
        Lasting before = Lasting.of(memory.status());
        String key = before.key().toString();
        List<String> lines = Child.java(Stranger.class, key, memory.id()).asNobody().run().ok().lines().toList();
        assertEquals(List.of(
                "open: ok",
                "open if trusted: ok",
                "openOrCreate: ok",
                "attach to read: ShmAccessDeniedException EACCES",
                "attach to write: ShmAccessDeniedException EACCES",
                "wipe: ShmAccessDeniedException EACCES",
                "status: ShmAccessDeniedException EACCES",
                "remove: ShmNotPermittedException EPERM",
                "setPermissions: ShmNotPermittedException EPERM",
                "setOwner: ShmNotPermittedException EPERM",
                "lock: ShmNotPermittedException EPERM",
                "unlock: ShmNotPermittedException EPERM",
                "shmget 0400: -13",
                "shmget 0600: -13",
                "listed: true",
                "listed by index: true",
                "same: true",
                "huge pages: ShmNotPermittedException EPERM"), lines.subList(0, 18));
        String id = Integer.toString(memory.id());
        assertMentions(lines.get(18), "shmat(" + id + ", NULL, 0): EACCES (13), Permission denied",
                "attach it read-only",
                "ask its owner");
        assertMentions(lines.get(19), "shmctl(" + id + ", IPC_STAT): EACCES (13), Permission denied",
                "SharedMemory.list()");
        assertMentions(lines.get(20), "shmctl(" + id + ", IPC_RMID): EPERM (1), Operation not permitted", "owner",
                "creator");
        assertMentions(lines.get(21), "SHM_HUGETLB", "CAP_IPC_LOCK", "/proc/sys/vm/hugetlb_shm_group");
        assertEquals(22, lines.size());
        assertEquals(before, Lasting.of(memory.status()));
    }

    static final class Stranger {
        public static void main(String... arguments) throws Exception {
            ShmKey key = ShmKey.parse(arguments[0]);
            int id = Integer.parseInt(arguments[1]);
            SharedMemory memory = SharedMemory.ofId(id);
            try (Arena arena = Arena.ofConfined()) {
                Report.say("open", () -> SharedMemory.open(key, 1000));
                Report.say("open if trusted", () -> SharedMemory.open(key, ShmTrust.callerOrRoot()));
                Report.say("openOrCreate", () -> SharedMemory.openOrCreate(key, 1000));
                Report.say("attach to read", () -> memory.attach(AttachMode.READ_ONLY, arena));
                Report.say("attach to write", () -> memory.attach(AttachMode.READ_WRITE, arena));
                Report.say("wipe", call(memory::wipe));
                Report.say("status", memory::status);
                Report.say("remove", call(memory::remove));
                Report.say("setPermissions", call(() -> memory.setPermissions(ShmPermissions.of(0644))));
                Report.say("setOwner", call(() -> memory.setOwner(Child.NOBODY, Child.NOBODY)));
                Report.say("lock", call(memory::lockInMemory));
                Report.say("unlock", call(memory::unlockFromMemory));
                Report.tell("shmget 0400", ShmCalls.shmget(key.value(), 0, 0400));
                Report.tell("shmget 0600", ShmCalls.shmget(key.value(), 0, 0600));
                ShmStatus listed = only(SharedMemory.list(), id);
                ShmStatus indexed = only(BlockList.readByIndex(), id);
                Report.tell("listed", listed.key().equals(key) && listed.size() == 1000 && listed.ownerUid() == 0);
                Report.tell("listed by index", indexed.key().equals(key) && indexed.permissions().mode() == 0600);
                Report.tell("same", ListTest.withoutResidency(listed).equals(indexed));
                Report.say("huge pages", () -> SharedMemory.createPrivate(
                        1000, ShmPermissions.OWNER_ONLY, CreateOption.HUGE_PAGES));
                Report.message("attach to write", () -> memory.attach(AttachMode.READ_WRITE, arena));
                Report.message("status", memory::status);
                Report.message("remove", call(memory::remove));
                Report.message("huge pages", () -> SharedMemory.createPrivate(
                        1000, ShmPermissions.OWNER_ONLY, CreateOption.HUGE_PAGES));
            }
        }
    }

    // A08, C08
    @Test
    void shouldLetAStrangerReadButNotWrite() throws ShmException {
        Peers.requireOtherUser();
        SharedMemory memory = blocks.create(1000, ShmPermissions.of(0444));
        try (Arena arena = Arena.ofConfined();
                Child.Running reader = Child.java(Reader.class, memory.id()).asNobody().start()) {
            MemorySegment bytes = memory.attach(AttachMode.READ_WRITE, arena);
            bytes.setString(0, "before");
            assertEquals("attach to write: ShmAccessDeniedException EACCES", reader.line());
            assertEquals("attach to read: ok", reader.line());
            assertEquals("remove on last detach: ShmNotPermittedException EPERM", reader.line());
            assertEquals("attached: 2", reader.line());
            assertEquals("text: before", reader.line());
            // Who has the block mapped keeps it.
            memory.setPermissions(ShmPermissions.OWNER_ONLY);
            bytes.setString(0, "after");
            reader.send("go on");
            assertEquals("text: after", reader.line());
            assertEquals("attach again: ShmAccessDeniedException EACCES", reader.line());
            assertEquals(0, reader.await().exit());
            assertEquals(1, memory.status().attachCount());
        }
    }

    static final class Reader {
        public static void main(String... arguments) throws Exception {
            SharedMemory memory = SharedMemory.ofId(Integer.parseInt(arguments[0]));
            try (Arena arena = Arena.ofConfined()) {
                Report.say("attach to write", () -> memory.attach(AttachMode.READ_WRITE, arena));
                MemorySegment[] bytes = new MemorySegment[1];
                Report.say("attach to read", () -> bytes[0] = memory.attach(AttachMode.READ_ONLY, arena));
                Report.say("remove on last detach", () -> memory.attach(
                        AttachMode.READ_ONLY, arena, AttachOption.REMOVE_ON_LAST_DETACH));
                Report.tell("attached", memory.status().attachCount());
                Report.tell("text", bytes[0].getString(0));
                Report.await();
                Report.tell("text", bytes[0].getString(0));
                Report.say("attach again", () -> memory.attach(AttachMode.READ_ONLY, arena));
            }
        }
    }

    /** The mapping that the failed call has made and undone has left its cleanup with the arena. */
    @Test
    void shouldLeaveAloneWhatIsAttachedWhereAnAttachmentHasFailed() throws ShmException {
        Peers.requireOtherUser();
        SharedMemory memory = blocks.create(Successor.SIZE, ShmPermissions.of(0444));
        List<String> lines = Child.java(Successor.class, memory.id()).asNobody().run().ok().lines().toList();
        assertEquals(List.of(
                "remove on last detach: ShmNotPermittedException EPERM",
                "same address: true",
                "first arena closed: true",
                "attached: 1",
                "the action runs: true",
                "second arena closed: true"), lines);
    }

    static final class Successor {

        // So much room at one place that nothing else of the process comes there.
        static final long SIZE = 64L << 20;

        public static void main(String... arguments) throws Exception {
            SharedMemory foreign = SharedMemory.ofId(Integer.parseInt(arguments[0]));
            SharedMemory own = SharedMemory.createPrivate(
                    SIZE, ShmPermissions.OWNER_ONLY, CreateOption.NO_RESERVE);
            try (Arena second = Arena.ofConfined()) {
                long[] failedAt = new long[1];
                try (Arena first = Arena.ofConfined()) {
                    Report.say("remove on last detach", () -> foreign.attach(AttachMode.READ_ONLY,
                            new Watching(first, foreign, failedAt), AttachOption.REMOVE_ON_LAST_DETACH));
                    MemorySegment bytes = own.attach(AttachMode.READ_WRITE, second);
                    BeforeDetach.set(bytes, mapping -> Report.tell("the action runs", mapping.byteSize() == SIZE));
                    Report.tell("same address", bytes.address() == failedAt[0]);
                }
                Report.tell("first arena closed", true);
                Report.tell("attached", own.status().attachCount());
            } finally {
                own.remove();
            }
            Report.tell("second arena closed", true);
        }

        /** An arena that sees where its mapping is. */
        private record Watching(Arena arena, SharedMemory memory, long[] seenAt) implements Arena {

            @Override
            public MemorySegment.Scope scope() {
                Mappings.of(memory).forEach(mapping -> seenAt[0] = mapping.start());
                return arena.scope();
            }

            @Override
            public MemorySegment allocate(long byteSize, long byteAlignment) {
                return arena.allocate(byteSize, byteAlignment);
            }

            @Override
            public void close() {
                arena.close();
            }
        }
    }

    // G10
    @Test
    void shouldLetTheOwnerChangeABlockThatItCannotRead() throws ShmException {
        ShmKey key = blocks.freeKey();
        String user = Child.ordinaryUid() + " " + Child.ordinaryGid();
        List<String> lines = Child.java(Owner.class, key, Child.ordinaryUid(), Child.ordinaryGid()).asOrdinaryUser()
                .run().ok().lines().toList();
        assertEquals(List.of(
                "open: ok",
                "shmget 0600: -13",
                "attach: ShmAccessDeniedException EACCES",
                "status: ShmAccessDeniedException EACCES",
                "give the group: ok",
                "still unreadable: 0000 " + user,
                "setPermissions: ok",
                "attach: ok",
                "status: 0640 " + user,
                "take away: ok",
                "remove: ok",
                "gone: ShmNotFoundException EINVAL"), lines);
        assertThrows(ShmNotFoundException.class, () -> SharedMemory.open(key));
    }

    static final class Owner {
        public static void main(String... arguments) throws Exception {
            long uid = Long.parseLong(arguments[1]);
            long gid = Long.parseLong(arguments[2]);
            ShmKey key = ShmKey.parse(arguments[0]);
            SharedMemory memory = SharedMemory.create(key, 1000, ShmPermissions.of(0));
            try (Arena arena = Arena.ofConfined()) {
                Report.say("open", () -> SharedMemory.open(key));
                Report.tell("shmget 0600", ShmCalls.shmget(key.value(), 0, 0600));
                Report.say("attach", () -> memory.attach(AttachMode.READ_ONLY, arena));
                Report.say("status", memory::status);
                Report.say("give the group", call(() -> memory.setOwner(uid, gid)));
                Report.tell("still unreadable", who(only(SharedMemory.list(), memory.id())));
                Report.say("setPermissions", call(() -> memory.setPermissions(ShmPermissions.of(0640))));
                Report.say("attach", () -> memory.attach(AttachMode.READ_WRITE, arena));
                Report.tell("status", who(memory.status()));
                Report.say("take away", call(() -> memory.setPermissions(ShmPermissions.of(0))));
            }
            Report.say("remove", call(memory::remove));
            Report.say("gone", memory::status);
        }

        private static String who(ShmStatus status) {
            return status.permissions() + " " + status.ownerUid() + " " + status.ownerGid();
        }
    }

    // C07
    @Test
    void shouldLetTheNewOwnerDoWhatOwnersDo() throws ShmException, InterruptedException {
        Peers.requireOtherUser();
        SharedMemory memory = blocks.create(1000);
        ShmStatus before = memory.status();
        // The kernel's clock for this ticks once a second.
        Thread.sleep(1100);
        memory.setOwner(Child.NOBODY, Child.NOBODY - 1);
        ShmStatus given = memory.status();
        assertEquals(Child.NOBODY, given.ownerUid());
        assertEquals(Child.NOBODY - 1, given.ownerGid());
        assertEquals(0, given.creatorUid());
        assertEquals(before.creatorGid(), given.creatorGid());
        assertEquals(before.permissions(), given.permissions());
        assertTrue(given.changeTime().isAfter(before.changeTime()));
        List<String> lines = Child.java(NewOwner.class, memory.id()).asNobody().run().ok().lines().toList();
        assertEquals(List.of("attach: ok", "setPermissions: ok", "lock: ok", "unlock: ok", "remove: ok"), lines);
        assertThrows(ShmNotFoundException.class, memory::status);
    }

    static final class NewOwner {
        public static void main(String... arguments) {
            SharedMemory memory = SharedMemory.ofId(Integer.parseInt(arguments[0]));
            try (Arena arena = Arena.ofConfined()) {
                Report.say("attach", () -> memory.attach(AttachMode.READ_WRITE, arena));
            }
            Report.say("setPermissions", call(() -> memory.setPermissions(ShmPermissions.of(0660))));
            Report.say("lock", call(memory::lockInMemory));
            Report.say("unlock", call(memory::unlockFromMemory));
            Report.say("remove", call(memory::remove));
        }
    }

    // C07
    @Test
    void shouldLetTheCreatorDoSoToo() throws ShmException {
        ShmKey key = blocks.freeKey();
        String user = Child.ordinaryUid() + " " + Child.ordinaryGid();
        List<String> lines = Child.java(Giver.class, key, Child.ordinaryUid(), Child.ordinaryGid()).asOrdinaryUser()
                .run().ok().lines().toList();
        assertEquals(List.of("give to root: ok", "owner: 0 0, creator: " + user, "take back: ok",
                "owner: " + user + ", creator: " + user, "give to root: ok", "attach: ok", "remove: ok"), lines);
        assertThrows(ShmNotFoundException.class, () -> SharedMemory.open(key));
    }

    static final class Giver {
        public static void main(String... arguments) throws Exception {
            long uid = Long.parseLong(arguments[1]);
            long gid = Long.parseLong(arguments[2]);
            SharedMemory memory = SharedMemory.create(ShmKey.parse(arguments[0]), 1000);
            Report.say("give to root", call(() -> memory.setOwner(0, 0)));
            tell(memory.status());
            Report.say("take back", call(() -> memory.setOwner(uid, gid)));
            tell(memory.status());
            Report.say("give to root", call(() -> memory.setOwner(0, 0)));
            try (Arena arena = Arena.ofConfined()) {
                Report.say("attach", () -> memory.attach(AttachMode.READ_WRITE, arena));
            }
            Report.say("remove", call(memory::remove));
        }

        private static void tell(ShmStatus s) {
            System.out.println("owner: " + s.ownerUid() + " " + s.ownerGid() + ", creator: " + s.creatorUid() + " "
                    + s.creatorGid());
        }
    }

    @Test
    void shouldNotApplyTheUmask() throws ShmException {
        ShmKey key = blocks.freeKey();
        Child.java(Maker.class, key).under("sh", "-c", "umask 0777; exec \"$@\"", "sh").run().ok();
        assertEquals(0664, SharedMemory.open(key).status().permissions().mode());
    }

    static final class Maker {
        public static void main(String... arguments) throws Exception {
            SharedMemory.create(ShmKey.parse(arguments[0]), 1000, ShmPermissions.of(0664));
        }
    }

    // Fault 22
    // fault 22
    @Test
    void shouldLeaveNothingWhenABlockCannotBeUsedByItsMaker() throws ShmException {
        ShmKey key = blocks.freeKey();
        List<String> lines = Child.java(Unlucky.class, key).asOrdinaryUser().run().ok().lines().toList();
        assertEquals(List.of("n 0000: ShmAccessDeniedException EACCES", "open: ShmNotFoundException ENOENT",
                "c 0400: ShmAccessDeniedException EACCES", "open: ShmNotFoundException ENOENT"), lines);
    }

    static final class Unlucky {
        public static void main(String... arguments) {
            ShmKey key = ShmKey.parse(arguments[0]);
            Report.say("n 0000", () -> Shmop.open(key, "n", ShmPermissions.of(0), 1000));
            Report.say("open", () -> SharedMemory.open(key));
            Report.say("c 0400", () -> Shmop.open(key, "c", ShmPermissions.of(0400), 1000));
            Report.say("open", () -> SharedMemory.open(key));
        }
    }

    // C09
    @Test
    void shouldSayWhyMemoryCannotBeLocked() throws ShmException {
        List<String> limited = Child.java(Locker.class)
                .asOrdinaryUser()
                .under("prlimit", "--memlock=4096:4096")
                .run()
                .ok()
                .lines()
                .toList();
        assertEquals("lock: ShmLimitException ENOMEM", limited.get(0));
        assertMentions(limited.get(1), "SHM_LOCK): ENOMEM (12)", "limit on locked memory", "ulimit -l");
        List<String> forbidden = Child.java(Locker.class)
                .asOrdinaryUser()
                .under("prlimit", "--memlock=0:0")
                .run()
                .ok()
                .lines()
                .toList();
        assertEquals("lock: ShmNotPermittedException EPERM", forbidden.get(0));
        // The one who asks owns the block: it is the limit that forbids it.
        assertMentions(forbidden.get(1), "SHM_LOCK): EPERM (1)", "ulimit -l");
    }

    static final class Locker {
        public static void main(String... arguments) throws Exception {
            SharedMemory memory = SharedMemory.createPrivate(12_345);
            try {
                Report.say("lock", call(memory::lockInMemory));
                Report.message("lock", call(memory::lockInMemory));
            } finally {
                memory.remove();
            }
        }
    }

    private static ShmStatus only(List<ShmStatus> list, int id) {
        List<ShmStatus> found = list.stream().filter(status -> status.id() == id).toList();
        if (found.size() != 1) {
            throw new IllegalStateException(id + " in " + list);
        }
        return found.getFirst();
    }

    private static void assertMentions(String line, String... words) {
        for (String word : words) {
            assertTrue(line.contains(word), () -> "\"" + word + "\" is not in: " + line);
        }
    }

    /** A call without a result. */
    @FunctionalInterface
    private interface Action {
        void run() throws Exception;
    }

    private static Outcome.Call call(Action action) {
        return () -> {
            action.run();
            return null;
        };
    }

    @Test
    void shouldTellTheOwnerThatThePermissionsAreWhatRefuses() {
        List<String> lines = Child.java(LockedOut.class).asOrdinaryUser().run().ok().lines().toList();
        for (String line : lines.subList(0, 3)) {
            assertMentions(line, "EACCES (13)", "this user's own", "its permissions (0000) that refuse",
                    "SharedMemory.setPermissions");
            assertFalse(line.contains("ask its owner"), line);
        }
        assertEquals(List.of("after setPermissions: ok"), lines.subList(3, lines.size()));
    }

    static final class LockedOut {
        public static void main(String... arguments) throws Exception {
            SharedMemory memory = SharedMemory.createPrivate(1000, ShmPermissions.of(0));
            try (Arena arena = Arena.ofConfined()) {
                Report.message("read", () -> memory.attach(AttachMode.READ_ONLY, arena));
                Report.message("write", () -> memory.attach(AttachMode.READ_WRITE, arena));
                Report.message("status", memory::status);
                memory.setPermissions(ShmPermissions.OWNER_ONLY);
                Report.say("after setPermissions", () -> memory.attach(AttachMode.READ_WRITE, arena));
            } finally {
                memory.remove();
            }
        }
    }
}
