package io.github.shm4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmKey;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.Page;
import io.github.shm4j.support.Page.Shown;
import io.github.shm4j.support.Patient;
import io.github.shm4j.support.Peers;
import io.github.shm4j.support.ProjectDirectory;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs the demonstrations as their pages do. They check their own results; here is what one sees from outside. */
@Patient
class DemosIT {

    /** What has been created where nobody else creates anything, and is still there. */
    private static final String LIST = "./shm4j list --noheadings";

    private static final int BLACK = 0xff000000;
    private static final int INK = 0xffe76f51;
    private static final int PAPER = 0xff264653;

    @TempDir
    private Path parent;

    private ProjectDirectory project;
    private Path directory;

    @BeforeEach
    void makeDirectory() throws IOException {
        directory = Files.createDirectory(parent.resolve("für alle"));
        project = new ProjectDirectory(directory).withDemos();
    }

    @AfterEach
    void removeDirectory() throws IOException {
        project.close();
    }

    @Test
    void shouldListEachDemonstration() throws IOException {
        String list = Files.readString(directory.resolve("demos/README.md"));
        try (Stream<Path> demos = Files.list(directory.resolve("demos"))) {
            List<Path> directories = demos.filter(Files::isDirectory).toList();
            assertEquals(4, directories.size());
            for (Path demo : directories) {
                assertTrue(list.contains("(" + demo.getFileName() + "/README.md)"), demo::toString);
            }
        }
    }

    @Test
    void shouldPaintTheSamePictureWhateverHappensToThePainters() throws IOException {
        showWhatThePageShows("painting");
        project.shell("demos/painting/run --painters 1 --size 160x100 alone.png").run().ok();
        BufferedImage killed = ImageIO.read(directory.resolve("killed.png").toFile());
        BufferedImage alone = ImageIO.read(directory.resolve("alone.png").toFile());
        assertEquals(160, killed.getWidth());
        assertEquals(100, killed.getHeight());
        int[] pixels = pixels(killed);
        assertEquals(List.of(), different(pixels, pixels(alone)));
        assertTrue(Arrays.stream(pixels).distinct().count() > 1000, "there is something to see");
        requireWhole("killed.png");
    }

    /** The last row of tiles has half their height: the middle is where half of the painted lines are. */
    @Test
    void shouldKillAsManyPaintersAsItWasTold() {
        String out = project.shell("demos/painting/run --painters 2 --kill 1 --size 16x24 --check")
                .run()
                .ok();
        assertEquals(1, out.lines().filter(line -> line.startsWith("killed painter ")).count(), out);
        assertTrue(out.contains("in the middle of tile 1"), out);
        assertTrue(out.contains("1 were taken over"), out);
    }

