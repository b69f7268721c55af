package io.github.shm4j.cli.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AgesTest {

    @ParameterizedTest
    @CsvSource({"0s,0", "45s,45", "10m,600", "1h30m,5400", "2d,172800", "1w,604800", "1w2d3h4m5s,788645"})
    void shouldReadNumbersWithUnits(String text, long seconds) {
        assertEquals(seconds, Ages.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10", "m", "-5m", "1.5h", "10 m", "10M", "1h30", "5y"})
    void shouldRefuseWhatIsNoLengthOfTime(String text) {
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> Ages.parse(text));
        assertTrue(refused.getMessage().startsWith("\"" + text + "\" is not a length of time"), refused.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"99999999999999999999s", "9223372036854775807w", "9223372036854775807s1s"})
    void shouldRefuseWhatIsTooLong(String text) {
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> Ages.parse(text));
        assertTrue(refused.getMessage().contains("longer than time goes"), refused.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "-3,0s", "0,0s", "59,59s", "60,1m", "61,1m1s", "3599,59m59s", "3600,1h", "3661,1h1m", "86399,23h59m",
        "86400,1d", "90061,1d1h", "864000,10d"
    })
    void shouldShowTheTwoLargestUnits(long seconds, String text) {
        assertEquals(text, Ages.format(seconds));
    }

    @ParameterizedTest
    @CsvSource({"0ms,0", "500ms,500", "999999999ms,999999999", "0s,0", "2s,2000", "1h30m,5400000"})
    void shouldReadDurationsInMillisecondsToo(String text, long millis) {
        assertEquals(millis, Ages.parseDuration(text).toMillis());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ms", "5", "-5ms", "+5ms", "1.5s", "5 ms", "1s5ms", "9999999999ms", "5ns", "5MS"})
    void shouldRefuseOtherDurations(String text) {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> Ages.parseDuration(text));
        assertTrue(refused.getMessage().contains("is not a length of time"), refused.getMessage());
    }
}
