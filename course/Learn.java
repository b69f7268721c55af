import java.io.*;
import java.lang.foreign.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.time.*;
import java.util.*;
import java.util.concurrent.*;
import java.util.regex.*;
import java.util.stream.*;
import javax.tools.*;

/**
 * The runner of the course. It needs a JDK and nothing else.
 *
 * <p>It compiles a program of the course and runs it in a JVM of its own, so that a crash is a result and not an accident. An
 * exercise is copied to {@code my/} before you change it. When a program has ended, the blocks that it has made and not
 * removed are removed, and no others.
 */
@SuppressWarnings({"restricted", "serial"})
public class Learn {

    static final String HELP = """
            course/learn                     goes on with the first exercise that you have not passed
            course/learn 3.1                 goes on with this exercise, and 3 with the first of lesson 3
            course/learn list                lists the lessons and your progress
            course/learn demo 3              runs the program of lesson 3
            course/learn wrong 3 [NAME]      runs what goes wrong in lesson 3
            course/learn try 3.1             checks your exercise 3.1 once
            course/learn check               checks all of your exercises, for teachers; --solutions checks the solutions
            course/learn doctor              tells whether the course can run here
            """;
    static final String KEYS = "Save the file to run it, or type a letter and Enter:\n"
            + "h hint · n next · l list · x start anew · s solution · q quit";
    static final Path COURSE = Path.of(System.getProperty("course"));
    static final Path MY = COURSE.resolve("my");
    static final Path PASSED = MY.resolve("passed");

    static final BlockingQueue<String> TYPED = new LinkedBlockingQueue<>();
    static volatile boolean interrupted;
    static Exercise current;
    static int hints, asked; // How often, for this exercise.

    /** One lesson, or the capstone: a directory such as {@code 04-errno}. */
    record Lesson(int number, Path directory) {

        static List<Lesson> all() {
            return Stream.of(COURSE.toFile().list()).filter(name -> name.matches("\\d\\d-.*")).sorted()
                    .map(name -> new Lesson(Integer.parseInt(name.substring(0, 2)), COURSE.resolve(name))).toList();
        }

        static Lesson of(String number) {
            return all().stream().filter(lesson -> number.equals(Integer.toString(lesson.number))).findFirst()
                    .orElseThrow(() -> new Refused(number.isEmpty() ? "say which lesson" : "there is no lesson " + number));
        }

        String title() {
            return lines(directory.resolve("README.md")).getFirst().substring("# ".length());
        }

        List<Exercise> exercises() {
            return Stream.iterate(1, i -> i + 1).map(i -> new Exercise(this, i))
                    .takeWhile(exercise -> Files.exists(exercise.check())).toList();
        }

        Path file(String name) {
            if (!Files.exists(directory.resolve(name))) {
                throw new Refused("lesson " + number + " has no " + name);
            }
            return directory.resolve(name);
        }
    }

    /** One exercise, such as 4.1. */
    record Exercise(Lesson lesson, int number) {

        static List<Exercise> all() {
            return Lesson.all().stream().flatMap(lesson -> lesson.exercises().stream()).toList();
        }

        static Exercise of(String id) {
            return all().stream().filter(exercise -> (exercise.id() + ".").startsWith(id + ".")).findFirst()
                    .orElseThrow(() -> new Refused(id.isEmpty() ? "say which exercise" : "there is no exercise " + id));
        }

        String id() {
            return lesson.number + "." + number;
        }

        Path below(Path root) {
            return root.resolve(lesson.directory.getFileName()).resolve("exercise" + number).resolve("Exercise.java");
        }

        Path check() {
            return below(COURSE).resolveSibling("Check.java");
        }

        Path solution() {
            return below(COURSE.resolve("solutions"));
        }

        /** Your copy, which is made if there is none. */
        Path mine() throws IOException {
            Path mine = below(MY);
            if (!Files.exists(mine)) {
                Files.createDirectories(mine.getParent());
                Files.copy(below(COURSE), mine);
            }
            return mine;
        }

