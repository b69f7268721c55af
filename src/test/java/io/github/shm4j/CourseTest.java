package io.github.shm4j;

import static io.github.shm4j.support.ProjectDirectory.PROJECT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.support.Page;
import io.github.shm4j.support.Page.Shown;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for all lessons of the course, as far as it can be seen without running them; {@link CourseIT} runs them. */
class CourseTest {

    static final Path COURSE = PROJECT.resolve("course");

    private static final int MOST_WORDS = 900;
    private static final int MOST_LINES = 60;
    private static final int MOST_LINES_OF_THE_RUNNER = 400;
    private static final int MOST_LINES_OF_THE_CAPSTONE = 150;
    private static final int CONCEPTS = 35;

    static List<Path> lessons() throws IOException {
        try (Stream<Path> files = Files.list(COURSE)) {
            return files.filter(file -> file.getFileName().toString().matches("\\d\\d-.*")).sorted().toList();
        }
    }

    /** The directories of all exercises. */
    static List<Path> exercises() throws IOException {
        List<Path> exercises = new ArrayList<>();
        for (Path lesson : lessons()) {
            try (Stream<Path> files = Files.list(lesson)) {
                files.filter(file -> file.getFileName().toString().startsWith("exercise")).sorted()
                        .forEach(exercises::add);
            }
        }
        return exercises;
    }

    @Test
    void shouldHaveLessonsWithoutGaps() throws IOException {
        List<Path> lessons = lessons();
        assertEquals(14, lessons.size());
        for (int i = 0; i < lessons.size(); i++) {
            assertEquals(i, number(lessons.get(i)));
        }
    }

    @ParameterizedTest
    @MethodSource("lessons")
    void shouldHaveNothingInItButWhatALessonHas(Path lesson) throws IOException {
        Set<String> known = Set.of("README.md", "Doctor.java", "Demo.java", "Wrong.java", "exercise1", "exercise2");
        assertEquals(Set.of(), difference(names(lesson), known));
        for (int i = 1; Files.exists(lesson.resolve("exercise" + i)); i++) {
            assertEquals(Set.of("Exercise.java", "Check.java"), names(lesson.resolve("exercise" + i)));
            Path solution = COURSE.resolve("solutions").resolve(lesson.getFileName()).resolve("exercise" + i);
            assertEquals(Set.of("Exercise.java"), names(solution));
        }
    }

    @Test
    void shouldHaveARunnerThatCanBeRead() throws IOException {
        long lines = Files.readAllLines(COURSE.resolve("Learn.java")).size();
        assertTrue(lines <= MOST_LINES_OF_THE_RUNNER, lines + " lines");
    }

    @Test
    void shouldSolveTheCapstoneInTheLinesThatItAllows() throws IOException {
        long lines = Files.readAllLines(COURSE.resolve("solutions/13-capstone/exercise1/Exercise.java")).size();
        assertTrue(lines <= MOST_LINES_OF_THE_CAPSTONE, lines + " lines");
    }

    @Test
    void shouldHaveNoSolutionsOfNoExercise() throws IOException {
        try (Stream<Path> files = Files.walk(COURSE.resolve("solutions"))) {
            for (Path solution : files.filter(Files::isRegularFile).toList()) {
                assertTrue(Files.exists(exercise(solution)), solution::toString);
            }
        }
    }

    private static Path exercise(Path solution) {
        return COURSE.resolve(COURSE.resolve("solutions").relativize(solution));
    }

    @ParameterizedTest
    @MethodSource("lessons")
    void shouldTakeTwentyMinutes(Path lesson) throws IOException {
        String prose = String.join(" ", Page.read(lesson.resolve("README.md")).prose());
        int words = prose.replaceAll("\\]\\([^)]*\\)", "]").strip().split("\\s+").length;
        assertTrue(words <= MOST_WORDS, words + " words");
        if (Files.exists(lesson.resolve("Demo.java"))) {
            long lines = Files.readAllLines(lesson.resolve("Demo.java")).stream()
                    .filter(line -> !line.isBlank() && !line.startsWith("import ")
                            && !line.strip().matches("(?://|/\\*|\\*).*"))
                    .count();
            assertTrue(lines <= MOST_LINES, lines + " lines of program");
        }
    }

    @ParameterizedTest
    @MethodSource("lessons")
    void shouldSaySoOnThePageWhatOneWillSeeAndWhereToReadOn(Path lesson) throws IOException {
        List<String> headings = Page.read(lesson.resolve("README.md")).prose().stream()
                .filter(line -> line.startsWith("#")).toList();
        assertTrue(headings.getFirst().matches("# (Lesson " + number(lesson) + "|Capstone): .*"), headings::toString);
        assertEquals("## What you will see", headings.get(1));
        assertEquals("## Further reading", headings.getLast());
        if (Files.exists(lesson.resolve("Wrong.java"))) {
            for (String heading : List.of("The program", "What happened and why", "What goes wrong", "Exercises")) {
                assertTrue(headings.contains("## " + heading), () -> heading + " is missing: " + headings);
            }
        }
    }

