package io.github.shm4j.cli.terminal;

/**
 * Escape sequences for colours.
 *
 * <p>Each can be read on a white and on a black background, with a contrast of four to one or more. None of the first
 * sixteen colours, which every terminal has other shades of, is sure to be: yellow on white is hardly there. These are of the
 * 256 that xterm has and all others have taken over.
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