        String hint(int step) {
            String text = lines(check()).stream().takeWhile(line -> !line.equals(" */"))
                    .map(line -> line.replaceFirst("^ \\* ", "")).collect(Collectors.joining(" "));
            Matcher hint = Pattern.compile("(Hint " + step + ": .*?)( Hint \\d:|$)").matcher(text);
            return hint.find() ? hint.group(1).strip() : "There are no more hints.";
        }

        boolean isPassed() {
            return lines(PASSED).contains(id());
        }

        /** Checks a solution of it, and returns whether it is one. */
        boolean isSolvedBy(Path file) throws IOException, InterruptedException {
            return run(List.of(check(), file), "Check", List.of()) == 0;
        }

        boolean tryMine() throws IOException, InterruptedException {
            boolean passed = isSolvedBy(mine());
            if (passed && !isPassed()) {
                Files.writeString(PASSED, id() + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            }
            System.out.println("Exercise " + id() + (passed ? " is passed." : " is not passed yet."));
            return passed;
        }
    }

    /** What was asked for cannot be done. */
    static class Refused extends RuntimeException {
        Refused(String message) { super(message); }
    }

    public static void main(String[] arguments) throws Exception {
        Runtime.getRuntime().addShutdownHook(new Thread(Learn::interrupt));
        try {
            System.exit(command(arguments));
        } catch (Refused refused) {
            System.err.println("learn: " + refused.getMessage() + "; \"course/learn help\" says what there is");
            System.exit(2);
        }
    }

    static int command(String[] words) throws Exception {
        String first = words.length > 0 ? words[0] : "";
        String second = words.length > 1 ? words[1] : "";
        List<String> rest = Arrays.asList(words).subList(Math.min(2, words.length), words.length);
        return switch (first) {
            case "demo" -> program(Lesson.of(second).file("Demo.java"), rest);
            case "wrong" -> program(Lesson.of(second).file("Wrong.java"), rest);
            case "try" -> Exercise.of(second).tryMine() ? 0 : 1;
            case "list" -> list();
            case "check" -> check(second);
            case "doctor" -> run(List.of(COURSE.resolve("00-start/Doctor.java")), "Doctor", rest);
            case "help", "-h", "--help" -> { System.out.print(HELP); yield 0; }
            default -> {
                Exercise exercise = first.isEmpty() ? next() : Exercise.of(first);
                Thread.ofPlatform().daemon().start(Learn::readWhatIsTyped);
                yield learn(exercise);
            }
        };
    }

    /** Ends the program that runs, as Ctrl-C asks, and waits until what it has left is removed. */
    static void interrupt() {
        interrupted = true;
        synchronized (Learn.class) { }
    }

    /** Runs an exercise each time its file is saved, until the learner has had enough. */
    static int learn(Exercise exercise) throws IOException, InterruptedException {
        current = exercise;
        hints = asked = 0;
        long seen = 0;
        while (true) {
            Path mine = exercise.mine();
            long saved = mine.toFile().lastModified(); // 0 while an editor replaces it.
            if (saved != 0 && saved != seen) {
                if (seen == 0) {
                    System.out.printf("%n%s, exercise %d%nread   %s%nchange %s%n%n", exercise.lesson.title(),
                            exercise.number, shown(exercise.lesson.directory.resolve("README.md")), shown(mine));
                }
                seen = saved;
                if (exercise.tryMine() && Exercise.all().stream().allMatch(Exercise::isPassed)) {
                    System.out.println("You have passed all exercises of the course.");
                }
                System.out.println(KEYS);
            }
            String typed = TYPED.poll(250, TimeUnit.MILLISECONDS);
            switch (typed) {
                case null -> { }
                case "n" -> { return learn(after(exercise)); }
                case "x" -> {
                    Files.move(mine, mine.resolveSibling("Exercise.java.before"), StandardCopyOption.REPLACE_EXISTING);
                    System.out.println("What you had is in " + shown(mine) + ".before");
                    return learn(exercise);
                }
                case "q", "end" -> { return 0; }
                default -> answer(typed);
            }
        }
    }

