package io.github.shm4j.cli.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmStatus;
import io.github.shm4j.cli.Cli;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Lasting;
import io.github.shm4j.support.Patience;
import io.github.shm4j.support.Peers;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code shm4j demo} tells its story and cleans up, whatever happens. */
class DemoIT {

    private static final Pattern WROTE =
            Pattern.compile(
                    "child (\\d+) wrote '([a-z]+)' \\(key (0x[0-9a-f]{8}), block (\\d+), process (\\d+), .* s\\)");

    @TempDir
    private Path directory;

    private Path file;

    @BeforeEach
    void createFile() throws IOException {
        // Keys hold 16 bits of the inode number only, so another file's blocks may be in the way.
        do {
            file = Files.createTempFile(directory, "demo", ".key");
        } while (!blocks(20).isEmpty());
    }

    @AfterEach
    void removeBlocks() throws ShmException {
        for (ShmStatus block : blocks(20)) {
            SharedMemory.ofId(block.id()).remove();
        }
    }

    private ShmKey key(int child) throws ShmException {
        return ShmKey.ftok(file, '0' + child);
    }

    /** The blocks that have the children's keys. */
    private List<ShmStatus> blocks(int children) throws ShmException {
        List<ShmKey> keys = new ArrayList<>();
        for (int i = 0; i < children; i++) {
            keys.add(key(i));
        }
        return SharedMemory.list().stream().filter(block -> keys.contains(block.key())).toList();
    }

    private Child demo(Object... options) {
        List<Object> words = new ArrayList<>(List.of("demo", "--file", file));
        words.addAll(List.of(options));
        return Cli.child(words.toArray());
    }

    private void assertTold(int children, String out) throws ShmException {
        List<String> lines = out.lines().toList();
        assertEquals(children + 2, lines.size(), out);
        assertTrue(lines.get(1).startsWith(children + " of " + children + " child"), out);
        List<String> processes = new ArrayList<>();
        for (int i = 0; i < children; i++) {
            Matcher wrote = WROTE.matcher(lines.get(i + 2));
            assertTrue(wrote.matches(), lines.get(i + 2));
            assertEquals(Integer.toString(i), wrote.group(1));
            assertEquals(key(i).toString(), wrote.group(3));
            assertFalse(processes.contains(wrote.group(5)), out);
            processes.add(wrote.group(5));
        }
    }

    @Test
    void shouldRunFourChildrenAndLeaveNothing() throws ShmException {
        Child.Result result = demo().run();
        assertTold(4, result.ok());
        assertEquals("", result.err());
        assertEquals(List.of(), blocks(4));
    }

    @Test
    void shouldRunAsManyChildrenAsAskedFor() throws ShmException {
        assertTold(1, demo("--children", 1).run().ok());
        assertTold(7, demo("--children", 7).run().ok());
        assertEquals(List.of(), blocks(7));
    }

    @Test
    void shouldShowTheOrphanOfAKilledChildAndRemoveIt() throws ShmException {
        String out = demo("--crash", 2).run().ok();
        assertTrue(out.contains("child 2 was killed (key " + key(2)), out);
        assertTrue(out.contains("of 1000 bytes stays behind, an orphan"), out);
        assertTrue(out.contains("child 2's block is removed"), out);
        assertEquals(3, WROTE.matcher(out).results().count(), out);
        assertEquals(List.of(), blocks(4));
    }

    @Test
    void shouldExplainTheBlockOfAKilledRunAndRemoveItIfForced() throws ShmException {
        String id = Integer.toString(SharedMemory.open(ShmKey.parse(Cli.run("create", key(1), "-s", "1000").ok()))
                .id());
        Lasting left = Lasting.of(blocks(4).get(0));
        assertEquals(id, Integer.toString(left.id()));

        Child.Result refused = demo().run();
        assertEquals(1, refused.exit());
        String why = refused.err();
        assertTrue(
                why.matches(
                        "(?s).*block " + key(1) + " \\(id " + id + ", created by process " + left.creatorPid()
                                + " of [^ ]+ \\d+ s ago\\) is in the way of child 1: its creator is dead and nobody is attached.*"),
                why);
        assertTrue(why.contains("--force"), why);
        assertEquals(List.of(left), blocks(4).stream().map(Lasting::of).toList());

        Child.Result forced = demo("--force").run();
        assertTrue(forced.ok().startsWith("removed block " + key(1) + " (id " + id), forced.out());
        assertEquals(6 + 1, forced.out().lines().count(), forced.out());
        assertEquals(List.of(), blocks(4));
    }

    @Test
    void shouldNotRemoveABlockOfALivingCreatorOrInUseEvenIfForced() throws ShmException {
        SharedMemory mine = SharedMemory.create(key(0), 10);
        Cli.run("create", key(3), "-s", "10").ok();
        try (Arena arena = Arena.ofConfined()) {
            SharedMemory.open(key(3)).attach(AttachMode.READ_ONLY, arena);
            Child.Result result = demo("--force").run();
            assertEquals(1, result.exit());
            assertTrue(result.err().contains(key(0) + " (id " + mine.id()), result.err());
            assertTrue(result.err().contains("its creator may be alive"), result.err());
            assertTrue(result.err().contains("it is in use: the kernel counts "), result.err());
            assertFalse(result.err().contains("run the demo with --force"), result.err());
            assertEquals(2, blocks(4).size());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"INT", "TERM", "HUP"})
    void shouldLeaveNoBlockAndNoChildWhenToldToEnd(String signal) throws Exception {
        // So many that the last ones have not begun when the first one has made its block.
        try (Child.Running demo = demo("--children", 40).start()) {
            demo.line();
            Patience patience = Patience.with(demo);
            while (blocks(40).isEmpty()) {
                assertTrue(demo.isAlive());
                patience.check(() -> "no child makes a block");
            }
            List<ProcessHandle> children = ProcessHandle.of(demo.pid()).orElseThrow().children().toList();
            demo.signal(signal);
            int number = signal.equals("INT") ? 2 : signal.equals("TERM") ? 15 : 1;
            Child.Result result = demo.await();
            assertEquals(128 + number, result.exit());
            assertEndedQuietly(result);
            assertEquals(List.of(), blocks(40));
            for (ProcessHandle child : children) {
                Patience.get(child.onExit());
            }
        }
    }

