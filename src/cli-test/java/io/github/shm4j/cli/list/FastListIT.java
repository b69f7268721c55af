package io.github.shm4j.cli.list;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.shm4j.cli.Cli;
import io.github.shm4j.ring.MpscRingBuffer;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Peers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What makes {@code shm4j list} and other commands quick: what they do without. */
class FastListIT {

    @TempDir
    private Path directory;

    private String loadedBy(Object... arguments) throws IOException {
        Path log = directory.resolve("loaded");
        List<String> words = new ArrayList<>(Cli.words(arguments));
        words.add(1, "-Xlog:class+load:file=" + log);
        Child.command(words.toArray()).run().ok();
        return Files.readString(log);
    }

    @Test
    void shouldSetUpNoLinkerForWhatTheKernelHasFilesOf() throws IOException {
        String linker = "java.lang.foreign.Linker ";
        try (Blocks blocks = new Blocks()) {
            String block = "id:" + blocks.create(1000).id();
            for (String command : new String[] {"list", "list --json", "status " + block, "limits", "ftok / r"}) {
                assertFalse(loadedBy((Object[]) command.split(" ")).contains(linker), command);
            }
            assertTrue(loadedBy("permissions", block, "600").contains(linker), "the linker has another name here");
        }
    }

    @Test
    void shouldRecogniseARingWithoutWhatReadsIt() throws IOException {
        try (Blocks blocks = new Blocks()) {
            blocks.create(MpscRingBuffer.sizeFor(1 << 20));
            // Of the ring's classes, the one that knows the size of a ring, and none that this one would need.
            String ring = "io.github.shm4j.ring.";
            String kind = ring + "RingKind ";
            assertTrue(loadedBy("list").contains(kind));
            assertFalse(loadedBy("list").replace(kind, "").contains(ring));
            assertFalse(loadedBy("list", "--rings", "--json").replace(kind, "").contains(ring));
            assertTrue(loadedBy("ring", "status", "--help").contains("io.github.shm4j.cli.ring.RingStatusCommand "));
        }
    }

    @Test
    void shouldSetUpNoParserWhereTheArgumentsLeaveNoDoubt() throws IOException {
        String picocli = "picocli.CommandLine";
        String loaded = loadedBy("list");
        assertFalse(loaded.contains("java.util.regex.Pattern "));
        assertFalse(loaded.contains(picocli));
        assertFalse(loadedBy("list", "--json", "--older-than", "1h", "-n", "--output=key,size").contains(picocli));
        assertFalse(loadedBy("limits", "-J").contains(picocli));
        assertFalse(loadedBy("remove", "--dry-run", "--orphans", "--rings", "--key=id:2147483647").contains(picocli));
        for (String help : new String[] {"help", "--help", "help ring send", "list --help", "--version"}) {
            String loadedForHelp = loadedBy((Object[]) help.split(" "));
            assertFalse(loadedForHelp.contains(picocli), help);
            assertFalse(loadedForHelp.contains("jdk.internal.jimage.ImageReader "), help);
        }
        assertTrue(loadedBy("list", "-nJ").contains(picocli));
    }

    @Test
    void shouldListAsManyBlocksAsThereCanBe() throws IOException {
        Peers.requirePrivateIpc();
        String perl = Peers.perl();
        Child.Result result = Cli.shellChild(perl
                + " -e 'for (1..4000) { defined shmget(0x10000 + $_, 1000 + $_, 01600) or die $! }' && \"$@\" list --json"
                + " && \"$@\" list --noheadings | wc -l")
                .inPrivateIpc()
                .run();
        String out = result.ok();
        JsonNode blocks = new ObjectMapper().readTree(out.substring(0, out.lastIndexOf('}') + 1)).get("sharedmemory");
        assertEquals(4000, blocks.size());
        Set<String> keys = new HashSet<>();
        for (JsonNode block : blocks) {
            int number = Integer.decode(block.get("key").textValue()) - 0x10000;
            assertEquals(1000 + number, block.get("size").intValue());
            assertTrue(block.get("orphan").booleanValue());
            keys.add(block.get("key").textValue());
        }
        assertEquals(4000, keys.size());
        assertEquals("4000", out.substring(out.lastIndexOf('}') + 1).strip());
    }
}
