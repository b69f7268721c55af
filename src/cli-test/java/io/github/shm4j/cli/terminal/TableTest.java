package io.github.shm4j.cli.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {

    private final Table table = new Table(new String[] {"ID", "COMMAND", "SIZE"}, new boolean[] {false, false, true});

    private void addRows() {
        table.add(null, "1", "java -jar program.jar", "4096");
        table.add(null, "22", "sh", "1");
    }

    @Test
    void shouldAlignColumns() {
        addRows();
        assertEquals(
                List.of("ID  COMMAND                SIZE", "1   java -jar program.jar  4096",
                        "22  sh                        1"),
                table.lines(true, Table.UNLIMITED));
    }

    @Test
    void shouldGiveTheSameLinesAsOneText() {
        addRows();
        assertEquals(String.join("\n", table.lines(true, Table.UNLIMITED)) + "\n", table.text(true));
        assertEquals(String.join("\n", table.lines(false, Table.UNLIMITED)) + "\n", table.text(false));
    }

    @Test
    void shouldLeaveOutHeadings() {
        addRows();
        assertEquals(List.of("1   java -jar program.jar  4096", "22  sh                        1"),
                table.lines(false, Table.UNLIMITED));
    }

    @Test
    void shouldShowHeadingsOfNothing() {
        assertEquals(List.of("ID  COMMAND  SIZE"), table.lines(true, Table.UNLIMITED));
    }

    @Test
    void shouldShortenTheFlexibleColumnFirst() {
        table.setFlexible(1);
        table.setExpendable(2);
        addRows();
        assertEquals(List.of("ID  COMMAND     SIZE", "1   java -jar…  4096", "22  sh             1"),
                table.lines(true, 20));
    }

    @Test
    void shouldGiveUpColumnsNext() {
        table.setFlexible(1);
        table.setExpendable(2);
        addRows();
        assertEquals(List.of("ID  COMMAND", "1   java -…", "22  sh"), table.lines(true, 11));
        assertEquals(List.of("ID  COMMAND", "1   java -ja…", "22  sh"), table.lines(true, 13));
    }

    @Test
    void shouldCutLinesAtLast() {
        addRows();
        for (int width = 0; width < 31; width++) {
            for (String line : table.lines(true, width)) {
                assertTrue(Printable.width(line) <= width, line);
            }
        }
        assertEquals(List.of("ID…", "1 …", "22…"), table.lines(true, 3));
    }

    @Test
    void shouldCountWideCharactersTwice() {
        table.add(null, "1", "漢字", "5");
        table.add(null, "2", "abcd", "5");
        assertEquals(List.of("ID  COMMAND  SIZE", "1   漢字        5", "2   abcd        5"),
                table.lines(true, Table.UNLIMITED));
    }

    @Test
    void shouldColourWholeRowsWithoutCountingTheColour() {
        table.setFlexible(1);
        table.add(Colour.ORANGE, "1", "java -jar program.jar", "4096");
        assertEquals("\033[38;5;130m1   java -jar…  4096\033[0m", table.lines(true, 20).get(1));
    }
}
