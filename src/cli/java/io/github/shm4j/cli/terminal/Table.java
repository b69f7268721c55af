package io.github.shm4j.cli.terminal;

import java.util.ArrayList;
import java.util.List;

/**
 * Rows of text in columns, which can be made to fit a width.
 *
 * <p>A table that is too wide first shortens its flexible column, then drops expendable columns, and at last cuts its lines.
 */
public final class Table {

    /** The width of output that is not a terminal. */
    public static final int UNLIMITED = 1 << 30;

    private static final int GAP = 2;

    private record Row(String style, String[] cells, int[] widths) {}

    private final String[] headings;
    private final boolean[] right;
    private final int[] widest;
    private final List<Row> rows = new ArrayList<>();
    private int flexible = -1;
    private int[] expendable = {};

    public Table(String[] headings, boolean[] right) {
        this.headings = headings;
        this.right = right;
        widest = new int[headings.length];
    }

    /** Names the column that may be shortened. */
    public void setFlexible(int column) {
        flexible = column;
    }

    /** Names the columns that may be left out, in this order. */
    public void setExpendable(int... columns) {
        expendable = columns;
    }

    /**
     * Adds a row.
     *
     * @param style the escape sequence that sets its colours, or {@code null}
     */
    public void add(String style, String... cells) {
        Row row = row(style, cells);
        rows.add(row);
        for (int column = 0; column < widest.length; column++) {
            widest[column] = Math.max(widest[column], row.widths[column]);
        }
    }

    private static Row row(String style, String[] cells) {
        int[] widths = new int[cells.length];
        for (int column = 0; column < cells.length; column++) {
            widths[column] = Printable.width(cells[column]);
        }
        return new Row(style, cells, widths);
    }

    /** {@return the lines of the table, without trailing white space} */
    public List<String> lines(boolean withHeadings, int width) {
        int[] widths = widths(withHeadings);
        boolean[] out = new boolean[headings.length];
        fit(widths, out, width);
        List<String> lines = new ArrayList<>(rows.size() + 1);
        StringBuilder line = new StringBuilder();
        if (withHeadings) {
            append(line, row(null, headings), widths, out);
            lines.add(Printable.cut(line.toString(), width));
        }
        for (Row row : rows) {
            line.setLength(0);
            append(line, row, widths, out);
            String text = Printable.cut(line.toString(), width);
            lines.add(row.style == null ? text : row.style + text + Colour.RESET);
        }
        return lines;
    }

    /** {@return the whole table as one text, in full width and without colours} */
    public String text(boolean withHeadings) {
        int[] widths = widths(withHeadings);
        boolean[] out = new boolean[headings.length];
        StringBuilder text = new StringBuilder();
        if (withHeadings) {
            append(text, row(null, headings), widths, out);
            text.append('\n');
        }
        for (Row row : rows) {
            append(text, row, widths, out);
            text.append('\n');
        }
        return text.toString();
    }

    private int[] widths(boolean withHeadings) {
        int[] widths = widest.clone();
        for (int column = 0; withHeadings && column < widths.length; column++) {
            widths[column] = Math.max(widths[column], headings[column].length());
        }
        return widths;
    }

    private void fit(int[] widths, boolean[] out, int width) {
        int excess = -width - GAP;
        for (int columnWidth : widths) {
            excess += columnWidth + GAP;
        }
        if (excess > 0 && flexible >= 0) {
            int least = Math.min(widths[flexible], headings[flexible].length());
            int shorter = Math.min(excess, widths[flexible] - least);
            widths[flexible] -= shorter;
            excess -= shorter;
        }
        for (int i = 0; i < expendable.length && excess > 0; i++) {
            out[expendable[i]] = true;
            excess -= widths[expendable[i]] + GAP;
        }
        // A column that was left out may have made more room than was missing.
        if (excess < 0 && flexible >= 0 && !out[flexible]) {
            widths[flexible] = Math.min(
                    Math.max(widest[flexible], headings[flexible].length()), widths[flexible] - excess);
        }
    }

    private void append(StringBuilder text, Row row, int[] widths, boolean[] out) {
        int blanks = 0;
        for (int column = 0; column < widths.length; column++) {
            if (out[column]) {
                continue;
            }
            String cell = row.cells[column];
            int padding = widths[column] - row.widths[column];
            if (padding < 0) {
                cell = Printable.cut(cell, widths[column]);
                padding = widths[column] - Printable.width(cell);
            }
            if (right[column]) {
                blanks += padding;
                padding = 0;
            }
            if (!cell.isEmpty()) {
                for (; blanks > 0; blanks--) {
                    text.append(' ');
                }
                text.append(cell);
            }
            blanks += padding + GAP;
        }
    }
}
