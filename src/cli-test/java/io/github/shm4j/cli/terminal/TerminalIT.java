package io.github.shm4j.cli.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.cli.Cli;
import io.github.shm4j.cli.Tmux;
import io.github.shm4j.support.Blocks;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Peers;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What only a terminal shows: the live view, questions, widths and colours. */
class TerminalIT {

    /** How tmux writes the colour of orphans. */
    private static final String ORANGE = "\033[38;5;130m";

    private final Blocks blocks = new Blocks();

    @TempDir
    private Path directory;

    @AfterEach
    void removeBlocks() throws ShmException {
        blocks.close();
    }

    /** Creates a block by a process that dies at once. */
    private SharedMemory orphan(ShmKey key) throws ShmException {
        Cli.run("create", key, "-s", "1000").ok();
        return blocks.adopt(SharedMemory.open(key));
    }

    @Test
    void shouldWatchBlocksComeAttachBecomeOrphansAndGo() throws IOException {
        ShmKey first = blocks.freeKey();
        ShmKey second = blocks.freeKey();
        SharedMemory there = orphan(first);
        try (Tmux tmux = Tmux.start(directory, 100, 12)) {
            String before = tmux.settings();
            tmux.type("shm4j watch --interval 1s --key " + first + " --key " + second + "; echo exit=$?");
            String screen = tmux.await("1 block, 1000B, 1 orphan");
            assertTrue(tmux.isAlternateScreen());
            assertTrue(screen.contains("   " + first), screen);

            try (Arena arena = Arena.ofConfined()) {
                MemorySegment bytes = there.attach(AttachMode.READ_ONLY, arena);
                assertEquals(1000, bytes.byteSize());
                tmux.await("^  " + first);
                tmux.await("1 block, 1000B, 0 orphans");
            }
            tmux.await("!  " + first);

            orphan(second);
            tmux.await("+  " + second);
            assertTrue(tmux.colours().contains("\033[38;5;28m+"), tmux::colours);
            tmux.await("2 blocks, 2K, 2 orphans");
            there.remove();
            tmux.await("-  " + first);
            tmux.await("the last one only", text -> !text.contains(first.toString()));

            tmux.press("q");
            tmux.await("exit=0");
            assertFalse(tmux.isAlternateScreen());
            assertEquals(before, tmux.settings());
        }
    }

    @Test
    void shouldRestoreTheTerminalHoweverWatchEnds() throws IOException {
        ShmKey key = blocks.freeKey();
        orphan(key);
        try (Tmux tmux = Tmux.start(directory, 90, 10)) {
            String before = tmux.settings();
            for (String end : List.of("C-c", "TERM", "HUP", "TERM", "C-c")) {
                tmux.type("clear; shm4j watch --key " + key + "; echo exit=$?");
                tmux.await("1 block, 1000B, 1 orphan");
                assertTrue(tmux.isAlternateScreen());
                // Ctrl-Z must not leave the shell with a terminal that is set for watching.
                tmux.press("C-z");
                // What the view has not read when it ends, the shell reads.
                tmux.press("h");
                tmux.await("sort the other way round");
                if (end.equals("C-c")) {
                    tmux.press(end);
                    tmux.await("exit=0");
                } else {
                    watcher(key).destroyBy(end);
                    tmux.await("exit=" + (end.equals("TERM") ? 143 : 129));
                }
                assertFalse(tmux.isAlternateScreen(), end);
                assertEquals(before, tmux.settings(), end);
                tmux.type("clear");
                tmux.await("an empty screen", text -> !text.contains("exit="));
            }
        }
    }

