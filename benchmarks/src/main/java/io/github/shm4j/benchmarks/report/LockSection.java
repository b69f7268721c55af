package io.github.shm4j.benchmarks.report;

import io.github.shm4j.benchmarks.Directories;
import io.github.shm4j.benchmarks.crossing.CoreDistance.Distance;
import io.github.shm4j.benchmarks.state.ContendedLock;
import io.github.shm4j.benchmarks.state.Contention;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What does a lock cost that nobody else wants, and how often can two processes have one that both want? */
final class LockSection {

    private static final String ALONE = "UncontendedLock.acquireRelease";
    private static final String ALONE_C = "C.acquireRelease";
    private static final String CHANNEL = "ChannelLock.acquireRelease:";
    private static final List<String> DIRECTORIES = List.of(Directories.TMPFS, Directories.DISK);

    /** How much longer than C's mutex the lock may take. */
    private static final double MOST = 1.3;

    /** How many times as long the lock of a file has to take. */
    private static final double LEAST_OF_FILE = 20;

    /** How many acquisitions there have to be for each of C's. */
    private static final double LEAST_CONTENDED = 1;

    /** Bytes per operation that measuring itself may seem to allocate. */
    private static final double NO_BYTES = 0.01;

    private final Data data;
    private final ByDistance<Contention> contentions;
    private final Targets targets;

    /**
     * Makes the part.
     *
     * @param contentions what two processes did; none in results of an earlier version of the benchmarks
     */
    LockSection(Data data, List<Contention> contentions, Targets targets) {
        this.data = data;
        this.contentions = new ByDistance<>(contentions, unused -> "", LockSection::comparable);
        this.targets = targets;
    }

    private static boolean comparable(List<Contention> some) {
        return List.of(ContendedLock.OURS, ContendedLock.C).stream()
                .allMatch(name -> some.stream().anyMatch(each -> each.name().equals(name)));
    }

    void write(Map<String, String> parts) {
        data.get(ALONE).ifPresent(ours -> {
            parts.put("stateLock", aloneTable(ours));
            judgeAlone(ours);
        });
        if (!contentions.groups().isEmpty()) {
            parts.put("stateContention", contention());
        }
    }

    private String aloneTable(Sample ours) {
        Table table = new Table(List.of("one thread", "ns", "to C", "to shm4j", "bytes allocated"));
        row(table, "**shm4j**, `SharedLock`", ALONE, ours);
        row(table, "C, robust mutex", ALONE_C, ours);
        DIRECTORIES.forEach(each -> row(table, "`FileChannel.lock()`, " + each, CHANNEL + each, ours));
        return table.toString();
    }

    private void row(Table table, String label, String name, Sample ours) {
        data.get(name).ifPresent(time -> table.add(List.of(
                label,
                Units.withError(time),
                data.get(ALONE_C).map(c -> Units.times(time.over(c).median())).orElse("–"),
                Units.times(time.over(ours).median()),
                data.get(Data.allocated(name)).map(LockSection::bytes).orElse("–"))));
    }

    private static String bytes(Sample bytes) {
        return bytes.median() < NO_BYTES ? "0" : Units.number(bytes.median());
    }

    private void judgeAlone(Sample ours) {
        String what = "lock, one thread, time to acquire and release";
        data.get(ALONE_C).ifPresent(c -> targets.atMost(what + ": to C", MOST, ours.over(c)));
        List<Sample> files =
                DIRECTORIES.stream().flatMap(directory -> data.get(CHANNEL + directory).stream()).toList();
        if (!files.isEmpty()) {
            targets.atLeast(what + ": faster `FileChannel.lock()` to shm4j", LEAST_OF_FILE,
                    Sample.best(files).over(ours));
        }
        data.get(Data.allocated(ALONE))
                .ifPresent(bytes -> targets.noBytes("lock, one thread: bytes allocated", NO_BYTES, bytes));
    }

    /** What both sides of one competitor did, in all measurements. */
    private static final class Both {

        /** Millions of acquisitions per second. */
        private final Series millions;

        private double fewer;
        private double all;
        private double smallestShare = 1;

