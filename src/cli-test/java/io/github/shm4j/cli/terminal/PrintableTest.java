package io.github.shm4j.cli.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.Test;

class PrintableTest {

    @Test
    void shouldLeavePlainTextAlone() {
        String text = "java -jar 'my program.jar' ~";
        assertSame(text, Printable.escape(text));
        assertEquals("grüße 漢字 🙂", Printable.escape("grüße 漢字 🙂"));
    }

    @Test
    void shouldEscapeWhateverActsOnATerminal() {
        assertEquals("\\x1b[31mred\\x1b[0m", Printable.escape("\033[31mred\033[0m"));
        assertEquals("a\\nb\\rc\\td\\x00\\x7f\\x9b", Printable.escape("a\nb\rc\td\0\u007f\u009b"));
    }

    @Test
    void shouldEscapeWhatTurnsOrHidesTextForTheReader() {
        assertEquals("\\u202egnp.exe\\u200b\\u2028\\ufeff\\U000e0041",
                Printable.escape("\u202egnp.exe\u200b\u2028\ufeff\udb40\udc41"));
        assertEquals("\\ud800x", Printable.escape("\ud800x"));
    }

    @Test
    void shouldEscapeTheEscapeItself() {
        assertEquals("\\\\x1b", Printable.escape("\\x1b"));
    }

    @Test
    void shouldLeaveNoControlCharacterWhatever() {
        for (int character = 0; character <= 0xffff; character++) {
            String escaped = Printable.escape("a" + (char) character + "b");
            int number = character;
            assertFalse(escaped.chars().anyMatch(Character::isISOControl), () -> Integer.toHexString(number));
        }
    }

    @Test
    void shouldCountTheColumnsOfATerminal() {
        assertEquals(3, Printable.width("abc"));
        assertEquals(4, Printable.width("漢字"));
        assertEquals(1, Printable.width("e\u0301"));
    }

    @Test
    void shouldCutToAWidth() {
        assertEquals("abc", Printable.cut("abc", 3));
        assertEquals("ab…", Printable.cut("abcd", 3));
        assertEquals("漢…", Printable.cut("漢字字", 4));
        assertEquals("…", Printable.cut("abcd", 1));
        assertEquals("", Printable.cut("abcd", 0));
    }
}
