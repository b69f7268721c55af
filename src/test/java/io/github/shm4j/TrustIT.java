package io.github.shm4j;

import static io.github.shm4j.support.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertThrowsExactly;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.ring.MpscRingBuffer;
import io.github.shm4j.ring.RingBuffer;
import io.github.shm4j.ring.SpscRingBuffer;
import io.github.shm4j.shmop.Shmop;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Outcome;
import io.github.shm4j.support.Peers;
import io.github.shm4j.support.Report;
import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Another user makes the block first: this process is root, the squatter is nobody. */
class TrustIT {

    private final Blocks blocks = new Blocks();

    @BeforeEach
    void requireTwoUsers() {
        Peers.requireOtherUser();
    }

    @AfterEach
    void removeBlocks() throws ShmException {
        blocks.close();
    }

    @Test
    void shouldNotShareMemoryWithASquatter() throws ShmException {
        ShmKey key = squat("0666");
        SharedMemory memory = SharedMemory.open(key);
        ShmStatus before = memory.status();
        assertEquals(Child.NOBODY, before.creatorUid());

        refused(ShmAlreadyExistsException.class, "shmget", "EEXIST", () -> SharedMemory.create(key, 1000));
        String reason = "block " + memory.id() + " is owned by user 65534, and only the caller or root is trusted";
        untrusted(() -> SharedMemory.openOrCreate(key, 1000), key, reason);
        untrusted(() -> SharedMemory.open(key, ShmTrust.callerOrRoot()), key, reason);
        untrusted(() -> SharedMemory.open(key, ShmTrust.users(12_345)), key,
                "is owned by user 65534, and only the caller, root or a user of [12345] is trusted");
        assertEquals(before, memory.status(), "nothing may have been attached or changed");
    }

    @Test
    void shouldNotUseARingOfASquatter() throws ShmException {
        ShmKey key = squat("0666");
        SharedMemory memory = SharedMemory.open(key);
        ShmStatus before = memory.status();
        String reason = "is owned by user 65534, and only the caller or root is trusted";
        try (Arena arena = Arena.ofConfined()) {
            untrusted(() -> SpscRingBuffer.open(key, arena), key, reason);
            untrusted(() -> MpscRingBuffer.open(key, arena), key, reason);
            untrusted(() -> RingBuffer.openReadOnly(key, arena), key, reason);
            untrusted(() -> SpscRingBuffer.openOrCreate(key, 64, arena), key, reason);
            untrusted(() -> MpscRingBuffer.openOrCreate(key, 64, arena), key, reason);
        }
        assertEquals(before, memory.status(), "nothing may have been attached or changed");
    }

    @Test
    void shouldSayThatASquattersBlockIsNotTrustedWhateverItsSizeAndPermissions() throws ShmException {
        ShmKey small = squat("0666");
        untrusted(() -> SharedMemory.openOrCreate(small, 100_000), small, "is owned by user 65534");
        untrusted(() -> Shmop.open(small, "c", ShmPermissions.OWNER_ONLY, 100_000), small, "is owned by user 65534");
        ShmKey hidden = squat("0600");
        Child.Result result = Child.java(Wary.class, hidden)
                .under("setpriv", "--reuid=65533", "--regid=65533", "--clear-groups")
                .readableByAll()
                .run();
        assertEquals(List.of("ShmUntrustedException", "ShmUntrustedException"), result.ok().lines().toList());
    }

    /** A third user, who may not even read the block. */
    static final class Wary {
        public static void main(String... arguments) {
            ShmKey key = ShmKey.parse(arguments[0]);
            Outcome.print(() -> SharedMemory.openOrCreate(key, 1000));
            Outcome.print(() -> SharedMemory.open(key, ShmTrust.callerOrRoot()));
        }
    }

    @Test
    void shouldHeedTrustInEveryModeOfTheFacade() throws ShmException {
        ShmKey key = squat("0666");
        for (String mode : List.of("a", "w", "c")) {
            untrusted(() -> Shmop.open(key, mode, ShmPermissions.OWNER_ONLY, 1000, ShmTrust.callerOrRoot()), key,
                    "is owned by user 65534");
            Shmop.open(key, mode, ShmPermissions.OWNER_ONLY, 1000, ShmTrust.users(Child.NOBODY)).close();
        }
        // As in PHP, except for the mode that may create.
        Shmop.open(key, "a").close();
        Shmop.open(key, "w").close();
        untrusted(() -> Shmop.open(key, "c", ShmPermissions.OWNER_ONLY, 1000), key, "is owned by user 65534");
    }

    @Test
    void shouldOpenAStrangersBlockIfToldTo() throws ShmException {
        ShmKey key = squat("0666");
        SharedMemory memory = SharedMemory.open(key);
        assertEquals(memory, SharedMemory.open(key, ShmTrust.anyone()));
        assertEquals(memory, SharedMemory.open(key, ShmTrust.users(12_345, Child.NOBODY)));
        SharedMemory.Opened opened =
                SharedMemory.openOrCreate(key, 1000, ShmPermissions.OWNER_ONLY, ShmTrust.users(Child.NOBODY));
        assertEquals(memory, opened.memory());
        assertFalse(opened.created());
        assertFalse(SharedMemory.openOrCreate(key, 1000, ShmPermissions.OWNER_ONLY, ShmTrust.anyone()).created());
    }

