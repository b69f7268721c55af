package io.github.shm4j.cli;

/** Escape sequences of ECMA-48 for colours, of those only that terminals let people choose. */
final class Colour {

    static final String RESET = "\033[0m";
    static final String BOLD = "\033[1m";
    static final String DIM = "\033[2m";
    static final String RED = "\033[31m";
    static final String GREEN = "\033[32m";
    static final String YELLOW = "\033[33m";
    static final String CYAN = "\033[36m";

    private Colour() {}
}
