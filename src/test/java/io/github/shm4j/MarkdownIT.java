package io.github.shm4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.shm4j.support.Child;
import io.github.shm4j.support.Document;
import io.github.shm4j.support.Lessons;
import io.github.shm4j.support.Page;
import io.github.shm4j.support.Page.Fence;
import io.github.shm4j.support.Page.Shown;
import io.github.shm4j.support.Patient;
import io.github.shm4j.support.Peers;
import io.github.shm4j.support.ProjectDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Does what pages show, and compares what comes with what the pages say: a {@code console} is run, and {@code jshell} goes to
 * live sessions.
 *
 * <p>{@code -Dshm4j.pages.write=true} writes into the pages what has come. Where a line is as the page shows it, its marks
 * stay.
 */
@Patient(busySeconds = 600)
class MarkdownIT {

    /** The lesson whose programs show what happens only where two really run at the same time. */
    private static final Path AT_THE_SAME_TIME = Path.of("08-two-processes");

    /** The lesson that uses an option which came with Java 24. */
    private static final Path ABOUT_OPTIONS = Path.of("10-flags");

    /** The lesson whose commands are typed as the page shows them. Those of all others have the same runner. */
    private static final Path WITH_THE_SCRIPT = Path.of("01-bounds");

    private static final String JSHELL = "jshell> ";
    private static final String END = "end of the answer";

    @TempDir
    private static Path parent;

    private static ProjectDirectory directory;
    private static Lessons lessons;

    /** By the line at which each begins. */
    private final TreeMap<Integer, Runnable> writings = new TreeMap<>();

    @BeforeAll
    static void makeDirectory() throws IOException {
        directory = new ProjectDirectory(Files.createDirectory(parent.resolve("für alle"))).withCourse();
        directory.shell("course/learn help").run().ok();
        lessons = new Lessons(directory, Files.createDirectory(parent.resolve("lessons")));
    }

    @AfterAll
    static void removeDirectory() throws IOException {
        lessons.close();
        directory.close();
    }

    /** Without those of the demonstrations, which have a test of their own. */
    static List<Path> pagesWithConsoles() throws IOException {
        List<Path> pages = new ArrayList<>(pagesWith("console"));
        pages.removeAll(MarkdownTest.demoPages());
        return pages;
    }

    static List<Path> pagesWithSessions() throws IOException {
        return pagesWith("jshell");
    }

    private static List<Path> pagesWith(String language) throws IOException {
        List<Path> pages = MarkdownTest.pages().stream().filter(page -> {
            try {
                return !Page.read(page).fences(language).isEmpty();
            } catch (IOException unreadable) {
                throw new UncheckedIOException(unreadable);
            }
        }).toList();
        assertTrue(!pages.isEmpty(), language);
        return pages;
    }

    @ParameterizedTest
    @MethodSource("pagesWithConsoles")
    void shouldPrintWhatThePageShows(Path page) throws IOException {
        if (page.getParent().endsWith(AT_THE_SAME_TIME)) {
            Peers.require(Runtime.getRuntime().availableProcessors() > 1, "a second processor");
        } else if (page.getParent().endsWith(ABOUT_OPTIONS)) {
            assumeTrue(Runtime.version().feature() >= 24, "Java 24 is not available here");
        } else if (page.endsWith(Path.of("docs", "how-to.md"))) {
            Peers.requireCompiler();
            Peers.python39();
        }
        boolean typed = page.getParent().endsWith(WITH_THE_SCRIPT);
        for (Fence fence : Page.read(page).fences("console")) {
            for (Shown shown : fence.inputs("$ ")) {
                Child.Result result = !typed && Lessons.canRun(shown.input())
                        ? lessons.run(shown.input())
                        : directory.shell("{ " + shown.input() + "\n} </dev/null 2>&1").run();
                compare(page, shown, result.out().lines().toList());
                assertEquals(saidExit(result.out()), result.exit(), shown.input() + "\n" + result.out());
            }
        }
        write();
        assertEquals(List.of(), directory.blocks());
    }

    /** A command that fails says so, and the page shows it. */
    private static int saidExit(String out) {
        if (out.contains("is not passed yet.")) {
            return 1;
        }
        String[] parts = out.split("exit code ", 2);
        return parts.length == 1 ? 0 : Integer.parseInt(parts[1].split("\\D", 2)[0]);
    }

    /** The second word behind a fence says in which session it is entered, or in both; the page's commands start them. */
    @ParameterizedTest
    @MethodSource("pagesWithSessions")
    void shouldAnswerAsThePageShows(Path page) throws IOException {
        String start = "exec " + Document.read(page).commands("jshell");
        try (Child.Running first = directory.shell(start).start();
                Child.Running second = directory.shell(start).start()) {
            Map<String, List<Child.Running>> sessions =
                    Map.of("first", List.of(first), "second", List.of(second), "both", List.of(first, second));
            for (Fence fence : Page.read(page).fences("jshell")) {
                for (Shown shown : fence.inputs(JSHELL)) {
                    for (Child.Running session : sessions.get(fence.source())) {
                        compare(page, shown, answer(session, shown.input()));
                    }
                }
            }
        }
        write();
        assertEquals(List.of(), directory.blocks());
    }

    private static List<String> answer(Child.Running session, String input) {
        session.send(input);
        session.send("System.out.println(\"" + END + "\")");
        List<String> answer = new ArrayList<>();
        while (true) {
            String line = session.line().replace(JSHELL, "").stripTrailing();
            if (line.equals(END)) {
                return answer;
            }
            // Welcome, and where in jshell an exception was thrown.
            if (!line.isEmpty() && !line.matches("\\|  (?:Welcome|For an introduction).*|\\|        at .*")) {
                answer.add(line);
            }
        }
    }

    private void compare(Path page, Shown shown, List<String> actual) {
        if (MarkdownTest.WRITE && !shown.matches(actual)) {
            writings.put(shown.start(), () -> Page.write(page, shown, actual));
        } else {
            assertTrue(shown.matches(actual), () -> shown.input() + "\nprints\n" + String.join("\n", actual)
                    + "\nbut the page shows\n" + String.join("\n", shown.output()));
        }
    }

    /** From the end, as writing moves what comes behind. */
    private void write() {
        writings.descendingMap().values().forEach(Runnable::run);
    }
}
