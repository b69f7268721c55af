package io.github.shm4j.cli.terminal;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Formats times, which the kernel counts in seconds since the epoch. */
public final class Times {

    private static final DateTimeFormatter LOCAL = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT);

    private Times() {}

    /** {@return a time in the system's time zone, such as {@code 2026-11-01 13:00:00}} */
    public static String local(long seconds) {
        return LOCAL.format(LocalDateTime.ofInstant(Instant.ofEpochSecond(seconds), ZoneId.systemDefault()));
    }

    /** {@return a time in ISO 8601 and UTC, such as {@code 2026-11-01T12:00:00Z}} */
    public static String utc(long seconds) {
        return Instant.ofEpochSecond(seconds).toString();
    }
}
