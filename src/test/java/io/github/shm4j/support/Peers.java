package io.github.shm4j.support;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The programs in other languages that tests talk to.
 *
 * <p>Where one is not installed, its tests are reported as skipped, unless the variable {@code SHM4J_REQUIRE_PEERS} is
 * set: then they fail, so that a build which installs them all cannot pass without having used them.
 */
public final class Peers {

    /** Where the files are by which programs in other languages use the library's structures. */
    public static final Path PEERS = ProjectDirectory.PROJECT.resolve("peers");

    static final String NOT_AVAILABLE = " is not available here";

    private static final Map<List<Object>, Boolean> RUNS = new ConcurrentHashMap<>();

    /** By source and compiler. */
    private static final Map<List<Object>, Path> PROGRAMS = new ConcurrentHashMap<>();

    private Peers() {}

    /** Skips or fails the test if a condition of the machine does not hold. */
    public static void require(boolean present, String what) {
        if (!present && System.getenv("SHM4J_REQUIRE_PEERS") != null) {
            fail(what + " is required here");
        }
        assumeTrue(present, what + NOT_AVAILABLE);
    }

    /** PHP with the shmop extension. */
    public static String php() {
        require(runs("php", "-r", "exit(function_exists('shmop_open') ? 0 : 1);"), "PHP with shmop");
        return "php";
    }

    /** Perl with IPC::SysV, which is part of its distribution. */
    public static String perl() {
        require(runs("perl", "-MIPC::SysV=ftok", "-e", "1"), "Perl with IPC::SysV");
        return "perl";
    }

    /** A Python that has the module sysv_ipc; the first one on the path need not be the one that has it. */
    public static String python() {
        for (String python : List.of("python3", "/usr/bin/python3")) {
            if (runs(python, "-c", "import sysv_ipc")) {
                return python;
            }
        }
        require(false, "Python with sysv_ipc");
        return null;
    }

    /** A Python that can use the library's structures: it needs nothing but the compiler's atomic operations. */
    public static String python39() {
        String suitable = "import ctypes, sys; ctypes.CDLL('libatomic.so.1'); sys.exit(sys.version_info < (3, 9))";
        for (String python : List.of("python3", "/usr/bin/python3")) {
            if (runs(python, "-c", suitable)) {
                return python;
            }
        }
        require(false, "Python 3.9 with libatomic.so.1");
        return null;
    }

    /** Skips or fails the test unless there is a C compiler. */
    public static void requireCompiler() {
        require(runs("cc", "--version"), "a C compiler");
    }

    /** The emulator that runs programs for this machine's kind of processor, from Debian's qemu-user or qemu-user-static. */
    public static String emulator() {
        String arch = System.getProperty("os.arch");
        String program = "qemu-" + (arch.equals("amd64") ? "x86_64" : arch);
        for (String emulator : List.of(program, program + "-static")) {
            if (Child.exists(emulator)) {
                return emulator;
            }
        }
        require(false, program + " of qemu-user");
        return null;
    }

    /** Programs on the path, by their names. */
    public static void requirePrograms(String... names) {
        for (String name : names) {
            require(Child.exists(name), name);
        }
    }

    /**
     * Compiles a C program, which can include what is in the project's folder {@code peers}. The same source is compiled once.
     *
     * @return the program, which stays until this JVM ends
     */
    public static Path compile(String name, String source) {
        requireCompiler();
        return compile(name, ".c", source, "cc", "-D_GNU_SOURCE", "-Wall", "-Werror");
    }

    /**
     * Compiles a program by a compiler with options.
     *
     * @param extension says in which language it is
     * @return the program, which stays until this JVM ends
     */
    public static Path compile(String name, String extension, String source, String... compiler) {
        require(runs(compiler[0], "--version"), "the compiler " + compiler[0]);
        return PROGRAMS.computeIfAbsent(List.of(source, List.of(compiler)), key -> {
            try {
                Path directory = Files.createTempDirectory("shm4j-peers");
                Path program = directory.resolve(name);
                Path file = Files.writeString(directory.resolve(name + extension), source);
                // The last one is deleted first.
                List.of(directory, program, file).forEach(each -> each.toFile().deleteOnExit());
                List<Object> command = new ArrayList<>(List.of(compiler));
                command.addAll(List.of("-I", PEERS, "-o", program, file));
                Child.command(command.toArray()).run().ok();
                return program;
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        });
    }

    /** Skips or fails the test unless other users' processes can be started. */
    public static void requireOtherUser() {
        require(Child.canChangeUser(), "root, to act as another user with setpriv,");
    }

    /** Skips or fails the test unless IPC namespaces can be made. */
    public static void requirePrivateIpc() {
        requireNamespaces("-i");
    }

    /**
     * Skips or fails the test unless namespaces of a kind can be made.
     *
     * @param options those of {@code unshare(1)}
     */
    public static void requireNamespaces(String... options) {
        require(Child.canUnshare(options), String.join(" ", Child.unshare(options)));
    }

    /** Skips or fails the test unless a process can be started that is not root's. */
    public static void requireOrdinaryUser() {
        require(!"root".equals(System.getProperty("user.name")) || Child.canChangeUser(), "setpriv");
    }

    private static boolean runs(Object... command) {
        return RUNS.computeIfAbsent(List.of(command), words -> runsHere(words.toArray()));
    }

    private static boolean runsHere(Object... command) {
        return Child.exists(command[0].toString()) || command[0].toString().startsWith("/")
                ? runsQuietly(command)
                : false;
    }

    private static boolean runsQuietly(Object... command) {
        try {
            return Child.command(command).run().exit() == 0;
        } catch (UncheckedIOException missing) {
            return false;
        }
    }
}
