package io.github.shm4j.cli.system;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The names of users or of groups.
 *
 * <p>Nearly all are in {@code /etc/passwd} and {@code /etc/group}, which are quick to read. {@link Getent} knows the others.
 */
public final class Accounts {

    private final String database;
    private final Path file;
    private final boolean numeric;
    private Map<Long, String> names;
    private long lastNumber;
    private String lastName;

    private Accounts(String database, Path file, boolean numeric) {
        this.database = database;
        this.file = file;
        this.numeric = numeric;
    }

    /** {@return the users; with {@code numeric}, ids serve as names} */
    public static Accounts users(boolean numeric) {
        return new Accounts("passwd", Path.of("/etc/passwd"), numeric);
    }

    /** {@return the groups; with {@code numeric}, ids serve as names} */
    public static Accounts groups(boolean numeric) {
        return new Accounts("group", Path.of("/etc/group"), numeric);
    }

    /** {@return the name, or the number in decimal if it has none} */
    public String name(long number) {
        // Most blocks have the same owner as the one before.
        if (lastName == null || number != lastNumber) {
            lastName = find(number);
            lastNumber = number;
        }
        return lastName;
    }

    private String find(long number) {
        if (numeric) {
            return Long.toString(number);
        }
        if (names == null) {
            names = read();
        }
        String name = names.get(number);
        if (name == null) {
            String entry = Getent.ask(database, Long.toString(number));
            name = entry.indexOf(':') > 0 ? entry.substring(0, entry.indexOf(':')) : Long.toString(number);
            names.put(number, name);
        }
        return name;
    }

    /**
     * {@return the number that belongs to a name, or the number that the text is}
     *
     * @throws IllegalArgumentException if it is neither
     */
    public long number(String nameOrNumber) {
        if (names == null) {
            names = read();
        }
        for (Map.Entry<Long, String> known : names.entrySet()) {
            if (known.getValue().equals(nameOrNumber)) {
                return known.getKey();
            }
        }
        try {
            long number = Long.parseLong(nameOrNumber);
            // (uid_t) -1 stands for "no change" in several system calls and is nobody's.
            if (number >= 0 && number < 0xffff_ffffL) {
                return number;
            }
        } catch (NumberFormatException name) {
            Map<Long, String> found = new HashMap<>();
            parse(Getent.ask(database, nameOrNumber), found);
            for (Map.Entry<Long, String> entry : found.entrySet()) {
                if (entry.getValue().equals(nameOrNumber)) {
                    return entry.getKey();
                }
            }
            if (Getent.hasGivenUp()) {
                throw new IllegalArgumentException("\"" + nameOrNumber + "\" is not in " + file
                        + ", and getent has not answered within "
                        + Getent.TIMEOUT.toSeconds() + " s; give the number", name);
            }
        }
        throw new IllegalArgumentException("\"" + nameOrNumber + "\" is neither a name in " + file
                + " nor a number from 0 to 4294967294");
    }

    private Map<Long, String> read() {
        Map<Long, String> entries = new HashMap<>();
        try {
            parse(new String(Files.readAllBytes(file), StandardCharsets.UTF_8), entries);
        } catch (IOException none) {
            // getent may know the names.
        }
        return entries;
    }

    /** Reads lines such as {@code root:x:0:...} of either file. The first of several names of an id counts. */
    private static void parse(String text, Map<Long, String> entries) {
        int at = 0;
        while (at < text.length()) {
            int end = text.indexOf('\n', at);
            end = end < 0 ? text.length() : end;
            int first = text.indexOf(':', at);
            int second = text.indexOf(':', first + 1);
            int third = text.indexOf(':', second + 1);
            if (first > at && second > first && third > second && third < end) {
                try {
                    entries.putIfAbsent(Long.parseLong(text, second + 1, third, 10), text.substring(at, first));
                } catch (NumberFormatException comment) {
                    // Not an entry.
                }
            }
            at = end + 1;
        }
    }
}
