package io.github.shm4j.cli.terminal;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.TimeZone;

/**
 * Formats times, which the kernel counts in seconds since the epoch.
 *
 * <p>Without a formatter, and for the usual times without the rules of {@link ZoneId}: to load these takes a command as long
 * as all the rest.
 */
public final class Times {

    /** The end of 2037, up to which {@link TimeZone} knows each change of its zone. */
    private static final long LAST_OF_TIME_ZONE = 2_145_916_799;

    private Times() {}

    /** {@return a time in the system's time zone, such as {@code 2026-11-01 13:00:00}} */
    public static String local(long seconds) {
        return local(seconds, TimeZone.getDefault());
    }

    static String local(long seconds, TimeZone zone) {
        ZoneOffset offset = seconds >= 0 && seconds <= LAST_OF_TIME_ZONE
                ? ZoneOffset.ofTotalSeconds(zone.getOffset(seconds * 1000) / 1000)
                : zone.toZoneId().getRules().getOffset(Instant.ofEpochSecond(seconds));
        return format(LocalDateTime.ofEpochSecond(seconds, 0, offset), ' ').toString();
    }

    /** {@return a time in ISO 8601 and UTC, such as {@code 2026-11-01T12:00:00Z}} */
    public static String utc(long seconds) {
        return format(LocalDateTime.ofEpochSecond(seconds, 0, ZoneOffset.UTC), 'T').append('Z').toString();
    }

    private static StringBuilder format(LocalDateTime time, char separator) {
        StringBuilder text = new StringBuilder().append(time.toLocalDate()).append(separator);
        append(text, time.getHour());
        append(text.append(':'), time.getMinute());
        append(text.append(':'), time.getSecond());
        return text;
    }

    private static void append(StringBuilder text, int number) {
        text.append((char) ('0' + number / 10)).append((char) ('0' + number % 10));
    }
}
