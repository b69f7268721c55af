package io.github.shm4j.benchmarks.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the page of the committed results says. */
class ReportTest {

    private static final String TIMES = "([0-9.,]+) ×";

    private static String page;
    private static String beginning;

    @BeforeAll
    static void write(@TempDir Path docs) throws IOException {
        new Report(Path.of("results"), docs).writeWithoutCharts();
        page = Files.readString(docs.resolve("benchmarks.md"));
        beginning = page.substring(0, page.indexOf("## What is where"));
    }

    /** Other pages take their figures from the one in the repository. */
    @Test
    void shouldHaveWrittenThePageThatIsInTheRepository() throws IOException {
        assertEquals(page, Files.readString(Path.of("../docs/benchmarks.md")),
                "benchmarks/run --report writes it anew");
    }

    /** The beginning of the page names targets. One that is called otherwise by now would not be found. */
    @Test
    void shouldHaveAFigureForEachPlace() {
        assertFalse(page.contains("{{"), page);
        assertFalse(beginning.contains(Report.NOT_MEASURED), beginning);
        assertEquals(10, beginning.lines().filter(line -> line.matches("\\d+\\. .*\\d.*")).count(), beginning);
    }

    @Test
    void shouldSayAtTheBeginningWhatTheTableOfTargetsSays() {
        String measured = found(page, "\\| 64 B, write, array: time to C `memcpy` \\| [^|]* \\| " + TIMES);
        assertEquals(measured, found(beginning, "from an array, shm4j takes " + TIMES + " the time of `memcpy`"));
        String c = found(page, "\\| ring, 64 B, batches of 256, [^|]*1:1 \\| [^|]*\\| [^|]*\\| [^|]*\\| " + TIMES);
        assertEquals(c, found(beginning, "a ring in C without shm4j's guarantees carries " + TIMES));
    }

    /** The beginning names the lines in which shm4j loses. Other results may make that wrong. */
    @Test
    void shouldNameTheLinesInWhichShm4jLoses() {
        assertTrue(beginning.contains("shm4j loses in lines 3, 8 and 10, in line 4 with 64 KiB, and "), beginning);
        // 3, 8, 10 and, with 64 KiB, 4. Line 8 has two figures, and what C's ring does without guarantees is the other one.
        assertTrue(figure("from an array, shm4j takes " + TIMES) > 1, beginning);
        assertTrue(figure("`memcpy`; 64 KiB take " + TIMES) > 1, beginning);
        assertTrue(figure("`memcpy`; 64 KiB take [0-9.,]+ ×, 1 MiB " + TIMES) > 1, beginning);
        assertTrue(figure("the time of `Shmop` for 64 B, and " + TIMES + " for 64 KiB") < 1, beginning);
        assertTrue(figure("through two rings, 64 B take " + TIMES) > 1, beginning);
        assertTrue(
                figure("without shm4j's guarantees carries " + TIMES) > figure("where shm4j's carries " + TIMES),
                beginning);
        assertTrue(figure("shm4j takes ([0-9.]+) ms") > figure("and C ([0-9.]+) ms"), beginning);
    }

    @Test
    void shouldNameNoLineInWhichShm4jLosesNothing() {
        String files = "the best `FileChannel`, which forces nothing to the disk, takes " + TIMES;
        assertTrue(figure(files) > 1, beginning);
        for (String size : List.of("For 1 KiB it takes ", "it takes [0-9.,]+ ×, for 64 KiB ", "×, for 1 MiB ")) {
            assertTrue(figure(size + TIMES) > 1, beginning);
        }
        String mapped = "By the same copies, shm4j takes " + TIMES;
        assertTrue(figure(mapped) <= 1, beginning);
        assertTrue(figure("its time for 64 B, and " + TIMES + " for 64 MiB") <= 1, beginning);
        assertTrue(figure("PHP's shmop takes " + TIMES + " the time of `Shmop` for 64 B") > 1, beginning);
        assertTrue(figure("The median takes " + TIMES + " the time of the same steps in C") < 1, beginning);
        assertTrue(figure("Through the best file it takes " + TIMES) > 1, beginning);
        assertTrue(figure("carries " + TIMES + " as many messages of 64 B as Agrona's, ") > 1, beginning);
        assertTrue(figure("as many messages of 64 B as Agrona's, " + TIMES + " of 1 KiB") > 1, beginning);
        assertTrue(figure("× of 1 KiB, " + TIMES + " of 64 KiB") > 1, beginning);
        assertTrue(figure("With the cores far from each other it carries " + TIMES) > 1, beginning);
        assertTrue(figure("with two producers, carries " + TIMES) > 1, beginning);
        assertEquals(0, figure("To write a message and to read it allocates ([0-9.,]+) B"), beginning);
    }

    private static double figure(String pattern) {
        return Double.parseDouble(found(beginning, pattern).replace(",", ""));
    }

    private static String found(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertTrue(matcher.find(), () -> pattern + " in " + text);
        return matcher.group(1);
    }
}
