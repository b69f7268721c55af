package io.github.shm4j.benchmarks.report;

import java.util.ArrayList;
import java.util.List;

/** A table in Markdown: the first column to the left, the others to the right. */
final class Table {

    private final StringBuilder text = new StringBuilder();

    Table(List<String> heads) {
        add(heads);
        List<String> rule = new ArrayList<>(List.of("---"));
        for (int column = 1; column < heads.size(); column++) {
            rule.add("---:");
        }
        add(rule);
    }

    void add(List<String> cells) {
        text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
