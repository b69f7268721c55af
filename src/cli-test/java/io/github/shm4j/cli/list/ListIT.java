package io.github.shm4j.cli.list;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.shm4j.cli.Cli;
import io.github.shm4j.cli.Holder;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Peers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code shm4j list} says what the kernel and the tools of util-linux say, field by field. */
class ListIT {

    private static final ObjectMapper PARSER = new ObjectMapper();

    private static Holder holder;

    @BeforeAll
    static void makeBlocks() {
        Peers.requireOtherUser();
        Peers.requirePrivateIpc();
        Peers.require(Child.exists("nsenter"), "nsenter");
        holder = Holder.start();
    }

    @AfterAll
    static void removeBlocks() {
        if (holder != null) {
            holder.close();
        }
    }

    private static List<JsonNode> list(Object... options) throws IOException {
        List<Object> words = new ArrayList<>(List.of("list", "--json"));
        words.addAll(List.of(options));
        List<JsonNode> blocks = new ArrayList<>();
        PARSER.readTree(holder.cli(words.toArray()).run().ok()).get("sharedmemory").forEach(blocks::add);
        return blocks;
    }

    // L07
    @Test
    void shouldAgreeWithTheKernelOnEveryField() throws IOException {
        List<String> rows = holder.run("cat", "/proc/sysvipc/shm").run().lines();
        List<JsonNode> blocks = list();
        assertEquals(rows.size() - 1, blocks.size());
        assertEquals(10, blocks.size());
        for (int i = 0; i < blocks.size(); i++) {
            String[] row = rows.get(i + 1).strip().split(" +");
            JsonNode block = blocks.get(i);
            assertEquals(String.format("0x%08x", Integer.parseInt(row[0])), block.get("key").textValue());
            int mode = Integer.parseInt(row[2], 8);
            assertEquals(String.format("0%03o", mode & 0777), block.get("mode").textValue());
            String[] numbers = {"id", "size", "cpid", "lpid", "nattch", "uid", "gid", "cuid", "cgid", "rss", "swap"};
            int[] columns = {1, 3, 4, 5, 6, 7, 8, 9, 10, 14, 15};
            for (int j = 0; j < numbers.length; j++) {
                JsonNode number = block.get(numbers[j]);
                assertTrue(number.isIntegralNumber(), numbers[j]);
                assertEquals(row[columns[j]], number.asText(), numbers[j]);
            }
            assertTime(row[11], block.get("attach"));
            assertTime(row[12], block.get("detach"));
            assertTime(row[13], block.get("ctime"));
            String status = (mode & 01000) != 0 ? "dest" : (mode & 02000) != 0 ? "locked" : null;
            assertEquals(status, block.get("status").textValue());
            assertFalse(block.get("orphan").booleanValue());
            assertTrue(block.get("command").textValue().contains(Holder.class.getName()), block::toString);
            long age = Instant.now().getEpochSecond() - Long.parseLong(row[13]);
            assertTrue(block.get("age").isIntegralNumber() && block.get("age").longValue() <= age, block::toString);
        }
        assertEquals(0, blocks.get(0).get("id").intValue());
        assertEquals((5L << 30) + 17, blocks.get(3).get("size").longValue());
    }

    private static void assertTime(String seconds, JsonNode time) {
        if (seconds.equals("0")) {
            assertTrue(time.isNull(), time::toString);
        } else {
            assertEquals(Instant.ofEpochSecond(Long.parseLong(seconds)), Instant.parse(time.textValue()));
        }
    }

