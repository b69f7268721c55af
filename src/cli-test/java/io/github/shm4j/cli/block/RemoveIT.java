package io.github.shm4j.cli.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.cli.Cli;
import io.github.shm4j.cli.Holder;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Peers;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code shm4j remove} removes what it was told to, and nothing by mistake. */
class RemoveIT {

    private final Blocks blocks = new Blocks();

    @AfterEach
    void removeBlocks() throws ShmException {
        blocks.close();
    }

    private static boolean exists(SharedMemory memory) throws ShmException {
        return SharedMemory.list().stream().anyMatch(block -> block.id() == memory.id());
    }

    // L01
    @Test
    void shouldRemoveByKeyAndById() throws ShmException {
        SharedMemory byKey = blocks.create(1);
        SharedMemory byId = blocks.create(12);
        SharedMemory other = blocks.create(13);
        String out = Cli.run("remove", byKey.status().key(), "id:" + byId.id()).ok();
        assertTrue(
                out.contains(
                        "removed block " + byKey.id() + " (key " + other.status().key().toString().substring(0, 2)),
                out);
        assertTrue(out.contains("removed block " + byId.id() + " "), out);
        assertFalse(exists(byKey) || exists(byId));
        assertTrue(exists(other));
    }

    // L03, L05
    @Test
    void shouldRemoveTheRestWhereArgumentsAreWrong() throws ShmException {
        SharedMemory first = blocks.create(1000);
        SharedMemory last = blocks.create(1000);
        ShmKey unknown = blocks.freeKey();
        int decimal = first.status().key().value();
        String octal = "0" + Integer.toOctalString(last.status().key().value());
        Child.Result result = Cli.run(
                "remove", "abc", "0", unknown, "id:2147483647", Integer.toUnsignedString(decimal), octal, octal);
        assertEquals(1, result.exit());
        assertEquals(4, result.err().lines().count(), result.err());
        assertTrue(result.err().contains("\"abc\" is not a key"), result.err());
        assertTrue(result.err().contains("IPC_PRIVATE"), result.err());
        assertTrue(result.err().contains("no block has the key " + unknown), result.err());
        assertTrue(result.err().contains("no block has the id 2147483647"), result.err());
        assertFalse(exists(first) || exists(last));
    }

    @Test
    void shouldLeaveABlockInUseAloneUnlessToldTwice() throws ShmException {
        SharedMemory memory = blocks.create(1000);
        SharedMemory idle = blocks.create(1000);
        try (Arena arena = Arena.ofConfined()) {
            memory.attach(AttachMode.READ_ONLY, arena);
            Child.Result refused = Cli.run("remove", "id:" + memory.id(), "id:" + idle.id());
            assertEquals(1, refused.exit());
            assertTrue(refused.err().matches("(?s).*in use: the kernel counts \\d+ attachments?; not removed.*"),
                    refused.err());
            assertFalse(memory.status().markedForRemoval());
            assertFalse(exists(idle), "the rest is still processed");
            assertTrue(Cli.run("remove", "--yes", "id:" + memory.id()).ok().startsWith("marked for removal"));
            assertTrue(memory.status().markedForRemoval());
        }
        assertFalse(exists(memory));
    }

    @Test
    void shouldSayWhatItWouldRemoveAndRemoveNothing() throws ShmException {
        SharedMemory memory = blocks.create(1000);
        String out = Cli.run("remove", "--dry-run", "id:" + memory.id()).ok();
        assertTrue(out.startsWith("would remove block " + memory.id() + " (key " + memory.status().key()), out);
        assertTrue(exists(memory));
    }

    /** Runs a script where there are no other blocks. All that are made in it are orphans: who makes them has terminated. */
    private static Child.Result alone(String script) {
        Peers.requirePrivateIpc();
        return Cli.shellChild(script).inPrivateIpc().run();
    }

    /** The lines, with the last two digits of the key for each block. */
    private static List<String> brief(Child.Result result) {
        return result.ok().lines()
                .map(line -> line.replaceAll("block \\d+ \\(key 0x000000(..)[^)]*\\)", "$1"))
                .toList();
    }

