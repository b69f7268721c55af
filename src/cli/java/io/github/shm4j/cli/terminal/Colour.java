package io.github.shm4j.cli.terminal;

/**
 * Escape sequences for colours.
 *
 * <p>Each has a contrast of at least four to one, both on white and on black. They are of the 256 colours of xterm, which
 * all terminals have adopted. The first sixteen colours would not do: their shades differ between terminals, and yellow on
 * white can hardly be read.
 */
public final class Colour {

    public static final String RESET = "\033[0m";
    public static final String BOLD = "\033[1m";
    public static final String GREY = "\033[38;5;243m";
    public static final String RED = "\033[38;5;161m";
    public static final String GREEN = "\033[38;5;28m";
    public static final String ORANGE = "\033[38;5;130m";
    public static final String CYAN = "\033[38;5;30m";

    private Colour() {}
}