    @Test
    void shouldAgreeWithLsipcOnEveryFieldThatItHas() throws IOException {
        Peers.require(Child.exists("lsipc"), "lsipc");
        String columns =
                "KEY,ID,OWNER,PERMS,CUID,CUSER,CGID,CGROUP,UID,USER,GID,GROUP,SIZE,NATTCH,STATUS,CPID,LPID,COMMAND";
        JsonNode theirs = PARSER.readTree(
                holder.run("lsipc", "-m", "-J", "-b", "-o", columns).run().ok()).get("sharedmemory");
        Map<String, JsonNode> byId = new HashMap<>();
        theirs.forEach(block -> byId.put(block.get("id").asText(), block));
        List<JsonNode> ours = list();
        assertEquals(ours.size(), byId.size());
        for (JsonNode block : ours) {
            JsonNode other = byId.get(block.get("id").asText());
            for (String name : columns.toLowerCase().split(",")) {
                // lsipc writes every value as a string; its USER is our OWNER.
                JsonNode mine = block.get(name.equals("user") ? "owner" : name);
                if (other.get(name).isNull() && name.matches("user|group")) {
                    // Where lsipc has no name, it leaves the number to another column.
                    assertEquals(block.get(name.replaceAll("(.).*", "$1id")), PARSER.readTree(mine.asText()), name);
                } else if (other.get(name).isNull()) {
                    assertTrue(mine.isNull(), name + " of " + block);
                } else {
                    assertEquals(other.get(name).asText().strip(), mine.asText(), name + " of " + block);
                }
            }
        }
    }

    @Test
    void shouldAgreeWithIpcs() {
        Peers.require(Child.exists("ipcs"), "ipcs");
        List<String> theirs = new ArrayList<>();
        for (String line : holder.run("ipcs", "-m").run().lines()) {
            if (line.startsWith("0x")) {
                String[] words = line.strip().split(" +");
                words[1] = "id:" + words[1];
                theirs.add(String.join(" ", Arrays.copyOf(words, 6)));
            }
        }
        List<String> ours = new ArrayList<>();
        for (String line : holder.cli("list", "--noheadings", "--bytes", "-o", "key,id,owner,mode,size,nattch").run()
                .ok()
                .lines().toList()) {
            String[] words = line.strip().split(" +");
            // ipcs writes the mode without the leading zero, and as one zero if it is nothing.
            words[3] = Integer.toOctalString(Integer.parseInt(words[3], 8));
            ours.add(String.join(" ", words));
        }
        assertEquals(10, ours.size());
        assertEquals(theirs, ours);
    }

    @Test
    void shouldNameOwnersAndFallBackOnNumbers() throws IOException {
        assertEquals(List.of("nobody", "54321"), List.of(
                list("--key", "0x7000").get(0).get("owner").textValue(),
                list("--key", "0x7001").get(0).get("owner").textValue()));
    }

    /** Prepares the command line where getent notes each question and never answers. */
    private static Child withoutAnswers(Path directory, Object... arguments) throws IOException {
        Path getent = Files.writeString(directory.resolve("getent"),
                "#!/bin/sh\necho \"$*\" >>" + directory.resolve("questions") + "\nexec sleep 1000\n");
        Files.setPosixFilePermissions(getent, PosixFilePermissions.fromString("rwxr-xr-x"));
        return holder.cli(arguments).under("env", "PATH=" + directory + ":" + System.getenv("PATH"));
    }

    @Test
    void shouldShowNumbersWhereNobodyTellsTheNames(@TempDir Path directory) throws IOException {
        Child.Result result = withoutAnswers(directory, "list", "--key=0x7000", "--key=0x7001", "-o",
                "owner,group,size", "--bytes", "--noheadings").run();
        List<String> rows = result.ok().lines().map(line -> line.replaceAll(" +", " ")).toList();
        assertTrue(rows.get(0).startsWith("nobody "), rows::toString);
        assertEquals("54321 54322 4096", rows.get(1));
        assertTrue(result.err().startsWith("shm4j: some users or groups are shown as numbers"), result.err());
        assertEquals(1, result.err().lines().count(), result.err());
        assertEquals(List.of("-- passwd 54321"), Files.readAllLines(directory.resolve("questions")),
                "the time for one question is the time for all");
    }