    @Test
    void shouldRefuseABlockThatOthersMayWriteIfToldTo() throws ShmException {
        ShmKey open = squat("0666");
        String reason = "can be written by others (0666), and only anyone as the only writer is trusted";
        untrusted(() -> SharedMemory.open(open, ShmTrust.anyone().withoutOtherWriters()), open, reason);
        untrusted(() -> SharedMemory.open(open, ShmTrust.users(Child.NOBODY).withoutOtherWriters()), open,
                "can be written by others (0666)");
        ShmKey group = squat("0660");
        untrusted(() -> SharedMemory.open(group, ShmTrust.anyone().withoutOtherWriters()), group,
                "can be written by others (0660)");
        ShmKey own = squat("0644");
        assertEquals(0644, SharedMemory.open(own, ShmTrust.anyone().withoutOtherWriters())
                .status()
                .permissions()
                .mode());
        untrusted(() -> SharedMemory.open(own, ShmTrust.callerOrRoot().withoutOtherWriters()), own,
                "is owned by user 65534");
    }

    @Test
    void shouldTrustNeitherAStrangeOwnerNorAStrangeCreator() throws ShmException {
        ShmKey givenToRoot = squat("0600");
        SharedMemory.open(givenToRoot).setOwner(0, 0);
        untrusted(() -> SharedMemory.openOrCreate(givenToRoot, 1000), givenToRoot, "was created by user 65534");
        untrusted(() -> SharedMemory.open(givenToRoot, ShmTrust.callerOrRoot()), givenToRoot,
                "was created by user 65534");

        ShmKey givenAway = blocks.freeKey();
        SharedMemory.create(givenAway, 1000).setOwner(Child.NOBODY, Child.NOBODY);
        untrusted(() -> SharedMemory.openOrCreate(givenAway, 1000), givenAway, "is owned by user 65534");
    }

    @Test
    void shouldTrustRootFromAnotherUser() throws ShmException {
        ShmKey readable = blocks.freeKey();
        SharedMemory memory = SharedMemory.create(readable, 1000, ShmPermissions.of(0644));
        ShmKey hidden = blocks.freeKey();
        SharedMemory.create(hidden, 1000);
        ShmKey own = blocks.freeKey();
        List<String> lines = Child.java(Visitor.class, readable, hidden, own)
                .asNobody()
                .run()
                .ok()
                .lines()
                .toList();
        assertEquals(List.of(
                "open: SharedMemory[id=" + memory.id() + "]",
                "openOrCreate: Opened[memory=SharedMemory[id=" + memory.id() + "], created=false]",
                "open hidden: ok",
                "openOrCreate hidden: ok",
                "created: true",
                "created again: false",
                "own: ok"), lines);
        assertTrue(SharedMemory.open(own).status().creatorUid() == Child.NOBODY);
        assertThrows(ShmUntrustedException.class, () -> SharedMemory.open(own, ShmTrust.callerOrRoot()));
    }

    static final class Visitor {
        public static void main(String... arguments) throws Exception {
            ShmKey readable = ShmKey.parse(arguments[0]);
            ShmKey hidden = ShmKey.parse(arguments[1]);
            ShmKey own = ShmKey.parse(arguments[2]);
            Report.tell("open", SharedMemory.open(readable, ShmTrust.callerOrRoot()));
            Report.tell("openOrCreate", SharedMemory.openOrCreate(readable, 1000));
            Report.say("open hidden", () -> SharedMemory.open(hidden, ShmTrust.callerOrRoot()));
            Report.say("openOrCreate hidden", () -> SharedMemory.openOrCreate(hidden, 1000));
            Report.tell("created", SharedMemory.openOrCreate(own, 1000).created());
            Report.tell("created again", SharedMemory.openOrCreate(own, 1000).created());
            Report.say("own", () -> SharedMemory.open(own, ShmTrust.callerOrRoot()));
        }
    }

    /** Has nobody make a block, and returns its key. */
    private ShmKey squat(String mode) throws ShmException {
        ShmKey key = blocks.freeKey();
        Child.java(Squatter.class, key, mode).asNobody().run().ok();
        return key;
    }

    static final class Squatter {
        public static void main(String... arguments) throws Exception {
            ShmPermissions permissions = ShmPermissions.ofWorldWritable(Integer.parseInt(arguments[1], 8));
            SharedMemory.create(ShmKey.parse(arguments[0]), 1000, permissions);
        }
    }

    private static void untrusted(Executable open, ShmKey key, String reason) {
        ShmUntrustedException refusal = assertThrowsExactly(ShmUntrustedException.class, open);
        String message = refusal.getMessage();
        assertEquals("open", refusal.call());
        assertEquals(0, refusal.errno(), "the kernel did not refuse");
        assertEquals("", refusal.errnoName());
        assertTrue(message.startsWith("open(" + key + "): "), message);
        assertTrue(message.contains(reason), message);
        assertTrue(message.contains("ShmTrust that allows it"), message);
    }
}
