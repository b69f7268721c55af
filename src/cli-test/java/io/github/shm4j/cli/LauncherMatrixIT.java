package io.github.shm4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmKey;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The script {@code shm4j} does the same whatever surrounds it: each of these with each of those. */
class LauncherMatrixIT {

    @TempDir
    private static Path directory;

    /** The script in a directory with a space and an umlaut. */
    private static Path odd;

    /** What the script finds around it. */
    private enum Environment {
        EMPTY,
        LOCALE_C("LC_ALL=C", "LANG=en_US.UTF-8"),
        LOCALE_NOT_INSTALLED("LANG=xx_XX.UTF-8", "LC_CTYPE=xx_XX.UTF-8"),
        LOCALE_OF_ONE_BYTE("LC_ALL=de_DE.ISO-8859-1"),
        JVM_OPTIONS("JAVA_TOOL_OPTIONS=-XX:+UseG1GC -Dfile.encoding=ISO-8859-1", "JDK_JAVA_OPTIONS=-XX:+UseParallelGC",
                "_JAVA_OPTIONS=-XX:+UseZGC -Dstdout.encoding=ISO-8859-1", "_JAVA_LAUNCHER_DEBUG=1"),
        UNUSABLE_HOME("HOME=/proc/none", "XDG_CACHE_HOME=ü", "TMPDIR=/proc/none");

        private final List<String> variables;

        Environment(String... variables) {
            this.variables = List.of(variables);
        }

        List<String> env() {
            List<String> words = new ArrayList<>(List.of("env", "-i", "PATH=" + LauncherProject.SYSTEM_PATH,
                    "JAVA_HOME=" + Cli.javaHome()));
            words.addAll(variables);
            return words;
        }
    }

    /** Which descriptors are closed. */
    private enum Closed {
        NONE(""),
        INPUT("<&-"),
        OUTPUT(">&-"),
        ERROR("2>&-"),
        ALL("<&- >&- 2>&-");

        private final String redirection;

        Closed(String redirection) {
            this.redirection = redirection;
        }

        boolean hasOutput() {
            return this != OUTPUT && this != ALL;
        }
    }

    @BeforeAll
    static void makeProjects() throws IOException {
        odd = new LauncherProject(Files.createDirectory(directory.resolve("ein schöner Ort"))).script();
    }

    private static Child.Result run(Environment environment, Closed closed, Object... words) {
        List<Object> all = new ArrayList<>(List.of("sh", "-c", "\"$@\" " + closed.redirection, "sh"));
        all.addAll(environment.env());
        all.addAll(List.of(words));
        return Child.command(all.toArray()).run();
    }

    static Stream<Arguments> everywhere() {
        return Arrays.stream(Environment.values()).flatMap(environment -> Arrays.stream(Closed.values())
                .map(closed -> Arguments.of(environment, closed)));
    }

    @ParameterizedTest
    @MethodSource("everywhere")
    void shouldRun(Environment environment, Closed closed) {
        check(closed, run(environment, closed, odd, "limits"));
    }

    static Stream<Arguments> shells() {
        return Stream.of("sh", "dash", "bash --posix", "busybox sh", "ksh", "zsh")
                .filter(shell -> Files.isExecutable(Path.of("/bin", shell.split(" ")[0])))
                .flatMap(shell -> Arrays.stream(Closed.values()).map(closed -> Arguments.of(shell, closed)));
    }

    @ParameterizedTest
    @MethodSource("shells")
    void shouldRunInEveryShellThereIs(String shell, Closed closed) {
        String[] words = shell.split(" ");
        List<Object> command = new ArrayList<>(List.of(words));
        command.addAll(List.of(odd, "limits"));
        check(closed, run(Environment.EMPTY, closed, command.toArray()));
    }

    private static void check(Closed closed, Child.Result result) {
        if (closed.hasOutput()) {
            assertEquals(0, result.exit(), result::toString);
            assertTrue(result.out().startsWith("RESOURCE ") && result.out().contains("\nSHMMNI "), result::toString);
            assertEquals("", result.err());
        } else {
            assertEquals(1, result.exit(), result::toString);
            assertEquals("", result.out());
            assertEquals(closed == Closed.ALL, result.err().isEmpty(), result::toString);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldTakeArgumentsAsUtf8(Environment environment) throws IOException {
        String text = "grüße, 日本, 🙂, \uFFFD, 'q', \u00a0\"";
        try (Blocks blocks = new Blocks(); Arena arena = Arena.ofConfined()) {
            SharedMemory memory = blocks.create(100);
            assertEquals("", run(environment, Closed.NONE, odd, "write", "id:" + memory.id(), text).ok());
            assertEquals(text, memory.attach(AttachMode.READ_ONLY, arena).getString(0));
            String read = run(environment, Closed.NONE, odd, "read", "--text", "id:" + memory.id()).ok();
            assertTrue(read.startsWith("grüße, 日本, 🙂, \uFFFD, 'q', "), read);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldNameFilesInUtf8(Environment environment) throws IOException {
        Path file = Files.writeString(directory.resolve("Übergrößenträger " + environment), "inhält");
        assertEquals(ShmKey.ftok(file, 1).toString(),
                run(environment, Closed.NONE, odd, "ftok", file).ok().split(" ")[0]);
        try (Blocks blocks = new Blocks(); Arena arena = Arena.ofConfined()) {
            SharedMemory memory = blocks.create(100);
            assertEquals("", run(environment, Closed.NONE, odd, "write", "id:" + memory.id(), "--file", file).ok());
            assertEquals("inhält", memory.attach(AttachMode.READ_ONLY, arena).getString(0));
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldSayInUtf8WhatIsWrong(Environment environment) {
        Child.Result wrong = run(environment, Closed.NONE, odd, "status", "grüße");
        assertTrue(wrong.exit() != 0 && wrong.err().contains("grüße"), wrong::toString);
        Child.Result missing = run(environment, Closed.NONE, odd, "ftok", "/no/such/grüße");
        assertTrue(missing.exit() != 0 && missing.err().contains("/no/such/grüße"), missing::toString);
        assertEquals("", wrong.out() + missing.out());
    }

    @ParameterizedTest
    @EnumSource
    void shouldRefuseAnArgumentThatIsNotUtf8(Environment environment) throws IOException {
        try (Blocks blocks = new Blocks()) {
            SharedMemory memory = blocks.create(100);
            Child.Result result =
                    run(environment, Closed.NONE, "sh", "-c", "exec \"$@\" \"$(printf 'gr\\374n')\"", "sh",
                            odd, "write", "id:" + memory.id());
            assertEquals(2, result.exit(), result::toString);
            assertTrue(result.err().contains("argument 3, \"gr\\xfcn\", is not valid UTF-8")
                    && result.err().contains("standard input"), result::toString);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldReadNothingFromAClosedInput(Environment environment) throws IOException {
        try (Blocks blocks = new Blocks(); Arena arena = Arena.ofConfined()) {
            SharedMemory memory = blocks.create(256 << 20);
            Child.Result result = run(environment, Closed.INPUT, odd, "write", "id:" + memory.id());
            assertEquals(1, result.exit(), result::toString);
            assertTrue(result.err().contains("standard input is closed"), result::toString);
            assertEquals("", memory.attach(AttachMode.READ_ONLY, arena).getString(0));
        }
    }
}
