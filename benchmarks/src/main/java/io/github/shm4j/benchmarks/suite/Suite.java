package io.github.shm4j.benchmarks.suite;

import io.github.shm4j.benchmarks.calls.CallQuestion;
import io.github.shm4j.benchmarks.copy.CopyQuestion;
import io.github.shm4j.benchmarks.crossing.CrossingQuestion;
import io.github.shm4j.benchmarks.relay.RelayQuestion;
import io.github.shm4j.benchmarks.report.Report;
import io.github.shm4j.benchmarks.rings.Duel;
import io.github.shm4j.benchmarks.rings.RingQuestion;
import io.github.shm4j.benchmarks.startup.StartupQuestion;
import io.github.shm4j.benchmarks.state.StateQuestion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What {@code benchmarks/run} runs once everything is built. */
@Command(
        name = "benchmarks/run",
        sortOptions = false,
        description = "Measures shm4j, plain files, the alternatives and C, and writes docs/benchmarks.md.")
public final class Suite implements Callable<Integer> {

    private static final String JAR = "benchmarks.jar";

    @Spec
    private CommandSpec spec;

    @Option(names = "--quick", description = "About 5 minutes instead of about 45: fewer sizes, one round.")
    private boolean quick;

    @Option(
            names = "--smoke",
            description = "Each benchmark once, for a few milliseconds: proves that all run, measures nothing."
                    + " Results and report go to benchmarks/target.")
    private boolean smoke;

    @Option(
            names = "--only",
            paramLabel = "NAME",
            description = "Measure one question only: copy, calls, crossing, rings, state, relay or startup. May be"
                    + " repeated. The other questions keep the results that they have.")
    private List<String> only = List.of();

    @Option(
            names = "--rings",
            paramLabel = "REGEX",
            description = "Measure rings only, and of those and their peers only the ones in whose name this is found."
                    + " Results and report go to benchmarks/target/some.")
    private Pattern rings;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "How often everything is measured, one after the other. Where cores are moved, more rounds give"
                    + " more pairs that can be compared. Default: 3, with --quick 1.")
    private Integer rounds;

    @Option(
            names = "--ring-capacity",
            paramLabel = "BYTES",
            description = "The capacity of each ring, a power of two, at least 8 times the size of a message. Default:"
                    + " 1 MiB, and 16 MiB for messages of 64 KiB.")
    private long ringCapacity;

    @Option(
            names = "--duel",
            paramLabel = "OTHER",
            description = "Compare the rings of another version (\"before\") with this one (\"after\"): measure them in turns,"
                    + " and print ratios of those pairs that had the cores near each other. OTHER is another checkout, or a"
                    + " benchmarks.jar with its lib/ beside it. With --rings, only rows in whose name this is found, such as 'SPSC, 64 B'; --rounds"
                    + " is the number of pairs. Writes no report.")
    private Path duel;

    @Option(names = "--report", description = "Measure nothing; write the report from the results that there are.")
    private boolean report;

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this and exit.")
    private boolean help;

    @Option(names = "--home", hidden = true, required = true)
    private Path home;

    /** Runs the suite. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Suite())
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    // What a measured program did wrong is in the message; anything else is a mistake of ours.
                    if (!(failure instanceof IllegalStateException)) {
                        throw failure;
                    }
                    command.getErr().println("benchmarks: " + failure.getMessage());
                    return CommandLine.ExitCode.SOFTWARE;
                })
                .execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        Path target = home.resolve("target");
        if (rounds != null && rounds < 1) {
            throw new ParameterException(spec.commandLine(), "--rounds " + rounds + ": it must be at least 1");
        }
        if (duel != null) {
            Plan plan = quick ? Plan.QUICK : Plan.FULL;
            new Duel(
                    jar(duel),
                    target.resolve(JAR),
                    rings == null ? Pattern.compile("") : rings,
                    plan.with(rounds == null ? plan.rounds() : rounds, ringCapacity))
                    .run();
            return 0;
        }
        if (rings != null) {
            only = List.of("rings");
        }
        Path elsewhere = smoke ? target.resolve("smoke") : rings != null ? target.resolve("some") : null;
        Path results = elsewhere == null ? home.resolve("results") : elsewhere.resolve("results");
        Path docs = elsewhere == null ? home.resolveSibling("docs") : elsewhere.resolve("docs");
        if (!report) {
            Plan plan = smoke ? Plan.SMOKE : quick ? Plan.QUICK : Plan.FULL;
            measure(plan.with(rounds == null ? plan.rounds() : rounds, ringCapacity), target, results);
        }
        Files.createDirectories(docs);
        new Report(results, docs).write();
        Log.say("report: %s", docs.resolve("benchmarks.md"));
        if (smoke) {
            requireReportOfResults(target.resolve("smoke/committed"));
        }
        return 0;
    }

    /** Fails unless the page is what would be written now from the results that are kept. */
    private void requireReportOfResults(Path written) throws IOException {
        Files.createDirectories(written);
        new Report(home.resolve("results"), written).writeWithoutCharts();
        Path page = home.resolveSibling("docs").resolve("benchmarks.md");
        long difference = Files.mismatch(written.resolve("benchmarks.md"), page);
        if (difference >= 0) {
            throw new IllegalStateException(page + " is not what benchmarks/run --report writes; they differ from byte "
                    + difference + " on");
        }
    }

    /** The jar of another version, built if it is a checkout. */
    private static Path jar(Path other) throws IOException, InterruptedException {
        if (!Files.isDirectory(other)) {
            return other;
        }
        Path run = other.toAbsolutePath().resolve("benchmarks/run");
        int status = new ProcessBuilder(run.toString(), "--build").inheritIO().start().waitFor();
        if (status != 0) {
            throw new IllegalStateException(run + " --build failed with exit status " + status);
        }
        return run.resolveSibling("target").resolve(JAR);
    }

    private void measure(Plan plan, Path target, Path directory) throws Exception {
        List<Question> questions = List.of(
                new CopyQuestion(),
                new CallQuestion(),
                new CrossingQuestion(),
                new RingQuestion(rings == null ? Pattern.compile("") : rings),
                new StateQuestion(),
                new RelayQuestion(),
                new StartupQuestion(target));
        List<String> names = questions.stream().map(Question::name).toList();
        for (String name : only) {
            if (!names.contains(name)) {
                throw new ParameterException(
                        spec.commandLine(), "--only " + name + ": there is " + String.join(", ", names));
            }
        }
        for (Question question : questions) {
            if (only.isEmpty() || only.contains(question.name())) {
                Peers peers = new Peers(home);
                // Beside the results that there are: a run that fails leaves those alone.
                Results results = new Results(target.resolve("unfinished"), question.name());
                results.clear();
                Machine machine = Machine.describe(plan, home, peers, question.touchesHeap());
                Disturbance disturbance = new Disturbance();
                question.measure(plan, peers, results);
                // Last, because the question may have found more that is missing.
                results.write("machine", machine.disturbed(disturbance.shares()));
                results.replace(new Results(directory, question.name()));
            }
        }
    }
}
