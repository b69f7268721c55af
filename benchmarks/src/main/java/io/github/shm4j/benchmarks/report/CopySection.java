package io.github.shm4j.benchmarks.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/** How long does one process take to store bytes where another one can find them, and to fetch them back? */
final class CopySection {

    private static final String ARRAY = "SegmentArray.writeThenRead";
    private static final String NATIVE = "SegmentNative.writeThenRead";
    private static final String HEAP = "HeapSegment.writeThenRead";
    private static final String SHMOP = "ShmopFacade.writeThenRead";
    private static final String SHMOP_NEW = "ShmopFacade.writeThenReadNew";
    private static final String C = "C.writeThenRead";
    private static final String PHP = "PHP.writeThenRead";

    /** The best of these, in each round, is what plain file IPC is. */
    private static final List<String> FILES = List.of(
            "PositionalChannel.writeThenRead:tmpfs",
            "PositionalChannel.writeThenRead:disk",
            "PositionalChannel.writeThenReadDirect:tmpfs",
            "PositionalChannel.writeThenReadDirect:disk");

    private static final List<String> MAPPED = List.of(
            "MappedFile.segmentWriteThenRead:tmpfs",
            "MappedFile.segmentWriteThenRead:disk",
            "MappedFile.bufferWriteThenRead:tmpfs",
            "MappedFile.bufferWriteThenRead:disk");

    private static final Map<String, String> LABELS = new LinkedHashMap<>();

    static {
        LABELS.put(C, "C `memcpy`");
        LABELS.put(ARRAY, "**shm4j**, array");
        LABELS.put(NATIVE, "**shm4j**, native segment");
        LABELS.put(SHMOP, "**shm4j** shmop facade");
        LABELS.put(SHMOP_NEW, "**shm4j** shmop facade, new array");
        LABELS.put(PHP, "PHP shmop, new string");
        LABELS.put("JnaPointer.writeThenRead", "JNA `Pointer`, same kind of block");
        LABELS.put(HEAP, "another array of the JVM, segment");
        LABELS.put(MAPPED.get(0), "mapped file, segment, tmpfs");
        LABELS.put(MAPPED.get(1), "mapped file, segment, disk");
        LABELS.put(MAPPED.get(2), "mapped file, `ByteBuffer`, tmpfs");
        LABELS.put(MAPPED.get(3), "mapped file, `ByteBuffer`, disk");
        LABELS.put(FILES.get(2), "`FileChannel`, direct buffer, tmpfs");
        LABELS.put(FILES.get(3), "`FileChannel`, direct buffer, disk");
        LABELS.put(FILES.get(0), "`FileChannel`, array, tmpfs");
        LABELS.put(FILES.get(1), "`FileChannel`, array, disk");
        LABELS.put("RandomAccess.writeThenRead:tmpfs", "`RandomAccessFile`, tmpfs");
        LABELS.put("RandomAccess.writeThenRead:disk", "`RandomAccessFile`, disk");
        LABELS.put("WholeFile.writeThenRead:tmpfs", "`Files.write`, `readAllBytes`, tmpfs");
        LABELS.put("WholeFile.writeThenRead:disk", "`Files.write`, `readAllBytes`, disk");
        LABELS.put("PositionalChannel.writeForceThenReadDirect:disk", "`FileChannel`, direct buffer, disk, forced");
    }

    /** How many times as long a segment's copies may take as the same copies elsewhere. */
    private static final double SAME = 1.03;

    private static final String UNKNOWN = "–";

    /** Errors larger than this, compared with what is measured, decide nothing. */
    private static final double UNDECIDED = 0.2;

    private final Data data;
    private final Charts charts;
    private final Targets targets;
    private final List<Long> sizes;

    CopySection(Data data, Charts charts, Targets targets) {
        this.data = data;
        this.charts = charts;
        this.targets = targets;
        this.sizes = data.sizes();
    }

    void write(Map<String, String> parts) throws IOException {
        parts.put("copyTime", table(this::time));
        parts.put("copyRate", table(this::rate));
        parts.put("copyToC", table((name, size) -> ratio(name, size, data.get(C, size))));
        parts.put("copyToFiles", table((name, size) -> data.get(name, size)
                .flatMap(sample -> best(FILES, size).map(files -> Units.times(files.over(sample).median())))
                .orElse("–")));
        parts.put("copyToSame", toSame());
        parts.put("copyOneWay", oneWay());
        parts.put("copyTimeChart", charts.lines(
                "copy-time",
                "Write, then read, in one process",
                "time for both",
                Units::time,
                lines(false)));
        parts.put("copyRateChart", charts.lines(
                "copy-rate",
                "Write, then read, in one process: bytes copied",
                "GB/s",
                Units::plain,
                lines(true)));
        parts.put("copyLosses", losses());
        addTargets();
    }

