package io.github.shm4j.cli.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SizesTest {

    @ParameterizedTest
    @CsvSource({
        "0,0",
        "1000,1000",
        "7B,7",
        "4K,4096",
        "4k,4096",
        "4KiB,4096",
        "4KB,4000",
        "10MB,10000000",
        "3G,3221225472",
        "1T,1099511627776",
        "2P,2251799813685248",
        "7E,8070450532247928832",
        "1.5K,1536",
        "0.5K,512",
        "2.0K,2048",
        "1.125MB,1125000",
        "7.5E,8646911284551352320",
        "9223372036854775807,9223372036854775807"
    })
    void shouldReadBytesAndUnits(String text, long bytes) {
        assertEquals(bytes, Sizes.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "K", "-1", "+1", "1.5", "1.5B", "1.K", ".5K", "1.5.5K", "1.5X", "1X", "1KB1", "1 K",
        "0x10", "1Kib", "KiB", "1iB", "４K"})
    void shouldRefuseWhatIsNoSize(String text) {
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> Sizes.parse(text));
        assertTrue(refused.getMessage().startsWith("\"" + text + "\" is not a size"), refused.getMessage());
    }

    @Test
    void shouldRefusePartsOfBytes() {
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> Sizes.parse("1.1K"));
        assertEquals("size \"1.1K\" is no whole number of bytes", refused.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"8E", "8.5E", "9223372036854775808", "99999999999999999999", "9007199254740992K"})
    void shouldRefuseWhatIsTooLarge(String text) {
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> Sizes.parse(text));
        assertTrue(refused.getMessage().contains("\"" + text + "\" is too large"), refused.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "0,0B",
        "1023,1023B",
        "1024,1K",
        "1075,1K",
        "1076,1.1K",
        "1536,1.5K",
        "5000,4.9K",
        "1048524,1023.9K",
        "1048525,1M",
        "1048576,1M",
        "4294967312,4G",
        "1152921504606846976,1E",
        "9223372036854775807,8E"
    })
    void shouldShowTheLargestUnitAndOneDecimalPlace(long bytes, String text) {
        assertEquals(text, Sizes.format(bytes));
    }

    @Test
    void shouldRoundToTheNearestTenthEverywhere() {
        for (long bytes = 1024; bytes < 1 << 20; bytes += 7) {
            double shown = Double.parseDouble(Sizes.format(bytes).replace("K", "").replace("1M", "1024"));
            assertEquals(bytes / 1024.0, shown, 0.0501, () -> "of some size");
        }
    }

    @Test
    void shouldShowTotalsBeyondALong() {
        BigInteger exbibyte = BigInteger.TWO.pow(60);
        assertEquals("8E", Sizes.format(exbibyte.shiftLeft(3)));
        assertEquals("9.5E", Sizes.format(exbibyte.multiply(BigInteger.valueOf(19)).shiftRight(1)));
        assertEquals("1Z", Sizes.format(exbibyte.shiftLeft(10).subtract(BigInteger.ONE)));
        assertEquals("1.5Z", Sizes.format(exbibyte.multiply(BigInteger.valueOf(1536))));
        assertEquals("4096Y", Sizes.format(exbibyte.shiftLeft(32)));
        assertEquals("1000B", Sizes.format(BigInteger.valueOf(1000)));
    }
}