    @Test
    void shouldEndByCtrlCAtAnyMoment() throws IOException, InterruptedException {
        ShmKey key = blocks.freeKey();
        orphan(key);
        try (Tmux tmux = Tmux.start(directory, 120, 12)) {
            String before = tmux.settings();
            for (int moment = 0; moment < 8; moment++) {
                // The shell around it, in the same group, tells how it ended.
                tmux.type("clear; sh -c 'trap : INT; \"$@\"; echo exit=$?' sh shm4j watch --key " + key);
                tmux.await("that it starts", text -> findWatcher(key).isPresent());
                Thread.sleep(60 * moment);
                String screen = tmux.screen();
                Patience patience = tmux.patience();
                // What was typed says exit=$?, and may stand on the screen until it is cleared.
                for (int looks = 0; !screen.matches("(?s).*exit=\\d.*"); looks++) {
                    patience.check(() -> "Ctrl-C does not end it: " + tmux.screen());
                    // One that comes too early is lost; of many at once, the shell would read the rest.
                    if (looks % 10 == 0) {
                        tmux.press("C-c");
                    }
                    Thread.sleep(50);
                    screen = tmux.screen();
                }
                String end = tmux.await("the end", text -> text.matches("(?s).*exit=\\d+\n.*"));
                // Until it has the terminal, Ctrl-C ends it like every program.
                assertTrue(end.contains("exit=0\n") || end.contains("exit=130\n"), end);
                assertFalse(end.contains("terminal"), end);
                assertFalse(tmux.isAlternateScreen(), end);
                tmux.await("a prompt", text -> text.stripTrailing().endsWith("$"));
                assertEquals(before, tmux.settings());
            }
        }
    }

    @Test
    void shouldNeedNoProgramToSetTheTerminal() throws IOException {
        ShmKey key = blocks.freeKey();
        orphan(key);
        Path stty = Files.writeString(directory.resolve("stty"), "#!/bin/sh\nkill -INT $$\n");
        assertTrue(stty.toFile().setExecutable(true));
        try (Tmux tmux = Tmux.start(directory, 100, 12)) {
            String before = tmux.settings();
            tmux.type("PATH=" + directory + ":$PATH shm4j watch --key " + key + "; echo exit=$?");
            tmux.await("1 block, 1000B, 1 orphan");
            tmux.press("C-c");
            tmux.await("exit=0");
            assertFalse(tmux.isAlternateScreen());
            assertEquals(before, tmux.settings());
        }
    }

    @Test
    void shouldTakeTheTerminalAgainAfterAStop() throws IOException {
        Peers.require(Child.exists("bash"), "bash");
        ShmKey key = blocks.freeKey();
        orphan(key);
        try (Tmux tmux = Tmux.start(directory, 100, 12)) {
            tmux.type("clear; stty sane; PS1='ready$ ' exec bash --norc --noprofile --noediting");
            tmux.await("bash", text -> text.startsWith("ready$"));
            String before = tmux.settings();
            tmux.type("shm4j watch --interval 1h --key " + key + "; echo exit=$?");
            tmux.await("1 block, 1000B, 1 orphan");
            String raw = tmux.settings();
            for (String in : List.of("", "bg; ")) {
                watcher(key).destroyBy("STOP");
                tmux.await("Stopped");
                tmux.type(in + "stty sane; echo he''re");
                tmux.await("here");
                tmux.type("clear; fg");
                tmux.await("the view", text -> text.startsWith("1 block, 1000B, 1 orphan"));
                assertEquals(raw, tmux.settings());
            }
            tmux.press("q");
            tmux.await("a prompt", text -> text.stripTrailing().endsWith("$"));
            assertFalse(tmux.isAlternateScreen());
            assertEquals(before, tmux.settings());
        }
    }

    private record Watcher(long pid) {
        void destroyBy(String signal) {
            Child.command("kill", "-" + signal, pid).run().ok();
        }
    }

    private static Watcher watcher(ShmKey key) {
        return findWatcher(key).orElseThrow();
    }

