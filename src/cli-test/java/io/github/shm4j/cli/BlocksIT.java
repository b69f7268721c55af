package io.github.shm4j.cli;

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
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Peers;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The commands that make, read, write and change one block, and those that compute. */
class BlocksIT {

    private static final ObjectMapper PARSER = new ObjectMapper();

    private final Blocks blocks = new Blocks();

    @TempDir
    private Path directory;

    @AfterEach
    void removeBlocks() throws ShmException {
        blocks.close();
    }

    private static String quote(Object text) {
        return "'" + text.toString().replace("'", "'\\''") + "'";
    }

    private SharedMemory filled(int size) throws ShmException {
        SharedMemory memory = blocks.create(size);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment.copy(random(size), 0, memory.attach(AttachMode.READ_WRITE, arena), ValueLayout.JAVA_BYTE, 0,
                    size);
        }
        return memory;
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        // Lines that repeat, as most memory has them, and at least one that does not.
        Arrays.fill(bytes, size / 4, size / 2, (byte) 0);
        return bytes;
    }

    private static byte[] contents(SharedMemory memory) throws ShmException {
        try (Arena arena = Arena.ofConfined()) {
            return memory.attach(AttachMode.READ_ONLY, arena).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    @Test
    void shouldCreateABlockOfItsOwnerOnly() throws ShmException {
        ShmKey key = blocks.freeKey();
        assertEquals(key.toString(), Cli.run("create", key, "--size", "1001").ok());
        ShmStatus status = SharedMemory.open(key).status();
        assertEquals(1001, status.size());
        assertEquals(ShmPermissions.OWNER_ONLY, status.permissions());
    }

    @Test
    void shouldCreateBlocksWithRandomKeysAndWithoutKeys() throws IOException {
        JsonNode random = PARSER.readTree(Cli.run("create", "-s", "5K", "--json", "-m", "rw-r-----").ok());
        ShmStatus status = blocks.adopt(SharedMemory.open(ShmKey.parse(random.get("key").textValue()))).status();
        assertEquals(random.get("id").intValue(), status.id());
        assertEquals(5120, status.size());
        assertEquals(0640, status.permissions().mode());

        String word = Cli.run("create", "-s", "7", "--private").ok();
        assertTrue(word.startsWith("id:"), word);
        SharedMemory without = blocks.adopt(SharedMemory.ofId(Integer.parseInt(word.substring("id:".length()))));
        assertEquals(7, without.status().size());
        assertEquals(ShmKey.PRIVATE, without.status().key());
    }

    /** A power of two is a size of pages as well, so the option could take the key. The size is more than there is. */
    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "create -s 1125899906842624 --huge-pages 2097152             ; SHM_HUGETLB|0600",
        "create 2097152 -s 1125899906842624 --huge-pages             ; SHM_HUGETLB|0600",
        "create -s 1125899906842624 --huge-pages=2M 2097152          ; 21<<SHM_HUGE_SHIFT|0600",
        "ring create -c 1125899906842624 --huge-pages --json 2097152 ; SHM_HUGETLB|0600"
    })
    void shouldNotTakeTheKeyForTheSizeOfHugePages(String arguments, String flags) {
        Child.Result result = Cli.child((Object[]) arguments.split(" ")).under("env", "SHM4J_DEBUG=1").run();
        assertEquals(1, result.exit(), result::toString);
        assertTrue(result.err().contains(": shmget(0x00200000, ") && result.err().contains(flags), result.err());
        assertFalse(result.err().lines().toList().getLast().contains("shmget(0x"), result.err());
    }

    @Test
    void shouldPrintWhatTheNextCommandTakes() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        String out = Cli.shell("""
                set -e
                for what in 'create -s 10' 'create -s 10 --private' 'ring create -c 4K' 'ring create -c 4K --private'; do
                    block=$("$@" $what)
                    "$@" status "$block" | grep ^SIZE
                    "$@" remove "$block" >/dev/null
                done
                key=$("$@" ftok %1$s x)
                "$@" create "$key" -s 11 >/dev/null
                "$@" list --noheadings --output id --key "$key" | xargs "$@" read --length 1 --hex
                "$@" remove "$key" | sed 's/ (.*//; s/ [0-9]*$//'
                """.formatted(quote(file))).ok();
        assertEquals(List.of("SIZE", "SIZE", "SIZE", "SIZE", "00000000  00", "00000001", "removed block"),
                out.lines().map(line -> line.replaceAll("(SIZE|00000000  00) .*", "$1")).toList());
    }

    @Test
    void shouldRefuseAKeyThatIsTaken() throws ShmException {
        SharedMemory memory = blocks.create(1000);
        ShmKey key = memory.status().key();
        Child.Result result = Cli.run("create", key, "-s", "10");
        assertEquals(1, result.exit());
        assertEquals("", result.out());
        assertTrue(result.err().startsWith("shm4j: block " + memory.id() + " (key " + key + ", 1000 bytes, owner "),
                result.err());
        assertTrue(result.err().endsWith("remove it with \"shm4j remove " + key + "\" (shmget: EEXIST, 17)\n"),
                result.err());
    }

    @Test
    void shouldAdviseWhatTheCommandLineCanDo() throws ShmException {
        Peers.requirePrivateIpc();
        // More than any machine has.
        Child.Result tooMuch = Cli.shellChild("\"$@\" create -s 4E").inPrivateIpc("shmmax=9223372036854775807").run();
        assertEquals(1, tooMuch.exit());
        assertTrue(tooMuch.err().contains("say --no-reserve if most of it will stay unused (shmget: ENOMEM, 12)"),
                tooMuch.err());
        Child.Result tooLarge = Cli.shellChild("\"$@\" create -s 1000").inPrivateIpc("shmmax=999").run();
        assertEquals(1, tooLarge.exit());
        assertTrue(
                tooLarge.err()
                        .startsWith("shm4j: the size is more than a block may have, which \"shm4j limits\" shows"),
                tooLarge.err());
        assertTrue(tooLarge.err().endsWith("(shmget: EINVAL, 22)\n"), tooLarge.err());
        Child.Result tooMany = Cli.shellChild("\"$@\" create -s 1 >/dev/null; \"$@\" create -s 1")
                .inPrivateIpc("shmmni=1").run();
        assertEquals(1, tooMany.exit());
        assertTrue(tooMany.err().contains("\"shm4j list --orphans\"") && tooMany.err().endsWith(
                "(shmget: ENOSPC, 28)\n"), tooMany.err());
        Peers.requireOrdinaryUser();
        SharedMemory closed = blocks.create(1000, ShmPermissions.of(0));
        Child.Result unreadable = Cli.child("read", "id:" + closed.id()).asOrdinaryUser().run();
        assertEquals(1, unreadable.exit());
        assertTrue(unreadable.err().contains("\"shm4j status\" shows what everybody may know"), unreadable.err());
        SharedMemory readable = blocks.create(1000, ShmPermissions.of(0444));
        Child.Result unwritable = Cli.child("write", readable.status().key(), "x").asOrdinaryUser().run();
        assertEquals(1, unwritable.exit());
        String mend = "its owner, also if that is this user, can change them with \"shm4j permissions\"";
        assertTrue(unwritable.err().contains(mend), unwritable.err());
        ShmKey key = blocks.freeKey();
        Child.Result ownButClosed = Cli.shellChild("\"$@\" create " + key + " --permissions 000 --size 10 >&2;"
                + " \"$@\" read " + key + "; code=$?; \"$@\" remove " + key + " >&2; exit $code").asOrdinaryUser()
                .run();
        assertEquals(1, ownButClosed.exit(), ownButClosed.err());
        assertTrue(ownButClosed.err().contains(mend), ownButClosed.err());
        for (Child.Result result : List.of(tooMuch, unreadable, unwritable, ownButClosed)) {
            assertTrue(!result.err().matches("(?s).*(CreateOption|SharedMemory|AttachMode|ipcrm|arena).*"),
                    result.err());
        }
    }

    @Test
    void shouldSayWhichIdMayBeMeant() throws ShmException {
        SharedMemory memory = blocks.create(10);
        int id = memory.id();
        String hint = "but one has the id " + id + ": say id:" + id;
        for (String command : new String[] {
            "status", "read", "write", "permissions", "remove", "ring status", "ring send", "ring receive"
        }) {
            Child.Result result = Cli.shell("\"$@\" " + command + " " + id
                    + (command.equals("permissions") ? " 600" : "") + " </dev/null");
            assertEquals(1, result.exit(), command);
            assertTrue(result.err().startsWith("shm4j: no block has the key 0x") && result.err().contains(hint),
                    command + ": " + result.err());
        }
        for (String noId : new String[] {"0x" + Integer.toHexString(id), "0" + Integer.toOctalString(id)}) {
            Child.Result result = Cli.run("status", noId);
            assertEquals("shm4j: no block has the key " + ShmKey.parse(noId) + "\n", result.err());
        }
    }

    @Test
    void shouldRemoveABlockOfWhichItCouldTellNobody() throws ShmException {
        ShmKey key = blocks.freeKey();
        Child.Result result = Cli.shell("\"$@\" create " + key + " -s 10 >/dev/full");
        assertEquals(1, result.exit());
        assertTrue(result.err().contains("cannot write to standard output: No space left on device"), result.err());
        assertTrue(SharedMemory.list().stream().noneMatch(block -> block.key().equals(key)));
    }

    @Test
    void shouldReadRawBytes() throws IOException {
        SharedMemory memory = filled(200_003);
        ShmKey key = memory.status().key();
        Path copy = directory.resolve("copy");
        Cli.shell("\"$@\" read " + key + " >" + quote(copy)).ok();
        assertArrayEquals(random(200_003), Files.readAllBytes(copy));
        Cli.shell("\"$@\" read id:" + memory.id() + " --offset 1K --length 77777 >" + quote(copy)).ok();
        assertArrayEquals(Arrays.copyOfRange(random(200_003), 1024, 1024 + 77_777), Files.readAllBytes(copy));
        Cli.shell("\"$@\" read " + key + " --offset 200003 >" + quote(copy)).ok();
        assertEquals(0, Files.size(copy));
    }

    @Test
    void shouldDumpAsHexdumpDoes() throws IOException {
        Peers.require(Child.exists("hexdump"), "hexdump");
        for (int size : new int[] {1, 15, 16, 17, 200, 4097, 70_001}) {
            SharedMemory memory = filled(size);
            Path raw = Files.write(directory.resolve("raw"), random(size));
            assertEquals(Child.command("hexdump", "-C", raw).run().ok(),
                    Cli.run("read", "--hex", memory.status().key()).ok(), () -> size + " bytes");
            assertEquals(Child.command("hexdump", "-C", "-s", size / 3, "-n", size / 2, raw).run().ok(),
                    Cli.run("read", "--hex", memory.status().key(), "--offset", size / 3, "--length", size / 2).ok(),
                    () -> "a part of " + size + " bytes");
        }
    }

    @Test
    void shouldShowTextUntilTheFirstZeroAndEscapeWhatIsNotText() throws ShmException {
        SharedMemory memory = blocks.create(100);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = memory.attach(AttachMode.READ_WRITE, arena);
            bytes.setString(0, "grüße \033[31m\n");
            bytes.set(ValueLayout.JAVA_BYTE, 3, (byte) 0xff);
            bytes.setString(50, "behind");
        }
        Child.Result result = Cli.child("read", "--text", memory.status().key()).under("env", "LC_ALL=C.UTF-8").run();
        assertEquals("gr\\xc3\\xffße \\x1b[31m\\n", result.ok());
        assertEquals("behind", Cli.run("read", "--text", memory.status().key(), "--offset", "50").ok());
    }

    @Test
    void shouldWriteAnArgumentAFileAndStandardInput() throws IOException {
        SharedMemory memory = filled(1000);
        ShmKey key = memory.status().key();
        byte[] expected = random(1000);
        Cli.child("write", key, "tür", "--offset", "10").under("env", "LC_ALL=C.UTF-8").run().ok();
        System.arraycopy("tür".getBytes(StandardCharsets.UTF_8), 0, expected, 10, 4);
        assertArrayEquals(expected, contents(memory));

        byte[] bytes = random(333);
        Path file = Files.write(directory.resolve("file"), bytes);
        Cli.run("write", key, "--file", file, "--offset", "667").ok();
        System.arraycopy(bytes, 0, expected, 667, 333);
        assertArrayEquals(expected, contents(memory));

        Cli.shell("printf 'a\\0b' | \"$@\" write " + key).ok();
        System.arraycopy(new byte[] {'a', 0, 'b'}, 0, expected, 0, 3);
        Cli.shell("{ dd bs=1 count=300 status=none of=/dev/null; \"$@\" write " + key + " --offset 100; } <"
                + quote(file)).ok();
        System.arraycopy(bytes, 300, expected, 100, 33);
        assertArrayEquals(expected, contents(memory));
        Cli.shell("\"$@\" write " + key + " </dev/null").ok();
        assertArrayEquals(expected, contents(memory));
    }

    @Test
    void shouldWriteMoreFromAPipeThanItKeepsInMemory() throws IOException {
        int size = (20 << 20) + 3;
        SharedMemory memory = blocks.create(size);
        Path file = Files.write(directory.resolve("large"), random(size));
        Path temporary = Files.createDirectory(directory.resolve("tmp"));
        Cli.shell("cat " + quote(file) + " | JAVA_TOOL_OPTIONS=-Djava.io.tmpdir=" + temporary + " \"$@\" write "
                + memory.status().key()).ok();
        assertArrayEquals(random(size), contents(memory));
        Child.Result tooMuch = Cli.shell("cat " + quote(file) + " " + quote(file)
                + " | JAVA_TOOL_OPTIONS=-Djava.io.tmpdir=" + temporary + " \"$@\" write " + memory.status().key()
                + " --offset 1");
        assertEquals(1, tooMuch.exit());
        assertArrayEquals(random(size), contents(memory));
        try (var left = Files.list(temporary)) {
            assertEquals(0, left.count(), "temporary files");
        }
    }

    @Test
    void shouldWriteFilesThatHaveNoSize() throws IOException {
        byte[] expected = Files.readAllBytes(Path.of("/proc/cpuinfo"));
        SharedMemory memory = blocks.create(expected.length);
        ShmKey key = memory.status().key();
        for (String input : new String[] {"--file /proc/cpuinfo", "</proc/cpuinfo"}) {
            try (Arena arena = Arena.ofConfined()) {
                memory.attach(AttachMode.READ_WRITE, arena).fill((byte) 0);
            }
            assertEquals("", Cli.shell("\"$@\" write " + key + " " + input).ok());
            assertArrayEquals(expected, contents(memory), input);
        }
        Path fifo = directory.resolve("fifo");
        Child.command("mkfifo", fifo).run().ok();
        assertEquals("", Cli.shell("printf fifo >" + quote(fifo) + " & \"$@\" write " + key + " --file "
                + quote(fifo)).ok());
        System.arraycopy("fifo".getBytes(StandardCharsets.UTF_8), 0, expected, 0, 4);
        assertArrayEquals(expected, contents(memory));
        Child.Result directoryAsInput = Cli.shell("\"$@\" write " + key + " </");
        assertEquals(1, directoryAsInput.exit());
        assertTrue(directoryAsInput.err().contains("cannot read standard input: Is a directory"),
                directoryAsInput.err());
    }

    @Test
    void shouldWriteNothingOfWhatDoesNotFit() throws IOException {
        SharedMemory memory = filled(100);
        ShmKey key = memory.status().key();
        Path file = Files.write(directory.resolve("file"), new byte[101]);
        Child.Result[] results = {
            Cli.run("write", key, "x".repeat(101)),
            Cli.run("write", key, "xx", "--offset", "99"),
            Cli.run("write", key, "--file", file),
            Cli.shell("cat " + quote(file) + " | \"$@\" write " + key),
            Cli.shell("\"$@\" write " + key + " <" + quote(file)),
            Cli.shell("\"$@\" write " + key + " --file /dev/zero"),
            Cli.shell("\"$@\" write " + key + " </dev/zero"),
            Cli.shell("\"$@\" write " + key + " --file /proc/cpuinfo"),
            Cli.shell("\"$@\" write " + key + " </proc/cpuinfo"),
            Cli.run("write", key, "x", "--offset", "101")
        };
        for (Child.Result result : results) {
            assertEquals(1, result.exit(), result::err);
            assertEquals(1, result.err().lines().count(), result.err());
            assertTrue(result.err().contains("the block") && result.err().contains("100 bytes"), result.err());
            assertTrue(result.err().contains("nothing is written"), result.err());
        }
        assertArrayEquals(random(100), contents(memory));
    }

    @Test
    void shouldSetPermissionsAndOwner() throws ShmException {
        SharedMemory memory = blocks.create(1000);
        ShmKey key = memory.status().key();
        Cli.run("permissions", key, "640").ok();
        assertEquals(0640, memory.status().permissions().mode());
        Cli.run("permissions", "id:" + memory.id(), "0666", "--world-writable").ok();
        assertEquals(0666, memory.status().permissions().mode());
        Peers.requireOtherUser();
        long gid = memory.status().ownerGid();
        Cli.run("permissions", key, "rw-------", "--owner", "nobody").ok();
        assertEquals(Child.NOBODY, memory.status().ownerUid());
        assertEquals(gid, memory.status().ownerGid());
        assertEquals(0600, memory.status().permissions().mode());
        Cli.run("permissions", key, "--owner", "0:12345").ok();
        assertEquals(0, memory.status().ownerUid());
        assertEquals(12_345, memory.status().ownerGid());
    }

    @Test
    void shouldRefuseToSetPermissionsOfSomebodyElse() throws ShmException {
        Peers.requireOtherUser();
        SharedMemory memory = blocks.create(1000);
        Child.Result result = Cli.child("permissions", memory.status().key(), "644").asNobody().run();
        assertEquals(1, result.exit());
        assertTrue(result.err().contains("EPERM"), result.err());
        assertEquals(0600, memory.status().permissions().mode());
    }

    @Test
    void shouldComputeKeysAsPhpDoes() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        ShmKey ofCharacter = ShmKey.ftok(file, '0');
        assertEquals(ofCharacter.toString(), Cli.run("ftok", file, "0").ok());
        ShmKey negative = ShmKey.ftok(file, 200);
        JsonNode json = PARSER.readTree(Cli.run("ftok", file, "--number", "200", "--json").ok());
        assertEquals(negative.toString(), json.get("key").textValue());
        assertEquals(negative.value(), json.get("number").intValue());
        assertTrue(negative.value() < 0);
        assertEquals(ShmKey.ftok(file, 1).toString(), Cli.run("ftok", file).ok());
        String php = Peers.php();
        assertEquals(
                Child.command(php, "-r", "printf('%d', ftok($argv[1], 'z'));", file).run().ok(),
                PARSER.readTree(Cli.run("ftok", file, "z", "--json").ok()).get("number").asText());
    }

    // L02
    @Test
    void shouldShowLimitsAndUsageOfANamespace() throws IOException {
        Peers.requirePrivateIpc();
        Child.Result result = Cli.shellChild("\"$@\" create -s 8191 >/dev/null && \"$@\" limits --json")
                .inPrivateIpc("shmmni=5", "shmmax=16384", "shmall=18446744073709551615")
                .run();
        JsonNode limits = PARSER.readTree(result.ok()).get("limits");
        assertLimit(limits.get(0), "SHMMNI", "5", "1", "20");
        assertLimit(limits.get(1), "SHMALL", "18446744073709551615", "2", "1.084202172485504E-17");
        assertLimit(limits.get(2), "SHMMAX", "16384", "8191", "49.993896484375");
        assertLimit(limits.get(3), "SHMMIN", "1", "null", "null");
        JsonNode usage = PARSER.readTree(result.ok()).get("usage");
        assertEquals(Child.command("getconf", "PAGESIZE").run().ok(), usage.get("pagesize").asText());
        assertEquals(1, usage.get("blocks").intValue());
    }

    private static void assertLimit(JsonNode limit, String resource, String value, String used, String percent) {
        assertEquals(resource, limit.get("resource").textValue());
        assertTrue(limit.get("limit").isIntegralNumber());
        assertEquals(new BigInteger(value), limit.get("limit").bigIntegerValue());
        assertEquals(used, limit.get("used").asText());
        assertEquals(percent, limit.get("percent").asText());
    }

    @Test
    void shouldShowTheLimitsOfProc() {
        String out = Cli.run("limits").ok();
        for (String name : new String[] {"shmmni", "shmall", "shmmax"}) {
            // Files.readString begins with a read of one byte, after which the kernel has nothing more to say here.
            String limit = Child.command("cat", "/proc/sys/kernel/" + name).run().ok();
            assertTrue(out.lines().anyMatch(line -> line.startsWith(name.toUpperCase() + " ")
                    && line.contains(" " + limit + " ")), out);
        }
    }
}
