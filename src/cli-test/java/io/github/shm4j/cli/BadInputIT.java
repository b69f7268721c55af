package io.github.shm4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmPermissions;
import io.github.shm4j.cli.system.Program;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Peers;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is wrong is said in one or two lines on standard error, with the right exit code. */
class BadInputIT {

    private final Blocks blocks = new Blocks();

    @TempDir
    private Path directory;

    @AfterEach
    void removeBlocks() throws ShmException {
        blocks.close();
    }

    private static void assertFails(int exit, String message, Child.Result result) {
        assertEquals(exit, result.exit(), result::toString);
        assertEquals("", result.out());
        assertTrue(result.err().startsWith("shm4j: "), result.err());
        assertTrue(result.err().contains(message), result.err());
        assertTrue(result.err().lines().count() <= 2, result.err());
        assertFalse(result.err().contains("\tat "), result.err());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "lst                                   | did you mean list",
        "ls                                    | did you mean list",
        "rm 0x1                                | did you mean remove",
        "send 0x1 text                         | did you mean ring send",
        "lsit                                  | did you mean list?",
        "recieve 0x1                           | did you mean ring receive?",
        "list --jsno                           | did you mean --json?",
        "list --sort siz                       | did you mean SIZE",
        "list --orphan                         | did you mean --orphans",
        "list --output key,nonsense            | nonsense",
        "list --sort nonsense                  | \"nonsense\" is not a column",
        "list --older-than 10                  | \"10\" is not a length of time",
        "list --min-size 4X                    | \"4X\" is not a size",
        "list --key abc                        | \"abc\" is not a key",
        "list extra                            | extra",
        "status                                | KEY|ID",
        "status abc                            | \"abc\" is not a key",
        "status 0                              | IPC_PRIVATE",
        "status id:-1                          | \"id:-1\" is not an id",
        "read 0x1 --offset -1                  | \"-1\" is not a size",
        "read 0x1 --hex --text                 | --hex",
        "write 0x1 text --file /dev/null       | not both",
        "create -s 0x10                        | \"0x10\" is not a size",
        "create 0x1                            | --size",
        "create 0x1 --size 0                   | --size is 0",
        "create --size 0K                      | --size is 0",
        "create --size 1 --ftok=               | the name of a file is empty",
        "write 0x1 --file=                     | the name of a file is empty",
        "demo --file=                          | the name of a file is empty",
        "list -o ,                             | --output names no column",
        "list --json -o ,                      | --output names no column",
        "demo --timeout 0s                     | --timeout is 0s",
        "list --key id:x                       | \"id:x\" is not an id",
        "create 0 -s 10                        | --private",
        "create 0x1 -s 10 --private            | not both",
        "create -s 9999999999999999999         | too large",
        "create 0x1 -s 10 -m 999               | \"999\" are no permissions",
        "create 0x1 -s 10 -m 666               | --world-writable",
        "create 0x1 -s 10 --huge-pages=3       | power of two",
        "permissions 0x1                       | nothing to set",
        "permissions 0x1 602                   | --world-writable",
        "permissions 0x1 --owner no.such.user  | neither a name",
        "permissions 0x1 --owner root:no.such  | neither a name",
        "ftok                                  | FILE",
        "ftok / ab                             | not one ASCII character",
        "ftok / ä                              | not one ASCII character",
        "ftok / --number 256                   | low 8 bits",
        "ftok / 1 --number 1                   | not both",
        "ftok / --number x                     | --number",
        "remove                                | name blocks to remove",
        "watch --interval 0s                   | --interval",
        "watch                                 | --once",
        "help lst                              | did you mean list",
        "help ring recieve                     | did you mean receive",
        "help ring recieve                     | \"shm4j ring --help\" says more",
        "help ring send send                   | shm4j ring send has no command \"send\"",
        "help list send                        | shm4j list has no command \"send\"",
        "help --lst                            | --lst",
        "ring recieve                          | did you mean receive",
        "ring create                           | --capacity",
        "ring create -c 1000                   | capacity is 1000; it must be a power of two",
        "ring create -c 32                     | capacity is 32",
        "ring create -c 4K --knd spsc          | did you mean --kind?",
        "ring create -c 4K --kind spmc         | spmc",
        "ring create -c 4K -m 666              | --world-writable",
        "ring create 0 -c 4K                   | --private",
        "ring create 0x1 -c 4K --ftok /        | not both",
        "ring create -c 4K --project x         | --ftok",
        "create -s 4K --ftok / --project xy    | not one ASCII character",
        "ring status --nonsense                | --nonsense",
        "ring send                             | KEY",
        "ring send abc                         | \"abc\" is not a key",
        "ring send 0x1 -t 0 text               | --type is 0",
        "ring send 0x1 -0 --length-prefixed    | --length-prefixed",
        "ring send 0x1 -0 text                 | not read if there is a MESSAGE",
        "ring send 0x1 text --timeout 5        | \"5\" is not a length of time",
        "ring send 0x1 --timeout 5s --no-wait  | --no-wait",
        "ring send 0x1 -hello                  | if -hello is text, put -- before it",
        "ring send 0x1 --x text                | if --x is text, put -- before it",
        "ring send 0x1 one -text               | if -text is text, put -- before it",
        "write 0x1 -x                          | if -x is text, put -- before it",
        "write 0x1 one two                     | Unmatched argument",
        "ring receive                          | KEY",
        "ring receive 0x1 --count 0            | --count is 0",
        "ring receive 0x1 --type -1            | --type is -1",
        "ring receive 0x1 --discard-others     | --type",
        "ring receive 0x1 --text --raw         | --raw",
        "ring receive 0x1 0x2                  | 0x2",
        "ring receive 0x1 --show-type --length-prefixed | --show-type",
        "demo --children 0                     | --children is 0",
        "demo --children 3 --crash 3           | --crash is 3",
        "demo --file /no/such/file             | does not exist"
    })
    void shouldRefuseWrongUsage(String arguments, String message) {
        Child child = Cli.child((Object[]) arguments.split(" +")).under("env", "LC_ALL=C.UTF-8");
        assertFails(2, message, child.run());
    }

    @Test
    void shouldFailWhereThereIsNoBlock() throws ShmException {
        ShmKey key = blocks.freeKey();
        assertFails(1, "no block has the key " + key, Cli.run("status", key));
        assertFails(1, "no block has the id 2147483647", Cli.run("status", "id:2147483647"));
        assertFails(1, "ENOENT", Cli.run("read", key));
        assertFails(1, "no block has this id, or not any more", Cli.run("read", "id:2147483647"));
        assertFails(1, "(shmat: EINVAL, 22)", Cli.run("read", "id:2147483647"));
        assertFails(1, "(shmctl: EINVAL, 22)", Cli.run("permissions", "id:2147483647", "600"));
        assertFails(1, "ENOENT", Cli.run("write", key, "x"));
        assertFails(1, "ENOENT", Cli.run("permissions", key, "600"));
    }

    @Test
    void shouldFailPastTheEnd() throws ShmException {
        ShmKey key = blocks.create(100).status().key();
        assertFails(1, "--offset 101 is past the end of the block, which has 100 bytes",
                Cli.run("read", key, "--offset", "101"));
        assertFails(1, "from offset 60 there are 40 bytes", Cli.run("read", key, "--offset", "60", "--length", "41"));
        assertFails(1, "past the end", Cli.run("read", key, "--length", Long.toString(Long.MAX_VALUE)));
        assertFails(1, "past the end", Cli.run("write", key, "x", "--offset", Long.toString(Long.MAX_VALUE)));
    }

    @Test
    void shouldSayOneByte() throws ShmException {
        ShmKey key = blocks.create(1).status().key();
        assertFails(1, "the block, which has 1 byte\n", Cli.run("read", key, "--offset", "2"));
        assertFails(1, "from offset 0 there is 1 byte\n", Cli.run("read", key, "--length", "2"));
        assertFails(1, "which has 1 byte; nothing", Cli.run("write", key, "x", "--offset", "2"));
        assertFails(1, "2 bytes do not fit: the block has 1 byte, 1 of them", Cli.run("write", key, "xx"));
        assertFails(1, "1 byte does not fit: the block has 1 byte, 0 of them",
                Cli.run("write", key, "x", "--offset", "1"));
        assertTrue(Cli.run("remove", "--dry-run", key).ok().contains(", 1 byte, owner "));
    }

    @Test
    void shouldFailOnFilesThatCannotBeRead() throws IOException {
        ShmKey key = blocks.create(100).status().key();
        assertFails(1, "/no/such/file: there is no such file", Cli.run("write", key, "--file", "/no/such/file"));
        assertFails(1, directory + ": is a directory", Cli.run("write", key, "--file", directory));
        assertFails(1, "ENOENT", Cli.run("ftok", "/no/such/file"));
        Peers.requireOrdinaryUser();
        SharedMemory open = blocks.create(100, ShmPermissions.ofWorldWritable(0666));
        Path secret = Files.writeString(directory.resolve("secret"), "x");
        Files.setPosixFilePermissions(secret, Set.of());
        assertFails(1, "permission denied",
                Cli.child("write", open.status().key(), "--file", secret).asOrdinaryUser().run());
    }

    @Test
    void shouldFailWithoutPermission() throws ShmException {
        Peers.requireOrdinaryUser();
        ShmKey closed = blocks.freeKey();
        SharedMemory.create(closed, 100, ShmPermissions.of(0));
        SharedMemory readable = blocks.create(100, ShmPermissions.of(0444));
        assertFails(1, "EACCES", Cli.child("read", closed).asOrdinaryUser().run());
        assertFails(1, "EACCES", Cli.child("write", readable.status().key(), "x").asOrdinaryUser().run());
        Cli.child("read", readable.status().key()).asOrdinaryUser().run().ok();
    }

    @Test
    void shouldReadOnWhereTheBlockIsRemovedMeanwhile() throws IOException {
        SharedMemory memory = blocks.create(300_000);
        try (Arena arena = Arena.ofConfined()) {
            memory.attach(AttachMode.READ_WRITE, arena).fill((byte) 'x');
        }
        // The pipe holds 64 KiB, so the reader is in the middle of it when the first byte has arrived.
        try (Child.Running reading = Cli.shellChild(
                "\"$@\" read id:" + memory.id() + " | { head -c 1; echo; read -r go; cat | tr -d x | wc -c; }")
                .start()) {
            assertEquals("x", reading.line());
            memory.remove();
            reading.send("go");
            assertEquals("0", reading.await().ok().lines().toList().get(1).strip());
        }
    }

    @Test
    void shouldEndQuietlyWhereNobodyReadsOn() throws IOException {
        SharedMemory memory = blocks.create(3_000_000);
        Child.Result result = Cli.shell("{ \"$@\" read id:" + memory.id() + " --hex --raw 2>&1; "
                + "\"$@\" read id:" + memory.id() + "; echo \"exit $?\" >&2; } | head -c 10 | wc -c");
        assertEquals("10", result.ok().strip());
        assertTrue(result.err().endsWith("exit 1\n"), result.err());
        assertEquals(1, result.err().lines().count(), result.err());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "--help", "--version", "help", "help ring send", "list --help", "list", "list --json", "status KEY",
        "status KEY --json", "limits", "limits --json", "ftok /", "ftok / --json", "read KEY", "read KEY --hex",
        "remove KEY --dry-run", "watch --once", "ring status", "ring status --json"
    })
    void shouldFailWhereItsOutputIsLost(String arguments) throws ShmException {
        String words = arguments.replace("KEY", blocks.create(100).status().key().toString());
        assertFails(1, "cannot write to standard output: No space left on device",
                Cli.shell("\"$@\" " + words + " >/dev/full"));
    }

    @Test
    void shouldFailWhereItsOutputIsClosed() {
        assertFails(1, "cannot write to standard output", Cli.shell("\"$@\" list >&-"));
        assertFails(1, "cannot write to standard output", Cli.shell("\"$@\" --help >&-"));
    }

    @Test
    void shouldShowHowItIsUsedWhereNoCommandIsNamed() {
        for (String group : new String[] {"", "ring"}) {
            Child.Result result = Cli.shell("\"$@\" " + group);
            assertEquals(2, result.exit(), result::toString);
            assertEquals("", result.out());
            assertEquals(Cli.shell("\"$@\" " + group + " --help").ok(), result.err().strip());
        }
    }

    @Test
    void shouldSayErrorsOfTheJvmInOneLine() throws ShmException {
        assertFails(1, "failed unexpectedly: java.lang.NoClassDefFoundError", withoutPicocli("list", "--json").run());
        Child traced = withoutPicocli("list", "--json").under("env", "SHM4J_DEBUG=1");
        assertTrue(traced.run().err().contains("\tat "));
    }

    /** A part of the program is missing, as after a broken installation. */
    private static Child withoutPicocli(Object... arguments) {
        List<Object> words = new ArrayList<>(List.of(Path.of(Cli.javaHome(), "bin", "java"), "-cp",
                Program.codeSource(), "io.github.shm4j.cli.Main"));
        words.addAll(List.of(arguments));
        return Child.command(words.toArray());
    }

    @Test
    void shouldPrintTheStackTraceOnlyIfAskedTo() throws ShmException {
        ShmKey key = blocks.freeKey();
        assertTrue(Cli.run("read", key, "--debug").err().contains("\tat "));
        assertTrue(Cli.run("--debug", "read", key).err().contains("\tat "));
    }

    @Test
    void shouldEscapeWhatItRepeats() {
        Child.Result result = Cli.run("status", "\033[2Jabc");
        assertEquals(2, result.exit());
        assertFalse(result.err().contains("\033"), result.err());
        assertFalse(Cli.run("\033[2J").err().contains("\033"));
    }

    @Test
    void shouldHelp() {
        for (String command : new String[] {
            "list", "status", "limits", "ftok", "create", "write", "read", "permissions", "remove", "watch", "ring",
            "demo"
        }) {
            String help = Cli.run(command, "--help").ok();
            assertTrue(help.startsWith("Usage: shm4j " + command), help);
            assertEquals(help, Cli.run("help", command).ok());
        }
        for (String command : new String[] {"create", "status", "send", "receive", "peek"}) {
            String help = Cli.run("ring", command, "--help").ok();
            assertTrue(help.startsWith("Usage: shm4j ring " + command), help);
            assertTrue(help.contains("Exit codes:"), help);
            assertEquals(help, Cli.run("help", "ring", command).ok());
        }
        assertEquals(Cli.run("--help").ok(), Cli.run("help").ok());
        assertTrue(Cli.run("--version").ok().matches("shm4j \\d.*"));
        assertEquals(Cli.run("--version").ok(), Cli.run("list", "--version").ok());
    }
}
