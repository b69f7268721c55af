package io.github.shm4j.cli;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmKey;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Peers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the build generates from the commands: completion for bash and man pages. */
class CompletionIT {

    private static final Path TARGET = Path.of(System.getProperty("shm4j.test.cliJar")).getParent();

    @TempDir
    private Path directory;

    @Test
    void shouldBeLoadedByBashAndComplete() {
        Peers.require(Child.exists("bash"), "bash");
        assertEquals(List.of("list", "limits"), completions("shm4j", "li"));
        assertTrue(completions("shm4j", "").containsAll(List.of("list", "status", "create", "write", "read", "remove",
                "permissions", "watch", "ftok", "limits", "demo")));
        assertEquals(List.of("java", "javac"), completions("shm4j", "ja"));
        assertEquals(List.of("jshell"), completions("shm4j", "js"));
        assertEquals(List.of("--orphans", "--older-than", "--output"), completions("shm4j", "list", "--o"));
        assertEquals(List.of("create", "status", "send", "receive", "peek"), completions("shm4j", "ring", ""));
        assertEquals(
                List.of("--timeout", "--text", "--type", "--take-over"),
                completions("shm4j", "ring", "receive", "--t"));
        assertTrue(completions("shm4j", "ring", "create", "--kind", "").contains("SPSC"));
        assertTrue(completions("shm4j", "list", "--output", "").contains("SWAP"));
        assertEquals(List.of("list", "limits"), completions("shm4j", "help", "li"));
        assertEquals(List.of("status", "send"), completions("shm4j", "help", "ring", "s"));
        assertEquals(List.of("--dry-run", "--debug"), completions("shm4j", "remove", "--d"));
    }

    @Test
    void shouldCompleteWhatThereIs() throws IOException {
        Peers.require(Child.exists("bash"), "bash");
        try (Blocks blocks = new Blocks()) {
            ShmKey key = blocks.create(1000).status().key();
            int id = SharedMemory.open(key).id();
            assertEquals(List.of(key.toString()), completions("shm4j", "status", key.toString().substring(0, 10)));
            assertTrue(completions("shm4j", "remove", "--yes", "").containsAll(List.of(key.toString(), "id:" + id)));
            // Bash takes the colon for the end of a word and puts what it gets behind it.
            assertTrue(completions("shm4j", "read", "id:").contains(Integer.toString(id)));
            assertEquals(List.of(key.toString()), completions("shm4j", "list", "--key", key.toString()));
            assertTrue(completions("shm4j", "watch", "--key", "id:").contains(Integer.toString(id)));
            assertEquals(List.of(key.toString()), completions("shm4j", "ring", "status", "0x1", key.toString()));
        }
    }

    @Test
    void shouldCompleteColumnsUsersAndFiles() throws IOException {
        Peers.require(Child.exists("bash"), "bash");
        assertEquals(List.of("KEY,SIZE"), completions("shm4j", "list", "-o", "KEY,SI"));
        assertEquals(List.of("key,size"), completions("shm4j", "list", "-o", "key,si"));
        assertEquals(List.of("nattch", "nattch:desc"), completions("shm4j", "watch", "--sort", "nat"));
        assertEquals(List.of("desc"), completions("shm4j", "watch", "--sort", "NATTCH:d"));
        assertTrue(completions("shm4j", "list", "--user=ro").contains("root"));
        assertTrue(completions("shm4j", "permissions", "0x1", "--owner", "ro").contains("root"));
        Path file = Files.writeString(directory.resolve("some file"), "");
        assertEquals(List.of(file.toString()), completions("shm4j", "demo", "--file", directory + "/so"));
        assertEquals(List.of(file.toString()), completions("shm4j", "ftok", directory + "/so"));
        assertEquals(List.of(file.toString()), completions("shm4j", "java", "-cp", "x", directory + "/so"));
        assertEquals(List.of(), completions("shm4j", "java", "--o"));
        assertEquals(List.of(), completions("shm4j", "list", "--min-size", ""));
        assertEquals(List.of(), completions("shm4j", "nonsense", "--x"));
    }

