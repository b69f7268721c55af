package io.github.shm4j.cli.ring;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmPermissions;
import io.github.shm4j.ShmStatus;
import io.github.shm4j.cli.Cli;
import io.github.shm4j.cli.Holder;
import io.github.shm4j.cli.TestRing;
import io.github.shm4j.ring.MpscRingBuffer;
import io.github.shm4j.ring.RingBuffer;
import io.github.shm4j.ring.RingPair;
import io.github.shm4j.ring.RingStatistics;
import io.github.shm4j.ring.SpscProducer;
import io.github.shm4j.ring.SpscRingBuffer;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Peers;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code shm4j ring create} and {@code status}, and what {@code list} knows of rings. */
class RingStatusIT {

    private static final ObjectMapper PARSER = new ObjectMapper();

    private final Blocks blocks = new Blocks();
    private final List<TestRing> rings = new ArrayList<>();

    @TempDir
    private Path directory;

    @AfterEach
    void removeBlocks() throws ShmException {
        rings.forEach(TestRing::close);
        blocks.close();
    }

    private TestRing mpsc(long capacity) throws ShmException {
        TestRing ring = TestRing.mpsc(blocks, capacity);
        rings.add(ring);
        return ring;
    }

    private static RingBuffer look(SharedMemory memory, Arena arena) throws ShmException {
        return RingBuffer.open(memory.attach(AttachMode.READ_ONLY, arena));
    }

    private static JsonNode status(Object... arguments) throws IOException {
        List<Object> words = new ArrayList<>(List.of("ring", "status", "--json"));
        words.addAll(List.of(arguments));
        return PARSER.readTree(Cli.run(words.toArray()).ok()).get("rings");
    }

    @Test
    void shouldCreateRings() throws IOException {
        ShmKey key = blocks.freeKey();
        assertEquals(key.toString(), Cli.run("ring", "create", key, "--capacity", "64K").ok());
        SharedMemory memory = SharedMemory.open(key);
        assertEquals(ShmPermissions.OWNER_ONLY, memory.status().permissions());
        assertEquals(MpscRingBuffer.sizeFor(1 << 16), memory.status().size());

        JsonNode random = PARSER.readTree(
                Cli.run("ring", "create", "-c", "4096", "--kind", "spsc", "--json", "-m", "640").ok());
        SharedMemory spsc = blocks.adopt(SharedMemory.open(ShmKey.parse(random.get("key").textValue())));
        assertEquals(spsc.id(), random.get("id").intValue());
        assertEquals(0640, spsc.status().permissions().mode());
        assertEquals(SpscRingBuffer.sizeFor(4096), spsc.status().size());

        try (Arena arena = Arena.ofConfined()) {
            assertTrue(look(memory, arena) instanceof MpscRingBuffer ring && ring.capacity() == 1 << 16);
            assertTrue(look(spsc, arena) instanceof SpscRingBuffer ring && ring.capacity() == 4096);
        }
    }

    @Test
    void shouldCreateRingsAndBlocksWithTheKeyOfAFileAndWithoutAKey() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        String key = Cli.run("ring", "create", "-c", "4K", "--ftok", file, "--project", "r").ok();
        assertEquals(ShmKey.ftok(file, 'r').toString(), key);
        blocks.adopt(SharedMemory.open(ShmKey.parse(key)));
        String other = Cli.run("create", "-s", "4K", "--ftok", file).ok();
        assertEquals(ShmKey.ftok(file, 1).toString(), other);
        blocks.adopt(SharedMemory.open(ShmKey.parse(other)));
        Child.Result missing = Cli.run("ring", "create", "-c", "4K", "--ftok", "/no/such/file");
        assertEquals(1, missing.exit());
        assertTrue(missing.err().contains("ENOENT"), missing.err());

