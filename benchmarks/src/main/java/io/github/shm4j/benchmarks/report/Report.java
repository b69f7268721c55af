package io.github.shm4j.benchmarks.report;

import io.github.shm4j.benchmarks.crossing.CrossingQuestion;
import io.github.shm4j.benchmarks.relay.RelayQuestion;
import io.github.shm4j.benchmarks.rings.BroadcastFlow;
import io.github.shm4j.benchmarks.rings.RingQuestion;
import io.github.shm4j.benchmarks.state.Contention;
import io.github.shm4j.benchmarks.suite.Machine;
import io.github.shm4j.benchmarks.suite.Results;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Fills the tables and charts into the page, whose text stands in {@code benchmarks.md} beside this class. */
public final class Report {

    private static final Pattern PLACE = Pattern.compile("\\{\\{(\\w+)}}\\n?");

    /** What was measured for a target that the table has, too, or for C in its place. */
    private static final Pattern MEASURED = Pattern.compile("\\{\\{(C?)= ([^}]+)}}");

    static final String NOT_MEASURED = "*not measured*";

    private static final String NOTHING = "*Not measured yet: `benchmarks/run --only %s` does it.*\n";

    /** The share of the processors that others may use without a warning. */
    private static final double QUIET = 0.05;

    private final Path results;
    private final Path docs;

    /**
     * Makes a report.
     *
     * @param results the directory that has what was measured
     * @param docs the directory to write {@code benchmarks.md} and the directory {@code benchmarks} into
     */
    public Report(Path results, Path docs) {
        this.results = results;
        this.docs = docs;
    }

    /** Writes it. */
    public void write() throws IOException {
        Files.createDirectories(docs.resolve("benchmarks"));
        write(true);
    }

    /** Writes the page alone, which takes a small part of the time. */
    public void writeWithoutCharts() throws IOException {
        write(false);
    }

    private void write(boolean draws) throws IOException {
        Charts charts = new Charts(docs.resolve("benchmarks"), draws);
        Map<String, String> parts = new LinkedHashMap<>();
        Map<String, Machine> machines = new LinkedHashMap<>();
        Targets targets = new Targets();

        Results copy = new Results(results, "copy");
        if (copy.exist()) {
            Data data = Data.read(copy);
            machines.put("copy", data.machine());
            new CopySection(data, charts, targets).write(parts);
        }
        Results calls = new Results(results, "calls");
        if (calls.exist()) {
            Data data = Data.read(calls);
            machines.put("calls", data.machine());
            new CallSection(data, charts).write(parts);
        }
        Results crossing = new Results(results, "crossing");
        if (crossing.exist()) {
            machines.put("crossing", crossing.read("machine", Machine.class));
            new CrossingSection(List.of(crossing.read("groups", CrossingQuestion.Group[].class)), charts, targets)
                    .write(parts);
        }
        Results rings = new Results(results, "rings");
        if (rings.exist()) {
            Data data = Data.read(rings);
            machines.put("rings", data.machine());
            new RingSection(
                    List.of(rings.read("flows", RingQuestion.Flow[].class)),
                    List.of(rings.read("round-trips", RingQuestion.RoundTrips[].class)),
                    data,
                    charts,
                    targets)
                    .write(parts);
        }
        Results state = new Results(results, "state");
        if (state.exist()) {
            Data data = Data.read(state);
            machines.put("state", data.machine());
            new LatestValueSection(data, targets).write(parts);
            Contention[] contentions = state.readIfExists("contentions", Contention[].class).orElse(new Contention[0]);
            new LockSection(data, List.of(contentions), targets).write(parts);
            BroadcastFlow[] broadcasts =
                    state.readIfExists("broadcasts", BroadcastFlow[].class).orElse(new BroadcastFlow[0]);
            new BroadcastSection(List.of(broadcasts), targets).write(parts);
        }
        Results relay = new Results(results, "relay");
        if (relay.exist()) {
            machines.put("relay", relay.read("machine", Machine.class));
            new RelaySection(
                    List.of(relay.read("flows", RingQuestion.Flow[].class)),
                    List.of(relay.read("round-trips", RingQuestion.RoundTrips[].class)),
                    List.of(relay.read("allocated", RelayQuestion.Allocated[].class)),
                    targets)
                    .write(parts);
        }
        Results startup = new Results(results, "startup");
        if (startup.exist()) {
            machines.put("startup", startup.read("machine", Machine.class));
            new StartupSection(startup, charts).write(parts);
        }
        parts.put("machine", machine(machines));
        parts.put("targets", targets.table());
        Files.writeString(docs.resolve("benchmarks.md"), fill(parts, targets));
    }