    /** Answers what was typed, also while a check runs, if it leads nowhere else. */
    static void answer(String typed) throws IOException {
        switch (typed) {
            case "h" -> System.out.println(current.hint(hints++ % 3 + 1)); // After the last one, the first comes again.
            case "l" -> list();
            case "s" -> System.out.print(current.isPassed() || ++asked > 1 ? Files.readString(current.solution())
                    : "You have not passed it. Type s once more to see the solution all the same.\n");
            default -> System.out.println(KEYS);
        }
    }

    static void readWhatIsTyped() {
        Scanner in = new Scanner(System.in);
        while (in.hasNextLine()) {
            TYPED.add(in.nextLine().strip());
        }
        TYPED.add("end"); // Unlike q, it lets a program end that is running.
    }

    /** The first that is not passed; the last if all are. */
    static Exercise next() {
        return Exercise.all().stream().filter(each -> !each.isPassed()).findFirst().orElse(Exercise.all().getLast());
    }

    static Exercise after(Exercise exercise) {
        List<Exercise> all = Exercise.all();
        return all.get(Math.min(all.indexOf(exercise) + 1, all.size() - 1));
    }

    static int list() {
        for (Lesson lesson : Lesson.all()) {
            System.out.println(lesson.title());
            lesson.exercises().forEach(each -> System.out.println("    " + each.id() + (each.isPassed() ? "  passed" : "")));
        }
        return 0;
    }

    static int check(String option) throws IOException, InterruptedException {
        boolean solutions = option.equals("--solutions");
        if (!solutions && !option.isEmpty()) { throw new Refused("check takes all exercises, and try takes one"); }
        List<String> table = new ArrayList<>();
        int failed = 0;
        for (Exercise exercise : Exercise.all()) {
            System.out.println("---- " + exercise.id());
            boolean passed = solutions ? exercise.isSolvedBy(exercise.solution()) : exercise.tryMine();
            failed += passed ? 0 : 1;
            table.add("%-5s %-8s %s".formatted(exercise.id(), passed ? "passed" : "failed", exercise.lesson.title()));
        }
        System.out.println("\n" + String.join("\n", table));
        System.out.println(table.size() - failed + " of " + table.size() + " exercises are passed.");
        return failed == 0 ? 0 : 1;
    }

    static int program(Path file, List<String> arguments) throws IOException, InterruptedException {
        int exit = run(List.of(file), file.getFileName().toString().replace(".java", ""), arguments);
        System.out.print(exit == 1 ? "The JVM ended with exit code 1.\n" : "");
        return exit;
    }

    /** Compiles a program and runs it in a JVM of its own; returns its exit code. */
    static synchronized int run(List<Path> files, String main, List<String> words) throws IOException, InterruptedException {
        Path classes = Files.createTempDirectory("learn");
        try {
            return compile(files, classes) ? runCompiled(files.getLast().toFile(), classes, main, words) : 1;
        } finally {
            try (Stream<Path> made = Files.walk(classes)) {
                made.sorted((a, b) -> b.compareTo(a)).forEach(file -> file.toFile().delete());
            }
            if (interrupted) {
                Runtime.getRuntime().halt(130);
            }
        }
    }