    private static Optional<Watcher> findWatcher(ShmKey key) {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info().arguments()
                        .map(words -> List.of(words).containsAll(List.of("watch", key.toString()))
                                // A shell that has these words among its own may not have come to them yet.
                                && !words[0].equals("-c"))
                        .orElse(false))
                .findFirst()
                .map(process -> new Watcher(process.pid()));
    }

    private static boolean isStopped(ShmKey key) {
        Optional<Watcher> found = findWatcher(key);
        return found.isPresent()
                && Child.command("cat", "/proc/" + found.get().pid + "/stat").run().out().contains(") T ");
    }

    @Test
    void shouldFitTheScreenAlsoWhenItsSizeChanges() throws IOException {
        ShmKey[] keys = new ShmKey[12];
        StringBuilder options = new StringBuilder();
        for (int i = 0; i < keys.length; i++) {
            keys[i] = blocks.freeKey();
            SharedMemory.create(keys[i], 1000 + i);
            options.append(" --key ").append(keys[i]);
        }
        try (Tmux tmux = Tmux.start(directory, 120, 10)) {
            tmux.type("shm4j watch --interval 1h" + options);
            String wide = tmux.await("↓ 5 below");
            assertTrue(wide.contains("COMMAND"), wide);
            tmux.resize(45, 20);
            // The order is the kernel's, so any of them may have been on the smaller screen already.
            String narrow = tmux.await("all blocks in few columns", screen -> Arrays.stream(keys)
                    .allMatch(key -> screen.contains(key.toString()))
                    && !screen.contains("below")
                    && !screen.contains("COMMAND"));
            assertTrue(narrow.lines().skip(1).limit(13).allMatch(line -> line.length() <= 45), narrow);
            assertTrue(narrow.lines().toList().get(1).startsWith("   KEY"), narrow);
            tmux.press("q");
        }
    }

    @Test
    void shouldScrollSortHelpAndCountWhatChangesOutOfSight() throws IOException {
        ShmKey[] keys = new ShmKey[12];
        StringBuilder options = new StringBuilder();
        for (int i = 0; i < keys.length; i++) {
            keys[i] = blocks.freeKey();
            SharedMemory.create(keys[i], 2000 - i);
            options.append(" --key ").append(keys[i]);
        }
        try (Tmux tmux = Tmux.start(directory, 100, 8)) {
            tmux.type("shm4j watch --interval 1s --bytes --sort size" + options);
            String first = tmux.await("↓ 7 below  h help  q quit");
            assertTrue(first.contains("by SIZE up"), first);
            assertTrue(first.lines().toList().get(2).contains(" " + keys[11] + " "), first);
            tmux.press("Down");
            String second = tmux.await("↑ 1 above  ↓ 6 below");
            assertTrue(second.lines().toList().get(2).contains(" " + keys[10] + " "), second);
            tmux.press("PageDown");
            tmux.await("↑ 6 above  ↓ 1 below");
            tmux.press("End");
            String last = tmux.await("↑ 7 above  h help");
            assertTrue(last.contains(keys[0].toString()), last);
            tmux.press("PageUp");
            tmux.await("↑ 2 above  ↓ 5 below");
            tmux.press("Up");
            tmux.await("↑ 1 above  ↓ 6 below");
            tmux.press("Home");
            tmux.await("the first rows", text -> text.contains("↓ 7 below") && !text.contains("above"));

            SharedMemory largest = SharedMemory.open(keys[0]);
            try (Arena arena = Arena.ofConfined()) {
                largest.attach(AttachMode.READ_ONLY, arena);
                tmux.await("↓ 7 below, 1 changed");
            }
            tmux.press("r");
            String reversed = tmux.await("by SIZE down");
            assertTrue(reversed.lines().toList().get(2).contains(" " + keys[0] + " "), reversed);
            tmux.press(">");
            tmux.await("by NATTCH down");
            tmux.press("<");
            tmux.await("by SIZE down");
            tmux.press("?");
            String help = tmux.await("sort the other way round");
            assertFalse(help.contains(keys[0].toString()), help);
            tmux.press("Down");
            tmux.await("by SIZE down");
            tmux.await("↓ 7 below");
            tmux.press("q");
        }
    }

    @Test
    void shouldSayWhatIsAnOrphanInFewColumnsToo() throws IOException {
        ShmKey key = blocks.freeKey();
        orphan(key);
        try (Tmux tmux = Tmux.start(directory, 40, 8)) {
            tmux.type("clear; shm4j watch --key " + key);
            tmux.await("the word", text -> text.contains("STATUS") && text.contains("  orphan"));
            tmux.press("q");
            tmux.await("a prompt", text -> text.stripTrailing().endsWith("$"));
            tmux.type("clear; shm4j list --key " + key + "; echo e''nd");
            tmux.await("the word", text -> text.contains("STATUS") && text.contains("  orphan\n"));
        }
    }

    @Test
    void shouldBeStoppedInTheBackgroundAndWatchInTheForeground() throws IOException {
        ShmKey key = blocks.freeKey();
        orphan(key);
        try (Tmux tmux = Tmux.start(directory, 100, 12)) {
            tmux.type("shm4j watch --key " + key + " &");
            tmux.await("that it is stopped", text -> isStopped(key));
            tmux.type("clear; fg; echo exit=$?");
            tmux.await("1 block, 1000B, 1 orphan");
            tmux.press("q");
            tmux.await("exit=0");
            assertFalse(tmux.isAlternateScreen());
        }
    }

    @Test
    void shouldEndWithoutATraceWhereItCannotHaveTheTerminal() throws IOException {
        try (Tmux tmux = Tmux.start(directory, 120, 24)) {
            tmux.type("clear; sh -c 'timeout 3 shm4j watch; echo exit=$?'");
            String stopped = tmux.await("exit=124");
            assertFalse(stopped.contains("IOErr") || stopped.contains("\tat "), stopped);

            // A group whose shell is gone cannot be stopped: the kernel says EIO instead.
            tmux.type(
                    "clear; sh -mc '{ while kill -0 $$; do sleep 0.1; done 2>/dev/null; shm4j watch; echo exit=$?; } &'");
            String orphaned = tmux.await("exit=1");
            assertTrue(orphaned.contains("shm4j: cannot use the terminal: "), orphaned);
            assertTrue(orphaned.contains("this runs in the background"), orphaned);
            assertFalse(orphaned.contains("\tat "), orphaned);
        }
    }

    @Test
    void shouldFitListsToTheTerminalAndColourThem() throws IOException {
        ShmKey key = blocks.freeKey();
        orphan(key);
        try (Tmux tmux = Tmux.start(directory, 60, 10)) {
            tmux.type("clear; shm4j list --key " + key + "; echo e''nd1");
            List<String> lines = tmux.await("a list", text -> text.contains("\nend1")).lines().toList();
            assertEquals(3, lines.indexOf("end1") + 1, lines::toString);
            assertTrue(lines.get(0).startsWith("KEY") && !lines.get(0).contains("PERMS"), lines::toString);
            assertTrue(tmux.colours().contains(ORANGE + key), tmux::colours);

            tmux.type("clear; NO_COLOR=1 shm4j list --key " + key + "; echo e''nd2");
            tmux.await("a list", text -> text.contains("\nend2"));
            assertFalse(tmux.colours().contains(ORANGE), tmux::colours);

            tmux.type("clear; shm4j list --key " + key + " | cat; echo e''nd3");
            String piped = tmux.await("a list",
                    text -> text.contains("\nend3"));
            assertFalse(tmux.colours().contains(ORANGE), tmux::colours);
            assertTrue(piped.contains("PERMS"), piped);
        }
    }

    /** The launcher asks, which is cheaper than to do so from Java. */
    @Test
    void shouldAskForTheWidthOfTheTerminalOnce() throws IOException {
        Path asked = directory.resolve("asked");
        Path stty = Files.writeString(directory.resolve("stty"),
                "#!/bin/sh\necho \"$@\" >>'" + asked + "'\nPATH=/usr/bin:/bin exec stty \"$@\"\n");
        assertTrue(stty.toFile().setExecutable(true));
        try (Tmux tmux = Tmux.start(directory, 60, 10)) {
            tmux.type("PATH=" + directory + ":$PATH shm4j list --key " + blocks.freeKey() + "; echo e''nd");
            tmux.await("a list", text -> text.contains("\nend"));
        }
        assertEquals("size\n", Files.readString(asked));
    }

    @Test
    void shouldAskBeforeItRemovesWhatIsInUse() throws IOException {
        SharedMemory memory = blocks.create(1000);
        try (Arena arena = Arena.ofConfined(); Tmux tmux = Tmux.start(directory, 200, 12)) {
            memory.attach(AttachMode.READ_ONLY, arena);
            tmux.type("clear; shm4j remove id:" + memory.id() + "; echo exit=$?");
            tmux.await("it is in use: the kernel counts ");
            tmux.await("Remove it? [y/N]");
            tmux.type("n");
            tmux.await("kept block " + memory.id());
            tmux.await("exit=0");
            assertFalse(memory.status().markedForRemoval());

            tmux.type("clear; shm4j remove id:" + memory.id() + "; echo exit=$?");
            tmux.await("Remove it? [y/N]");
            tmux.press("C-d");
            tmux.await("exit=0");
            assertFalse(memory.status().markedForRemoval());

            tmux.type("clear; shm4j remove id:" + memory.id() + "; echo exit=$?");
            tmux.await("Remove it? [y/N]");
            tmux.type("y");
            tmux.await("marked for removal block " + memory.id());
            assertTrue(memory.status().markedForRemoval());
        }
    }

    @Test
    void shouldLookAgainAfterAQuestion() throws IOException {
        SharedMemory first = blocks.create(1000);
        SharedMemory second = blocks.create(1000);
        try (Arena arena = Arena.ofConfined(); Tmux tmux = Tmux.start(directory, 200, 12)) {
            first.attach(AttachMode.READ_ONLY, arena);
            tmux.type("clear; shm4j remove id:" + first.id() + " id:" + second.id() + "; echo exit=$?");
            tmux.await("block " + first.id());
            second.attach(AttachMode.READ_ONLY, arena);
            tmux.type("n");
            tmux.await("block " + second.id());
            tmux.type("n");
            tmux.await("exit=0");
            assertFalse(first.status().markedForRemoval() || second.status().markedForRemoval());
        }
    }

    @Test
    void shouldDumpInsteadOfSendingRawBytesToATerminal() throws IOException {
        SharedMemory memory = blocks.create(20);
        try (Arena arena = Arena.ofConfined()) {
            memory.attach(AttachMode.READ_WRITE, arena).setString(0, "\033]0;title\007");
        }
        try (Tmux tmux = Tmux.start(directory, 100, 12)) {
            tmux.type("clear; shm4j read id:" + memory.id());
            tmux.await("|.]0;title.......|");
        }
    }

    @Test
    void shouldShowProgressOfALongCopyAndWipeIt() throws IOException {
        SharedMemory memory = blocks.create(100 << 20);
        try (Tmux tmux = Tmux.start(directory, 100, 12)) {
            tmux.type("clear; shm4j read id:" + memory.id()
                    + " | { for part in 1 2 3 4 5; do head -c 10000000; sleep 0.5; done >/dev/null; cat; } | wc -c");
            tmux.await("of 100M");
            tmux.await(Integer.toString((100 << 20) - 50_000_000));
            assertFalse(tmux.screen().contains("of 100M"), tmux::screen);
        }
    }

    @Test
    void shouldRefuseToWatchOnATerminalThatCannotMoveItsCursor() {
        try (Tmux tmux = Tmux.start(directory, 100, 12)) {
            tmux.type("clear; TERM=dumb shm4j watch; echo exit=$?");
            String screen = tmux.await("exit=1");
            assertTrue(screen.contains("use --once"), screen);
        }
    }

    @Test
    void shouldLookOnceWithoutATerminal() throws ShmException {
        ShmKey key = blocks.freeKey();
        orphan(key);
        String out = Cli.run("watch", "--once", "--key", key).ok();
        assertEquals("1 block, 1000B, 1 orphan", out.lines().findFirst().orElseThrow());
        assertEquals(3, out.lines().count());
        assertTrue(out.contains(key.toString()));
    }
}