        Both(Optional<Distance> distance) {
            millions = new Series(distance);
        }

        void add(Contention contention) {
            List<Double> sums = new ArrayList<>();
            double first = 0;
            double second = 0;
            for (int slice = 0; slice < contention.firstPerSecond().size(); slice++) {
                double ofFirst = contention.firstPerSecond().get(slice);
                double ofSecond = contention.secondPerSecond().get(slice);
                first += ofFirst;
                second += ofSecond;
                sums.add((ofFirst + ofSecond) / 1e6);
                smallestShare = Math.min(smallestShare, Math.min(ofFirst, ofSecond) / (ofFirst + ofSecond));
            }
            millions.add(contention.round(), sums);
            fewer += Math.min(first, second);
            all += first + second;
        }

        String share() {
            return percent(fewer / all);
        }

        String smallestShare() {
            return percent(smallestShare);
        }

        private static String percent(double share) {
            return Units.number(100 * share) + " %";
        }
    }

    private String contention() {
        List<Contention> kept = contentions.kept();
        List<Contention> others = contentions.groups().stream()
                .filter(each -> kept.stream().noneMatch(shown -> shown.name().equals(each.name())))
                .toList();
        Map<String, Both> all = both(kept, Optional.of(kept.getFirst().distance()));
        // Who was not measured with the cores at this distance is shown, and compared with nobody.
        all.putAll(both(others, Optional.empty()));
        StringBuilder text = new StringBuilder(contentions.say(kept)).append(table(all)).append('\n');
        judgeContended(all);
        if (kept.getFirst().distance() != Distance.FAR) {
            List<Contention> far = contentions.far();
            Map<String, Both> allFar = both(far, Optional.of(Distance.FAR));
            text.append(RingTables.far(far, tableFar(allFar)));
            judgeContended(allFar);
        }
        return text.toString();
    }

    /** In the order of tables. */
    private static Map<String, Both> both(List<Contention> some, Optional<Distance> distance) {
        Map<String, Both> all = new LinkedHashMap<>();
        Stream.of(ContendedLock.OURS, ContendedLock.C).forEach(name -> some.stream()
                .filter(each -> each.name().equals(name))
                .forEach(each -> all.computeIfAbsent(name, unused -> new Both(distance)).add(each)));
        return all;
    }

    private static Table table(Map<String, Both> all) {
        Table table = new Table(List.of("two processes", "million acquisitions/s", "slowest – fastest slice", "to C",
                "share of the side with fewer", "in its worst slice"));
        all.forEach((name, both) -> table.add(List.of(
                RingTables.label(name, both.millions),
                Units.withError(both.millions.sample()),
                RingTables.range(both.millions.sample()),
                RingTables.cell(both.millions, series(all, ContendedLock.C)),
                both.share(),
                both.smallestShare())));
        return table;
    }

    private static Table tableFar(Map<String, Both> all) {
        Table table =
                new Table(List.of("two processes", "million acquisitions/s", "to C", "share of the side with fewer",
                        "in its worst slice", "measurements"));
        all.forEach((name, both) -> table.add(List.of(
                RingTables.label(name),
                Units.withError(both.millions.sample()),
                RingTables.cellApart(both.millions, series(all, ContendedLock.C)),
                both.share(),
                both.smallestShare(),
                Integer.toString(both.millions.measurements))));
        return table;
    }

    private static Series series(Map<String, Both> all, String name) {
        return Optional.ofNullable(all.get(name)).map(both -> both.millions).orElse(null);
    }

    private void judgeContended(Map<String, Both> all) {
        Series ours = series(all, ContendedLock.OURS);
        Series c = series(all, ContendedLock.C);
        if (ours == null) {
            return;
        }
        String what = "lock, two processes, acquisitions per second: to C" + RingTables.distance(ours);
        ours.over(c).ifPresent(ratio -> targets.atLeast(what, LEAST_CONTENDED, ratio));
        // Far is met now and then only.
        if (ours.distance.equals(Optional.of(Distance.FAR))) {
            ours.overApart(c)
                    .ifPresent(ratio -> targets.atLeast(what + ", in different rounds", LEAST_CONTENDED, ratio));
        }
    }
}