    private interface Cell {
        String text(String name, long size);
    }

    private String table(Cell cell) {
        List<String> heads = new ArrayList<>(List.of(""));
        sizes.forEach(size -> heads.add(Units.bytes(size)));
        Table table = new Table(heads);
        LABELS.forEach((name, label) -> {
            // Results of an earlier version of the benchmarks lack what has been added since.
            if (!isMeasured(name) && missing(name).equals(UNKNOWN)) {
                return;
            }
            List<String> cells = new ArrayList<>(List.of(label));
            sizes.forEach(size -> cells.add(cell.text(name, size)));
            table.add(cells);
        });
        return table.toString();
    }

    private String time(String name, long size) {
        return data.get(name, size).map(Units::withError).orElseGet(() -> missing(name));
    }

    private String rate(String name, long size) {
        return data.get(name, size).map(sample -> Units.number(2 * size / sample.median())).orElse("–");
    }

    private String ratio(String name, long size, Optional<Sample> to) {
        return data.get(name, size)
                .flatMap(sample -> to.map(other -> Units.times(sample.over(other).median())))
                .orElse("–");
    }

    private String missing(String name) {
        String why = data.machine().missing().get(name.substring(0, name.indexOf('.')));
        return why == null ? UNKNOWN : why;
    }

    private Optional<Sample> best(List<String> names, long size) {
        List<Sample> samples = names.stream().map(name -> data.get(name, size)).flatMap(Optional::stream).toList();
        return samples.isEmpty() ? Optional.empty() : Optional.of(Sample.best(samples));
    }

    /** A segment's copies as a multiple of the same copies elsewhere. */
    private String toSame() {
        List<String> heads = new ArrayList<>(List.of("**shm4j**, array, to the same copies"));
        sizes.forEach(size -> heads.add(Units.bytes(size)));
        Table table = new Table(heads);
        Map<String, String> elsewhere = new LinkedHashMap<>();
        elsewhere.put(MAPPED.get(0), "over a mapped file, tmpfs");
        elsewhere.put(MAPPED.get(1), "over a mapped file, disk");
        elsewhere.put(HEAP, "between arrays of the JVM");
        elsewhere.forEach((name, label) -> {
            if (isMeasured(name)) {
                row(table, label, size -> ratio(ARRAY, size, data.get(name, size)));
            }
        });
        return table.toString();
    }

    private boolean isMeasured(String name) {
        return sizes.stream().anyMatch(size -> data.get(name, size).isPresent());
    }

    private String oneWay() {
        List<String> heads = new ArrayList<>(List.of(""));
        sizes.forEach(size -> heads.add(Units.bytes(size)));
        Table table = new Table(heads);
        for (String way : List.of("write", "read")) {
            String in = way.equals("write") ? "into the block" : "out of the block";
            row(table, "C `memcpy` " + in, size -> time("C." + way, size));
            row(table, "C `memcpy` " + in + ", vectors only", size -> time("C, vectors." + way, size));
            for (String kind : List.of("Array", "Native")) {
                String label = "**shm4j** " + in + ", " + (kind.equals("Array") ? "array" : "native segment");
                row(table, label, size -> time("Segment" + kind + "." + way, size));
                row(table, label + ", to C",
                        size -> ratio("Segment" + kind + "." + way, size, data.get("C." + way, size)));
            }
        }
        row(table, "JVM, from array to array, `System.arraycopy`", size -> time("HeapArray.write", size));
        row(table, "JVM, from array to array, to C",
                size -> ratio("HeapArray.write", size, data.get("C.write", size)));
        return table.toString();
    }

    private interface BySize {
        String of(long size);
    }

    private void row(Table table, String label, BySize cell) {
        List<String> cells = new ArrayList<>(List.of(label));
        sizes.forEach(size -> cells.add(cell.of(size)));
        table.add(cells);
    }