    static boolean compile(List<Path> sources, Path classes) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        var files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8);
        // Lesson 11 uses what jextract has written, which has warnings of its own.
        List<String> options = List.of("--release", "22", "-Xlint:all", "-proc:none", "-implicit:class", "-encoding", "UTF-8",
                "-sourcepath", COURSE + ":" + COURSE.resolve("../src/main/java-generated"), "-d", classes.toString());
        DiagnosticListener<JavaFileObject> listener = said -> System.out.print(
                said.getSource() != null && said.getSource().getName().contains("java-generated") ? "" : said + "\n");
        return compiler.getTask(null, files, listener, options, null, files.getJavaFileObjectsFromPaths(sources)).call();
    }

    static int runCompiled(File source, Path classes, String main, List<String> arguments)
            throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC", "-XX:-UsePerfData", "-Xlog:os=off", "-XX:ErrorFile=" + classes.resolve("crash"),
                "--enable-native-access=ALL-UNNAMED", "-cp", classes.toString(), main));
        words.addAll(arguments);
        Instant started = Instant.now().minusSeconds(1);
        ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
        builder.environment().put("COURSE", COURSE.toString());
        Process process = builder.start();
        process.getOutputStream().close();
        Set<ProcessHandle> family = new HashSet<>(Set.of(process.toHandle()));
        List<String> crash = new ArrayList<>();
        Thread reader = Thread.ofPlatform().daemon().start(() -> show(process.inputReader(), crash));
        long saved = source.lastModified(); // Whoever saves a file anew does not wait for what it was.
        Instant latest = Instant.now().plus(Duration.ofMinutes(10));
        while (!process.waitFor(50, TimeUnit.MILLISECONDS)) { // To look for descendants takes milliseconds.
            process.descendants().forEach(family::add);
            String typed = TYPED.peek();
            if (Instant.now().isAfter(latest) || typed != null && typed.matches("[nxq]") || interrupted
                    || source.lastModified() != saved) {
                System.out.println("It has not ended, and is ended now.");
                process.destroyForcibly();
            } else if (typed != null && !typed.equals("end")) {
                answer(TYPED.remove());
            }
        }
        family.forEach(ProcessHandle::destroyForcibly); // Those that it has started and not waited for.
        reader.join();
        explain(process.exitValue(), crash);
        removeBlocksOf(family.stream().map(ProcessHandle::pid).collect(Collectors.toSet()), started);
        return process.exitValue();
    }

    /** Shows what a program prints, without the JDK's part of stack traces. The report of a crash is kept, to be told in short. */
    static void show(BufferedReader out, List<String> crash) {
        boolean thrown = false, afterwards = false;
        try (out) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.startsWith("#")) {
                    crash.add(line);
                } else if (!line.startsWith("\tat java.base/") && (crash.isEmpty() || !line.isBlank())) {
                    System.out.println(line);
                    afterwards |= thrown && line.startsWith("\tat Check.");
                    thrown = line.startsWith("Exception in thread");
                }
            }
            System.out.print(afterwards ? "not yet: the check has used what your code made, and got this exception\n" : "");
        } catch (IOException ended) {
            // The program has been ended.
        }
    }

    static void explain(int exit, List<String> crash) {
        if (exit <= 1 && crash.isEmpty()) { return; }
        String report = String.join("\n", crash);
        System.out.println("The JVM ended with exit code " + exit + (exit > 128 ? ": signal " + (exit - 128) : "") + ".");
        Matcher frame = Pattern.compile("# Problematic frame:\\s*\n# (.*)").matcher(report);
        System.out.print(frame.find() ? "Problematic frame: " + frame.group(1).strip() + "\n" : "");
        System.out.print(!report.contains("SIGSEGV") ? "" : """
                SIGSEGV says that the program used an address which it may not use: nothing is mapped there, or only
                to be read. The JVM did not know of the mistake, so it could not throw an exception. It wrote its report
                and ended itself with signal 6, SIGABRT, hence the 134.
                """);
    }

    static String shown(Path file) {
        return Path.of("").toAbsolutePath().relativize(file).toString();
    }

    /** The lines of a file, none if it is missing, as one read call gives them: the kernel changes some meanwhile. */
    static List<String> lines(Path file) {
        try {
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** Removes blocks that processes have made which have ended. A later process can get the number: hence the time. */
    static void removeBlocksOf(Set<Long> pids, Instant since) {
        for (String line : lines(Path.of("/proc/sysvipc/shm"))) {
            String[] columns = line.strip().split("\\s+");
            if (!columns[0].equals("key") && pids.contains(Long.parseLong(columns[4]))
                    && Long.parseLong(columns[13]) >= since.getEpochSecond() && removeBlock(Integer.parseInt(columns[1]))) {
                System.out.println("Removed block " + columns[1] + ", which the program had left.");
            }
        }
    }

    /** Calls {@code shmctl(id, IPC_RMID, NULL)}, and returns whether the block is removed. */
    static boolean removeBlock(int id) {
        Linker linker = Linker.nativeLinker();
        FunctionDescriptor prototype = FunctionDescriptor.of(
                ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS);
        try {
            return (int) linker.downcallHandle(linker.defaultLookup().find("shmctl").orElseThrow(), prototype)
                    .invoke(id, 0, MemorySegment.NULL) == 0;
        } catch (Throwable failure) {
            throw new AssertionError(failure);
        }
    }
}