    private static void assertEndedQuietly(Child.Result result) {
        assertTrue(result.err().startsWith("shm4j: terminated early: "), result.err());
        assertEquals(1, result.err().lines().count(), result.err());
    }

    @Test
    void shouldEndQuietlyWhenCtrlCEndsItsChildrenToo() throws ShmException {
        Peers.require(Child.exists("setsid"), "setsid");
        Child ofItsOwnGroup = demo("--children", 12).under("setsid", "env", "--default-signal=INT");
        try (Child.Running demo = ofItsOwnGroup.start()) {
            demo.line();
            while (blocks(12).isEmpty()) {
                assertTrue(demo.isAlive());
                Thread.onSpinWait();
            }
            Child.command("kill", "-INT", "--", "-" + demo.pid()).run().ok();
            Child.Result result = demo.await();
            assertEquals(130, result.exit(), result::toString);
            assertEndedQuietly(result);
            assertEquals(List.of(), blocks(12));
        }
    }

    /** Stops the child of a demo, before it has created its block. */
    private ProcessHandle stopped(Child.Running demo, int child) throws IOException {
        String project = Integer.toString('0' + child);
        while (true) {
            assertTrue(demo.isAlive());
            List<ProcessHandle> found = ProcessHandle.of(demo.pid()).stream().flatMap(ProcessHandle::children)
                    .filter(process -> process.info().arguments()
                            .map(words -> words[words.length - 1].equals(project)).orElse(false))
                    .toList();
            if (!found.isEmpty()) {
                Child.command("kill", "-STOP", found.get(0).pid()).run().ok();
                assertEquals(0, blocks(child + 1).stream().filter(block -> block.creatorPid() == found.get(0).pid())
                        .count(), "the child was too quick to be stopped");
                return found.get(0);
            }
        }
    }

    @Test
    void shouldWaitForAllChildrenBeforeItReads() throws IOException {
        try (Child.Running demo = demo("--children", 3).start()) {
            demo.line();
            ProcessHandle last = stopped(demo, 2);
            ProcessHandle.of(demo.pid()).stream().flatMap(ProcessHandle::children)
                    .filter(child -> !child.equals(last)).forEach(child -> child.onExit().join());
            assertEquals(2, blocks(3).size());
            // If it did not wait, it would read while this is looked up, for the other children have terminated.
            assertEquals(2, Cli.run("list", "--key", key(0), "--key", key(1), "--noheadings").ok().lines().count());
            Child.command("kill", "-CONT", last.pid()).run().ok();
            Child.Result result = demo.await();
            assertTold(3, result.ok());
            assertEquals(List.of(), blocks(3));
        }
    }

    @Test
    void shouldKillAChildThatHangsAndSaySo() throws IOException {
        try (Child.Running demo = demo("--children", 1, "--timeout", "3s").start()) {
            demo.line();
            stopped(demo, 0);
            Child.Result result = demo.await();
            assertEquals(1, result.exit());
            assertTrue(result.err().startsWith(
                    "child 0 was killed: none of the children had shown a sign of life for 3 s\n"), result.err());
            assertEquals(List.of(), blocks(1));
        }
    }

    @Test
    void shouldLeaveNothingWhereItCannotSayWhatItDid() throws ShmException {
        Child.Result result = demo("--children", 2).under("sh", "-c", "exec \"$@\" >/dev/full", "sh").run();
        assertEquals(1, result.exit());
        assertTrue(result.err().contains("cannot write to standard output: No space left on device"), result.err());
        assertEquals(List.of(), blocks(2));
    }

    @Test
    void shouldReportAChildThatFailsAndCollectTheOthers() throws ShmException {
        Peers.requirePrivateIpc();
        Child.Result result = demo("--children", 3).inPrivateIpc("shmmax=999").run();
        assertEquals(1, result.exit());
        assertEquals(3, result.err().lines().filter(
                line -> line.matches("child \\d failed with exit code 1: the size is more than a block may have.*"))
                .count(), result.err());

        // One block too few for the third child, whichever of them comes third.
        Child.Result two = demo("--children", 3).inPrivateIpc("shmmni=2").run();
        assertEquals(1, two.exit());
        assertTrue(two.err().contains("ENOSPC"), two.err());
        long good = WROTE.matcher(two.out()).results().count();
        long bad = two.err().lines().filter(line -> line.startsWith("child ")).count();
        assertEquals(3, good + bad, two::toString);
        assertTrue(bad >= 1, two::toString);
    }

    @Test
    void shouldNotTouchTheBlocksOfOthersWithTheSameFile() throws ShmException {
        SharedMemory other = SharedMemory.create(key(5), 10);
        demo().run().ok();
        assertEquals(10, other.status().size());
    }
}
