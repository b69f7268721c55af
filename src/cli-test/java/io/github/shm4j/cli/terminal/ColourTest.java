package io.github.shm4j.cli.terminal;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written in colours can be read, whatever is behind it. */
class ColourTest {

    private static final int[] LEVELS = {0, 95, 135, 175, 215, 255};

    @ParameterizedTest
    @ValueSource(strings = {Colour.GREY, Colour.RED, Colour.GREEN, Colour.ORANGE, Colour.CYAN})
    void shouldBeReadableOnWhiteAndOnBlack(String colour) {
        int index = Integer.parseInt(colour.substring("\033[38;5;".length(), colour.length() - 1));
        int grey = 8 + 10 * (index - 232);
        int cube = index - 16;
        double luminance = index >= 232
                ? luminance(grey, grey, grey)
                : luminance(LEVELS[cube / 36], LEVELS[cube / 6 % 6], LEVELS[cube % 6]);
        // WCAG 2.1, 1.4.3; it asks for 3 where letters are large and for 4.5 elsewhere, which no colour has on both by far.
        assertTrue(1.05 / (luminance + 0.05) >= 4, "on white");
        assertTrue((luminance + 0.05) / 0.05 >= 4, "on black");
    }

    private static double luminance(int red, int green, int blue) {
        return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
    }

    private static double linear(int level) {
        double value = level / 255.0;
        return value <= 0.03928 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4);
    }
}
