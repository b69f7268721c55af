package io.github.shm4j.cli.list;

import io.github.shm4j.ShmStatus;
import io.github.shm4j.cli.command.BlockArgument;
import io.github.shm4j.cli.terminal.Ages;
import io.github.shm4j.cli.terminal.JsonWriter;
import io.github.shm4j.cli.terminal.Printable;
import io.github.shm4j.cli.terminal.Sizes;
import io.github.shm4j.cli.terminal.Times;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The columns of a listing. A column that {@code lsipc} has too has its name. */
public enum Column {
    KEY(Kind.KEY, "the key"),
    ID(Kind.NUMBER, "the id"),
    OWNER(Kind.NAME, "the name of the owner"),
    PERMS(Kind.TEXT, "the permissions in letters"),
    SIZE(Kind.SIZE, "the size"),
    NATTCH(Kind.NUMBER, "how many times it is attached"),
    STATUS(Kind.TEXT, "orphan, dest (marked for removal), locked"),
    AGE(Kind.AGE, "the time since creation or the last change of owner or permissions"),
    CPID(Kind.NUMBER, "the process that created it"),
    CONTENT(Kind.TEXT, "the ring for messages that its size says it holds, such as MPSC ring 1M"),
    COMMAND(Kind.NAME, "the command line of that process, if it is alive"),
    MODE(Kind.TEXT, "the permissions in octal"),
    RSS(Kind.SIZE, "how much of it is in memory"),
    SWAP(Kind.SIZE, "how much of it is swapped out"),
    LPID(Kind.NUMBER, "the process that attached or detached last"),
    ORPHAN(Kind.FLAG, "whether nobody is attached and the creator is dead"),
    UID(Kind.NUMBER, "the user id of the owner"),
    GID(Kind.NUMBER, "the group id of the owner"),
    GROUP(Kind.NAME, "the name of the owner's group"),
    CUSER(Kind.NAME, "the name of the creator"),
    CUID(Kind.NUMBER, "the user id of the creator"),
    CGID(Kind.NUMBER, "the group id of the creator"),
    CGROUP(Kind.NAME, "the name of the creator's group"),
    CTIME(Kind.TIME, "when it was created or its owner or permissions were set"),
    ATTACH(Kind.TIME, "when a process attached last"),
    DETACH(Kind.TIME, "when a process detached last"),
    PIDS(Kind.TEXT, "the processes that are attached, as far as this user may see; takes a look at all processes"),
    UNSEEN(Kind.NUMBER, "how many times it is attached to processes that this user may not see");

    /** What kind of value a column has, which decides how it is written. */
    enum Kind {
        KEY,
        /** A text that another user may have chosen. */
        NAME,
        TEXT,
        NUMBER,
        SIZE,
        AGE,
        TIME,
        FLAG;

        boolean isText() {
            return this == NAME || this == TEXT;
        }

        boolean isRightAligned() {
            return this == NUMBER || this == SIZE || this == AGE;
        }
    }

    /** {@return all columns but those that need a look at every process} */
    public static Column[] quick() {
        return Arrays.copyOf(values(), PIDS.ordinal());
    }

    /** The number of columns, from the first on, that a table shows by default. CONTENT is left out if no block has any. */
    static final int DEFAULTS = COMMAND.ordinal() + 1;

    private final Kind kind;
    private final String meaning;

    Column(Kind kind, String meaning) {
        this.kind = kind;
        this.meaning = meaning;
    }

    /** {@return the column with a name in small or capital letters, or {@code null}} */
    static Column named(String name) {
        for (Column column : values()) {
            if (column.name().equals(name.toUpperCase(Locale.ROOT))) {
                return column;
            }
        }
        return null;
    }

    /**
     * {@return the columns that a list with commas names}
     *
     * @throws IllegalArgumentException if it names another
     */
    static List<Column> list(String names) {
        List<Column> columns = new ArrayList<>();
        for (int begin = 0; begin <= names.length();) {
            int comma = names.indexOf(',', begin);
            int end = comma < 0 ? names.length() : comma;
            Column column = named(names.substring(begin, end));
            if (column == null) {
                throw new IllegalArgumentException(names);
            }
            columns.add(column);
            begin = end + 1;
        }
        return columns;
    }

    Kind kind() {
        return kind;
    }

    String meaning() {
        return meaning;
    }

