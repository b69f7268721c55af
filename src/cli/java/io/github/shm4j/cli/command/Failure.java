package io.github.shm4j.cli.command;

import io.github.shm4j.ShmException;
import io.github.shm4j.cli.terminal.Output;
import io.github.shm4j.cli.terminal.Printable;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Reports failures on standard error, in words for users. */
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

    private static boolean isDebugging() {
        String debug = System.getenv(DEBUG);
        return debug != null && !debug.isEmpty();
    }

    /** Prints a line about something that went wrong. */
    public static void say(String message) {
        System.err.println("shm4j: " + message);
    }

    /**
     * Reports that the command was used wrongly.
     *
     * @param words the arguments of the command line
     * @return the exit code
     */
    public static int reportUsage(ParameterException wrong, String[] words, boolean debug) {
        if (debug || isDebugging()) {
            wrong.printStackTrace();
        }
        CommandLine command = wrong.getCommandLine();
        say(Printable.escape(wrong.getMessage()));
        String name = command.getCommandSpec().qualifiedName();
        StringBuilder hint = new StringBuilder();
        if (wrong instanceof UnmatchedArgumentException unmatched) {
            String same = command.getParent() == null ? nameHere(unmatched.getUnmatched().get(0)) : null;
            if (same != null) {
                hint.append("did you mean ").append(same).append("? ");
            } else if (!unmatched.getSuggestions().isEmpty()) {
                hint.append("did you mean ").append(String.join(" or ", unmatched.getSuggestions())).append("? ");
            }
        }
        if (command.getCommandSpec().userObject() instanceof Subcommand named && named.takesText()) {
            String text = takenForOption(wrong, words);
            if (text != null) {
                hint.append("if ").append(Printable.escape(text)).append(" is text, put -- before it; ");
            }
        }
        say(hint.append("\"").append(name).append(" --help\" says more").toString());
        return CommandLine.ExitCode.USAGE;
    }

    /** {@return the argument that was taken for an option and refused, or {@code null}} */
    private static String takenForOption(ParameterException wrong, String[] words) {
        if (wrong instanceof UnmatchedArgumentException unmatched) {
            String first = unmatched.getUnmatched().get(0);
            for (String word : words) {
                // Of a group of short options, picocli keeps only the letters that are none.
                if (word.startsWith("-") && (word.equals(first) || word.endsWith(first.substring(1)))) {
                    return word;
                }
            }
        } else if (wrong.getArgSpec() instanceof OptionSpec option && wrong.getValue() != null) {
            for (String word : words) {
                for (String name : option.names()) {
                    if (!name.startsWith("--") && word.equals(name + wrong.getValue())) {
                        return word;
                    }
                }
            }
        }
        return null;
    }

    /** {@return the command here that does what a command of another tool does, or {@code null}} */
    private static String nameHere(String command) {
        return switch (command) {
            case "ls", "ps", "ipcs", "lsipc" -> "list";
            case "rm", "del", "delete", "ipcrm" -> "remove";
            case "stat", "show", "info" -> "status";
            case "cat", "dump" -> "read";
            case "top" -> "watch";
            case "chmod", "chown" -> "permissions";
            case "new", "make", "ipcmk" -> "create";
            case "send", "receive", "peek" -> "ring " + command;
            default -> null;
        };
    }

    /**
     * Prints the usage of a command whose subcommand is missing.
     *
     * @return the exit code
     */
    public static int withoutCommand(CommandLine command) {
        System.err.print(command.getUsageMessage());
        return CommandLine.ExitCode.USAGE;
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