    /** The tests of pages run what pages show, so each program and each exercise has to be there. */
    @ParameterizedTest
    @MethodSource("lessons")
    void shouldShowEachProgramAndEachExercise(Path lesson) throws IOException {
        Set<String> commands = shown(lesson).stream().map(Shown::input).collect(Collectors.toSet());
        List<String> expected = new ArrayList<>();
        if (Files.exists(lesson.resolve("Demo.java"))) {
            expected.add("course/learn demo " + number(lesson));
        }
        if (Files.exists(lesson.resolve("Wrong.java"))) {
            Matcher cases = Pattern.compile("case \"([\\w-]+)\" ->").matcher(
                    Files.readString(lesson.resolve("Wrong.java")));
            cases.results().forEach(each -> expected.add("course/learn wrong " + number(lesson) + " " + each.group(1)));
        }
        for (int i = 1; Files.exists(lesson.resolve("exercise" + i)); i++) {
            expected.add("course/learn try " + number(lesson) + "." + i);
        }
        for (String command : expected) {
            assertTrue(commands.contains(command), () -> command + " is not among " + commands);
        }
    }

    /** Who reads the program without the page sees there what it prints. {@link MarkdownIT} holds the page to it. */
    @ParameterizedTest
    @MethodSource("lessons")
    void shouldSayInTheProgramWhatItPrints(Path lesson) throws IOException {
        if (Files.notExists(lesson.resolve("Demo.java"))) {
            return;
        }
        List<String> comment = Files.readAllLines(lesson.resolve("Demo.java")).stream()
                .dropWhile(line -> !line.equals(" * <pre>")).skip(1).takeWhile(line -> !line.equals(" * </pre>"))
                .map(line -> line.equals(" *") ? "" : line.substring(" * ".length())).toList();
        List<String> printed = shown(lesson).stream()
                .filter(shown -> shown.input().equals("course/learn demo " + number(lesson)))
                .findFirst().orElseThrow().output();
        assertEquals(String.join("\n", printed), String.join("\n", comment));
    }

    @ParameterizedTest
    @MethodSource("exercises")
    void shouldShowTheSentenceThatAnUntouchedExerciseFailsWith(Path exercise) throws IOException {
        String id =
                number(exercise.getParent()) + "." + exercise.getFileName().toString().substring("exercise".length());
        for (Shown shown : shown(exercise.getParent())) {
            if (shown.input().equals("course/learn try " + id)) {
                assertTrue(shown.output().getFirst().startsWith("not yet: "), shown::toString);
                assertEquals("Exercise " + id + " is not passed yet.", shown.output().getLast());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("exercises")
    void shouldDifferFromItsSolutionBetweenTheMarksOnly(Path exercise) throws IOException {
        List<String> asShipped = Files.readAllLines(exercise.resolve("Exercise.java"));
        Path solution = COURSE.resolve("solutions").resolve(COURSE.relativize(exercise)).resolve("Exercise.java");
        List<String> solved = Files.readAllLines(solution);
        assertEquals(String.join("\n", outsideOfMarks(asShipped)), String.join("\n", outsideOfMarks(solved)));
        assertFalse(asShipped.equals(solved));
    }

    private static List<String> outsideOfMarks(List<String> lines) {
        List<String> outside = new ArrayList<>();
        boolean inside = false;
        int marks = 0;
        for (String line : lines) {
            if (line.strip().equals("// END TODO")) {
                assertTrue(inside);
                inside = false;
            }
            if (!inside) {
                outside.add(line);
            }
            if (line.strip().startsWith("// TODO ")) {
                assertFalse(inside);
                inside = true;
                marks++;
            }
        }
        assertTrue(marks > 0 && !inside, lines::toString);
        return outside;
    }

    @ParameterizedTest
    @MethodSource("exercises")
    void shouldHaveTwoHints(Path exercise) throws IOException {
        String check = Files.readString(exercise.resolve("Check.java"));
        assertTrue(Pattern.compile("/\\*\\n \\* Hint 1: .+?\\n \\* Hint 2: .+?\\*/", Pattern.DOTALL).matcher(check)
                .find());
    }

    @Test
    void shouldCallInALessonWhatTheTableOfConceptsNames() throws IOException {
        List<String> rows = Page.read(COURSE.resolve("README.md")).prose().stream()
                .filter(line -> line.matches("\\| \\d+ \\|.*")).toList();
        assertEquals(CONCEPTS, rows.size());
        int calls = 0;
        for (int i = 0; i < rows.size(); i++) {
            String[] columns = rows.get(i).split("\\|");
            assertEquals(i + 1, Integer.parseInt(columns[1].strip()));
            String programs = "";
            for (MatchResult link : Pattern.compile("\\(([^)]+)/README.md\\)").matcher(columns[3]).results().toList()) {
                programs += programs(COURSE.resolve(link.group(1)));
            }
            for (MatchResult api : Pattern.compile("`(\\w+)`").matcher(columns[4]).results().toList()) {
                assertTrue(Pattern.compile("\\b" + api.group(1) + "\\b").matcher(programs).find(), rows.get(i));
                calls++;
            }
        }
        assertTrue(calls > rows.size() / 2, calls + " calls in " + rows.size() + " rows");
    }

    private static String programs(Path lesson) throws IOException {
        try (Stream<Path> files = Files.walk(lesson)) {
            return files.filter(file -> file.toString().endsWith(".java")).map(CourseTest::text)
                    .collect(Collectors.joining());
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static List<Shown> shown(Path lesson) throws IOException {
        return Page.read(lesson.resolve("README.md")).fences("console").stream()
                .flatMap(fence -> fence.inputs("$ ").stream()).toList();
    }

    private static int number(Path lesson) {
        return Integer.parseInt(lesson.getFileName().toString().substring(0, 2));
    }

    private static Set<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
        }
    }

    private static Set<String> difference(Set<String> all, Set<String> known) {
        return all.stream().filter(name -> !known.contains(name)).collect(Collectors.toSet());
    }
}
