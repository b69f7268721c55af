package io.github.shm4j.cli;

import java.util.ArrayList;
import java.util.List;

/**
 * Rows of text in columns, which can be made to fit a width.
 *
 * <p>A table that is too wide first shortens its flexible column, then gives up columns that are not required, and at last
 * cuts its lines.
 */
final class Table {

    /** The width of what is not a terminal. */
    static final int UNLIMITED = 1 << 30;

    private static final String GAP = "  ";

    private final String[] headings;
    private final boolean[] right;
    private final List<String[]> rows = new ArrayList<>();
    private final List<String> styles = new ArrayList<>();
    private int flexible = -1;
    private int[] expendable = {};

    Table(String[] headings, boolean[] right) {
        this.headings = headings;
        this.right = right;
    }

    /** Names the column that may be shortened. */
    void setFlexible(int column) {
        flexible = column;
    }

    /** Names the columns that may be left out, the first one first. */
    void setExpendable(int... columns) {
        expendable = columns;
    }

    /**
     * Adds a row.
     *
     * @param style the escape sequence that sets its colours, or {@code null}
     */
    void add(String style, String... cells) {
        rows.add(cells);
        styles.add(style);
    }

    /** {@return the lines of the table, without trailing white space} */
    List<String> lines(boolean withHeadings, int width) {
        int[] widths = widths(withHeadings);
        boolean[] out = new boolean[headings.length];
        fit(widths, out, width);
        List<String> lines = new ArrayList<>(rows.size() + 1);
        if (withHeadings) {
            lines.add(line(headings, widths, out, width, null));
        }
        for (int i = 0; i < rows.size(); i++) {
            lines.add(line(rows.get(i), widths, out, width, styles.get(i)));
        }
        return lines;
    }

    private int[] widths(boolean withHeadings) {
        int[] widths = new int[headings.length];
        for (int column = 0; column < widths.length; column++) {
            widths[column] = withHeadings ? headings[column].length() : 0;
        }
        for (String[] row : rows) {
            for (int column = 0; column < widths.length; column++) {
                widths[column] = Math.max(widths[column], Printable.width(row[column]));
            }
        }
        return widths;
    }

    private void fit(int[] widths, boolean[] out, int width) {
        int excess = -width - GAP.length();
        for (int columnWidth : widths) {
            excess += columnWidth + GAP.length();
        }
        if (excess > 0 && flexible >= 0) {
            int least = Math.min(widths[flexible], headings[flexible].length());
            int shorter = Math.min(excess, widths[flexible] - least);
            widths[flexible] -= shorter;
            excess -= shorter;
        }
        for (int i = 0; i < expendable.length && excess > 0; i++) {
            out[expendable[i]] = true;
            excess -= widths[expendable[i]] + GAP.length();
        }
        // Leaving out a column may have made more room than was missing.
        if (excess < 0 && flexible >= 0 && !out[flexible]) {
            int longest = headings[flexible].length();
            for (String[] row : rows) {
                longest = Math.max(longest, Printable.width(row[flexible]));
            }
            widths[flexible] = Math.min(longest, widths[flexible] - excess);
        }
    }

    private String line(String[] cells, int[] widths, boolean[] out, int width, String style) {
        StringBuilder line = new StringBuilder();
        int blanks = 0;
        for (int column = 0; column < cells.length; column++) {
            if (out[column]) {
                continue;
            }
            String cell = Printable.cut(cells[column], widths[column]);
            int padding = widths[column] - Printable.width(cell);
            if (right[column]) {
                blanks += padding;
                padding = 0;
            }
            if (!cell.isEmpty()) {
                append(line, blanks);
                line.append(cell);
                blanks = 0;
            }
            blanks += padding + GAP.length();
        }
        String text = line.toString();
        if (width < UNLIMITED) {
            text = Printable.cut(text, width);
        }
        return style == null ? text : style + text + Colour.RESET;
    }

    private static void append(StringBuilder line, int blanks) {
        for (int i = 0; i < blanks; i++) {
            line.append(' ');
        }
    }
}