    private static List<String> completions(String... words) {
        // compopt works only while bash itself completes.
        String script =
                """
                        . "$1"; shift
                        compopt() { :; }
                        complete -p shm4j >/dev/null || exit 1
                        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
                        _complete_shm4j "$1" "${!#}" ""
                        printf '%s\\n' "${COMPREPLY[@]}"
                        """;
        Object[] command = new Object[5 + words.length];
        System.arraycopy(new Object[] {"bash", "-c", script, "bash", TARGET.resolve("completion/shm4j")}, 0, command, 0,
                5);
        System.arraycopy(words, 0, command, 5, words.length);
        return Child.command(command).run().ok().lines().toList();
    }

    @Test
    void shouldCompleteInATerminal() {
        Peers.require(Child.exists("bash"), "bash");
        try (Tmux tmux = Tmux.start(directory, 100, 12)) {
            tmux.type("exec env PS1='> ' bash --norc --noprofile -i");
            tmux.await(">");
            tmux.type(". '" + TARGET.resolve("completion/shm4j") + "'");
            tmux.write("shm4j list --orp");
            tmux.press("Tab");
            tmux.await("shm4j list --orphans");
        }
    }

    @Test
    void shouldHaveAManPageForEachCommand() throws IOException {
        for (String command : new String[] {
            "", "-list", "-status", "-limits", "-ftok", "-create", "-write", "-read", "-permissions", "-remove",
            "-watch", "-ring", "-ring-create", "-ring-status", "-ring-send", "-ring-receive", "-ring-peek", "-demo",
            "-help"
        }) {
            String page = Files.readString(TARGET.resolve("man/shm4j" + command + ".1"));
            assertTrue(page.contains(".TH \"SHM4J" + command.replace("-", "\\-").toUpperCase() + "\" \"1\""), page);
            assertTrue(page.contains(".SH \"NAME\"") && page.contains(".SH \"SYNOPSIS\"")
                    && page.contains(".SH \"OPTIONS\""), page);
            assertTrue(page.contains(".SH \"ENVIRONMENT\"") && page.contains(".SH \"EXAMPLES\"")
                    && page.contains(".SH \"SEE ALSO\""), page);
            assertFalse(page.contains("${") || page.contains("not from a jar"), page);
        }
    }

    /** Examples of the man pages, which begin a line with four spaces. */
    @Test
    void shouldGiveExamplesThatCommandsTake() throws IOException {
        int examples = 0;
        Path manual = Path.of(System.getProperty("shm4j.test.basedir"), "src/cli/man");
        try (Stream<Path> files = Files.list(manual)) {
            for (Path file : files.toList()) {
                for (String line : Files.readAllLines(file)) {
                    // An example can have several: in a pipe, or one that gives another its argument.
                    Matcher command = Pattern.compile("shm4j ([^|&;()<>]*)").matcher(line);
                    while (line.startsWith("    ") && command.find()) {
                        examples++;
                        String words = command.group(1).replaceAll("'[^']*'", "word").replace("$key", "0x1").strip();
                        assertDoesNotThrow(() -> Main.complete().parseArgs(words.split(" +")), file + ": " + line);
                    }
                }
            }
        }
        assertTrue(examples > 40, examples + " examples");
    }

    /** Those that begin with a block of their own. */
    @Test
    void shouldGiveExamplesThatEndAndLeaveNothing() throws IOException {
        int examples = 0;
        Path manual = Path.of(System.getProperty("shm4j.test.basedir"), "src/cli/man");
        for (String page : List.of("shm4j", "shm4j-ring")) {
            for (String part : Files.readString(manual.resolve(page + ".adoc")).split("\n\n")) {
                if (part.startsWith("    key=")) {
                    examples++;
                    Child.Result result = Cli.shell("shm4j() { \"$cli\" \"$@\"; }\n".replace("\"$cli\"",
                            String.join(" ", Cli.words().stream().map(word -> "'" + word + "'").toList()))
                            + "set -e\n" + part.strip() + "\n! shm4j status \"$key\" 2>/dev/null");
                    assertTrue(result.ok().toLowerCase(Locale.ROOT).contains("hello"), result::toString);
                }
            }
        }
        assertEquals(3, examples);
    }

    @Test
    void shouldBeReadableByMan() {
        Peers.require(Child.exists("man"), "man");
        String page = Child.command("man", "--warnings", "-l", TARGET.resolve("man/shm4j-remove.1"))
                .under("env", "MANPAGER=cat", "LC_ALL=C.UTF-8").run().ok();
        assertTrue(page.contains("SHM4J-REMOVE(1)") && page.contains("--dry-run"), page);
    }
}