    @Test
    void shouldNotRemoveUnreadMessagesUnasked() {
        Child.Result result = alone("""
                "$@" ring create 0x21 -c 4K >/dev/null; "$@" ring send 0x21 one two
                "$@" ring create 0x22 -c 4K >/dev/null
                "$@" create 0x23 -s 10 >/dev/null
                "$@" remove --orphans --mine; echo exit $?
                """);
        assertEquals(List.of("removed 22", "removed 23", "exit 1"), brief(result));
        assertEquals(1, result.err().lines().count(), result.err());
        assertTrue(result.err()
                .contains("it is a ring with 2 unread messages; --rings chooses it; not removed, as there"
                        + " is no terminal"),
                result.err());
    }

    @Test
    void shouldSayWhichMessagesWouldGo() {
        assertEquals(List.of(
                "would remove 21, and with it 2 unread messages, although it is a ring with 2 unread messages; --rings"
                        + " chooses it",
                "would remove 22"),
                brief(alone("""
                        "$@" ring create 0x21 -c 4K >/dev/null; "$@" ring send 0x21 one two
                        "$@" ring create 0x22 -c 4K >/dev/null
                        "$@" remove --orphans --mine --dry-run
                        """)));
    }

    @Test
    void shouldRemoveUnreadMessagesThatAreMeant() {
        assertEquals(List.of(
                "removed 24, and with it 1 unread message",
                "removed 21, and with it 2 unread messages"),
                brief(alone("""
                        "$@" ring create 0x21 -c 4K >/dev/null; "$@" ring send 0x21 one two
                        "$@" ring create 0x24 -c 4K >/dev/null; "$@" ring send 0x24 one
                        "$@" remove 0x24
                        "$@" remove --rings --orphans
                        """)));
    }

    @Test
    void shouldNotRemoveWhatMayBeUnreadMessagesUnasked() {
        Peers.requireOtherUser();
        Child.Result result = alone("""
                nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
                nobody "$@" ring create 0x21 -c 4K >/dev/null; nobody "$@" permissions 0x21 200
                nobody "$@" create 0x22 -s 10 -m 200 >/dev/null
                nobody "$@" remove --orphans --mine; echo exit $?
                nobody "$@" remove --orphans --mine --rings
                """);
        assertEquals(List.of("removed 22", "exit 1", "removed 21"), brief(result));
        assertTrue(result.err()
                .contains("it has the size of a ring, and nobody can say whether messages wait in it (this"
                        + " user may not read it); --rings chooses it; not removed"),
                result.err());
    }

    @Test
    void shouldNotRemoveRingsUnaskedThatCannotBeRead() {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Child.Result result = alone("'" + java + "' -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData"
                + " --enable-native-access=ALL-UNNAMED -cp '" + Child.classPath() + "' "
                + UnreadableRings.class.getName() + "; \"$@\" remove --orphans --mine; echo exit $?");
        assertEquals(List.of("removed 30", "removed 31", "removed 32", "exit 1"), brief(result));
        String unknown = "a ring, and nobody can say whether messages wait in it (";
        List<String> expected = List.of(
                unknown + "the version of the ring is 2; expected was 1); --rings chooses it; not removed",
                unknown + "the consumer's position is 7, ",
                unknown + "the record at position 0 has length 1048576",
                unknown + "the ring of the replies of this pair cannot be used: the magic number of the ring is",
                unknown + "the version of the ring is 2; expected was 1); name it to remove it; not removed",
                "it is a ring with 1 unread message; name it to remove it; not removed",
                "it has the size of a ring, and nobody can say whether messages wait in it (the ring is not complete");
        List<String> refused = result.err().lines().toList();
        assertEquals(expected.size(), refused.size(), result.err());
        for (int i = 0; i < expected.size(); i++) {
            String line = refused.get(i);
            assertTrue(line.contains("key 0x0000002" + (i + 1)) && line.contains(expected.get(i)), line);
        }
    }

