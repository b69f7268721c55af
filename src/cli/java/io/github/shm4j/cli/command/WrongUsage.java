package io.github.shm4j.cli.command;

/** A command finds that its arguments, each of them right, do not go together, and has done nothing. */
public final class WrongUsage extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public WrongUsage(String message) {
        super(message);
    }

    WrongUsage(String message, Throwable cause) {
        super(message, cause);
    }
}