        String word = Cli.run("ring", "create", "-c", "4K", "--private").ok();
        assertTrue(word.startsWith("id:"), word);
        blocks.adopt(SharedMemory.ofId(Integer.parseInt(word.substring("id:".length()))));
    }

    @Test
    void shouldLeaveNothingBehindWhereItFails() throws IOException {
        TestRing taken = mpsc(1 << 12);
        Child.Result exists = Cli.run("ring", "create", taken.key(), "-c", "4K");
        assertEquals(1, exists.exit());
        assertTrue(exists.err().contains("EEXIST"), exists.err());

        ShmKey key = blocks.freeKey();
        Child.Result full = Cli.shell("\"$@\" ring create " + key + " -c 4K >/dev/full");
        assertEquals(1, full.exit());
        assertTrue(full.err().contains("cannot write to standard output: No space left on device"), full.err());
        assertTrue(SharedMemory.list().stream().noneMatch(block -> block.key().equals(key)));

        Peers.requireOtherUser();
        // A block that its own creator may not write, so no ring can be made in it.
        Child.Result denied = Cli.child("ring", "create", key, "-c", "4K", "-m", "0400").asNobody().run();
        assertEquals(1, denied.exit());
        assertTrue(denied.err().contains("EACCES"), denied.err());
        assertTrue(SharedMemory.list().stream().noneMatch(block -> block.key().equals(key)));
    }

    @Test
    void shouldShowBothRingsOfAPair() throws Exception {
        SharedMemory block = blocks.create(RingPair.sizeFor(4096));
        try (Arena arena = Arena.ofShared();
                Arena array = Arena.ofConfined()) {
            RingPair pair = RingPair.create(block.attach(AttachMode.READ_WRITE, arena), 4096);
            try (SpscProducer client = pair.requests().producer()) {
                assertTrue(client.write(1, array.allocate(100)));
                String id = "id:" + block.id();
                JsonNode both = status(id);
                assertEquals(2, both.size());
                assertEquals("requests", both.get(0).get("part").textValue());
                assertEquals("replies", both.get(1).get("part").textValue());
                assertEquals(1, both.get(0).get("messageswritten").longValue());
                assertEquals(0, both.get(1).get("messageswritten").longValue());
                String text = Cli.run("ring", "status", id).ok().replaceAll(" +", " ");
                assertTrue(text.contains("KIND SPSC, requests of a pair"), text);
                assertTrue(Cli.run("list", "--rings", "--output", "ID,CONTENT").ok().lines()
                        .anyMatch(line -> line.matches(".*\\b" + block.id() + " +ring pair 4K *")));
                Child.Result removal = Cli.run("remove", "--dry-run", id);
                assertTrue((removal.out() + removal.err()).contains("1 unread message"), removal::toString);
            }
        }
    }

    @Test
    void shouldShowAllNumbersOfARing() throws Exception {
        TestRing ring = mpsc(1 << 12);
        for (int i = 0; i < 5; i++) {
            ring.send(3, "x".repeat(100));
        }
        Cli.run("ring", "receive", ring, "--count", "2").ok();
        try (Child.Running receiving = Cli.child("ring", "receive", ring, "--type", "3").start()) {
            ring.await("draining the ring", receiving, statistics -> statistics.messagesRead() == 5);
            ring.send(3, "");
            ring.await("reading on", receiving, statistics -> statistics.messagesRead() == 6);
            stop(receiving);
            ring.send(3, "y".repeat(200));
            RingStatistics expected = ring.statistics();
            JsonNode all = status(ring);
            assertEquals(1, all.size());
            JsonNode shown = all.get(0);
            assertEquals(ring.key().toString(), shown.get("key").textValue());
            assertEquals("MPSC", shown.get("kind").textValue());
            assertTrue(shown.get("part").isNull());
            long[] numbers = {
                ring.block().id(), 4096, 512, expected.producerPosition(), expected.consumerPosition(), 208, 6,
                expected.longestBacklog(), 7, 700, 6, 500, 0, 0, 0
            };
            String[] names = {
                "id", "capacity", "longestmessage", "producerposition", "consumerposition", "backlog", "percent",
                "longestbacklog", "messageswritten", "byteswritten", "messagesread", "bytesread", "failedclaims",
                "recordsskipped", "bytesskipped"
            };
            for (int i = 0; i < names.length; i++) {
                assertTrue(shown.get(names[i]).isIntegralNumber(), names[i]);
                assertEquals(numbers[i], shown.get(names[i]).longValue(), names[i]);
            }
            assertRoleOwner(receiving.pid(), "alive", "ring receive", shown.get("consumer"));
            assertEquals(1, shown.get("producers").size());
            assertRoleOwner(ProcessHandle.current().pid(), "alive", "java", shown.get("producers").get(0));

            String text = Cli.run("ring", "status", ring.key()).ok().replaceAll(" +", " ");
            for (String line : new String[] {
                "KEY " + ring.key(), "ID id:" + ring.block().id(), "KIND MPSC",
                "CAPACITY 4096 bytes (4K), a message at most 512 bytes",
                "WRITTEN 7 messages of 700 bytes, up to position " + expected.producerPosition(),
                "READ 6 messages of 500 bytes, up to position " + expected.consumerPosition(),
                "BACKLOG 208 bytes, 6% of the capacity",
                "FAILED CLAIMS 0", "SKIPPED 0 records, 0 bytes"
            }) {
                assertTrue(text.lines().anyMatch(line::equals), line + " is not in\n" + text);
            }
            assertTrue(text.contains("CONSUMER process " + receiving.pid() + ": "), text);
            assertTrue(text.contains("PRODUCER process " + ProcessHandle.current().pid() + ": "), text);

            receiving.kill();
            JsonNode killed = status("--id", ring.block().id()).get(0).get("consumer");
            assertEquals("terminated", killed.get("liveness").textValue());
            assertTrue(killed.get("command").isNull());
            assertTrue(Cli.run("ring", "status", ring).ok().contains("process " + receiving.pid()
                    + ", which has terminated"));
        }
        ring.endSending();
        assertEquals(0, status(ring).get(0).get("producers").size());
        assertEquals(List.of("y".repeat(200)), ring.drain());
        assertTrue(status(ring).get(0).get("consumer").isNull());
        assertEquals(2, Cli.run("ring", "status", ring).ok().lines().filter(line -> line.endsWith(" nobody")).count());
    }

    /** Stops a process, and waits until none of its threads runs. */
    private static void stop(Child.Running process) throws IOException {
        process.signal("STOP");
        boolean running = true;
        Patience patience = Patience.withAll();
        while (running) {
            patience.pause(() -> "the process does not stop");
            running = false;
            try (Stream<Path> threads = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
                for (Path thread : threads.toList()) {
                    String stat = Files.readString(thread.resolve("stat"));
                    running |= stat.charAt(stat.lastIndexOf(')') + 2) != 'T';
                }
            }
        }
    }

    private static void assertRoleOwner(long pid, String liveness, String command, JsonNode owner) {
        assertEquals(pid, owner.get("pid").longValue());
        assertEquals(liveness, owner.get("liveness").textValue());
        assertTrue(owner.get("command").textValue().contains(command), owner::toString);
    }

    @Test
    void shouldCountWhatFailedAndWhatIsFull() throws IOException {
        TestRing ring = mpsc(1 << 12);
        Cli.shell("yes " + "x".repeat(504) + " | \"$@\" ring send --no-wait " + ring);
        JsonNode shown = status(ring).get(0);
        assertEquals(8, shown.get("messageswritten").intValue());
        assertEquals(100, shown.get("percent").intValue());
        assertEquals(4096, shown.get("backlog").intValue());
        assertEquals(1, shown.get("failedclaims").intValue());
    }

    @Test
    void shouldChangeNothing() throws Exception {
        TestRing ring = mpsc(1 << 12);
        ring.send(1, "one");
        byte[] before = ring.memory().toArray(ValueLayout.JAVA_BYTE);
        status(ring);
        assertArrayEquals(before, ring.memory().toArray(ValueLayout.JAVA_BYTE));
    }

    @Test
    void shouldShowTheRestWhereSomeAreNoRings() throws IOException {
        TestRing good = mpsc(1 << 12);
        TestRing capacity = mpsc(1 << 12);
        capacity.memory().set(ValueLayout.JAVA_LONG, 16, 4095);
        TestRing positions = mpsc(1 << 12);
        positions.memory().set(ValueLayout.JAVA_LONG, 128, 8);
        positions.memory().set(ValueLayout.JAVA_LONG, 392, 16);
        TestRing version = mpsc(1 << 12);
        version.memory().set(ValueLayout.JAVA_INT, 8, 2);
        SharedMemory empty = blocks.create(SpscRingBuffer.sizeFor(1 << 12));
        SharedMemory small = blocks.create(100);
        SharedMemory unfinished = blocks.create(SpscRingBuffer.sizeFor(1 << 12));
        long dead = deadProcess();
        try (Arena arena = Arena.ofConfined()) {
            unfinished.attach(AttachMode.READ_WRITE, arena).set(ValueLayout.JAVA_LONG, 48, dead << 41 | 1);
        }
        Child.Result result = Cli.run("ring", "status", "--json", capacity, positions, version, "id:" + empty.id(),
                "id:" + small.id(), "id:" + unfinished.id(), "abc", "0", blocks.freeKey(), "id:2147483647", good);
        assertEquals(1, result.exit());
        JsonNode shown = PARSER.readTree(result.out()).get("rings");
        assertEquals(1, shown.size());
        assertEquals(good.block().id(), shown.get(0).get("id").intValue());
        List<String> lines = result.err().lines().toList();
        String[][] expected = {
            {"block " + capacity.block().id() + " (key " + capacity.key() + ", ", "capacity is 4095"},
            {"block " + positions.block().id() + " ", "consumer's position is 16", "overwritten"},
            {"block " + version.block().id() + " ", "version of the ring is 2; expected was 1"},
            {"block " + empty.id() + " ", "nobody has begun to create one"},
            {"block " + small.id() + " ", "the memory has 100 bytes"},
            {"block " + unfinished.id() + " ", "not complete", "process " + dead + ", which has terminated"},
            {"\"abc\" is not a key"}, {"IPC_PRIVATE"}, {"no block has the key"}, {"no block has the id 2147483647"}
        };
        assertEquals(expected.length, lines.size(), result.err());
        for (int i = 0; i < expected.length; i++) {
            for (String part : expected[i]) {
                assertTrue(lines.get(i).startsWith("shm4j: ") && lines.get(i).contains(part), lines.get(i));
            }
        }
    }

    private static long deadProcess() {
        return Long.parseLong(Child.command("sh", "-c", "echo $$").run().ok());
    }

    @Test
    void shouldFindAllRingsAndListThem() throws IOException {
        Peers.requireOtherUser();
        Peers.requirePrivateIpc();
        // One ring anybody may read, one of its owner only, a block that has the size of a ring by chance, and others.
        Child.Result result = Cli.shellChild(
                """
                        "$@" list
                        "$@" ring status
                        "$@" ring create 0x11 -c 1M -m 644 >/dev/null
                        "$@" ring create 0x12 -c 8K -k SPSC >/dev/null
                        "$@" create 0x13 -s 4992 -m 644 >/dev/null
                        "$@" create 0x14 -s 1024 >/dev/null
                        "$@" ring create 0x15 -c 1K >/dev/null
                        "$@" list | cut -c 1-10,45-
                        "$@" list --rings --noheadings -o key,content
                        "$@" ring status --json | tr -d '\\n '; echo
                        setpriv --reuid=65534 --regid=65534 --clear-groups "$@" ring status
                        setpriv --reuid=65534 --regid=65534 --clear-groups "$@" ring status 0x11 0x12
                        echo exit $?
                        """)
                .inPrivateIpc()
                .run();
        List<String> lines = result.ok().lines().toList();
        assertEquals("KEY  ID  OWNER  PERMS  SIZE  NATTCH  STATUS  AGE  CPID  COMMAND", lines.get(0));
        assertEquals("there is no ring that list recognises and this user may read", lines.get(1));
        assertTrue(lines.get(2).startsWith("KEY") && lines.get(2).endsWith("CONTENT       COMMAND"), lines::toString);
        List<String> contents = List.of("MPSC ring 1M", "SPSC ring 8K", "SPSC ring 4K", "-", "-");
        for (int i = 0; i < contents.size(); i++) {
            assertTrue(lines.get(3 + i).contains(" " + contents.get(i) + " "), lines.get(3 + i));
        }
        assertEquals(List.of("0x00000011  MPSC ring 1M", "0x00000012  SPSC ring 8K", "0x00000013  SPSC ring 4K"),
                lines.subList(8, 11));
        JsonNode found = PARSER.readTree(lines.get(11)).get("rings");
        assertEquals(List.of("0x00000011", "0x00000012"),
                List.of(found.get(0).get("key").textValue(), found.get(1).get("key").textValue()));
        assertEquals(2, found.size());
        String rest = String.join("\n", lines.subList(12, lines.size()));
        assertEquals(2, rest.split("KIND ", -1).length - 1, rest);
        assertEquals(2, rest.split("0x00000011", -1).length - 1, rest);
        assertFalse(rest.contains("0x00000012"), rest);
        assertTrue(rest.endsWith("exit 1"), rest);
        assertEquals(1, result.err().lines().count(), result.err());
        assertTrue(result.err().contains("key 0x00000012") && result.err().contains("EACCES"), result.err());
    }

    @Test
    void shouldNotEndABlockByLookingIntoIt() {
        Peers.requirePrivateIpc();
        Peers.require(Child.exists("nsenter"), "nsenter");
        try (Holder holder = Holder.start()) {
            holder.run("sh", "-c", "echo 1 >/proc/sys/kernel/shm_rmid_forced").run().ok();
            for (String command : List.of("status", "peek")) {
                Child.Result refused = holder.cli("ring", command, "0x1000").run();
                assertEquals(1, refused.exit());
                assertTrue(refused.err().contains("kernel.shm_rmid_forced is set: a look into it would remove it"),
                        refused.err());
            }
            assertEquals("0x00001000",
                    holder.cli("list", "--key", "0x1000", "--noheadings", "-o", "key").run().ok());
        }
    }

    @Test
    void shouldListRingsWithoutAttachingToThem() throws IOException {
        Peers.requirePrivateIpc();
        // Of the kernel's columns of a block: which process attached to it or detached last, and when that was.
        Child.Result result = Cli.shellChild(
                """
                        last() { awk '$1 == 17 { print $6, $12, $13 }' /proc/sysvipc/shm; }
                        "$@" ring create 17 -c 1M >/dev/null
                        "$@" create 18 -s 4096 >/dev/null
                        before=$(last)
                        "$@" list --json
                        "$@" list --rings
                        "$@" status 17
                        "$@" status 18
                        test -n "$before" && echo "before: $before" && echo "after: $(last)"
                        """)
                .inPrivateIpc()
                .run();
        List<String> lines = result.ok().lines().toList();
        int end = lines.indexOf("}");
        for (JsonNode block : PARSER.readTree(String.join("\n", lines.subList(0, end + 1))).get("sharedmemory")) {
            assertEquals(block.get("key").textValue().equals("0x00000011") ? "MPSC ring 1M" : "null",
                    block.get("content").asText());
        }
        List<String> text = lines.subList(end + 1, lines.size());
        assertTrue(text.get(1).contains("MPSC ring 1M"), result.out());
        assertEquals(List.of("MPSC ring 1M", "-"), text.stream().filter(line -> line.startsWith("CONTENT "))
                .map(line -> line.substring(8).strip()).toList());
        assertEquals(text.get(text.size() - 2).replace("before", "after"), text.getLast());
    }

    @Test
    void shouldRemoveRingsByWhatTheyAre() throws IOException {
        Peers.requirePrivateIpc();
        Child.Result result = Cli.shellChild(
                """
                        "$@" ring create 0x11 -c 4K >/dev/null
                        "$@" create 0x12 -s 4096 >/dev/null
                        "$@" remove --rings --orphans
                        "$@" list --noheadings -o key
                        """)
                .inPrivateIpc()
                .run();
        List<String> lines = result.ok().lines().toList();
        assertEquals(2, lines.size());
        assertTrue(lines.get(0).startsWith("removed block 0 (key 0x00000011"), lines.get(0));
        assertEquals("0x00000012", lines.get(1));
    }
}
