package io.github.shm4j.cli.list;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.shm4j.cli.terminal.Key;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class WatchViewTest {

    private final WatchView view = new WatchView(new BlockFilter(), new BlockTable(), true);

    private boolean showsHelp() {
        return String.join("\n", view.lines(100, 24, false)).contains("sort the other way round");
    }

    @Test
    void shouldShowHelpUntilAKeyIsPressed() throws IOException {
        view.refresh();
        assertEquals(false, showsHelp());
        view.press(Key.HELP);
        assertEquals(true, showsHelp());
        // No key was pressed before it was time to look again, or the screen has another size.
        view.press(Key.NONE);
        view.press(Key.REDRAW);
        assertEquals(true, showsHelp());
        view.press(Key.DOWN);
        assertEquals(false, showsHelp());
    }
}
