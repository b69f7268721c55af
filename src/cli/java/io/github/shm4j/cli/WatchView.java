package io.github.shm4j.cli;

import io.github.shm4j.ShmStatus;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** What {@code shm4j watch} shows: a line of totals, the blocks, and what has just happened to them. */
final class WatchView {

    private final BlockFilter filter;
    private final BlockTable layout;
    private final boolean numeric;
    private final Changes changes = new Changes();
    private Listing listing;
    private List<ShmStatus> present = List.of();

    WatchView(BlockFilter filter, BlockTable layout, boolean numeric) {
        this.filter = filter;
        this.layout = layout;
        this.numeric = numeric;
    }

    /** Looks at the blocks again. */
    void refresh() throws IOException {
        listing = listing == null ? Listing.take(numeric) : listing.again();
        present = filter.apply(listing);
        changes.update(present, listing);
    }

    /** {@return the lines that fit a terminal} */
    List<String> lines(int width, int height, boolean colours) {
        List<ShmStatus> shown = layout.sort(changes.shown(), listing);
        Table table = layout.table(shown, "");
        for (ShmStatus block : shown) {
            Changes.Event event = changes.event(block);
            String style = event.style() != null ? event.style() : BlockTable.style(block, listing);
            layout.add(table, colours ? style : null, block, listing, event.mark());
        }
        List<String> lines = new ArrayList<>();
        String title = Printable.cut(title(), width);
        lines.add(colours ? Colour.BOLD + title + Colour.RESET : title);
        lines.addAll(table.lines(layout.hasHeadings(), width));
        if (lines.size() > height) {
            int hidden = lines.size() - height + 1;
            lines = lines.subList(0, Math.max(0, height - 1));
            lines.add(Printable.cut("… " + hidden + " more", width));
        }
        return lines;
    }

    private String title() {
        BigInteger bytes = BigInteger.ZERO;
        int orphans = 0;
        for (ShmStatus block : present) {
            bytes = bytes.add(BigInteger.valueOf(block.size()));
            orphans += listing.isOrphan(block) ? 1 : 0;
        }
        return present.size() + (present.size() == 1 ? " block, " : " blocks, ") + Sizes.format(bytes) + ", "
                + orphans + (orphans == 1 ? " orphan" : " orphans");
    }
}
