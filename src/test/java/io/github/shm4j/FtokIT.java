package io.github.shm4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.shmop.Shmop;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Conversation;
import io.github.shm4j.support.Outcome;
import io.github.shm4j.support.Peers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same key for the same file and project in every language. */
class FtokIT {

    /** Among them negative results, more than eight bits, and characters that are no ASCII. */
    private static final int[] PROJECTS =
            {'a', 'j', '0', 1, 127, 128, 0xe9, 255, 0x161, -1, 0x7fffff01, Integer.MIN_VALUE + 2};

    @TempDir
    private Path directory;

    // F01, F02, F05
    @Test
    void shouldAgreeWithC() throws IOException {
        try (Conversation c = Conversation.c()) {
            assertAgreement((file, project) -> c.ask("ftok %d %s", project, file));
        }
    }

    // F01, F02, F05
    @Test
    void shouldAgreeWithPhp() throws IOException {
        try (Conversation php = Conversation.php()) {
            // A byte, as all of PHP's characters are.
            assertAgreement((file, project) -> php.ask("ftok(%s, chr(%d))", quoted(file), project & 0xff));
            for (String project : new String[] {"j", "0", "~", " "}) {
                assertEquals(
                        php.ask("ftok(%s, '%s')", quoted(directory), project),
                        Integer.toString(Shmop.ftok(directory, project).value()));
            }
        }
    }

    // F01, F02, F05
    @Test
    void shouldAgreeWithPerl() throws IOException {
        try (Conversation perl = Conversation.perl()) {
            assertAgreement((file, project) -> perl.ask("ftok(%s, %d)", quoted(file), project));
        }
    }

    // F01, F02, F05
    @Test
    void shouldAgreeWithPython() throws IOException {
        try (Conversation python = Conversation.python()) {
            assertAgreement(
                    (file, project) -> python.ask("sysv_ipc.ftok(b%s.decode(), %d, True)", quoted(file), project));
        }
    }

    // F08
    @Test
    void shouldAgreeWithTheDefaultProjectOfPerl() throws IOException {
        try (Conversation perl = Conversation.perl()) {
            assertEquals(
                    perl.ask("ftok(%s)", quoted(directory)),
                    Integer.toString(ShmKey.ftok(directory, 1).value()));
        }
    }