    @Test
    void shouldAskNobodyForNamesIfNumbersAreWanted(@TempDir Path directory) throws IOException {
        assertEquals("0", withoutAnswers(directory, "list", "-n", "--key=0x1000", "-o", "owner", "--noheadings")
                .run().ok());
        assertTrue(withoutAnswers(directory, "status", "0x7001", "--numeric").run().ok().contains("54322"));
        Child.Result kept = withoutAnswers(directory, "remove", "0x4000", "--numeric").run();
        assertTrue(kept.err().contains("owner 0, "), kept.err());
        assertTrue(withoutAnswers(directory, "watch", "--once", "--numeric").run().ok().contains(" 54321 "));
        assertFalse(Files.exists(directory.resolve("questions")));
    }

    @Test
    void shouldSayWhichProcessesAreAttached() throws IOException {
        Peers.require(Files.isReadable(Path.of("/proc/" + holder.pid() + "/maps")), "the mappings of others");
        JsonNode block =
                PARSER.readTree(holder.cli("status", "0x4000", "--json").run().ok()).get("sharedmemory").get(0);
        assertEquals("[" + holder.pid() + "]", block.get("pids").toString());
        assertEquals(0, block.get("unseen").intValue());
        assertEquals(2, block.get("nattch").intValue());
        assertEquals("[]", list("--key=0x1000", "-o", "pids").get(0).get("pids").toString());
        assertFalse(list("--key=0x4000").get(0).has("pids"), "looking at all processes is not for every listing");
        assertEquals(holder.pid() + " 0", holder.cli("list", "--key=0x4000", "-o", "pids,unseen", "--noheadings")
                .run().ok().replaceAll(" +", " "));
        String status = holder.cli("status", "0x4000").run().ok();
        List<String> attached = status.lines().filter(line -> line.startsWith("ATTACHED")).toList();
        assertEquals(1, attached.size(), status);
        assertTrue(
                attached.get(0).matches("ATTACHED +process " + holder.pid() + ": .*" + Holder.class.getName() + ".*"),
                status);
    }

    @Test
    void shouldSayThatProcessesMayNotBeSeen() throws IOException {
        Child nobody = Child.command(Cli.words("status", "0x4000").toArray())
                .under("nsenter", "-i", "-t", Long.toString(holder.pid()))
                .asNobody();
        String status = nobody.run().ok();
        assertTrue(status.contains("2 times to processes that this user may not see"), status);
    }

    @Test
    void shouldListTheBlocksOfUsers() throws IOException {
        assertEquals(List.of("0x00007000"), keys(list("--user", "nobody")));
        assertEquals(List.of("0x00007000", "0x00007001"), keys(list("-u", "54321", "-u", "65534")));
        assertEquals(8, list("--user=root").size());
        assertEquals(List.of(), keys(list("--user", "nobody", "--mine")));
        Child.Result unknown = holder.cli("list", "--user", "no.such.user").run();
        assertEquals(2, unknown.exit());
        assertTrue(unknown.err().contains("\"no.such.user\" is neither a name in /etc/passwd nor a number"),
                unknown.err());
        String out = holder.cli("remove", "--user", "54321", "--dry-run").run().ok();
        assertEquals(1, out.lines().count(), out);
        assertTrue(out.contains("key 0x00007001"), out);
    }

    @Test
    void shouldShowNobodyRootsBlocks() throws IOException {
        String out = holder.run("true").run().ok();
        assertEquals("", out);
        Child asNobody = Child.command(Cli.words("list", "--json").toArray())
                .under("nsenter", "-i", "-t", Long.toString(holder.pid()))
                .asNobody();
        JsonNode seen = PARSER.readTree(asNobody.run().ok()).get("sharedmemory");
        assertEquals(10, seen.size());
        assertEquals("root", seen.get(0).get("owner").textValue());
    }