    /** A picture has the mode of any new file, and what it was written to first is gone. */
    private void requireWhole(String picture) throws IOException {
        Path other = Files.createFile(directory.resolve("another file"));
        assertEquals(Files.getPosixFilePermissions(other), Files.getPosixFilePermissions(directory.resolve(picture)));
        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(List.of(), files.filter(file -> file.toString().endsWith(".tmp")).toList());
        }
    }

    private static int[] pixels(BufferedImage picture) {
        return picture.getRGB(0, 0, picture.getWidth(), picture.getHeight(), null, 0, picture.getWidth());
    }

    private static List<Integer> different(int[] some, int[] others) {
        assertEquals(some.length, others.length);
        return IntStream.range(0, some.length).filter(i -> some[i] != others[i]).boxed().toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"truecolor", ""})
    void shouldPaintInTheColorsOfTheTerminal(String colors) {
        Peers.requirePrograms("script");
        String screen = project.shell("export TERM=xterm-256color COLORTERM=" + colors + " LC_ALL=C.UTF-8 NO_COLOR=\n"
                + "script -qec 'stty rows 24 cols 60; demos/painting/run --painters 1 --size 96x64' /dev/null </dev/null")
                .run()
                .ok();
        assertTrue(screen.contains("\033[" + (colors.isEmpty() ? "38;5;" : "38;2;")), screen);
        assertTrue(!screen.contains("\033[" + (colors.isEmpty() ? "38;2;" : "38;5;")), screen);
        assertTrue(screen.contains("\u2580"), screen);
        String last = screen.substring(screen.lastIndexOf("\033[?25l"));
        assertTrue(last.contains("24 of 24 tiles"), last);
        assertTrue(last.contains("\033[?25h"), "the cursor is there again: " + last);
    }

    /**
     * The block goes with the processes, and the painters with the one that has started them. Once a painter has the block
     * attached, the first process has said that the block is to go.
     */
    @ParameterizedTest
    @ValueSource(strings = {"TERM", "KILL"})
    void shouldLeaveNothingWhenThePaintingIsEnded(String signal) {
        Peers.requirePrivateIpc();
        Child.Result result = project.shell("""
                demos/painting/run --painters 2 --size 9999x400 & painting=$!
                trap 'kill -9 $painting' EXIT
                until awk 'NR > 1 && $7 > 1 { n++ } END { exit !n }' /proc/sysvipc/shm; do
                    kill -0 $painting
                    sleep 0.1
                done
                kill -%s $painting
                wait $painting || echo "ended with $?"
                while [ "$(wc -l </proc/sysvipc/shm)" -gt 1 ]; do sleep 0.1; done
                trap - EXIT
                """.formatted(signal)).inPrivateIpc().run();
        assertTrue(result.ok().endsWith("ended with " + (signal.equals("TERM") ? 143 : 137)), result::toString);
    }

    @Test
    void shouldSeeTheScreenOfAnXServer() throws IOException {
        Peers.requirePrograms("Xvfb", "xlogo");
        showWhatThePageShows("screen");
        BufferedImage screen = ImageIO.read(directory.resolve("screen.png").toFile());
        assertEquals(640, screen.getWidth());
        assertEquals(400, screen.getHeight());
        assertEquals(BLACK, screen.getRGB(0, 0));
        assertEquals(BLACK, screen.getRGB(639, 399));
        // The logo's strokes meet in the middle of its window, which has its paper above and below.
        assertEquals(PAPER, screen.getRGB(320, 60));
        assertEquals(PAPER, screen.getRGB(320, 340));
        assertEquals(INK, screen.getRGB(180, 52));
        requireWhole("screen.png");
    }

    @Test
    void shouldTalkToPhpInBothDirections() throws IOException {
        Peers.php();
        showWhatThePageShows("founder");
    }

    @Test
    void shouldLeaveAloneWhatIsInTheWay() throws IOException {
        Peers.php();
        ShmKey key = ShmKey.ftok(directory.resolve("demos/founder/founder.php"), '1');
        SharedMemory memory = SharedMemory.create(key, 100);
        try (Arena arena = Arena.ofConfined()) {
            memory.attach(AttachMode.READ_WRITE, arena).setString(0, "somebody else's");
            Child.Result result = project.shell("exec demos/founder/run").run();
            assertEquals(1, result.exit(), result::toString);
            assertTrue(result.err().contains("block " + key + " of process " + ProcessHandle.current().pid()
                    + " is in the way of child 1"), result.err());
            assertEquals("somebody else's", memory.attach(AttachMode.READ_ONLY, arena).getString(0));
        } finally {
            memory.remove();
        }
    }

    @Test
    void shouldPublishBetweenTwoProcesses() throws IOException {
        showWhatThePageShows("publish");
    }

    /** What happens then is for the compiler and the processor to decide. That it ends, and says what it saw, is not. */
    @Test
    void shouldSayWhatHappensWithoutAnOrder() {
        List<String> lines =
                project.shell("demos/publish/run --unordered --looks 5000000").run().ok().lines().toList();
        assertTrue(lines.get(1).matches("5000000 looks, while there were \\d+ messages: \\d+ of them saw .*"),
                lines::toString);
        assertTrue(lines.getLast().startsWith("checked: "), lines::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"screen", "founder"})
    void shouldSayWhichProgramIsMissing(String demo) throws IOException {
        Path programs = Files.createDirectory(parent.resolve("bin"));
        for (String name : List.of("sh", "dirname", "readlink")) {
            Files.createSymbolicLink(programs.resolve(name),
                    Path.of(Child.command("sh", "-c", "command -v " + name).run().ok()));
        }
        Child.Result result = project.shell("PATH='" + programs + "' demos/" + demo + "/run").run();
        assertEquals(1, result.exit(), result::toString);
        assertTrue(result.err().startsWith(demo + ": needs ") && result.err().contains("in Debian"), result.err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"painting/run --painters 2 --kill 2", "founder/run x", "publish/run x", "screen/run -x"})
    void shouldSayHowItIsUsed(String command) {
        Peers.php();
        Peers.requirePrograms("Xvfb", "xlogo");
        Child.Result result = project.shell("demos/" + command).run();
        assertEquals(2, result.exit(), result::toString);
        assertEquals("", result.out());
        assertTrue(result.err().contains("usage: demos/" + command.replaceFirst(" .*", "")), result.err());
    }

    /** Runs the commands of a page where nobody else has blocks, so that none may be left. */
    private void showWhatThePageShows(String demo) throws IOException {
        Peers.requirePrivateIpc();
        List<Shown> shown = Page.read(directory.resolve("demos").resolve(demo).resolve("README.md"))
                .fences("console")
                .stream()
                .map(fence -> new Shown(
                        fence.start(), fence.lines().getFirst().substring(2),
                        fence.lines().subList(1, fence.lines().size())))
                .toList();
        assertNotEquals(List.of(), shown);
        for (Shown each : shown) {
            List<String> out = project.shell("{ " + each.input() + "\n} 2>&1 </dev/null\n" + LIST)
                    .inPrivateIpc()
                    .run()
                    .ok()
                    .lines()
                    .toList();
            assertTrue(each.matches(out), () -> each.input() + " prints\n" + String.join("\n", out));
        }
    }
}
