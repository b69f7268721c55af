package io.github.shm4j.aeron;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.shm4j.support.Child;
import io.github.shm4j.support.Patient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Two machines, as two network namespaces, by the commands of README.md. The names of these namespaces and the keys of the rings
 * are this test's own: it has its own mounts, networks and IPC.
 */
@Patient
class NetworksIT {

    private static final Path ROOT = Path.of(System.getProperty("shm4j.test.root"));

    /** For how long the network is cut off; for more than 10 seconds, Aeron gives the other side up. */
    private static final int CUT_SECONDS = Integer.getInteger("shm4j.relay.cut.seconds", 1);

    @BeforeEach
    void requireNamespaces() {
        boolean there = Child.exists("ip") && Child.canUnshare("-mni")
                && "root".equals(System.getProperty("user.name"));
        if (!there && System.getenv("SHM4J_REQUIRE_PEERS") != null) {
            fail("ip, unshare and root are required here");
        }
        assumeTrue(there, "ip, unshare or root is not available here");
    }

    /** {@return the commands below a heading of the README} */
    private static String commands(String heading) throws Exception {
        String page = Files.readString(ROOT.resolve("relay/README.md"));
        int section = page.indexOf("## " + heading + "\n");
        assertTrue(section >= 0, heading);
        int end = page.indexOf("\n## ", section);
        String text = page.substring(section, end < 0 ? page.length() : end);
        String commands = text.lines().filter(line -> line.startsWith("    ")).map(String::strip)
                .collect(Collectors.joining("\n"));
        assertTrue(commands.contains("ip netns add"), commands);
        return commands;
    }

    private static Child.Result run(String script) {
        return Child.command("unshare", "-mni", "bash", "-c",
                "cd \"$1\" && mount -t tmpfs tmpfs /run && " + script, "bash", ROOT.toAbsolutePath().normalize()).run();
    }

    @Test
    void shouldCarryALineFromOneNetworkToAnother() throws Exception {
        Child.Result result = run("{\n" + commands("From one network to another") + "\n}");
        assertEquals(0, result.exit(), result.toString());
        assertTrue(result.lines().contains("hello from the left"), result.toString());
    }

    @Test
    void shouldGoOnAfterTheNetworkWasCutOff() throws Exception {
        String commands = commands("From one network to another");
        int begin = commands.lines().toList()
                .indexOf("ip netns exec left ./shm4j ring send 0x7e1a0001 'hello from the left'");
        assertTrue(begin > 0, commands);
        List<String> lines = commands.lines().toList();
        String before = String.join("\n", lines.subList(0, begin));
        String after = String.join("\n", lines.subList(begin + 2, lines.size()));
        Child.Result result = run("{\n" + before + """

                seq 1 1000 | ip netns exec left ./shm4j ring send 0x7e1a0001
                ip netns exec right ./shm4j ring receive 0x7e1a0002 --count 1000
                ip -n right link set right0 down
                seq 1001 2000 | ip netns exec left ./shm4j ring send 0x7e1a0001
                sleep %d
                ip -n right link set right0 up
                seq 2001 3000 | ip netns exec left ./shm4j ring send 0x7e1a0001
                ip netns exec right ./shm4j ring receive 0x7e1a0002 --count 2000
                """.formatted(CUT_SECONDS) + after + "\n}");
        assertEquals(0, result.exit(), result.toString());
        List<String> numbers = result.lines().stream().filter(line -> line.matches("[0-9]+")).toList();
        assertEquals(LongStream.rangeClosed(1, 3000).mapToObj(Long::toString).toList(), numbers, result.err());
    }
}
