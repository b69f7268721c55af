package io.github.shm4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.support.Child;
import io.github.shm4j.support.Patient;
import io.github.shm4j.support.Peers;
import io.github.shm4j.support.ProjectDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Takes the course as a learner and a teacher do. */
@Patient(busySeconds = 600)
class CourseIT {

    /** The runner as the first test has compiled it, which takes as much processor time as some exercises. */
    @TempDir
    private static Path compiled;

    private Path root;
    private Path runner;
    private ProjectDirectory directory;

    @BeforeEach
    void makeDirectory(@TempDir Path parent) throws IOException {
        root = Files.createDirectory(parent.resolve("für alle"));
        directory = new ProjectDirectory(root).withCourse();
        runner = root.resolve("course/my/.learn");
        copyFiles(compiled, runner);
    }

    @AfterEach
    void removeDirectory() throws IOException {
        copyFiles(runner, compiled);
        directory.close();
    }

    /** Copies the files of a directory that are not in the other one yet, with their times. */
    private static void copyFiles(Path from, Path to) throws IOException {
        if (!Files.isDirectory(from)) {
            return;
        }
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.createDirectories(to);
                if (Files.notExists(to.resolve(file.getFileName()))) {
                    Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
    }

    @Test
    void shouldPassEachSolutionWithoutWarningsAndLeaveNoBlock() throws IOException {
        int exercises = CourseTest.exercises().size();
        // Without a reservation the kernel makes a block of any size, as it always does where vm.overcommit_memory is 1.
        replace(root.resolve("course/solutions/13-capstone/exercise1/Exercise.java"), "IPC_EXCL | 0600",
                "IPC_EXCL | 0600 | 010000");
        if (Runtime.version().feature() < 24) {
            // Its option came with 24.
            Files.delete(root.resolve("course/10-flags/exercise1/Check.java"));
            exercises -= 2; // The runner finds no second one without a first.
        }
        Child check = directory.shell("course/learn check --solutions 2>&1; tail -n +2 /proc/sysvipc/shm");
        boolean alone = Child.canUnshare("-i");
        Child.Result result = (alone ? check.inPrivateIpc() : check).run();
        List<String> lines = result.ok().lines().toList();
        String end = exercises + " of " + exercises + " exercises are passed.";
        assertTrue(lines.contains(end), result.out());
        assertFalse(result.out().contains("warning"), result.out());
        if (alone) {
            assertEquals(end, lines.getLast(), "no block is left");
        }
    }

    @Test
    void shouldTellATeacherWhichExercisesAreNotPassed() throws IOException {
        Path solution = CourseTest.COURSE.resolve("solutions/01-bounds/exercise1/Exercise.java");
        Path capstone = CourseTest.COURSE.resolve("13-capstone/exercise1");
        for (Path exercise : CourseTest.exercises().subList(2, CourseTest.exercises().size())) {
            if (!exercise.equals(capstone)) {
                Files.delete(
                        root.resolve("course").resolve(CourseTest.COURSE.relativize(exercise)).resolve("Check.java"));
            }
        }
        Files.createDirectories(root.resolve("course/my/01-bounds/exercise1"));
        Files.copy(solution, root.resolve("course/my/01-bounds/exercise1/Exercise.java"));
        Path cut = Files.createDirectories(root.resolve("course/my/13-capstone/exercise1")).resolve("Exercise.java");
        Files.copy(CourseTest.COURSE.resolve("solutions/13-capstone/exercise1/Exercise.java"), cut);
        replace(cut, "key, size, IPC_CREAT", "key, (long) (int) size, IPC_CREAT");
        Child.Result result = directory.shell("course/learn check").run();
        assertEquals(1, result.exit());
        assertTrue(result.out().contains("1.1   passed   Lesson 1"), result.out());
        assertTrue(result.out().contains("1.2   failed   Lesson 1"), result.out());
        assertTrue(result.out().contains("2^62 + 10000 bytes and made 10000: look at the type of size"), result.out());
        assertEquals("1 of 3 exercises are passed.", result.lines().getLast());
    }

    private static void replace(Path file, String what, String by) throws IOException {
        String text = Files.readString(file);
        assertTrue(text.contains(what), what);
        Files.writeString(file, text.replace(what, by));
    }

    /** Mistakes that people make: what stands in the solution, what they write, and the sentence that helps them. */
    private static final String[][] MISTAKES = {
        {"01-bounds/exercise1", "arena.allocate(V", "Arena.ofAuto().allocate(V",
            "the table is not of the caller's arena"},
        {"01-bounds/exercise2", "number * ROW, ROW)", "number * ROW, ROW).asReadOnly()", "row 0 is read-only"},
        {"02-arenas/exercise1", "addAndGet(byteSize)", "incrementAndGet()", "the arena has counted 1 bytes"},
        {"02-arenas/exercise2", "return Arena.ofConfined()", "return null",
            "not yet: the check has used what your code made"},
        {"03-calling-c/exercise1", "arena.allocateFrom(path)",
            "arena.allocateFrom(ValueLayout.JAVA_BYTE, path.getBytes())", "ftok returns -1"},
        {"04-errno/exercise2", "name(errno) + \" (\" + errno + \")\"", "\"EINVAL (22)\"",
            "errno says each time why it failed"},
        {"05-pointers/exercise1", "Calls::shmdt", "null", "still attached after close: nattch is 1"},
        {"05-pointers/exercise2", "done.compareAndSet(false, true)", "true", "the second run took away"},
        {"06-structs/exercise1",
            "ValueLayout.JAVA_SHORT.withName(\"__seq\"),\n            ValueLayout.JAVA_SHORT.withName(\"__pad2\"),\n"
                    + "            MemoryLayout.paddingLayout(4),",
            "MemoryLayout.paddingLayout(4), ValueLayout.JAVA_SHORT.withName(\"__seq\"),"
                    + " ValueLayout.JAVA_SHORT.withName(\"__pad2\"),",
            "__seq is at 24 in C, and yours is at 28"},
        {"07-bytes/exercise1", "Integer.toUnsignedLong(packed.get(bigInt, 0))", "packed.get(bigInt, 0)",
            "N has no sign"},
        {"07-bytes/exercise2", "next + copy.byteSize()", "next + text.length()", "the first text is"},
        {"09-odd-calls/exercise1", "Integer.compare(a.get(ValueLayout.JAVA_INT, 0), b.get(ValueLayout.JAVA_INT, 0))",
            "a.get(ValueLayout.JAVA_INT, 0) - b.get(ValueLayout.JAVA_INT, 0)", "the order is [0, 7, 7, 50,"},
        {"09-odd-calls/exercise2", "SETVAL, value)", "SETVAL, 7)", "not 9: is the value a fixed one?"},
        {"10-flags/exercise2", "Calls.SHM_RDONLY", "0", "the mapping is not read-only"},
        {"11-jextract/exercise1", "shm_cpid(status)", "shm_lpid(status)", "creator is 1, not this process"},
        {"12-after-you/exercise1", "block.uid() == uid", "true", "a block that belongs to another user"},
        {"12-after-you/exercise2", "Calls.attach(id, 0, arena)",
            "Calls.shmat(id, MemorySegment.NULL, 0).reinterpret(size, arena, null)", "who detaches it?"},
        {"13-capstone/exercise1", "mapped[0].address() == -1 ? -1 : 0", "0", "does not name shmat"},
        {"13-capstone/exercise2", "== SLOTS", "== SLOTS + 1", "a full ring takes a message"},
    };

    @Test
    void shouldKnowUsualMistakes() throws IOException {
        Path course = root.resolve("course");
        Set<Path> needed = new HashSet<>();
        for (String[] mistake : MISTAKES) {
            String solution =
                    Files.readString(course.resolve("solutions").resolve(mistake[0]).resolve("Exercise.java"));
            assertTrue(solution.contains(mistake[1]), mistake[1]);
            Files.writeString(
                    Files.createDirectories(course.resolve("my").resolve(mistake[0])).resolve("Exercise.java"),
                    solution.replace(mistake[1], mistake[2]));
            needed.add(course.resolve(mistake[0]));
            // The runner finds no second one without a first.
            needed.add(course.resolve(mistake[0]).resolveSibling("exercise1"));
        }
        for (Path exercise : CourseTest.exercises()) {
            Path copy = course.resolve(CourseTest.COURSE.relativize(exercise));
            if (!needed.contains(copy)) {
                Files.delete(copy.resolve("Check.java"));
            }
        }
        // All of them in one JVM, which has warmed up after the first.
        Child.Result result = directory.shell("course/learn check").run();
        assertEquals("0 of " + needed.size() + " exercises are passed.", result.lines().getLast());
        for (String[] mistake : MISTAKES) {
            assertTrue(result.out().contains(mistake[3]), () -> mistake[3] + " is not in\n" + result.out());
        }
    }

    @Test
    void shouldLeadALearnerThroughAnExercise() throws IOException {
        try (Child.Running learner = directory.shell("exec course/learn").start()) {
            Path mine = root.resolve("course/my/01-bounds/exercise1/Exercise.java");
            awaitLine(learner, "Lesson 1: ");
            awaitLine(learner, "not yet: ");
            awaitLine(learner, "h hint");
            String asShipped = Files.readString(mine);

            learner.send("h");
            assertTrue(learner.line().startsWith("Hint 1: Arena.allocate can be told"));
            learner.send("h");
            assertTrue(learner.line().endsWith("setAtIndex(ValueLayout.JAVA_INT, i, i * i)."));
            learner.send("h");
            assertEquals("There are no more hints.", learner.line());
            learner.send("s");
            assertTrue(learner.line().startsWith("You have not passed it."));
            learner.send("s");
            awaitLine(learner, "        return table;");
            awaitLine(learner, "}");

            save(mine, "class Exercise {\n    int x = \"no int\";\n}\n");
            assertTrue(awaitLine(learner, mine.toString()).contains("Exercise.java:2: error: incompatible types"));
            awaitLine(learner, "h hint");
            save(mine, Files.readString(CourseTest.COURSE.resolve("solutions/01-bounds/exercise1/Exercise.java")));
            awaitLine(learner, "passed: ");
            assertEquals("Exercise 1.1 is passed.", learner.line());
            awaitLine(learner, "h hint");
            learner.send("l");
            awaitLine(learner, "    1.1  passed");
            awaitLine(learner, "    1.2");

            learner.send("x");
            awaitLine(learner, "What you had is in ");
            awaitLine(learner, "not yet: ");
            awaitLine(learner, "h hint");
            assertEquals(asShipped, Files.readString(mine));
            assertTrue(Files.readString(mine.resolveSibling("Exercise.java.before")).contains("return table"));

            learner.send("n");
            awaitLine(learner, "Exercise 1.2 is not passed yet.");
            learner.send("q");
            learner.await().ok();
        }
        String list = directory.shell("course/learn list").run().ok();
        assertTrue(list.contains("    1.1  passed\n    1.2\n"), list);
    }

    @Test
    void shouldGoOnWithTheFirstExerciseThatIsNotPassed() throws IOException {
        Files.createDirectories(root.resolve("course/my"));
        Files.writeString(root.resolve("course/my/passed"), "1.1\n1.2\n");
        Child.Result result = directory.shell("course/learn </dev/null").run();
        assertTrue(result.ok().contains("Exercise 2.1 is not passed yet."), result.out());
    }

    /** Of the first exercise, the keys are shown once, and again for each line that is no key. */
    @Test
    void shouldReadNothingWhereStandardInputIsClosed() {
        String out = directory.shell("course/learn <&-").run().ok();
        assertEquals(2, out.split("q quit", -1).length, out);
    }

    @Test
    void shouldLeaveNothingOfACompilationThatFailsOrIsEnded() throws IOException {
        Files.writeString(root.resolve("course/Learn.java"), "class Learn {");
        assertEquals(1, directory.shell("course/learn list 2>/dev/null").run().exit());
        String script =
                ". ./src/launcher/make-directory.sh; end() { sh -c 'kill -TERM $PPID'; }; make_directory course/my/made end";
        assertEquals(1, directory.shell(script).run().exit());
        try (Stream<Path> files = Files.list(root.resolve("course/my"))) {
            assertEquals(List.of(), files.filter(file -> !file.equals(runner)).toList());
        }
    }

    @Test
    void shouldRemoveWhatAnInterruptedProgramHasLeft() throws IOException {
        Path mine = Files.createDirectories(root.resolve("course/my/05-pointers/exercise1")).resolve("Exercise.java");
        Files.writeString(mine, """
                class Exercise {
                    static Object map(int id, Object arena) throws Exception {
                        System.out.println(id);
                        Thread.sleep(Long.MAX_VALUE);
                        return null;
                    }
                }
                """);
        Path check = root.resolve("course/05-pointers/exercise1/Check.java");
        Files.writeString(check, """
                class Check {
                    public static void main(String[] arguments) throws Exception {
                        Exercise.map(Calls.shmget(Calls.IPC_PRIVATE, 1000, 0600), null);
                    }
                }
                """);
        try (Child.Running learner = directory.shell("exec course/learn try 5.1").start()) {
            int id = Integer.parseInt(learner.line());
            learner.signal("TERM");
            Child.Result result = learner.await();
            assertEquals(130, result.exit(), result.out());
            assertEquals("Removed block " + id + ", which the program had left.", result.lines().getLast());
        }
    }

    @Test
    void shouldLetACheckEndWhereNothingCanBeTyped() {
        Child.Result result = directory.shell("course/learn 3.1 </dev/null").run();
        assertTrue(result.ok().contains("not yet: ftok returns"), result.out());
    }

    @Test
    void shouldHearTheLearnerWhileAProgramDoesNotEnd() throws IOException {
        Path mine = Files.createDirectories(root.resolve("course/my/01-bounds/exercise1")).resolve("Exercise.java");
        String neverEnds = """
                class Exercise {
                    static java.lang.foreign.MemorySegment squares(Object arena, int count) throws InterruptedException {
                        System.out.println("begun");
                        synchronized (arena) {
                            while (true) {
                                arena.wait();
                            }
                        }
                    }
                }
                """;
        Files.writeString(mine, neverEnds);
        Path check = root.resolve("course/01-bounds/exercise1/Check.java");
        Files.writeString(check,
                Files.readString(check).replace("String[] arguments)", "String[] a) throws Exception"));
        try (Child.Running learner = directory.shell("exec course/learn 1").start()) {
            awaitLine(learner, "begun");
            save(mine, Files.readString(CourseTest.COURSE.resolve("solutions/01-bounds/exercise1/Exercise.java")));
            awaitLine(learner, "It has not ended, and is ended now.");
            awaitLine(learner, "Exercise 1.1 is passed.");

            save(mine, neverEnds);
            awaitLine(learner, "begun");
            learner.send("h");
            awaitLine(learner, "Hint 1: Arena.allocate can be told");
            learner.send("l");
            awaitLine(learner, "    1.1  passed");
            learner.send("n");
            awaitLine(learner, "It has not ended, and is ended now.");
            awaitLine(learner, "Exercise 1.2 is not passed yet.");
            learner.send("q");
            learner.await().ok();
        }
    }

    @Test
    void shouldPassShellcheck() {
        Peers.require(Child.exists("shellcheck"), "shellcheck");
        directory.shell("shellcheck -x course/learn").run().ok();
    }

    @Test
    void shouldRefuseWhatThereIsNot() {
        for (String words : List.of("try 1.9", "demo 99", "wrong", "77.1", "7.", "try", "demo 0", "check 3")) {
            Child.Result result = directory.shell("course/learn " + words).run();
            assertEquals(2, result.exit(), words);
            assertTrue(result.err().startsWith("learn: "), result.err());
        }
    }

    /** An editor may write a file anew in several ways; this is that of most. */
    private static void save(Path file, String text) throws IOException {
        Path written = Files.writeString(file.resolveSibling("written"), text);
        Files.move(written, file, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String awaitLine(Child.Running learner, String beginning) {
        while (true) {
            String line = learner.line();
            if (line.startsWith(beginning)) {
                return line;
            }
        }
    }
}
