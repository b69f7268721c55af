package io.github.shm4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line where somebody starts its jar without the script, which sees to descriptors, locale and options. */
class WithoutLauncherIT {

    @TempDir
    private Path directory;

    private static Child.Result in(String locale, Object... arguments) {
        List<Object> words = new ArrayList<>(List.of("env", "-u", "LANG", "-u", "LC_CTYPE", "LC_ALL=" + locale));
        words.addAll(Cli.words(arguments));
        return Child.command(words.toArray()).run();
    }

    /**
     * Runs a shell script in which {@code "$@"} is the command line, without the archive of its classes, which is the
     * launcher's: with one, the JVM puts {@code /dev/null} in the place of a closed output before this program begins.
     */
    private static Child.Result shell(String script) {
        List<Object> words = new ArrayList<>(List.of("sh", "-c", script, "sh"));
        words.addAll(Cli.words());
        words.removeIf(word -> word.toString().startsWith("-XX:SharedArchiveFile="));
        return Child.command(words.toArray()).run();
    }

    @ParameterizedTest
    @ValueSource(strings = {"<&-", "<&- >&-", "<&- 2>&-", "<&- >&- 2>&-"})
    void shouldNotSendTheFilesOfTheJvmWhereInputIsClosed(String redirection) throws IOException {
        try (Blocks blocks = new Blocks(); Arena arena = Arena.ofConfined()) {
            SharedMemory memory = blocks.create(256 << 20);
            Child.Result result = shell("\"$@\" write id:" + memory.id() + " " + redirection);
            assertEquals(1, result.exit(), result::toString);
            assertEquals(!redirection.contains("2>"), result.err().contains("standard input is closed"),
                    result::toString);
            assertEquals("", memory.attach(AttachMode.READ_ONLY, arena).getString(0));
        }
    }

    @Test
    void shouldSendAFileOfTheJvmToWhoeverAsksForIt() throws IOException {
        try (Blocks blocks = new Blocks()) {
            SharedMemory memory = blocks.create(10);
            Child.Result result = shell(
                    "\"$@\" write id:" + memory.id() + " <'" + Cli.javaHome() + "/lib/modules'");
            assertTrue(result.err().contains("does not fit"), result::toString);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {">&-", ">&- 2>&-", "<&- >&- 2>&-"})
    void shouldFailWhereOutputIsClosed(String redirection) {
        for (String command : new String[] {"list", "limits", "list --json"}) {
            Child.Result result = shell("\"$@\" " + command + " " + redirection);
            assertEquals(1, result.exit(), command);
        }
    }

    @Test
    void shouldNotWriteMessagesIntoItsFilesWhereErrorIsClosed() throws IOException {
        try (Blocks blocks = new Blocks()) {
            // More than is kept in memory goes through a temporary file.
            SharedMemory memory = blocks.create(40 << 20);
            Child.Result result =
                    shell("head -c 30000000 /dev/zero | \"$@\" write id:" + memory.id() + " <&0 >&- 2>&-");
            assertEquals(0, result.exit());
            try (Arena arena = Arena.ofConfined()) {
                assertEquals("", memory.attach(AttachMode.READ_ONLY, arena).getString(0));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"POSIX", "xx_XX.UTF-8", "C.UTF-8"})
    void shouldTakeArgumentsAsUtf8(String locale) throws IOException {
        String text = "grüße, 日本, 🙂, \uFFFD";
        try (Blocks blocks = new Blocks(); Arena arena = Arena.ofConfined()) {
            SharedMemory memory = blocks.create(100);
            in(locale, "write", "id:" + memory.id(), text).ok();
            assertEquals(text, memory.attach(AttachMode.READ_ONLY, arena).getString(0));
            assertEquals(text, in(locale, "read", "--text", "id:" + memory.id()).ok());
        }
    }

    @Test
    void shouldNotNameFilesThatTheLocaleCannot() throws IOException {
        Path file = Files.writeString(directory.resolve("grüße"), "");
        Child.Result result = in("POSIX", "ftok", file);
        assertEquals(2, result.exit());
        assertTrue(result.err().contains("grüße") && result.err().contains("LC_ALL=C.UTF-8"), result.err());
        assertTrue(in("C.UTF-8", "ftok", file).ok().startsWith("0x"));
    }

    @Test
    void shouldNotGuessArgumentsThatAreNotOnTheCommandLine() throws IOException {
        Path words = Files.writeString(directory.resolve("words"), "-jar " + Cli.jar() + " status grüße");
        Child.Result result = Child.command(Path.of(Cli.javaHome(), "bin", "java"), "@" + words).run();
        assertEquals(2, result.exit(), result::toString);
        assertTrue(result.err().contains("argument 2, \"gr"), result.err());
        assertFalse(result.err().contains("Exception"), result.err());
    }

    @Test
    void shouldStartTheChildrenOfTheDemoWithoutOptionsThatAreNotForThem() {
        List<Object> words = new ArrayList<>(List.of("env", "JAVA_TOOL_OPTIONS=-XX:+UseParallelGC",
                Path.of(Cli.javaHome(), "bin", "java"), "-jar", Cli.jar(), "demo", "--children", "1", "--file",
                directory));
        Child.Result result = Child.command(words.toArray()).run();
        assertTrue(result.ok().contains("child 0 wrote"), result::toString);
        assertEquals("Picked up JAVA_TOOL_OPTIONS: -XX:+UseParallelGC\n", result.err());
    }
}
