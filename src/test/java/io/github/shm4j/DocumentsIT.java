package io.github.shm4j;

import static io.github.shm4j.support.ProjectDirectory.PROJECT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.support.Child;
import io.github.shm4j.support.Document;
import io.github.shm4j.support.Peers;
import io.github.shm4j.support.ProjectDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs commands of the documents as somebody does who copies them. */
class DocumentsIT {

    private static final Pattern REMOVED = Pattern.compile("removed block (\\d+) .*", Pattern.DOTALL);

    private ProjectDirectory directory;

    @BeforeEach
    void makeDirectory(@TempDir Path empty) throws IOException {
        directory = new ProjectDirectory(empty);
    }

    @AfterEach
    void removeDirectory() throws IOException {
        directory.close();
    }

    /** The output ends when the last process that has it has ended: a process that stays would keep the test waiting. */
    @Test
    void shouldLeaveNothingBehindWhenAMessageGoesThroughAPipe() throws IOException {
        String commands = Document.read(PROJECT.resolve("README.md")).commands("ring send");
        List<String> lines = directory.shell(commands).run().ok().lines().toList();
        assertEquals(List.of("HELLO"), lines.subList(0, lines.size() - 1));
        requireRemoved(lines.getLast());
    }

    @Test
    void shouldLeaveNothingBehindWhenSomebodyTriesTheRingsOfTheCommandLine() throws IOException {
        String commands = Document.read(PROJECT.resolve("docs/command-line.md")).commands("ring send");
        List<String> lines =
                directory.shell("PATH=.:$PATH\n" + commands).run().ok().lines().toList();
        for (String message : List.of("ONE", "TWO", "THREE")) {
            assertTrue(lines.contains(message), lines::toString);
        }
        requireRemoved(lines.getLast());
    }

    /** What would go on for ever is ended once it has shown what it is for. Here are no rings but this one. */
    @Test
    void shouldLookAtARingAndConnectItWithProgramsThatDoNotEnd() throws IOException {
        requireEmptyNamespaceAndJq();
        Document howTo = Document.read(PROJECT.resolve("docs/how-to.md"));
        List<String> pipes = howTo.commands("tail -f").lines().toList();
        assertEquals(2, pipes.size(), pipes::toString);
        // A message has 480 bytes and a header: seven fill more than four fifths of the ring, and not all of it.
        String out = directory
                .shell("""
                export PATH="$PWD:$PATH" key TERM=xterm
                goesOn() {
                    setsid sh -c "$1" >"$2" &
                    last=$!
                    groups="${groups-} -$last"
                }
                shows() {
                    until grep -q "$1" "$2"; do sleep 0.1; done
                }
                trap 'kill -- $groups 2>/dev/null || :' EXIT
                key=$(shm4j ring create --ftok . --capacity 4K)
                for i in 1 2 3 4 5 6 7; do printf '%%0480d\\n' "$i"; done | shm4j ring send "$key"
                %s
                goesOn "$(cat <<'END'
                %s
                END
                )" watched
                shows CAPACITY watched
                kill -- "-$last"
                echo 'GET /first' >access.log
                goesOn "$(cat <<'END'
                %s
                END
                )" sent
                goesOn "$(cat <<'END'
                %s
                END
                )" found
                echo 'ERROR 1' >>access.log
                shows 'ERROR 1' found
                echo 'ERROR 2' >>access.log
                shows 'ERROR 2' found
                cat found
                """.formatted(howTo.commands("ring status --json"), howTo.commands("watch -n"), pipes.get(0),
                        pipes.get(1)))
                .inPrivateIpc().run().ok();
        List<String> lines = out.lines().toList();
        assertTrue(lines.getFirst().matches("0x\\w{8} is full to 8\\d%"), out);
        assertEquals(List.of("ERROR 1", "ERROR 2"), lines.subList(1, lines.size()));
    }

    /** The block that the page means is the only one here. */
    @Test
    void shouldRemoveBlocksByTheCommandsOfTheSystemAndThoseThatJqChooses() throws IOException {
        requireEmptyNamespaceAndJq();
        String out = directory.shell("""
                PATH=$PWD:$PATH
                shm4j create 0x6a000264 --size 1000 >created
                %s
                large=$(shm4j create --size 2M)
                small=$(shm4j create --size 1M)
                %s
                shm4j list --noheadings --output key
                shm4j remove "$small"
                """.formatted(
                Document.read(PROJECT.resolve("README.md")).commands("ipcrm"),
                Document.read(PROJECT.resolve("docs/command-line.md")).commands("jq")))
                .inPrivateIpc().run().ok();
        List<String> lines = out.lines().filter(line -> !line.isBlank()).toList();
        assertTrue(lines.stream().anyMatch(line -> line.startsWith("0x6a000264 ")), out);
        List<String> last = lines.subList(lines.size() - 3, lines.size());
        assertTrue(last.get(0).matches("removed block .* 2097152 bytes, .*"), out);
        assertTrue(last.get(2).contains("(key " + last.get(1).strip() + ", 1048576 bytes, "), out);
    }

    private static void requireEmptyNamespaceAndJq() {
        Peers.requirePrivateIpc();
        Peers.require(Child.exists("jq"), "jq");
    }

    /** Nothing below the home of a new user is there yet. */
    @Test
    void shouldInstallCompletionManPagesAndTheCommand() throws IOException {
        String commands = Document.read(PROJECT.resolve("docs/command-line.md")).commands("target/completion");
        assertEquals("", directory.shell("mkdir home; HOME=$PWD/home\n" + commands).run().ok());
        for (String installed : List.of(
                ".local/share/bash-completion/completions/shm4j", ".local/share/man/man1/shm4j-list.1",
                ".local/bin/shm4j")) {
            directory.shell("test -s home/" + installed).run().ok();
        }
        directory.shell("home/.local/bin/shm4j --version").run().ok();
    }

    private static void requireRemoved(String line) {
        Matcher removed = REMOVED.matcher(line);
        assertTrue(removed.matches(), line);
        SharedMemory ring = SharedMemory.ofId(Integer.parseInt(removed.group(1)));
        assertThrows(ShmNotFoundException.class, ring::status);
    }

    /** On a machine without binutils, and with a second program, which needs the rings. */
    @Test
    void shouldMakeARuntimeImageThatNeedsNoOptions() throws IOException {
        String commands = Document.read(PROJECT.resolve("docs/how-to.md")).commands("jlink");
        String withoutBuilding = commands.replaceFirst("(?m)^\\./mvnw .*\\R", "");
        Child.Result result = directory.shell("""
                mkdir none
                printf '#!/bin/sh\\nexit 1\\n' >none/objcopy
                chmod +x none/objcopy
                PATH=$PWD/none:$PATH
                """ + withoutBuilding.replaceFirst("(?m)^(.*)Example01FirstBlock(.*)Example01FirstBlock(.*)$",
                "$0\n$1Example08Ring$2Example08Ring$3")
                + "\nenv -i \"$app/image/bin/java\" -m hello/hello.Example08Ring").run();
        List<String> lines = result.ok().lines().toList();
        assertTrue(lines.size() > 1 && lines.get(lines.size() - 2).startsWith("checked: "), result.out());
        assertEquals("checked: received [hello, and, goodbye]", lines.getLast());
        assertEquals("", result.err());
        assertEquals(List.of(), directory.blocks());
    }
}
