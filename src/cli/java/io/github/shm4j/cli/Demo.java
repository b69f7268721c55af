package io.github.shm4j.cli;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmNotFoundException;
import io.github.shm4j.ShmStatus;
import io.github.shm4j.ShmTrust;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Runs the parent's part of the demo.
 *
 * <p>Whatever happens, no block stays behind that one of its children created: closing removes what the normal course has
 * not, and a shutdown hook closes if the JVM is told to end. A block counts as a child's only if the kernel names the child
 * as its creator, so nobody else's is ever touched.
 */
final class Demo implements AutoCloseable {

    /** No child is to crash. */
    static final int NONE = -1;

    private static final long PATIENCE_SECONDS = 60;

    private final Path file;
    private final int crash;
    private final PrintWriter out;
    private final PrintWriter err;
    private final ShmKey[] keys;
    private final List<Child> children = new ArrayList<>();
    private final Thread hook = new Thread(this::abandon, "shm4j-demo-cleanup");
    private boolean closed;

    /** A child process and what has been learned about it. */
    private record Child(int number, ShmKey key, Process process, long startNanos, CompletableFuture<Long> endNanos) {

        String seconds() {
            return String.format(Locale.ROOT, "%.2f s", (endNanos.join() - startNanos) / 1e9);
        }
    }

