package io.github.shm4j.cli;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Moments, which the kernel counts in seconds since the epoch. */
final class Times {

    private static final DateTimeFormatter LOCAL =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneId.systemDefault());

    private Times() {}

    /** {@return the moment in the time zone of the system} */
    static String local(long seconds) {
        return LOCAL.format(Instant.ofEpochSecond(seconds));
    }

    /** {@return the moment as ISO 8601 has it, such as {@code 2026-11-01T12:00:00Z}} */
    static String utc(long seconds) {
        return Instant.ofEpochSecond(seconds).toString();
    }
}
