package io.github.shm4j.cli.list;

import io.github.shm4j.ShmStatus;
import io.github.shm4j.cli.command.PlainArguments;
import io.github.shm4j.cli.command.WrongUsage;
import io.github.shm4j.cli.terminal.Colour;
import io.github.shm4j.cli.terminal.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options of a table of blocks, and the table. */
final class BlockTable {

    /** The columns that a narrow terminal does without, the least needed first. ID and STATUS always stay. */
    private static final Column[] EXPENDABLE = {
        Column.PERMS, Column.COMMAND, Column.CPID, Column.AGE, Column.CONTENT, Column.OWNER, Column.NATTCH, Column.SIZE,
        Column.KEY
    };

    @Option(
            names = {"-o", "--output"},
            paramLabel = "COLUMN",
            split = ",",
            description = "The columns to show, separated by commas, instead of the first eleven of those below, of which"
                    + " CONTENT is there only if a block has some.")
    private List<Column> chosen;

    @Option(
            names = "--sort",
            paramLabel = "COLUMN[:desc]",
            converter = SortOrder.Converter.class,
            description = "Sort by a column, with :desc from high to low; by default as the kernel does.")
    private SortOrder order;

    @Option(
            names = {"-b", "--bytes"},
            description = "Show sizes in bytes.")
    private boolean bytes;

    @Option(names = "--noheadings", description = "Leave out the line of headings.")
    private boolean noHeadings;

    private Column[] columns;

    @Spec(Target.MIXEE)
    void describe(CommandSpec command) {
        Column[] all = Column.values();
        String[] footer = new String[all.length];
        for (int i = 0; i < all.length; i++) {
            footer[i] = "  " + all[i].name() + "         ".substring(all[i].name().length()) + all[i].meaning();
        }
        command.usageMessage().footerHeading("%nColumns:%n").footer(footer);
    }

    boolean takeOption(PlainArguments arguments) {
        if (arguments.is("-o", "--output")) {
            chosen = Column.list(arguments.value());
        } else if (arguments.is("--sort")) {
            order = SortOrder.parse(arguments.value());
        } else if (arguments.is("-b", "--bytes")) {
            bytes = arguments.flag();
        } else if (arguments.is("--noheadings")) {
            noHeadings = arguments.flag();
        } else {
            return false;
        }
        return true;
    }

    /** {@return the columns that the user has chosen, or {@code null}} */
    private Column[] chosenColumns() {
        if (chosen != null && chosen.isEmpty()) {
            throw new WrongUsage("--output names no column");
        }
        return chosen == null ? null : chosen.toArray(new Column[0]);
    }

    /** {@return the columns for a table of these blocks} */
    private Column[] columns(List<ShmStatus> blocks) {
        if (chosen != null) {
            return chosenColumns();
        }
        Column[] all = Column.values();
        boolean content = hasContent(blocks);
        Column[] usual = new Column[Column.DEFAULTS - (content ? 0 : 1)];
        int count = 0;
        for (int i = 0; i < Column.DEFAULTS; i++) {
            if (content || all[i] != Column.CONTENT) {
                usual[count++] = all[i];
            }
        }
        return usual;
    }

    private static boolean hasContent(List<ShmStatus> blocks) {
        for (ShmStatus block : blocks) {
            if (RingSize.is(block.size())) {
                return true;
            }
        }
        return false;
    }

    /** {@return the columns for JSON: the chosen ones, or all that need no look at every process} */
    Column[] allColumns() {
        return chosen != null ? chosenColumns() : Column.quick();
    }

    boolean hasHeadings() {
        return !noHeadings;
    }

    /** {@return the order of rows, or {@code null} for the kernel's} */
    SortOrder order() {
        return order;
    }

    /** Sets the order of rows, {@code null} for the kernel's. */
    void setOrder(SortOrder chosenNow) {
        order = chosenNow;
    }

    /** {@return the blocks in the order that was asked for} */
    List<ShmStatus> sort(List<ShmStatus> blocks, Listing listing) {
        if (order == null) {
            return blocks;
        }
        List<ShmStatus> sorted = new ArrayList<>(blocks);
        sorted.sort(order.comparator(listing));
        return sorted;
    }

    /** {@return the columns of the table that was made last} */
    List<Column> columns() {
        return List.of(columns);
    }

    /** {@return an empty table for these blocks, with extra columns in front} */
    Table table(List<ShmStatus> blocks, String... extra) {
        columns = columns(blocks);
        String[] headings = new String[extra.length + columns.length];
        boolean[] right = new boolean[headings.length];
        System.arraycopy(extra, 0, headings, 0, extra.length);
        for (int i = 0; i < columns.length; i++) {
            headings[extra.length + i] = columns[i].name();
            right[extra.length + i] = columns[i].kind().isRightAligned();
        }
        Table table = new Table(headings, right);
        for (int i = 0; i < columns.length; i++) {
            if (columns[i] == Column.COMMAND) {
                table.setFlexible(extra.length + i);
            }
        }
        if (chosen == null) {
            table.setExpendable(expendable(extra.length));
        }
        return table;
    }

    private int[] expendable(int first) {
        int[] expendable = new int[columns.length];
        int count = 0;
        for (Column column : EXPENDABLE) {
            for (int i = 0; i < columns.length; i++) {
                if (columns[i] == column) {
                    expendable[count++] = first + i;
                }
            }
        }
        return Arrays.copyOf(expendable, count);
    }

    /** Adds a block to the table that was made last. */
    void add(Table table, String style, ShmStatus block, Listing listing, String... extra) {
        String[] cells = new String[extra.length + columns.length];
        System.arraycopy(extra, 0, cells, 0, extra.length);
        for (int i = 0; i < columns.length; i++) {
            cells[extra.length + i] = columns[i].show(block, listing, bytes);
        }
        table.add(style, cells);
    }

    /** {@return the colour of a block that nothing has happened to} */
    static String style(ShmStatus block, Listing listing) {
        return listing.isOrphan(block) ? Colour.ORANGE : block.markedForRemoval() ? Colour.GREY : null;
    }
}