    Demo(Path file, int count, int crash, PrintWriter out, PrintWriter err) throws ShmException {
        this.file = file;
        this.crash = crash;
        this.out = out;
        this.err = err;
        keys = new ShmKey[count];
        for (int i = 0; i < count; i++) {
            keys[i] = ShmKey.ftok(file, projectId(i));
        }
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** PHP's {@code ftok($file, $i)} takes the number for a character, so a PHP child would compute the same key. */
    private static int projectId(int child) {
        return '0' + child;
    }

    /**
     * Looks for blocks that have the children's keys already.
     *
     * @param force whether to remove those that are orphaned
     * @return whether all keys are free now
     */
    boolean makeRoom(boolean force) throws ShmException {
        boolean free = true;
        boolean removable = false;
        for (ShmStatus block : SharedMemory.list()) {
            int child = List.of(keys).indexOf(block.key());
            if (child < 0) {
                continue;
            }
            boolean orphaned = block.isOrphaned();
            if (force && orphaned) {
                removeIfThere(SharedMemory.ofId(block.id()));
                out.println("removed " + describe(block) + ", left behind by an earlier run");
            } else {
                err.println("shm4j: " + describe(block) + " is in the way of child " + child + ": "
                        + whyNotRemoved(block, orphaned));
                free = false;
                removable |= orphaned;
            }
        }
        if (removable) {
            err.println("shm4j: run the demo with --force to remove what a dead process left behind");
        }
        out.flush();
        return free;
    }

    private static String describe(ShmStatus block) {
        Duration age = Duration.between(block.changeTime(), Instant.now());
        return "block " + block.key() + " (id " + block.id() + ", made by process " + block.creatorPid() + " of user "
                + block.creatorUid() + " " + Math.max(0, age.toSeconds()) + " s ago)";
    }

    private static String whyNotRemoved(ShmStatus block, boolean orphaned) {
        if (orphaned) {
            return "its creator is dead and nobody is attached";
        }
        return block.attachCount() > 0
                ? "it is in use, attached " + (block.attachCount() == 1 ? "once" : block.attachCount() + " times")
                        + "; choose another --file"
                : "its creator may be alive; wait for it, or choose another --file";
    }

    /**
     * Starts the children, waits for all of them, and reads and removes their blocks.
     *
     * @return whether every child did what it should
     */
    boolean run() throws InterruptedException {
        out.println("process " + ProcessHandle.current().pid() + " starts " + keys.length
                + " children; their keys are ftok(\""
                + file + "\", '0' + I)");
        out.flush();
        for (int i = 0; i < keys.length; i++) {
            try {
                start(i);
            } catch (IOException notStarted) {
                err.println("child " + i + " could not be started: " + notStarted.getMessage());
            }
        }
        int good = 0;
        for (Child child : List.copyOf(children)) {
            try {
                good += collect(child) ? 1 : 0;
            } catch (IOException failed) {
                err.println("child " + child.number() + " failed: " + failed.getMessage());
            }
            out.flush();
            err.flush();
        }
        return good == keys.length;
    }

    private synchronized void start(int number) throws IOException {
        if (closed) {
            return;
        }
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-XX:-UsePerfData",
                "-Xshare:auto",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                DemoCommand.codeSource().toString(),
                DemoChild.class.getName(),
                file.toString(),
                Integer.toString(projectId(number))));
        if (number == crash) {
            command.add(DemoChild.WAIT);
        }
        long startNanos = System.nanoTime();
        Process process = new ProcessBuilder(command).start();
        CompletableFuture<Long> endNanos = process.onExit().thenApply(ended -> System.nanoTime());
        children.add(new Child(number, keys[number], process, startNanos, endNanos));
    }

    private boolean collect(Child child) throws IOException, InterruptedException {
        Process process = child.process();
        CompletableFuture<Process> watchdog =
                process.onExit().orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).whenComplete((ended, late) -> {
                    if (late != null) {
                        process.destroyForcibly();
                    }
                });
        try (BufferedReader report = process.inputReader();
                BufferedReader errors = process.errorReader()) {
            String created = report.readLine();
            if (child.number() == crash && created != null) {
                process.destroyForcibly();
                process.waitFor();
                return showOrphan(child);
            }
            String wrote = report.readLine();
            int exit = process.waitFor();
            if (exit != 0 || wrote == null) {
                StringBuilder reason = new StringBuilder();
                for (String line = errors.readLine(); line != null; line = errors.readLine()) {
                    reason.append(reason.isEmpty() ? "" : System.lineSeparator()).append(line);
                }
                err.println("child " + child.number() + " failed with exit code " + exit
                        + (watchdog.isCompletedExceptionally() ? " (killed after " + PATIENCE_SECONDS + " s)" : "")
                        + (reason.isEmpty() ? "" : ": " + reason));
                return false;
            }
            return readAndRemove(child, wrote.substring(DemoChild.WROTE.length() + 1));
        }
    }

    private boolean readAndRemove(Child child, String reported) throws ShmException {
        SharedMemory memory = SharedMemory.open(child.key(), ShmTrust.callerOrRoot());
        if (memory.status().creatorPid() != child.process().pid()) {
            err.println("child " + child.number() + ": block " + memory.id() + " with key " + child.key()
                    + " is not the one that it created");
            return false;
        }
        String word;
        try (Arena arena = Arena.ofConfined()) {
            word = memory.attach(AttachMode.READ_ONLY, arena).getString(0);
        }
        memory.remove();
        out.println("child " + child.number() + " wrote '" + word + "' (key " + child.key() + ", block " + memory.id()
                + ", process " + child.process().pid() + ", " + child.seconds() + ")");
        if (!word.equals(reported)) {
            err.println("child " + child.number() + " reported '" + reported + "' instead");
            return false;
        }
        return true;
    }

    private boolean showOrphan(Child child) throws ShmException {
        SharedMemory memory = SharedMemory.open(child.key(), ShmTrust.callerOrRoot());
        ShmStatus status = memory.status();
        boolean orphaned = status.isOrphaned();
        out.println("child " + child.number() + " was killed (key " + child.key() + ", process " + child.process().pid()
                + ", "
                + child.seconds() + "): block " + memory.id() + " of " + status.size() + " bytes stays behind, "
                + (orphaned ? "an orphan" : "but does not look like an orphan"));
        memory.remove();
        out.println("child " + child.number() + "'s block is removed");
        return orphaned;
    }

    /** Ends the children that are still there and removes their blocks. */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException alreadyShuttingDown) {
            // Then the hook does the same at the same time, which does no harm.
        }
        abandon();
    }

    private synchronized void abandon() {
        closed = true;
        for (Child child : children) {
            child.process().destroyForcibly();
        }
        for (Child child : children) {
            child.process().onExit().join();
            try {
                SharedMemory memory = SharedMemory.open(child.key());
                if (memory.status().creatorPid() == child.process().pid()) {
                    removeIfThere(memory);
                }
            } catch (ShmNotFoundException gone) {
                // Read and removed in the normal course, or never made.
            } catch (ShmException failed) {
                err.println("shm4j: block " + child.key() + " of child " + child.number() + " could not be removed: "
                        + failed.getMessage());
            }
        }
        err.flush();
    }

    private static void removeIfThere(SharedMemory memory) throws ShmException {
        try {
            memory.remove();
        } catch (ShmNotFoundException gone) {
            // Somebody was faster.
        }
    }
}
