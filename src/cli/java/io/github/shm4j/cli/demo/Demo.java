package io.github.shm4j.cli.demo;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmNotFoundException;
import io.github.shm4j.ShmStatus;
import io.github.shm4j.ShmTrust;
import io.github.shm4j.cli.command.Failure;
import io.github.shm4j.cli.system.Accounts;
import io.github.shm4j.cli.system.Attachments;
import io.github.shm4j.cli.system.Program;
import io.github.shm4j.cli.terminal.Output;
import io.github.shm4j.cli.terminal.Printable;
import io.github.shm4j.cli.terminal.Sizes;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The parent process of the demo.
 *
 * <p>Whatever happens, no block of a child stays behind: {@link #close} removes those that are left, and a shutdown hook
 * does the same if the JVM is told to end. A block is a child's only if the kernel names the child as its creator, so
 * nobody else's block is ever touched.
 */
final class Demo implements AutoCloseable {

    /** The number of the child to kill, if none is to be killed. */
    static final int NONE = -1;

    private static final long POLL_MILLIS = 20;
    private static final int OWN_END_ROUNDS = 50;

    /** Variables with options for every JVM, which may contradict the options of the children. */
    private static final List<String> JVM_OPTIONS = List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS");

    private final Path file;
    private final int crash;
    private final Duration timeout;
    private final Output out;
    private final ShmKey[] keys;
    private final List<DemoProcess> children = new ArrayList<>();
    private final Thread hook = new Thread(() -> abandon("terminated early: "), "shm4j-demo-cleanup");
    private volatile boolean closed;

    Demo(Path file, int count, int crash, Duration timeout, Output out) throws ShmException {
        this.file = file;
        this.crash = crash;
        this.timeout = timeout;
        this.out = out;
        keys = new ShmKey[count];
        for (int i = 0; i < count; i++) {
            keys[i] = ShmKey.ftok(file, projectId(i));
        }
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** The digit as a character, as PHP's {@code ftok($file, $i)} takes it: a child in PHP would compute the same key. */
    private static int projectId(int child) {
        return '0' + child;
    }

    /**
     * Looks for blocks that already have the keys of the children.
     *
     * @param force whether to remove orphans among them
     * @return whether all keys are free now
     */
    boolean makeRoom(boolean force) throws IOException {
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
                out.line("removed " + describe(block) + ", left behind by an earlier run");
            } else {
                Failure.say(describe(block) + " is in the way of child " + child + ": "
                        + whyNotRemoved(block, orphaned));
                free = false;
                removable |= orphaned;
            }
        }
        if (removable) {
            Failure.say("run the demo with --force to remove what a dead process left behind");
        }
        out.flush();
        return free;
    }

    private static String describe(ShmStatus block) {
        Duration age = Duration.between(block.changeTime(), Instant.now());
        return "block " + block.key() + " (id " + block.id() + ", created by process " + block.creatorPid() + " of "
                + Printable.escape(Accounts.users(false).name(block.creatorUid())) + " " + Math.max(0, age.toSeconds())
                + " s ago)";
    }

    private static String whyNotRemoved(ShmStatus block, boolean orphaned) {
        if (orphaned) {
            return "its creator is dead and nobody is attached";
        }
        return block.attachCount() > 0
                ? "it is in use: " + Attachments.counted(block.attachCount()) + "; choose another --file"
                : "its creator may be alive; wait for it, or choose another --file";
    }

    /**
     * Starts the children, waits for all of them, and reads and removes their blocks.
     *
     * @return whether every child did what it should
     */
    boolean run() throws IOException, InterruptedException {
        long self = ProcessHandle.current().pid();
        out.line("process " + self + " starts " + keys.length + (keys.length == 1 ? " child" : " children")
                + "; their keys are ftok(\"" + Printable.escape(file.toString()) + "\", '0' + I)");
        out.flush();
        for (int i = 0; i < keys.length; i++) {
            try {
                start(i);
            } catch (IOException notStarted) {
                complain("child " + i + " could not be started: " + notStarted.getMessage());
            }
        }
        List<DemoProcess> silent = awaitAll();
        if (isEnding()) {
            return false;
        }
        int written = 0;
        for (DemoProcess child : children) {
            written += child.isGood() ? 1 : 0;
        }
        out.line(written + " of " + keys.length + (keys.length == 1 ? " child has" : " children have")
                + " written a word; process " + self + " reads and removes the blocks");
        int good = 0;
        for (DemoProcess child : children) {
            try {
                good += collect(child, silent.contains(child)) ? 1 : 0;
            } catch (Output.Failed failed) {
                throw failed;
            } catch (IOException failed) {
                complain("child " + child.number() + ": " + Failure.message(failed));
            }
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
                Program.codeSource().toString(),
                DemoChild.class.getName(),
                file.toString(),
                Integer.toString(projectId(number))));
        if (number == crash) {
            command.add(DemoChild.WAIT);
        }
        long startNanos = System.nanoTime();
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeAll(JVM_OPTIONS);
        Process process = builder.start();
        children.add(new DemoProcess(number, keys[number], number == crash, process, startNanos));
    }

    /**
     * Waits until all children have terminated. The timeout counts from the last sign of life of any of them. When it
     * expires, those that still run are killed.
     *
     * @return the children that were killed
     */
    private List<DemoProcess> awaitAll() throws InterruptedException {
        List<DemoProcess> running = new ArrayList<>(children);
        List<DemoProcess> killed = new ArrayList<>();
        long lastSign = System.nanoTime();
        while (!running.isEmpty()) {
            boolean sign = false;
            for (DemoProcess child : running) {
                sign |= child.showsSignOfLife();
            }
            sign |= running.removeIf(child -> !child.isRunning());
            if (sign) {
                lastSign = System.nanoTime();
            } else if (System.nanoTime() - lastSign > timeout.toNanos()) {
                running.forEach(DemoProcess::kill);
                killed.addAll(running);
                running.clear();
            } else if (!running.isEmpty()) {
                Thread.sleep(POLL_MILLIS);
            }
        }
        boolean toldToEnd = false;
        for (DemoProcess child : children) {
            child.await();
            toldToEnd |= child.wasToldToEnd();
        }
        // Ctrl-C terminates the children and this process in any order. If this process is about to terminate too, it reports nothing.
        for (int round = 0; toldToEnd && !isEnding() && round < OWN_END_ROUNDS; round++) {
            Thread.sleep(POLL_MILLIS);
        }
        return killed;
    }

    private boolean collect(DemoProcess child, boolean killed) throws IOException {
        if (child.isToCrash() && child.hasCreated()) {
            return showOrphan(child);
        }
        if (!child.isGood()) {
            complain("child " + child.number() + (killed
                    ? " was killed: none of the children had shown a sign of life for " + timeout.toSeconds() + " s"
                    : " " + child.end()));
            return false;
        }
        return readAndRemove(child);
    }

    private boolean readAndRemove(DemoProcess child) throws IOException {
        SharedMemory memory = SharedMemory.open(child.key(), ShmTrust.callerOrRoot());
        if (memory.status().creatorPid() != child.pid()) {
            complain("child " + child.number() + ": block " + memory.id() + " with key " + child.key()
                    + " is not the one that it created");
            return false;
        }
        String word;
        try (Arena arena = Arena.ofConfined()) {
            word = memory.attach(AttachMode.READ_ONLY, arena).getString(0);
        }
        memory.remove();
        out.line("child " + child.number() + " wrote '" + Printable.escape(word) + "' (key " + child.key() + ", block "
                + memory.id() + ", process " + child.pid() + ", " + child.seconds() + ")");
        if (!word.equals(child.wrote())) {
            complain("child " + child.number() + " reported '" + Printable.escape(child.wrote()) + "' instead");
            return false;
        }
        return true;
    }

    private boolean showOrphan(DemoProcess child) throws IOException {
        SharedMemory memory = SharedMemory.open(child.key(), ShmTrust.callerOrRoot());
        ShmStatus status = memory.status();
        boolean orphaned = status.isOrphaned();
        out.line("child " + child.number() + " was killed (key " + child.key() + ", process " + child.pid() + ", "
                + child.seconds() + "): block " + memory.id() + " of " + Sizes.inBytes(status.size())
                + " stays behind, "
                + (orphaned ? "an orphan" : "but does not look like an orphan"));
        memory.remove();
        out.line("child " + child.number() + "'s block is removed");
        return orphaned;
    }

    /** Prints a failure after the output so far, unless the program is being terminated, which causes failures. */
    private void complain(String message) throws Output.Failed {
        if (!isEnding()) {
            out.flush();
            System.err.println(message);
        }
    }

    private boolean isEnding() {
        return closed;
    }

    /** Kills the children that still run and removes their blocks. */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException alreadyShuttingDown) {
            // The hook does it, before this process terminates.
            return;
        }
        abandon("");
    }

    private synchronized void abandon(String reason) {
        closed = true;
        int killed = 0;
        for (DemoProcess child : children) {
            killed += child.isRunning() ? 1 : 0;
            child.kill();
        }
        int removed = 0;
        for (DemoProcess child : children) {
            try {
                child.await();
                removed += removeBlock(child) ? 1 : 0;
            } catch (ShmException failed) {
                Failure.say("block " + child.key() + " of child " + child.number() + " could not be removed: "
                        + Failure.message(failed));
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        if (killed > 0 || removed > 0 || !reason.isEmpty()) {
            Failure.say(reason + killed + (killed == 1 ? " child" : " children") + " killed, " + removed
                    + (removed == 1 ? " block" : " blocks") + " removed that children had left");
        }
    }

    /** Removes the block of a child. {@return whether there was one} */
    private static boolean removeBlock(DemoProcess child) throws ShmException {
        try {
            SharedMemory memory = SharedMemory.open(child.key());
            if (memory.status().creatorPid() == child.pid()) {
                memory.remove();
                return true;
            }
        } catch (ShmNotFoundException gone) {
            // Read and removed already, or never created.
        }
        return false;
    }

    private static void removeIfThere(SharedMemory memory) throws ShmException {
        try {
            memory.remove();
        } catch (ShmNotFoundException gone) {
            // Somebody else has removed it.
        }
    }
}
