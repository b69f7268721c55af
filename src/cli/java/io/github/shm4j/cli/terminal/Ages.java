package io.github.shm4j.cli.terminal;

import java.time.Duration;

/** Parses and formats lengths of time, such as {@code 1h30m}. */
public final class Ages {

    private static final String UNITS = "wdhms";
    private static final long[] SECONDS = {604_800, 86_400, 3_600, 60, 1};

    private static final int MOST_MILLIS_DIGITS = 9;

    private Ages() {}

    /**
     * Reads a length of time: numbers with units from week to second, such as {@code 10m} or {@code 1h30m}.
     *
     * @throws IllegalArgumentException if the text is no such length
     */
    public static long parse(String text) {
        long total = 0;
        long number = -1;
        try {
            for (int at = 0; at < text.length(); at++) {
                char character = text.charAt(at);
                int unit = UNITS.indexOf(character);
                if (character >= '0' && character <= '9') {
                    number = Math.addExact(Math.multiplyExact(Math.max(0, number), 10L), character - '0');
                } else if (unit >= 0 && number >= 0) {
                    total = Math.addExact(total, Math.multiplyExact(number, SECONDS[unit]));
                    number = -1;
                } else {
                    throw malformed(text);
                }
            }
        } catch (ArithmeticException tooLong) {
            throw new IllegalArgumentException("\"" + text + "\" is longer than time goes", tooLong);
        }
        if (text.isEmpty() || number >= 0) {
            throw malformed(text);
        }
        return total;
    }

    /**
     * Reads a length of time as {@link #parse} does, or one in milliseconds, such as {@code 500ms}.
     *
     * @throws IllegalArgumentException if the text is no such length
     */
    public static Duration parseDuration(String text) {
        int digits = text.length() - "ms".length();
        if (text.endsWith("ms") && digits > 0 && digits <= MOST_MILLIS_DIGITS) {
            int millis = 0;
            for (int i = 0; i < digits; i++) {
                int digit = text.charAt(i) - '0';
                if (digit < 0 || digit > 9) {
                    throw malformed(text);
                }
                millis = 10 * millis + digit;
            }
            return Duration.ofMillis(millis);
        }
        return Duration.ofSeconds(parse(text));
    }

    private static IllegalArgumentException malformed(String text) {
        return new IllegalArgumentException(
                "\"" + text + "\" is not a length of time; expected numbers with units: 30s, 10m, 1h30m, 2d, 1w");
    }

    /** Appends the two largest units that a length of time has. */
    static void append(StringBuilder text, long seconds) {
        long left = Math.max(0, seconds);
        // From days on, not weeks, as in the age columns of other tools.
        for (int unit = 1; unit < SECONDS.length; unit++) {
            if (left >= SECONDS[unit] || SECONDS[unit] == 1) {
                text.append(left / SECONDS[unit]).append(UNITS.charAt(unit));
                long rest = SECONDS[unit] == 1 ? 0 : left % SECONDS[unit] / SECONDS[unit + 1];
                if (rest != 0) {
                    text.append(rest).append(UNITS.charAt(unit + 1));
                }
                return;
            }
        }
    }

    public static String format(long seconds) {
        StringBuilder text = new StringBuilder();
        append(text, seconds);
        return text.toString();
    }
}
