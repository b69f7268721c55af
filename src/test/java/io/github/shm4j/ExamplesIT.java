package io.github.shm4j;

import static io.github.shm4j.support.ProjectDirectory.PROJECT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.broadcast.BroadcastException;
import io.github.shm4j.broadcast.BroadcastOccupiedException;
import io.github.shm4j.broadcast.BroadcastProducer;
import io.github.shm4j.broadcast.BroadcastRing;
import io.github.shm4j.support.Child;
import io.github.shm4j.support.ProjectDirectory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs every example as a reader of the README does: with the command that stands there, and nothing behind it. It only
 * has options that make a JVM cheap which ends soon, since an example hands those of its own JVM on to its children, each of
 * which compiles it once more.
 */
class ExamplesIT {

    private static final String CHEAP = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xlog:disable";

    /** The classes of the compiler, read and linked. A JVM that this does not fit does without it. */
    private static Path archive;

    /** The keys of the examples come from it. */
    private ProjectDirectory directory;

    static List<Path> examples() throws IOException {
        try (Stream<Path> files = Files.list(PROJECT.resolve("examples"))) {
            return files.map(Path::getFileName)
                    .filter(file -> file.toString().endsWith(".java"))
                    .sorted()
                    .toList();
        }
    }

    static List<Path> examplesWithKeys() throws IOException {
        List<Path> examples = new ArrayList<>();
        for (Path example : examples()) {
            if (Files.readString(PROJECT.resolve("examples").resolve(example)).contains("ftok(")) {
                examples.add(example);
            }
        }
        return examples;
    }

    @BeforeAll
    static void makeArchive(@TempDir Path parent) {
        archive = parent.resolve("java.jsa");
        Child.command("sh", "-euc", "\"$0/shm4j\" java " + CHEAP + " -XX:ArchiveClassesAtExit=\"$1\""
                + " --enable-native-access=ALL-UNNAMED \"$0/course/03-calling-c/Demo.java\"", PROJECT, archive).run()
                .ok();
    }

    @BeforeEach
    void makeDirectory(@TempDir Path empty) throws IOException {
        directory = new ProjectDirectory(empty);
    }

    @AfterEach
    void removeDirectory() throws IOException {
        directory.close();
    }

    @ParameterizedTest
    @MethodSource("examples")
    void shouldRunAndSayWhatItHasChecked(Path example) throws IOException {
        Child.Result result = run(example);
        assertEquals("", result.err());
        assertTrue(result.ok().lines().toList().getLast().startsWith("checked: "), result.ok());
        assertEquals(List.of(), directory.blocks());
    }

    @ParameterizedTest
    @MethodSource("examplesWithKeys")
    void shouldLeaveBlocksAloneThatHaveItsKeyAlready(Path example) throws IOException {
        List<SharedMemory> taken = new ArrayList<>();
        for (int project = '!'; project <= '~'; project++) {
            taken.add(somebodyElses(project));
        }
        requireRefusal(run(example));
        requireUntouched(taken);
    }

    @Test
    void shouldRemoveWhatItHasMadeBesideABlockThatHasAKeyAlready() throws IOException {
        SharedMemory taken = somebodyElses('2');
        requireRefusal(run(Path.of("Example02FourChildren.java")));
        requireUntouched(List.of(taken));
    }

    /** Somebody takes the role that it wants, between its creating the ring and its taking it. */
    @Test
    void shouldRemoveTheBlockOfARingWhoseRoleSomebodyElseHasTaken() throws Exception {
        Child.Result result;
        int attempts = 0;
        do {
            assertTrue(attempts++ < 20, "the example took its role first each time");
            Thief thief = new Thief(directory.key('b'));
            Thread thread = Thread.ofPlatform().start(thief);
            try {
                result = run(Path.of("Example13Broadcast.java"));
            } finally {
                thief.end = true;
                thread.join();
            }
            assertEquals(List.of(), directory.blocks());
        } while (result.exit() == 0);
        assertTrue(result.err().contains(BroadcastOccupiedException.class.getName()), result.err());
    }

    /** Takes the role of the producer in a ring as soon as there is one. */
    private static final class Thief implements Runnable {

        private final ShmKey key;
        private volatile boolean end;

        Thief(ShmKey key) {
            this.key = key;
        }

        @Override
        public void run() {
            while (!end) {
                try (Arena arena = Arena.ofConfined()) {
                    BroadcastProducer taken = BroadcastRing.open(key, arena).producer();
                    while (!end) {
                        LockSupport.parkNanos(1_000_000);
                    }
                    taken.close();
                } catch (ShmException | BroadcastException notYet) {
                    LockSupport.parkNanos(1_000_000);
                }
            }
        }
    }

    @Test
    void shouldBeNumberedWithoutGaps() throws IOException {
        List<Path> examples = examples();
        for (int i = 0; i < examples.size(); i++) {
            String number = String.format("Example%02d", i + 1);
            assertEquals(number, examples.get(i).toString().substring(0, number.length()));
        }
    }

    private Child.Result run(Path example) throws IOException {
        String command = Files.readString(PROJECT.resolve("README.md"))
                .lines()
                .filter(line -> line.endsWith(".java") && line.contains(" java ") && line.contains(" examples/Example"))
                .findFirst()
                .orElseThrow();
        String cheap = command.replaceFirst(" java ", " java " + CHEAP + " '-XX:SharedArchiveFile=" + archive + "' ");
        assertNotEquals(command, cheap);
        return directory.shell(cheap.replaceFirst("examples/Example.*", "examples/" + example)).run();
    }

    private static void requireRefusal(Child.Result result) {
        assertNotEquals(0, result.exit(), result.out());
        assertTrue(result.err().contains(ShmAlreadyExistsException.class.getName()), result.err());
    }

    private SharedMemory somebodyElses(int project) throws ShmException {
        SharedMemory memory = SharedMemory.create(directory.key(project), 1000);
        try (Arena arena = Arena.ofConfined()) {
            memory.attach(AttachMode.READ_WRITE, arena).setString(0, "not of an example");
        }
        return memory;
    }

    /** Requires that exactly these blocks have keys from the directory, with the contents that they had. */
    private void requireUntouched(List<SharedMemory> blocks) throws ShmException {
        TreeMap<Integer, String> expected = new TreeMap<>();
        blocks.forEach(memory -> expected.put(memory.id(), "not of an example"));
        TreeMap<Integer, String> actual = new TreeMap<>();
        for (ShmStatus block : directory.blocks()) {
            try (Arena arena = Arena.ofConfined()) {
                actual.put(
                        block.id(),
                        SharedMemory.ofId(block.id()).attach(AttachMode.READ_ONLY, arena).getString(0));
            }
        }
        assertEquals(expected, actual);
    }
}
