package io.github.shm4j.cli.list;

import io.github.shm4j.ShmStatus;
import io.github.shm4j.cli.terminal.Colour;
import io.github.shm4j.cli.terminal.Key;
import io.github.shm4j.cli.terminal.Printable;
import io.github.shm4j.cli.terminal.Sizes;
import io.github.shm4j.cli.terminal.Table;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * The contents of the screen of {@code shm4j watch}: a line of totals, as many blocks as fit, marks for recent events, and
 * the number of blocks above and below.
 */
final class WatchView {

    private static final String KEYS = "h help  q quit";

    private static final List<String> HELP = List.of(
            "Up Down k j      scroll by a line",
            "PgUp PgDn b f    scroll by a screen",
            "Home End g G     go to the first, to the last",
            "< >              sort by the column before, by the next one",
            "r                sort the other way round",
            "Ctrl-L           draw the screen anew",
            "h ?              this help; any key ends it",
            "q Ctrl-C         quit",
            "",
            "+ appeared  - vanished  ^ attached once more  ! became an orphan");

    private final BlockFilter filter;
    private final BlockTable layout;
    private final boolean numeric;
    private final BlockEvents events = new BlockEvents();
    private Listing listing;
    private List<ShmStatus> present = List.of();
    private List<ShmStatus> shown = List.of();
    private int top;
    private int room = 1;
    private boolean help;

    WatchView(BlockFilter filter, BlockTable layout, boolean numeric) {
        this.filter = filter;
        this.layout = layout;
        this.numeric = numeric;
    }

    /** Looks at the blocks again. */
    void refresh() throws IOException {
        listing = listing == null ? Listing.take(numeric) : listing.again();
        present = filter.apply(listing);
        events.update(present, listing);
    }

    /** Acts on a key. */
    void press(Key key) {
        if (key == Key.NONE || key == Key.REDRAW) {
            return;
        }
        if (help) {
            help = false;
            return;
        }
        switch (key) {
            case UP -> top--;
            case DOWN -> top++;
            case PAGE_UP -> top -= room;
            case PAGE_DOWN -> top += room;
            case HOME -> top = 0;
            case END -> top = shown.size();
            case SORT_BY_PREVIOUS -> sortBy(-1);
            case SORT_BY_NEXT -> sortBy(1);
            case REVERSE -> reverse();
            case HELP -> help = true;
            default -> {
                // The caller's concern.
            }
        }
    }

    /** Goes to another column. The order of appearance comes before the first and behind the last one. */
    private void sortBy(int step) {
        List<Column> columns = layout.columns();
        SortOrder order = layout.order();
        int count = columns.size() + 1;
        int next = Math.floorMod((order == null ? -1 : columns.indexOf(order.column())) + 1 + step, count) - 1;
        layout.setOrder(next < 0 ? null : new SortOrder(columns.get(next), order != null && order.descending()));
    }

    private void reverse() {
        SortOrder order = layout.order();
        if (order != null) {
            layout.setOrder(new SortOrder(order.column(), !order.descending()));
        }
    }

    /** {@return all lines, as wide as may be} */
    List<String> lines(int width, boolean colours) {
        List<String> lines = new ArrayList<>();
        lines.add(title(width, colours));
        lines.addAll(rows(width, colours));
        return lines;
    }

    /** {@return the lines that fit a terminal} */
    List<String> lines(int width, int height, boolean colours) {
        List<String> lines = new ArrayList<>();
        lines.add(title(width, colours));
        List<String> rows = rows(width, colours);
        int headings = layout.hasHeadings() ? 1 : 0;
        // A very low screen has no foot.
        boolean foot = height > headings + 2;
        room = Math.max(1, height - 1 - headings - (foot ? 1 : 0));
        top = Math.max(0, Math.min(top, shown.size() - room));
        if (help) {
            for (String line : HELP) {
                lines.add(Printable.cut(line, width));
            }
        } else {
            lines.addAll(rows.subList(0, headings));
            lines.addAll(rows.subList(headings + top, Math.min(rows.size(), headings + top + room)));
            if (foot) {
                while (lines.size() < height - 1) {
                    lines.add("");
                }
                lines.add(Printable.cut(foot(width), width));
            }
        }
        return lines.subList(0, Math.min(height, lines.size()));
    }

    private List<String> rows(int width, boolean colours) {
        shown = layout.sort(events.shown(), listing);
        Table table = layout.table(shown, "");
        for (ShmStatus block : shown) {
            BlockEvents.Event event = events.event(block);
            String style = event.style() != null ? event.style() : BlockTable.style(block, listing);
            layout.add(table, colours ? style : null, block, listing, event.mark());
        }
        return table.lines(layout.hasHeadings(), width);
    }

    private String title(int width, boolean colours) {
        BigInteger bytes = BigInteger.ZERO;
        int orphans = 0;
        for (ShmStatus block : present) {
            bytes = bytes.add(BigInteger.valueOf(block.size()));
            orphans += listing.isOrphan(block) ? 1 : 0;
        }
        SortOrder order = layout.order();
        String title = present.size() + (present.size() == 1 ? " block, " : " blocks, ") + Sizes.format(bytes) + ", "
                + orphans + (orphans == 1 ? " orphan" : " orphans")
                + (order == null ? "" : ", by " + order.column() + (order.descending() ? " down" : " up"));
        String cut = Printable.cut(title, width);
        return colours ? Colour.BOLD + cut + Colour.RESET : cut;
    }

    private String foot(int width) {
        int below = Math.max(0, shown.size() - top - room);
        StringBuilder foot = new StringBuilder();
        append(foot, "↑ ", top, " above", changed(0, top));
        append(foot, "↓ ", below, " below", changed(shown.size() - below, shown.size()));
        if (foot.length() + KEYS.length() <= width) {
            foot.append(KEYS);
        }
        return foot.toString().stripTrailing();
    }

    private static void append(StringBuilder foot, String sign, int hidden, String where, int changed) {
        if (hidden > 0) {
            foot.append(sign).append(hidden).append(where);
            if (changed > 0) {
                foot.append(", ").append(changed).append(" changed");
            }
            foot.append("  ");
        }
    }

    private int changed(int from, int to) {
        int changed = 0;
        for (ShmStatus block : shown.subList(from, to)) {
            changed += events.event(block) == BlockEvents.Event.NONE ? 0 : 1;
        }
        return changed;
    }
}
