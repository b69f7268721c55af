package io.github.shm4j.cli.terminal;

import java.io.IOException;

/** The keys of the live view. */
public enum Key {
    /** No key, or one without a meaning. */
    NONE,
    UP,
    DOWN,
    PAGE_UP,
    PAGE_DOWN,
    HOME,
    END,
    SORT_BY_PREVIOUS,
    SORT_BY_NEXT,
    REVERSE,
    REDRAW,
    HELP,
    QUIT;

    /** The longest pause within an escape sequence: a terminal sends it at once. After the key Escape nothing follows. */
    private static final long SEQUENCE_MILLIS = 50;

    private static final int ESCAPE = 033;
    private static final int CTRL_C = 'C' & 037;
    private static final int CTRL_L = 'L' & 037;

    /** Where characters come from. */
    @FunctionalInterface
    interface Source {
        /** {@return the next character, or a negative number if none comes in time} */
        int read(long millis) throws IOException;
    }

    /** {@return the key whose first character has been read} */
    static Key of(int first, Source rest) throws IOException {
        return switch (first) {
            case ESCAPE -> escaped(rest);
            case 'k' -> UP;
            case 'j', '\r', '\n' -> DOWN;
            case 'b' -> PAGE_UP;
            case ' ', 'f' -> PAGE_DOWN;
            case 'g' -> HOME;
            case 'G' -> END;
            case '<' -> SORT_BY_PREVIOUS;
            case '>', 's' -> SORT_BY_NEXT;
            case 'r' -> REVERSE;
            case CTRL_L -> REDRAW;
            case 'h', '?' -> HELP;
            case 'q', 'Q', CTRL_C -> QUIT;
            default -> NONE;
        };
    }

    /** Reads a control sequence of ECMA-48 to its end, also one without a meaning here. */
    private static Key escaped(Source rest) throws IOException {
        int introducer = rest.read(SEQUENCE_MILLIS);
        if (introducer != '[' && introducer != 'O') {
            return NONE;
        }
        StringBuilder parameters = new StringBuilder();
        int last = rest.read(SEQUENCE_MILLIS);
        while (last >= ' ' && last < '@') {
            parameters.append((char) last);
            last = rest.read(SEQUENCE_MILLIS);
        }
        return switch (last) {
            case 'A' -> UP;
            case 'B' -> DOWN;
            case 'H' -> HOME;
            case 'F' -> END;
            case '~' -> numbered(parameters.toString());
            default -> NONE;
        };
    }

    private static Key numbered(String number) {
        return switch (number) {
            case "1", "7" -> HOME;
            case "4", "8" -> END;
            case "5" -> PAGE_UP;
            case "6" -> PAGE_DOWN;
            default -> NONE;
        };
    }
}