    /** {@return the value of a number, size, age or time (in seconds since the epoch), or -1 if there is none} */
    long number(ShmStatus block, Listing listing) {
        return switch (this) {
            case ID -> block.id();
            case SIZE -> block.size();
            case NATTCH -> block.attachCount();
            case CPID -> block.creatorPid();
            case AGE -> listing.age(block);
            case RSS -> block.residentSize().orElse(-1);
            case SWAP -> block.swappedSize().orElse(-1);
            case LPID -> block.lastPid();
            case UID -> block.ownerUid();
            case GID -> block.ownerGid();
            case CUID -> block.creatorUid();
            case CGID -> block.creatorGid();
            case CTIME -> block.changeTime().getEpochSecond();
            case ATTACH -> seconds(block.lastAttachTime());
            case DETACH -> seconds(block.lastDetachTime());
            case ORPHAN -> listing.isOrphan(block) ? 1 : 0;
            case UNSEEN -> listing.unseenAttachments(block);
            case KEY -> Integer.toUnsignedLong(block.key().value());
            default -> throw new AssertionError(this);
        };
    }

    private static long seconds(Optional<Instant> time) {
        return time.isEmpty() ? -1 : time.get().getEpochSecond();
    }

    /** {@return the value of a text, or {@code null} if there is none} */
    String text(ShmStatus block, Listing listing) {
        return switch (this) {
            case OWNER -> listing.user(block.ownerUid());
            case PERMS -> block.permissions().toLetters();
            case STATUS -> listing.condition(block);
            case CONTENT -> RingSize.describe(block.size());
            case COMMAND -> listing.creatorCommand(block);
            case MODE -> block.permissions().toString();
            case PIDS -> numbers(listing.attachedPids(block));
            case GROUP -> listing.group(block.ownerGid());
            case CUSER -> listing.user(block.creatorUid());
            case CGROUP -> listing.group(block.creatorGid());
            default -> throw new AssertionError(this);
        };
    }

    private static String numbers(List<Long> numbers) {
        StringBuilder text = new StringBuilder();
        for (long number : numbers) {
            text.append(text.isEmpty() ? "" : ",").append(number);
        }
        return text.isEmpty() ? null : text.toString();
    }

    /** Orders blocks by this column; those without a value come last. */
    int compare(ShmStatus a, ShmStatus b, Listing listing) {
        if (!kind.isText()) {
            long left = number(a, listing);
            long right = number(b, listing);
            if (left < 0 || right < 0) {
                return (left < 0 ? 1 : 0) - (right < 0 ? 1 : 0);
            }
            return Long.compare(left, right);
        }
        String left = text(a, listing);
        String right = text(b, listing);
        if (left == null || right == null) {
            return (left == null ? 1 : 0) - (right == null ? 1 : 0);
        }
        return left.compareTo(right);
    }

    /** {@return the value for a person, harmless to a terminal} */
    String show(ShmStatus block, Listing listing, boolean bytes) {
        if (kind.isText()) {
            String text = text(block, listing);
            return text == null ? "-" : kind == Kind.NAME ? Printable.escape(text) : text;
        }
        if (kind == Kind.FLAG) {
            return number(block, listing) != 0 ? "yes" : "no";
        }
        long number = number(block, listing);
        if (number < 0) {
            return "-";
        }
        return switch (kind) {
            case KEY -> block.key().toString();
            case SIZE -> bytes ? Long.toString(number) : Sizes.format(number);
            case AGE -> Ages.format(number);
            case TIME -> Times.local(number);
            // With the prefix that commands need: they take a bare number for a key.
            default -> this == ID ? BlockArgument.ID_PREFIX + number : Long.toString(number);
        };
    }

    /** Writes the value for a program. */
    void write(JsonWriter json, ShmStatus block, Listing listing) {
        json.name(jsonName());
        if (this == PIDS) {
            json.beginArray();
            for (long pid : listing.attachedPids(block)) {
                json.value(pid);
            }
            json.endArray();
            return;
        }
        if (kind.isText()) {
            json.value(text(block, listing));
            return;
        }
        long number = number(block, listing);
        switch (kind) {
            case KEY -> json.value(block.key().toString());
            case FLAG -> json.value(number != 0);
            case TIME -> json.value(number < 0 ? null : Times.utc(number));
            default -> {
                if (number < 0) {
                    json.value((String) null);
                } else {
                    json.value(number);
                }
            }
        }
    }

    String jsonName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