    private List<Charts.Line> lines(boolean rate) {
        Map<String, String> shown = new LinkedHashMap<>();
        shown.put(ARRAY, "shm4j, array");
        shown.put(C, "C memcpy");
        shown.put(SHMOP, "shm4j shmop facade");
        shown.put("JnaPointer.writeThenRead", "JNA Pointer");
        shown.put(PHP, "PHP shmop");
        shown.put(MAPPED.get(0), "mapped file, tmpfs");
        shown.put(FILES.get(2), "FileChannel, tmpfs");
        shown.put(FILES.get(3), "FileChannel, disk");
        shown.put("WholeFile.writeThenRead:tmpfs", "Files.write, tmpfs");
        shown.put("PositionalChannel.writeForceThenReadDirect:disk", "FileChannel, forced");
        List<Charts.Line> lines = new ArrayList<>();
        shown.forEach((name, label) -> {
            Map<Long, Double> points = new TreeMap<>();
            for (long size : sizes) {
                data.get(name, size)
                        .map(Sample::median)
                        .ifPresent(nanos -> points.put(size, rate ? 2 * size / nanos : nanos));
            }
            if (!points.isEmpty()) {
                lines.add(new Charts.Line(label, points, name.equals(C)));
            }
        });
        return lines;
    }

    /** Names every competitor that was faster than the attached segment by more than the errors. */
    private String losses() {
        StringBuilder text = new StringBuilder();
        for (long size : sizes) {
            Optional<Sample> ours = data.get(ARRAY, size);
            List<String> faster = LABELS.keySet().stream()
                    .filter(name -> !List.of(ARRAY, NATIVE, SHMOP, SHMOP_NEW, HEAP).contains(name))
                    .map(name -> data.get(name, size)
                            .filter(sample -> ours.isPresent() && sample.high() < ours.get().low())
                            .map(sample -> LABELS.get(name) + " ("
                                    + Units.times(ours.get().over(sample).median()) + ")")
                            .orElse(null))
                    .filter(Objects::nonNull)
                    .toList();
            if (!faster.isEmpty()) {
                text.append("- ").append(Units.bytes(size)).append(": ").append(String.join(", ", faster)).append('\n');
            }
        }
        return text.isEmpty() ? "- none\n" : text.toString();
    }

    private void addTargets() {
        for (long size : sizes) {
            double limit = size >= 64 << 10 ? 1.1 : 1.3;
            if (size < 64) {
                continue;
            }
            for (String way : List.of("write", "read")) {
                for (String kind : List.of("Array", "Native")) {
                    data.get("C." + way, size).ifPresent(c -> data.get("Segment" + kind + "." + way, size)
                            .ifPresent(ours -> targets.atMost(
                                    Units.bytes(size) + ", " + way + ", " + (kind.equals("Array") ? "array" : "native")
                                            + ": time to C `memcpy`",
                                    limit,
                                    ours.over(c))));
                }
            }
        }
        Map<Long, Double> overFiles = new LinkedHashMap<>();
        overFiles.put(64L, 80.0);
        overFiles.put(1L << 10, 40.0);
        overFiles.put(64L << 10, 1.8);
        overFiles.put(1L << 20, 1.25);
        overFiles.forEach((size, limit) -> data.get(ARRAY, size).ifPresent(ours -> best(FILES, size)
                .ifPresent(files -> targets.atLeast(
                        Units.bytes(size) + ", write then read: best `FileChannel` to shm4j", limit, files.over(
                                ours)))));
        for (long size : sizes) {
            same(size, "over a mapped file", best(MAPPED.subList(0, 2), size));
            same(size, "between arrays of the JVM", data.get(HEAP, size));
        }
        for (long size : sizes) {
            if (size == 64 || size >= 64 << 10) {
                data.get(PHP, size).ifPresent(php -> data.get(SHMOP_NEW, size)
                        .ifPresent(ours -> targets.atLeast(
                                Units.bytes(size) + ": PHP's shmop to the shmop facade, both allocating",
                                size == 64 ? 2 : 1,
                                php.over(ours))));
                data.get(PHP, size).ifPresent(php -> data.get(SHMOP, size)
                        .ifPresent(ours -> targets.atLeast(
                                Units.bytes(size) + ": PHP's shmop to the shmop facade, into the caller's array",
                                size == 64 ? 2 : 1,
                                php.over(ours))));
            }
        }
    }

    /** Judges the copies of a segment by the same copies elsewhere. */
    private void same(long size, String where, Optional<Sample> elsewhere) {
        data.get(ARRAY, size).ifPresent(ours -> elsewhere.ifPresent(other -> {
            String what = Units.bytes(size) + ", write then read: time to the same copies " + where;
            if ((ours.error() + other.error()) / other.median() > UNDECIDED) {
                targets.undecided(what, SAME, ours.over(other));
            } else {
                targets.atMost(what, SAME, ours.over(other));
            }
        }));
    }
}