    private static String fill(Map<String, String> parts, Targets targets) throws IOException {
        String template;
        try (InputStream stream = Report.class.getResourceAsStream("benchmarks.md")) {
            template = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
        String said = MEASURED.matcher(template)
                .replaceAll(place -> Matcher.quoteReplacement(
                        targets.measured(place.group(2), !place.group(1).isEmpty()).orElse(NOT_MEASURED)));
        return PLACE.matcher(said)
                .replaceAll(place -> {
                    String name = place.group(1);
                    String question = name.replaceAll("[A-Z].*", "");
                    return Matcher.quoteReplacement(parts.getOrDefault(name, NOTHING.formatted(question)));
                });
    }

    /** One column for each question: each may have been measured at another time. */
    private static String machine(Map<String, Machine> machines) {
        if (machines.isEmpty()) {
            return "";
        }
        List<String> heads = new ArrayList<>(List.of(""));
        heads.addAll(machines.keySet());
        Table table = new Table(heads);
        add(table, "measured (UTC)", machines, Machine::date);
        add(table, "commit", machines, Machine::commit);
        add(table, "length of the run", machines, Machine::plan);
        add(table, "load average before", machines, Machine::load);
        add(table, "priority (nice)", machines, machine -> Integer.toString(machine.nice()));
        add(table, "processors used by other programs meanwhile", machines, machine -> percent(machine.others()));
        add(table, "processors used by other machines of the host", machines, machine -> percent(machine.stolen()));
        add(table, "heap touched before", machines, machine -> machine.heapTouched() ? "yes" : "no");
        Machine machine = machines.values().iterator().next();
        StringBuilder text = new StringBuilder(warning(machines)).append(table).append('\n');
        line(text, "Processor", processor(machine));
        machines.forEach((question, other) -> {
            if (!processor(other).equals(processor(machine))) {
                line(text, "Processor for " + question, processor(other));
            }
        });
        line(text, "Memory", Units.number(machine.memory() / (double) (1 << 30)) + " GiB");
        line(text, "Kernel", "Linux " + machine.kernel() + ", clock " + machine.clock());
        line(text, "Transparent huge pages", machine.transparentHugePages());
        line(text, "File systems", "disk is " + machine.disk() + ", tmpfs is " + machine.tmpfs());
        line(text, "JVM", machine.jdk());
        line(text, "C", machine.compiler() + ", -O2, " + machine.libc());
        line(text, "PHP", machine.php());
        for (Map.Entry<String, Machine> each : machines.entrySet()) {
            each.getValue().missing().forEach((what, why) -> line(text, "Not measured for " + each.getKey(),
                    what + ": " + why));
        }
        return text.toString();
    }

    private static String processor(Machine machine) {
        return machine.cpu() + ", " + machine.cores() + " cores, virtual machine: " + machine.virtual();
    }

    /** What a reader must know before any figure. */
    private static String warning(Map<String, Machine> machines) {
        DoubleSummaryStatistics lost = machines.values().stream()
                .mapToDouble(machine -> machine.others() + machine.stolen())
                .summaryStatistics();
        return lost.getMax() < QUIET ? ""
                : "> **The machine was not quiet**: others used " + percent(lost.getMin()) + " to "
                        + percent(lost.getMax()) + " of its processors while this was measured. Errors are large,"
                        + " p99 and above show the scheduler, and a target that is missed here may be reached"
                        + " elsewhere. Ratios suffer less than times.\n\n";
    }

    private static String percent(double share) {
        return Math.round(100 * share) + " %";
    }

    private static void add(
            Table table, String what, Map<String, Machine> machines, Function<Machine, String> value) {
        List<String> cells = new ArrayList<>(List.of(what));
        machines.values().forEach(machine -> cells.add(value.apply(machine)));
        table.add(cells);
    }

    private static void line(StringBuilder text, String what, String value) {
        text.append("- ").append(what).append(": ").append(value).append('\n');
    }
}