    @Test
    void shouldFilter() throws IOException {
        assertEquals(List.of("0x00003000"), keys(list("--min-size", "5G")));
        assertEquals(List.of("0xfffffffe", "0x80000001"),
                keys(list("--key=0xfffffffe", "--key=2147483649", "--sort=key:desc")));
        assertEquals(List.of("0x00001000", "0x00003000"), keys(list("--key=id:0", "--key", "0x3000", "--sort", "key")));
        assertTrue(holder.cli("watch", "--once", "--key", "id:0").run().ok().startsWith("1 block, 1000B, "));
        assertEquals(10, list("--older-than", "0s", "--min-size", "1").size()
                + list("--older-than", "0s", "--min-size", "1", "--key", "0x9999").size(), "no block is new any more");
        assertEquals(List.of(), keys(list("--older-than", "1d")));
        assertEquals(List.of(), keys(list("--orphans")));
        List<String> mine = keys(list("--mine"));
        assertEquals(8, mine.size());
        assertFalse(mine.contains("0x00007000") || mine.contains("0x00007001"), mine::toString);
    }

    @Test
    void shouldSort() throws IOException {
        List<Long> sizes = list("--sort", "size").stream().map(block -> block.get("size").longValue()).toList();
        assertEquals(sizes.stream().sorted().toList(), sizes);
        List<String> owners = list("--sort=owner:desc").stream().map(block -> block.get("owner").textValue()).toList();
        assertEquals("root", owners.get(0));
        assertEquals("54321", owners.get(9));
        List<JsonNode> attached = list("--sort", "attach");
        assertTrue(attached.get(9).get("attach").isNull() && !attached.get(0).get("attach").isNull());
    }

    @Test
    void shouldShowOnlyTheColumnsThatAreChosen() throws IOException {
        List<JsonNode> blocks = list("--output", "ID,swap");
        List<String> names = new ArrayList<>();
        blocks.get(0).fieldNames().forEachRemaining(names::add);
        assertEquals(List.of("id", "swap"), names);
        assertEquals("  ID  SWAP", holder.cli("list", "-o", "id,swap").run().lines().get(0));
    }

    @Test
    void shouldShowTheDefaultColumns() {
        List<String> lines = holder.cli("list").run().ok().lines().toList();
        assertEquals("KEY ID OWNER PERMS SIZE NATTCH STATUS AGE CPID COMMAND", lines.get(0).replaceAll(" +", " "));
        String[] first = lines.get(1).split(" +", 10);
        assertEquals(List.of("0x00001000", "id:0", "root", "rw-------", "1000B", "0", "-"),
                List.of(first).subList(0, 7));
        assertEquals(Long.toString(holder.pid()), first[8]);
        assertFalse(String.join("", lines).contains("\033"), "no colours where there is no terminal");
    }

    @Test
    void shouldShowAllOfOneBlock() throws IOException {
        JsonNode one = PARSER.readTree(holder.cli("status", "--json", "0xfffffffe").run().ok()).get("sharedmemory");
        assertEquals(1, one.size());
        assertEquals(1, one.get(0).get("size").intValue());
        assertEquals("rw-rw-rw-", one.get(0).get("perms").textValue());
        assertTrue(holder.cli("status", "id:0").run().ok().contains("0x00001000"));
        assertTrue(holder.cli("status", "--id", "0").run().ok().contains("0x00001000"));
        assertTrue(holder.cli("status", "0x3000").run().ok().contains("5368709137 (5G)"));
    }

    @Test
    void shouldShowNobodyTheStatusOfABlockThatItMayNotRead() {
        Child.Result result = Child.command(Cli.words("status", "0x1000").toArray())
                .under("nsenter", "-i", "-t", Long.toString(holder.pid()))
                .asNobody()
                .run();
        assertTrue(result.ok().contains("rw-------"));
    }

    private static List<String> keys(List<JsonNode> blocks) {
        return blocks.stream().map(block -> block.get("key").textValue()).toList();
    }
}
