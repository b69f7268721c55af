package io.github.shm4j.cli.list;

import io.github.shm4j.ShmStatus;
import io.github.shm4j.cli.command.Arguments;
import io.github.shm4j.cli.command.NearMisses;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** The order of rows by one column. */
public record SortOrder(Column column, boolean descending) {

    /** A column to sort by, and whether from high to low. */
    static final class Converter extends Arguments.Converter<SortOrder> {
        @Override
        public SortOrder parse(String value) {
            return SortOrder.parse(value);
        }
    }

    private static final String DESCENDING = ":desc";

    public static SortOrder parse(String text) {
        boolean descending = text.endsWith(DESCENDING);
        String name = descending ? text.substring(0, text.length() - DESCENDING.length()) : text;
        Column column = Column.named(name);
        if (column != null) {
            return new SortOrder(column, descending);
        }
        throw new IllegalArgumentException("\"" + name + "\" is not a column" + near(name.toUpperCase(Locale.ROOT))
                + "; \"shm4j list --help\" names them all");
    }

    private static String near(String name) {
        List<String> columns = Arrays.stream(Column.values()).map(Column::name).toList();
        List<String> meant = NearMisses.of(name, columns);
        return meant.isEmpty() ? "" : "; did you mean " + String.join(" or ", meant) + "?";
    }

    Comparator<ShmStatus> comparator(Listing listing) {
        Comparator<ShmStatus> ascending = (a, b) -> column.compare(a, b, listing);
        return descending ? ascending.reversed() : ascending;
    }
}
