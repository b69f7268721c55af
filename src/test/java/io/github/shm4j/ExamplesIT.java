package io.github.shm4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.github.shm4j.support.Child;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs every example as a reader would: as a source file, which checks its own result. */
class ExamplesIT {

    private static final Path EXAMPLES = Path.of(System.getProperty("shm4j.test.basedir"), "examples");

    @TempDir
    Path directory;

    static List<Path> examples() throws IOException {
        try (Stream<Path> files = Files.list(EXAMPLES)) {
            return files.filter(file -> file.toString().endsWith(".java")).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void shouldRunAndCheckItself(Path example) throws IOException {
        // Keys come from this file, so that nothing else on the machine has the same ones.
        Path file = Files.createFile(directory.resolve("key"));
        Child.Result result = Child.command(
                Path.of(System.getProperty("java.home"), "bin", "java"),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("shm4j.test.classes"),
                example,
                file)
                .run();
        assertEquals("", result.err());
        assertFalse(result.ok().isEmpty(), "an example should print something");
        assertEquals(List.of(), blocksWithKeysFrom(file));
    }

    @Test
    void shouldBeNumberedWithoutGaps() throws IOException {
        List<Path> examples = examples();
        for (int i = 0; i < examples.size(); i++) {
            String number = String.format("Example%02d", i + 1);
            assertEquals(number, examples.get(i).getFileName().toString().substring(0, number.length()));
        }
    }

    private static List<ShmStatus> blocksWithKeysFrom(Path file) throws ShmException {
        ShmKey any = ShmKey.ftok(file, 1);
        // All keys of a file differ in the project id, their highest byte, only.
        return SharedMemory.list().stream()
                .filter(block -> (block.key().value() ^ any.value()) << 8 == 0)
                .toList();
    }
}
