package io.github.shm4j.cli.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.TimeZone;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How times are written. */
class TimesTest {

    private static final DateTimeFormatter FORMATTER = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT);

    @ParameterizedTest
    @CsvSource({
        "0, 1970-01-01T00:00:00Z",
        "59, 1970-01-01T00:00:59Z",
        "951868799, 2000-02-29T23:59:59Z",
        "1793534400, 2026-11-01T12:00:00Z",
        "4102444800, 2100-01-01T00:00:00Z",
        "-1, 1969-12-31T23:59:59Z",
        "253402300800, +10000-01-01T00:00:00Z"
    })
    void shouldWriteUtcToTheSecond(long seconds, String written) {
        assertEquals(written, Times.utc(seconds));
        assertEquals(Instant.ofEpochSecond(seconds).toString(), Times.utc(seconds));
    }

    @ParameterizedTest
    @CsvSource({"1970-06-05T04:03:02, 1970-06-05 04:03:02", "2026-11-11T12:00:00, 2026-11-11 12:00:00"})
    void shouldWriteLocalTimeToTheSecond(LocalDateTime time, String written) {
        long seconds = time.atZone(ZoneId.systemDefault()).toEpochSecond();
        assertEquals(written, Times.local(seconds));
    }

    @Test
    void shouldKeepToTheRulesOfEachZone() {
        // Not a divisor of a day, so that the samples wander through the hours.
        long step = 37 * 86_400 + 4321;
        for (String name : ZoneId.getAvailableZoneIds()) {
            TimeZone zone = TimeZone.getTimeZone(name);
            ZoneId rules = ZoneId.of(name);
            for (long seconds = -10 * step; seconds < 2_400_000_000L; seconds += step) {
                String expected = FORMATTER.format(LocalDateTime.ofInstant(Instant.ofEpochSecond(seconds), rules));
                assertEquals(expected, Times.local(seconds, zone), name);
            }
        }
    }
}
