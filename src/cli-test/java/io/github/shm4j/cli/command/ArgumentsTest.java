package io.github.shm4j.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.shm4j.cli.list.Column;
import io.github.shm4j.cli.list.SortOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class ArgumentsTest {

    @ParameterizedTest
    @CsvSource({"640,0640", "0640,0640", "000,0000", "rw-r-----,0640", "rwxrwxrwx,0777", "---------,0000"})
    void shouldReadPermissionsInDigitsAndLetters(String text, String mode) {
        assertEquals(mode, new Arguments.Permissions().convert(text).toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "64", "1640", "06400", "648", "-40", "rw-", "rw-r--r-", "wr-r-----", "u=rw,g=r-"})
    void shouldRefuseOtherPermissions(String text) {
        TypeConversionException refused =
                assertThrows(TypeConversionException.class, () -> new Arguments.Permissions().convert(text));
        assertTrue(refused.getMessage().contains("\"" + text + "\" are no permissions"), refused.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"size,SIZE,false", "Size:desc,SIZE,true", "key,KEY,false"})
    void shouldReadASortOrder(String text, Column column, boolean descending) {
        assertEquals(new SortOrder(column, descending), SortOrder.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ":desc", "sizes", "size:asc", "-size", "size:desc:desc"})
    void shouldRefuseOtherSortOrders(String text) {
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> SortOrder.parse(text));
        assertTrue(refused.getMessage().contains("is not a column"), refused.getMessage());
    }
}
