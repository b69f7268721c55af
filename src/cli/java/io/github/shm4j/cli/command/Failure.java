package io.github.shm4j.cli.command;

import io.github.shm4j.ShmException;
import io.github.shm4j.cli.terminal.Output;
import io.github.shm4j.cli.terminal.Printable;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Reports failures on standard error, in words for users. It does without the parser, which may be what is missing. */
public final class Failure {

    /** The variable that turns stack traces on, also for a failure before the options are parsed. */
    private static final String DEBUG = "SHM4J_DEBUG";

    private Failure() {}

    /** Reports an exception that nobody caught, such as one in a thread of a library. */
    public static final class OfThread implements Thread.UncaughtExceptionHandler {
        @Override
        public void uncaughtException(Thread thread, Throwable failure) {
            report(failure, false);
        }
    }

    /**
     * Reports that a command failed.
     *
     * @return the exit code
     */
    public static int report(Throwable failure, boolean debug) {
        if (debug || isDebugging()) {
            failure.printStackTrace();
        }
        if (!(failure instanceof Output.Failed output && output.readerIsGone())) {
            say(message(failure));
        }
        return Subcommand.FAILED;
    }

    static boolean isDebugging() {
        String debug = System.getenv(DEBUG);
        return debug != null && !debug.isEmpty();
    }

    /** Prints a line about something that went wrong. */
    public static void say(String message) {
        System.err.println("shm4j: " + message);
    }

    /** {@return the message of the innermost cause} */
    public static String reason(Throwable failure) {
        Throwable reason = failure;
        while (reason.getCause() != null) {
            reason = reason.getCause();
        }
        return reason.getMessage() == null ? reason.getClass().getSimpleName() : reason.getMessage().strip();
    }

    public static String message(Throwable failure) {
        if (failure instanceof UncheckedIOException wrapped) {
            return message(wrapped.getCause());
        }
        if (failure instanceof InternalError) {
            return "the system has no memory for a part of the block (" + failure.getMessage() + ")";
        }
        if (isUnexpected(failure)) {
            return "failed unexpectedly: " + Printable.escape(failure.toString()) + " (" + DEBUG
                    + "=1 in the environment prints the stack trace)";
        }
        String message = failure.getMessage();
        if (failure instanceof ShmException refused && Advice.of(refused) != null) {
            message = Advice.of(refused);
        } else if (failure instanceof NoSuchFileException missing) {
            message = missing.getFile() + ": there is no such file";
        } else if (failure instanceof AccessDeniedException denied) {
            message = denied.getFile() + ": permission denied";
        } else if (failure instanceof FileSystemException other && other.getReason() != null) {
            message = other.getFile() + ": " + other.getReason();
        }
        return message == null ? failure.getClass().getSimpleName() : Printable.escape(message);
    }

    /** {@return whether neither the library nor a command throws such a failure with a message for users} */
    private static boolean isUnexpected(Throwable failure) {
        return failure instanceof Error
                || failure instanceof RuntimeException
                        && failure.getClass().getName().startsWith("java.")
                        && !(failure instanceof IllegalArgumentException
                                || failure instanceof IllegalStateException
                                || failure instanceof UnsupportedOperationException);
    }
}
