package io.github.shm4j.benchmarks.report;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What do the calls cost, the kinds of arenas, and the first touch of a page? */
final class CallSection {

    private static final long TOUCHED_BYTES = 64 << 20;

    private final Data data;
    private final Charts charts;

    CallSection(Data data, Charts charts) {
        this.data = data;
        this.charts = charts;
    }

    void write(Map<String, String> parts) throws IOException {
        parts.put("callsTable", calls());
        parts.put("callsChart", chart());
        parts.put("callsArenas", arenas());
        parts.put("callsTouch", touch());
    }

    private static Map<String, String> names() {
        Map<String, String> names = new LinkedHashMap<>();
        names.put("open", "open by key");
        names.put("status", "status");
        names.put("ftok", "ftok");
        names.put("attachDetach", "attach, detach");
        names.put("cycle", "create, attach, touch, detach, remove");
        return names;
    }

    private String calls() {
        Table table = new Table(List.of("ns", "shm4j", "JNA", "C", "shm4j to C", "shm4j to JNA"));
        names().forEach((name, label) -> {
            Optional<Sample> ours = data.get("Shm4jCalls." + name);
            Optional<Sample> jna = data.get("Jna." + name);
            Optional<Sample> c = data.get("C." + name);
            table.add(List.of(label, cell(ours), cell(jna), cell(c), ratio(ours, c), ratio(ours, jna)));
        });
        table.add(List.of("attach, detach, without asking for the size", "–", "–",
                cell(data.get("C.attachDetachBlindly")), "–", "–"));
        return table.toString();
    }

    private String chart() throws IOException {
        Map<String, List<Double>> series = new LinkedHashMap<>();
        Map<String, String> tools = new LinkedHashMap<>();
        tools.put("shm4j", "Shm4jCalls.");
        tools.put("C", "C.");
        tools.put("JNA", "Jna.");
        tools.forEach((label, prefix) -> {
            List<Double> values = new ArrayList<>();
            names().keySet().forEach(name -> data.get(prefix + name).ifPresent(sample -> values.add(sample.median())));
            if (values.size() == names().size()) {
                series.put(label, values);
            }
        });
        List<String> categories = new ArrayList<>(names().values());
        categories.set(categories.size() - 1, "whole cycle");
        return charts.bars("calls", "Calls", "time", Units::time, true, categories, series);
    }

    private String arenas() {
        Table table = new Table(List.of("ns", "confined", "shared", "automatic"));
        table.add(List.of("open and close the arena alone", cell(data.get("Arenas.confined")),
                cell(data.get("Arenas.shared")), cell(data.get("Arenas.automatic")) + " (only opens)"));
        table.add(List.of("attach a block, and detach it", cell(data.get("Arenas.attachConfined")),
                cell(data.get("Arenas.attachShared")),
                cell(data.get("Arenas.attachAutomatic")) + " (with the collection that detaches)"));
        return table + "\nAn empty benchmark takes " + cell(data.get("Arenas.nothing")) + " ns.\n";
    }

    private String touch() {
        Table table = new Table(List.of("ns per 4 KiB", "shm4j", "C"));
        row(table, "first write to each page", "FirstTouch.firstTouch:4k", "C.firstTouch");
        row(table, "attach with `PRE_TOUCH`, all pages in one call", "FirstTouch.preTouch:4k", "C.preTouch");
        row(table, "write to each page once touched", "SecondTouch.secondTouch", null);
        row(table, "first write, huge pages", "FirstTouch.firstTouch:huge", "C.firstTouchHuge");
        row(table, "`PRE_TOUCH`, huge pages", "FirstTouch.preTouch:huge", "C.preTouchHuge");
        return table.toString();
    }

    private void row(Table table, String label, String ours, String c) {
        String missing = ours.endsWith(":huge") ? data.machine().missing().getOrDefault("huge pages", "–") : "–";
        table.add(List.of(
                label,
                data.get(ours).map(Units::withError).orElse(missing),
                c == null ? "–" : data.get(c, TOUCHED_BYTES).map(Units::withError).orElse("–")));
    }

    private String cell(Optional<Sample> sample) {
        return sample.map(Units::withError).orElse("–");
    }

    private static String ratio(Optional<Sample> ours, Optional<Sample> other) {
        return ours.flatMap(sample -> other.map(sample::over))
                .map(ratio -> Units.times(ratio.median()))
                .orElse("–");
    }
}
