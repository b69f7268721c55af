package io.github.shm4j.cli;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says on standard error what went wrong, for people who did not write the program. */
final class Failure {

    private Failure() {}

    /**
     * Reports that a command failed.
     *
     * @return the exit code
     */
    static int report(Exception failure, boolean debug) {
        if (debug) {
            failure.printStackTrace();
        }
        if (!(failure instanceof Output.Failed output && output.readerIsGone())) {
            say(message(failure));
        }
        return Subcommand.FAILED;
    }

    /** Prints a line about something that went wrong. */
    static void say(String message) {
        System.err.println("shm4j: " + message);
    }

    /**
     * Reports that the command was used wrongly.
     *
     * @return the exit code
     */
    static int reportUsage(ParameterException wrong, boolean debug) {
        if (debug) {
            wrong.printStackTrace();
        }
        CommandLine command = wrong.getCommandLine();
        say(Printable.escape(wrong.getMessage()));
        String name = command.getCommandSpec().qualifiedName();
        StringBuilder hint = new StringBuilder();
        if (wrong instanceof UnmatchedArgumentException unmatched && !unmatched.getSuggestions().isEmpty()) {
            hint.append("did you mean ").append(String.join(" or ", unmatched.getSuggestions())).append("? ");
        }
        say(hint.append("\"").append(name).append(" --help\" says more").toString());
        return CommandLine.ExitCode.USAGE;
    }

    static String message(Exception failure) {
        String message = failure.getMessage();
        if (failure instanceof NoSuchFileException missing) {
            message = missing.getFile() + ": there is no such file";
        } else if (failure instanceof AccessDeniedException denied) {
            message = denied.getFile() + ": permission denied";
        } else if (failure instanceof FileSystemException other && other.getReason() != null) {
            message = other.getFile() + ": " + other.getReason();
        }
        return message == null ? failure.getClass().getSimpleName() : Printable.escape(message);
    }
}