    @Test
    void shouldNotEndABlockByLookingIntoIt() {
        Peers.requirePrivateIpc();
        Peers.require(Child.exists("nsenter"), "nsenter");
        try (Holder holder = Holder.start()) {
            holder.run("sh", "-c", "echo 1 >/proc/sys/kernel/shm_rmid_forced").run().ok();
            String before = holder.cli("list", "--noheadings", "-o", "id").run().ok();
            holder.cli("remove", "--mine", "--dry-run").run().ok();
            Child.Result refused = holder.cli("remove", "--mine").run();
            assertEquals(1, refused.exit());
            assertEquals(before, holder.cli("list", "--noheadings", "-o", "id").run().ok());
        }
    }

    @Test
    void shouldRefuseWhatIsNamedButNotChosen() throws ShmException {
        SharedMemory memory = blocks.create(1000);
        Child.Result result = Cli.run("remove", "--orphans", "id:" + memory.id());
        assertEquals(1, result.exit());
        assertTrue(result.err().contains("is not what the options choose"), result.err());
        assertTrue(exists(memory));
    }

    @Test
    void shouldFailToRemoveRootsBlockAsNobodyAndGoOn() throws ShmException, IOException {
        Peers.requireOtherUser();
        SharedMemory roots = blocks.create(1000);
        ShmKey key = blocks.freeKey();
        Cli.child("create", key, "-s", "10").asNobody().run().ok();
        Child.Result silent = Cli.child("remove", "id:" + roots.id(), key).asNobody().run();
        assertEquals(1, silent.exit());
        assertTrue(silent.err().contains("it belongs to root; not removed"), silent.err());
        assertTrue(silent.out().contains("key " + key), silent.out());

        Cli.child("create", key, "-s", "10").asNobody().run().ok();
        Child.Result sure = Cli.child("remove", "--yes", "id:" + roots.id(), key).asNobody().run();
        assertEquals(1, sure.exit());
        assertTrue(sure.err().contains("only the block's owner, its creator or root may do this"), sure.err());
        assertTrue(sure.err().endsWith("(shmctl: EPERM, 1)\n"), sure.err());
        assertTrue(sure.out().contains("key " + key), sure.out());
        assertTrue(exists(roots));
    }

    @Test
    void shouldNotRemoveSomebodyElsesBlockUnasked() throws ShmException {
        Peers.requireOtherUser();
        ShmKey key = blocks.freeKey();
        Cli.child("create", key, "-s", "10").asNobody().run().ok();
        Child.Result refused = Cli.run("remove", key);
        assertEquals(1, refused.exit());
        assertTrue(refused.err().contains("it belongs to nobody; not removed"), refused.err());
        Cli.run("remove", "-y", key).ok();
    }

    @Test
    void shouldRemoveOrphansOfASize() {
        assertEquals(List.of("removed 12", "0x00000011  orphan"), brief(alone("""
                "$@" create 0x11 -s 10 >/dev/null
                "$@" create 0x12 -s 20 >/dev/null
                "$@" remove --orphans --min-size 15
                "$@" list --noheadings -o key,status
                """)));
    }

    @Test
    void shouldRemoveNoOrphanThatIsYoungerThanAskedFor() {
        assertEquals(List.of("0x00000011  orphan", "removed 11"), brief(alone("""
                "$@" create 0x11 -s 10 >/dev/null
                "$@" remove --orphans --older-than 1h
                "$@" list --noheadings -o key,status
                "$@" remove --mine --orphans
                "$@" list --noheadings
                """)));
    }

    @Test
    void shouldNotRemoveUnnamedBlocksOfLivingProcessesUnasked() {
        Peers.requireOtherUser();
        Peers.requirePrivateIpc();
        Peers.require(Child.exists("nsenter"), "nsenter");
        try (Holder holder = Holder.start()) {
            Child.Result refused = holder.cli("remove", "--mine").run();
            assertEquals(1, refused.exit());
            assertEquals("", refused.out());
            assertEquals(8, refused.err().lines().count(), refused.err());
            assertTrue(refused.err().contains("may be alive; not removed"), refused.err());
            assertEquals(8, holder.cli("remove", "--mine", "--dry-run").run().ok().lines().count());
            assertEquals(8, holder.cli("remove", "--mine", "--yes").run().ok().lines().count());
            // Those in use are marked, the two that were given away are still there.
            assertEquals(4, holder.cli("list", "--noheadings").run().ok().lines().count());
        }
    }
}
