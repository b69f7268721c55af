package io.github.shm4j.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.ShmKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BlockArgumentTest {

    @ParameterizedTest
    @CsvSource({
        "0x6a000264,0x6a000264", "0XFF,255", "010,8", "10,10", "4294967295,-1", "-2,-2", "0xff00c4db,-16726821"
    })
    void shouldReadKeysInHexadecimalOctalAndDecimal(String text, String key) {
        BlockArgument argument = BlockArgument.parse(text, false);
        assertEquals(ShmKey.parse(key), argument.key());
    }

    @ParameterizedTest
    @CsvSource({"id:0,0", "id:17,17", "id:0x11,17", "id:021,17", "id:2147483647,2147483647"})
    void shouldReadIds(String text, int id) {
        assertEquals(id, BlockArgument.parse(text, false).id());
        assertEquals(id, BlockArgument.parse(text, true).id());
        assertEquals(id, BlockArgument.parse(text.substring(3), true).id());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "abc", "0x", "08", "0x1ffffffff", "4294967296", "-2147483649", "--5", "0x-5", "1 "})
    void shouldRefuseWhatIsNoKey(String text) {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> BlockArgument.parse(text, false));
        assertTrue(refused.getMessage().contains("\"" + text + "\" is not a key"), refused.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"id:", "id:-1", "id:abc", "id:2147483648", "id:id:1"})
    void shouldRefuseWhatIsNoId(String text) {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> BlockArgument.parse(text, false));
        assertTrue(refused.getMessage().contains("\"" + text + "\" is not an id"), refused.getMessage());
    }

    @Test
    void shouldRefuseTheKeyThatNamesNoBlock() {
        for (String zero : new String[] {"0", "0x0", "00"}) {
            IllegalArgumentException refused =
                    assertThrows(IllegalArgumentException.class, () -> BlockArgument.parse(zero, false));
            assertTrue(refused.getMessage().contains("IPC_PRIVATE"), refused.getMessage());
        }
        assertEquals(0, BlockArgument.parse("0", true).id());
    }
}
