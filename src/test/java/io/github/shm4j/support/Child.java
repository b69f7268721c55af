package io.github.shm4j.support;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Starts real processes: other JVMs with the library, or any command, as another user or in an IPC namespace of their own.
 *
 * <p>{@link Patience} limits each wait, so a process that hangs fails the test, and a slow one does not. Every process
 * starts with the default action for all signals, even if the tests themselves run in the background, where some signals
 * are ignored. No process outlives the tests, however they end: see {@link Guard}.
 */
public final class Child {

    /** The user and group without rights that {@link #asNobody()} uses. */
    public static final long NOBODY = 65534;

    /** The command that resets signals, which a process otherwise inherits as ignored. Empty if env is too old for it. */
    private static final List<String> DEFAULT_SIGNALS = defaultSignals();

    private static final Set<Running> ALIVE = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> ALIVE.forEach(Running::giveUp)));
    }

    // The common pool may be too small for readers that block.
    private static final ExecutorService READERS = Executors.newCachedThreadPool(task -> {
        Thread reader = new Thread(task, "child-output");
        reader.setDaemon(true);
        return reader;
    });

    private final List<String> prefix = new ArrayList<>();
    private final List<String> jvmArguments = new ArrayList<>();
    private final List<String> command = new ArrayList<>();
    private boolean java;
    private boolean readableByAll;

    private Child() {}

    /** Prepares a JVM that runs a class of the tests or of the library. */
    public static Child java(Class<?> main, Object... arguments) {
        Child child = new Child();
        child.java = true;
        child.command.add(main.getName());
        Arrays.stream(arguments).map(Object::toString).forEach(child.command::add);
        return child;
    }

    /** Prepares any command. */
    public static Child command(Object... command) {
        Child child = new Child();
        Arrays.stream(command).map(Object::toString).forEach(child.command::add);
        return child;
    }

    /** Whether this process may become another user; otherwise {@link #asNobody()} cannot work. */
    public static boolean canChangeUser() {
        return isRoot() && exists("setpriv");
    }

    /**
     * Whether namespaces of a kind can be made here.
     *
     * @param options those of {@code unshare(1)}
     */
    public static boolean canUnshare(String... options) {
        return exists("unshare") && command("true").under(unshare(options)).run().exit() == 0;
    }

    /** Whether a program is on the path. */
    public static boolean exists(String program) {
        return Arrays.stream(System.getenv("PATH").split(":"))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }

    /** Runs the command as the user nobody. */
    public Child asNobody() {
        readableByAll = true;
        prefix.addAll(List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups"));
        return this;
    }

    /** Runs the command as somebody who is not root, which need not be another user. */
    public Child asOrdinaryUser() {
        return isRoot() ? asNobody() : this;
    }

    /** Lets the JVM use a copy of the classes that users other than this one can read. */
    public Child readableByAll() {
        readableByAll = true;
        return this;
    }

    /**
     * Runs the command in an IPC namespace of its own.
     *
     * @param limits settings of {@code /proc/sys/kernel} in it, such as {@code "shmmni=4"}
     */
    public Child inPrivateIpc(String... limits) {
        List<String> wrapped = new ArrayList<>(List.of(unshare("-i")));
        StringBuilder script = new StringBuilder();
        for (String limit : limits) {
            int equals = limit.indexOf('=');
            script.append("echo ").append(limit.substring(equals + 1)).append(" > /proc/sys/kernel/");
            script.append(limit, 0, equals).append(" && ");
        }
        wrapped.addAll(List.of("sh", "-c", script + "exec \"$@\"", "sh"));
        prefix.addAll(0, wrapped);
        return this;
    }

    /** Puts a command before the rest, such as {@code "prlimit", "--as=…"}. */
    public Child under(String... words) {
        prefix.addAll(List.of(words));
        return this;
    }

    /** Adds options of the JVM; they come after the usual ones. */
    public Child jvm(String... arguments) {
        jvmArguments.addAll(List.of(arguments));
        return this;
    }

    /** Starts the process. */
    public Running start() {
        List<String> words = new ArrayList<>(DEFAULT_SIGNALS);
        words.addAll(prefix);
        if (java) {
            words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            // Without performance data: a killed JVM leaves its file in /tmp.
            words.addAll(List.of(
                    "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m", "-XX:-UsePerfData"));
            if (jvmArguments.stream().noneMatch(word -> word.contains("native-access"))) {
                words.add("--enable-native-access=ALL-UNNAMED");
            }
            words.addAll(jvmArguments);
            words.addAll(List.of("-cp", readableByAll ? Readable.classPath() : classPath()));
        }
        words.addAll(command);
        try {
            ProcessBuilder builder = new ProcessBuilder(words);
            Guard.mark(builder.environment());
            return new Running(words, builder.start());
        } catch (IOException notStarted) {
            throw new UncheckedIOException(notStarted);
        }
    }

    /** Starts the process and waits for its end. */
    public Result run() {
        return start().await();
    }

    private static List<String> defaultSignals() {
        List<String> words = List.of("env", "--default-signal");
        try {
            Process probe = new ProcessBuilder("env", "--default-signal", "true")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return probe.waitFor() == 0 ? words : List.of();
        } catch (IOException missing) {
            return List.of();
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    /**
     * The words that run a command in namespaces of its own. Whoever is not root becomes root of a user namespace, which is
     * enough for what concerns these namespaces only.
     *
     * @param options those of {@code unshare(1)}
     */
    public static String[] unshare(String... options) {
        List<String> words = new ArrayList<>(List.of("unshare"));
        if (!isRoot()) {
            words.add("-Ur");
        }
        words.addAll(List.of(options));
        return words.toArray(new String[0]);
    }

    static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    /** The number of the user that {@link #asOrdinaryUser} makes of a process. */
    public static long ordinaryUid() {
        return ordinaryId("unix:uid");
    }

    /** The number of that user's group. */
    public static long ordinaryGid() {
        return ordinaryId("unix:gid");
    }

    private static long ordinaryId(String attribute) {
        try {
            return isRoot() ? NOBODY : (int) Files.getAttribute(Path.of("/proc/self"), attribute);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** The class path of a JVM that has the library and the tests. */
    public static String classPath() {
        return System.getProperty("shm4j.test.classes") + ":" + System.getProperty("shm4j.test.testClasses");
    }

    /**
     * How a process ended.
     *
     * @param exit the exit code; 128 and more if a signal ended it
     * @param out its standard output
     * @param err its standard error
     */
    public record Result(int exit, String out, String err) {

        /** The lines of standard output. */
        public List<String> lines() {
            return out.lines().collect(Collectors.toList());
        }

        /** Standard output without surrounding white space, once it is certain that the process ended well. */
        public String ok() {
            if (exit != 0) {
                throw new AssertionError("exit " + exit + "\n" + out + err);
            }
            return out.strip();
        }
    }

    /** A process that was started. */
    public static final class Running implements AutoCloseable {

        private static final ThreadLocal<List<Running>> STARTED_HERE = ThreadLocal.withInitial(ArrayList::new);

        // A second earlier, because the kernel counts the times of blocks in whole seconds.
        private final Instant started = Instant.now().minusSeconds(1).truncatedTo(ChronoUnit.SECONDS);
        private final List<String> words;
        private final Process process;
        private final BufferedReader out;
        private final CompletableFuture<String> err;
        private final StringBuilder seen = new StringBuilder();
        private final AtomicLong heard = new AtomicLong();

        private Running(List<String> words, Process process) {
            this.words = words;
            this.process = process;
            this.out = process.inputReader(StandardCharsets.UTF_8);
            this.err = CompletableFuture.supplyAsync(() -> drain(process.errorReader(StandardCharsets.UTF_8)), READERS);
            STARTED_HERE.get().removeIf(other -> !other.isAlive());
            STARTED_HERE.get().add(this);
            ALIVE.add(this);
            process.onExit().thenRun(() -> ALIVE.remove(this));
        }

        /** The process id; with {@code setpriv} and {@code unshare} still the one of the command, which replaces them. */
        public long pid() {
            return process.pid();
        }

        /** Whether the process has not terminated. */
        public boolean isAlive() {
            return process.isAlive();
        }

        /** This process, and those that the calling thread has started: it may wait for them. */
        List<Long> family() {
            List<Long> family = new ArrayList<>(List.of(pid()));
            STARTED_HERE.get().stream().filter(other -> other != this && other.isAlive()).forEach(
                    other -> family.add(other.pid()));
            return family;
        }

        /** Waits for a line of standard output. */
        public String line() {
            String line = patiently(CompletableFuture.supplyAsync(() -> {
                try {
                    return out.readLine();
                } catch (IOException broken) {
                    throw new UncheckedIOException(broken);
                }
            }, READERS));
            if (line == null) {
                throw new AssertionError(words + " ended instead of printing a line: " + await());
            }
            seen.append(line).append('\n');
            return line;
        }

        /** Writes a line to standard input. */
        public void send(String line) {
            try {
                process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
                process.getOutputStream().flush();
            } catch (IOException broken) {
                throw new UncheckedIOException(broken);
            }
        }

        /** Sends SIGKILL and waits for the end. */
        public Result kill() {
            process.destroyForcibly();
            return await();
        }

        /** Sends a signal by its name, such as {@code "TERM"}. */
        public void signal(String name) {
            command("kill", "-" + name, pid()).run().ok();
        }

        /** Waits for the end. */
        public Result await() {
            String rest = patiently(CompletableFuture.supplyAsync(() -> drain(out), READERS));
            String errors = patiently(err);
            return new Result(patiently(process.onExit()).exitValue(), seen + rest, errors);
        }

        /** As {@link #await}, but reads nothing before the end, so that a full pipe stays full. */
        public Result awaitWithoutReading() {
            patiently(process.onExit());
            return await();
        }

        /** Kills the process and its descendants, if it has not terminated. */
        @Override
        public void close() {
            destroyTree();
            process.onExit().join();
        }

        private Stream<ProcessHandle> destroyTree() {
            List<ProcessHandle> descendants = process.descendants().toList();
            process.destroyForcibly();
            descendants.forEach(ProcessHandle::destroyForcibly);
            return Stream.concat(Stream.of(process.toHandle()), descendants.stream());
        }

        /** Kills the process and its descendants, and removes the blocks that they have created. */
        private void giveUp() {
            Set<Long> killed = destroyTree().peek(each -> each.onExit().join()).map(ProcessHandle::pid)
                    .collect(Collectors.toSet());
            Blocks.removeThoseMadeBy(killed, started);
        }

        private <T> T patiently(CompletableFuture<T> future) {
            Patience patience = Patience.with(this);
            try {
                return Patience.get(future, () -> {
                    patience.renewIfChanged(heard.get());
                    patience.check(() -> words + " does not go on; it printed so far: " + seen);
                });
            } catch (AssertionError atAnEnd) {
                giveUp();
                throw atAnEnd;
            } catch (ExecutionException | InterruptedException failed) {
                giveUp();
                throw new AssertionError(failed);
            }
        }

        private String drain(BufferedReader reader) {
            try (reader) {
                StringBuilder text = new StringBuilder();
                char[] part = new char[4096];
                for (int count = reader.read(part); count >= 0; count = reader.read(part)) {
                    text.append(part, 0, count);
                    heard.addAndGet(count);
                }
                return text.toString();
            } catch (IOException closed) {
                return "";
            }
        }
    }

    /** A copy of the classes that every user can read, wherever the project lies. */
    private static final class Readable {

        private static final Path COPY = copy();

        private Readable() {}

        static String classPath() {
            return COPY.resolve("0") + ":" + COPY.resolve("1");
        }

        private static Path copy() {
            try {
                Path copy = Files.createTempDirectory("shm4j-test-classes");
                Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(copy)));
                Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rwxr-xr-x"));
                String[] sources = Child.classPath().split(":");
                for (int i = 0; i < sources.length; i++) {
                    copyTree(Path.of(sources[i]), copy.resolve(Integer.toString(i)));
                }
                return copy;
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }

        private static void copyTree(Path from, Path to) throws IOException {
            Files.walkFileTree(from, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                        throws IOException {
                    Path target = to.resolve(from.relativize(directory).toString());
                    Files.createDirectories(target);
                    Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxr-xr-x"));
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Path target = to.resolve(from.relativize(file).toString());
                    Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
                    Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rw-r--r--"));
                    return FileVisitResult.CONTINUE;
                }
            });
        }

        private static void delete(Path tree) {
            try {
                Files.walkFileTree(tree, new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                        Files.delete(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(Path directory, IOException failure) throws IOException {
                        Files.delete(directory);
                        return FileVisitResult.CONTINUE;
                    }
                });
            } catch (IOException leftForTheSystemToClean) {
                System.err.println("could not delete " + tree);
            }
        }
    }
}
