package io.github.shm4j.cli.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Parses the arguments of a command where they leave no doubt: each option is spelled out and given once, and its value comes
 * behind {@code =} or is the next word. Picocli parses all others, and says what is wrong with them. To set picocli up takes
 * longer than most commands do.
 *
 * <p>A command says in {@link Subcommand#takeOption} and {@link Subcommand#takeParameter} what it does with each option and
 * parameter, as its annotations tell picocli. Where both parsers accept the same words, they set the same fields.
 */
public final class PlainArguments {

    private static final String END_OF_OPTIONS = "--";

    /** So many digits fit into an {@code int}, whatever they are. */
    private static final int MOST_DIGITS = 9;

    private final String[] words;
    private final List<String> given = new ArrayList<>();
    private int next;

    /** The option at hand: its name as it was given, by its long name, and the value behind {@code =} or {@code null}. */
    private String name;
    private String option;
    private String attached;

    private PlainArguments(String[] words, int first) {
        this.words = words;
        next = first;
    }

    /** These words are for picocli. */
    private static final class Doubt extends RuntimeException {

        private static final long serialVersionUID = 1L;

        Doubt() {
            super(null, null, false, false);
        }
    }

    /**
     * Parses the words from some index on and sets the fields of a command.
     *
     * @return false if picocli has to parse them, for another object, as some fields of this one may be set
     */
    public static boolean parse(Subcommand command, String[] words, int first) {
        try {
            new PlainArguments(words, first).parse(command);
            return command.isComplete();
        } catch (Doubt | IllegalArgumentException forPicocli) {
            return false;
        }
    }

    private void parse(Subcommand command) {
        boolean options = true;
        int parameter = 0;
        while (next < words.length) {
            String word = words[next++];
            if (options && word.equals(END_OF_OPTIONS)) {
                options = false;
            } else if (options && word.startsWith("-")) {
                int end = word.startsWith("--") ? word.indexOf('=') : -1;
                name = end < 0 ? word : word.substring(0, end);
                attached = end < 0 ? null : word.substring(end + 1);
                require(command.takeOption(this));
            } else {
                require(!word.isEmpty() && command.takeParameter(parameter++, word));
            }
        }
    }

    private static void require(boolean clear) {
        if (!clear) {
            throw new Doubt();
        }
    }

    /** {@return whether the option at hand has this name} */
    public boolean is(String longName) {
        return is(longName, longName);
    }

    /** {@return whether the option at hand has one of these names} */
    public boolean is(String shortName, String longName) {
        option = longName;
        return name.equals(longName) || name.equals(shortName);
    }

    /** {@return true, for an option that has no value} */
    public boolean flag() {
        require(attached == null);
        takeOnce();
        return true;
    }

    /** {@return true, for an option that has no value and rules out others, none of which may be set} */
    public boolean flagUnless(boolean other) {
        require(!other);
        return flag();
    }

    /** {@return the value of the option at hand, which rules out others, none of which may be set} */
    public String valueUnless(boolean other) {
        require(!other);
        return value();
    }

    /** {@return the value that is attached to the option at hand, or another if there is none} */
    public String valueOr(String other) {
        if (attached != null) {
            return value();
        }
        takeOnce();
        return other;
    }

    /** {@return the value of the option at hand} */
    public String value() {
        takeOnce();
        if (attached == null) {
            require(next < words.length && !words[next].startsWith("-"));
            attached = words[next++];
        }
        require(!attached.isEmpty());
        return attached;
    }

    /** {@return the value of the option at hand as a number of decimal digits} */
    public int number() {
        String digits = value();
        require(digits.length() <= MOST_DIGITS);
        int number = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = digits.charAt(i) - '0';
            require(digit >= 0 && digit <= 9);
            number = 10 * number + digit;
        }
        return number;
    }

    /** {@return the value of the option at hand as the name of a file} */
    public Path path() {
        return Arguments.path(value());
    }

    private void takeOnce() {
        require(!given.contains(option));
        given.add(option);
    }
}