    // F03, F04
    @Test
    void shouldFailWherePhpFails() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        try (Conversation php = Conversation.php()) {
            Map<Path, String> errors = new LinkedHashMap<>();
            errors.put(directory.resolve("missing"), "No such file or directory");
            errors.put(file.resolve("below"), "Not a directory");
            errors.put(directory.resolve("n".repeat(256)), "File name too long");
            errors.forEach((path, text) -> {
                String answer = php.ask("ftok(%s, 'j')", quoted(path));
                assertTrue(answer.startsWith("-1 (") && answer.contains(text), answer);
                try {
                    throw new AssertionError("has the key " + Shmop.ftok(path, "j"));
                } catch (ShmException refused) {
                    assertTrue(refused.getMessage().contains(text), refused.getMessage());
                }
            });
            for (String project : new String[] {"", "ab"}) {
                assertTrue(php.ask("ftok(%s, '%s')", quoted(file), project).startsWith("ValueError: "));
                assertEquals("IllegalArgumentException", Outcome.of(() -> Shmop.ftok(file, project)));
            }
            assertTrue(php.ask("ftok('', 'j')").startsWith("ValueError: "));
            assertEquals("IllegalArgumentException", Outcome.of(() -> Shmop.ftok(Path.of(""), "j")));
            assertTrue(php.ask("ftok(\"a\\0b\", 'j')").startsWith("ValueError: "));
        }
    }

    @Test
    void shouldNeedNoPermissionToReadTheFileButToReachIt() throws IOException {
        Peers.requireOrdinaryUser();
        open(directory);
        Path unreadable = Files.createFile(directory.resolve("unreadable"));
        Files.setPosixFilePermissions(unreadable, PosixFilePermissions.fromString("---------"));
        Path closed = Files.createDirectory(
                directory.resolve("closed"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path unreachable = Files.createFile(closed.resolve("file"));
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("---------"));
        List<String> lines = Child.java(Ftok.class, unreadable, unreachable).asOrdinaryUser().run().lines();
        assertEquals(ShmKey.ftok(unreadable, 'j').toString(), lines.get(0));
        assertTrue(lines.get(1).startsWith("ShmAccessDeniedException EACCES ftok(\"" + unreachable), lines.get(1));
        assertTrue(lines.get(1).contains("may not be searched by this user"), lines.get(1));
    }

    @Test
    void shouldResolveRelativeNamesInTheWorkingDirectory() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        List<String> lines = Child.java(Ftok.class, "file", "./file", ".", "..")
                .under("env", "--chdir=" + directory)
                .run()
                .lines();
        assertEquals(
                List.of(
                        ShmKey.ftok(file, 'j').toString(),
                        ShmKey.ftok(file, 'j').toString(),
                        ShmKey.ftok(directory, 'j').toString(),
                        ShmKey.ftok(directory.getParent(), 'j').toString()),
                lines);
    }

    // A name that the JVM cannot express must be refused, not replaced by another one.
    @Test
    void shouldRefuseNamesWithBytesThatAreNoCharactersHere() throws IOException {
        try (Conversation perl = Conversation.perl()) {
            // One name is Latin-1, one UTF-8; and there are files that a replacement of their characters would name.
            for (String name : List.of("gr\\xf6\\xdfe", "gr\\xc3\\xb6\\xc3\\x9fe", "gr??e",
                    "gr\\xef\\xbf\\xbd\\xef\\xbf\\xbde")) {
                assertEquals("1", perl.ask("open(my $f, '>', \"%s/%s\") ? 1 : 0", directory, name));
            }
        }
        List<String> utf8 = Child.java(FtokOfAll.class, directory).under("env", "LC_ALL=C.UTF-8").run().lines();
        assertEquals(4, utf8.size(), utf8.toString());
        assertEquals(1, utf8.stream().filter(line -> line.startsWith("IllegalArgumentException")).count(),
                utf8.toString());
        assertEquals(3, utf8.stream().filter(line -> line.startsWith("same")).count(), utf8.toString());
        // From a copy, as the path of the project may have characters that this locale cannot say.
        List<String> ascii =
                Child.java(FtokOfAll.class, directory).readableByAll().under("env", "LC_ALL=C").run().lines();
        assertEquals(4, ascii.size(), ascii.toString());
        assertEquals(1, ascii.stream().filter(line -> line.startsWith("same")).count(), ascii.toString());
        assertEquals(
                3,
                ascii.stream()
                        .filter(line -> line.startsWith("IllegalArgumentException")
                                || line.startsWith("InvalidPathException"))
                        .count(),
                ascii.toString());
    }

    // F06
    @Test
    void shouldRefuseTheOneFileWhoseKeyCTakesForAFailure() throws IOException {
        Peers.require(
                Child.command("mount", "-t", "tmpfs", "tmpfs", directory).under(Child.unshare("-m")).run().exit() == 0,
                "a mount namespace");
        // Only there, and gone with the process: file systems up to one with device 255, a file in it with inode 65535.
        String script = """
                use strict;
                my $at = shift;
                my $last;
                for my $mount (1 .. 600) {
                    mkdir "$at/$mount";
                    system('mount', '-t', 'tmpfs', 'tmpfs', "$at/$mount") == 0 or exit 77;
                    $last = "$at/$mount";
                    last if ((stat $last)[0] & 0xff) == 0xff;
                }
                ((stat $last)[0] & 0xff) == 0xff or exit 77;
                for my $file (1 .. 70000) {
                    open(my $f, '>', "$last/file") or exit 78;
                    last if ((stat $f)[1] & 0xffff) == 0xffff;
                    unlink "$last/file";
                }
                symlink "$last/file", "$at/file";
                exec @ARGV;
                """;
        Child.Result result = Child.java(Ftok255.class, directory.resolve("file"))
                .under(Child.unshare("-m"))
                .under("sh", "-c", "mount -t tmpfs tmpfs \"$0\" && exec \"$@\"", directory.toString(),
                        "perl", "-e", script, directory.toString())
                .run();
        result.ok();
        assertEquals(4, result.lines().size(), result.out());
        for (String line : result.lines().subList(0, 3)) {
            assertTrue(line.startsWith("IllegalArgumentException "), line);
            assertTrue(line.contains("0xffffffff") && line.contains("choose another project id"), line);
        }
        assertEquals("0xfeffffff", result.lines().get(3));
    }

    private interface Language {
        String ftok(Path file, int project);
    }

    private void assertAgreement(Language language) throws IOException {
        Map<Path, Map<Integer, ShmKey>> keys = new HashMap<>();
        for (Path file : files()) {
            for (int project : PROJECTS) {
                ShmKey key = ShmKey.ftok(file, project);
                assertEquals(language.ftok(file, project), Integer.toString(key.value()), file + " with " + project);
                keys.computeIfAbsent(file.toRealPath(), real -> new HashMap<>()).merge(project, key, (one, other) -> {
                    assertEquals(one, other, "two names of " + file);
                    return one;
                });
            }
        }
        assertTrue(keys.values().stream().allMatch(all -> all.get(255).value() < 0));
        assertTrue(keys.values().stream().allMatch(all -> all.get((int) 'a').equals(all.get(0x161))));
    }

    /** Files of every kind and with awkward names. */
    private List<Path> files() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        Path inner = Files.createDirectory(directory.resolve("a directory"));
        List<Path> files = new ArrayList<>(List.of(
                file,
                inner,
                directory,
                Files.createSymbolicLink(directory.resolve("symbolic"), file),
                Files.createSymbolicLink(directory.resolve("symbolic directory"), inner),
                Files.createLink(directory.resolve("hard"), file),
                inner.resolve("..").resolve("file"),
                Files.createFile(inner.resolve("'quoted' $name \"\\\"")),
                Files.createFile(inner.resolve("line\nbreak")),
                Files.createFile(inner.resolve("n".repeat(255))),
                Path.of("/"),
                Path.of("/dev/null"),
                Path.of("/etc/passwd"),
                Path.of("/proc/version")));
        if ("UTF-8".equals(System.getProperty("sun.jnu.encoding"))) {
            files.add(Files.createFile(inner.resolve("größe")));
            files.add(Files.createFile(inner.resolve("ключ-鍵-\ud83d\udd11")));
            files.add(Files.createFile(inner.resolve("e\u0301")));
            files.add(Files.createFile(inner.resolve("\u00e9")));
        }
        return files;
    }

    /** A literal in which nothing has a meaning but the escapes, for Perl and PHP; and for Python as bytes. */
    private static String quoted(Path file) {
        StringBuilder literal = new StringBuilder("\"");
        for (byte b : file.toString().getBytes(StandardCharsets.UTF_8)) {
            literal.append(String.format("\\x%02x", b));
        }
        return literal.append('"').toString();
    }

    private static void open(Path directory) throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Prints the key of each file with the project 'j', or why there is none. */
    static final class Ftok {
        public static void main(String[] files) {
            for (String file : files) {
                System.out.println(describe(Path.of(file), 'j'));
            }
        }

        static String describe(Path file, int project) {
            try {
                return ShmKey.ftok(file, project).toString();
            } catch (ShmException refused) {
                return refused.getClass().getSimpleName() + " " + refused.errnoName() + " " + refused.getMessage();
            } catch (IllegalArgumentException refused) {
                return refused.getClass().getSimpleName() + " " + refused.getMessage().replace('\n', ' ');
            }
        }
    }

    /** Says of each file of a directory whether its key is the one that its inode number makes. */
    static final class FtokOfAll {
        public static void main(String[] directory) throws IOException {
            try (Stream<Path> files = Files.list(Path.of(directory[0]))) {
                for (Path file : files.toList()) {
                    long inode = (Long) Files.getAttribute(file, "unix:ino");
                    long device = (Long) Files.getAttribute(file, "unix:dev");
                    String expected = ShmKey.of((int) ('j' << 24 | (device & 0xff) << 16 | inode & 0xffff)).toString();
                    String key = Ftok.describe(file, 'j');
                    System.out.println(key.equals(expected) ? "same" : key.startsWith("0x") ? "WRONG" : key);
                }
            }
        }
    }

    /** Asks for the same key after a call that left an errno, in a thread that has none yet, and with another project. */
    static final class Ftok255 {
        public static void main(String[] file) throws InterruptedException {
            System.out.println(Ftok.describe(Path.of(file[0]), 255));
            Ftok.describe(Path.of("/nowhere"), 255);
            System.out.println(Ftok.describe(Path.of(file[0]), -1));
            Thread fresh = new Thread(() -> System.out.println(Ftok.describe(Path.of(file[0]), 255)));
            fresh.start();
            fresh.join();
            System.out.println(Ftok.describe(Path.of(file[0]), 254));
        }
    }
}
