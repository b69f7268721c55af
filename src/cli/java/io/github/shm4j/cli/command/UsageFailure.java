package io.github.shm4j.cli.command;

import io.github.shm4j.cli.terminal.Printable;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Reports on standard error that the program was used wrongly, and how it may have been meant. */
public final class UsageFailure {

    private UsageFailure() {}

    /**
     * Reports that the command was used wrongly.
     *
     * @param words the arguments of the command line
     * @return the exit code
     */
    public static int report(ParameterException wrong, String[] words, boolean debug) {
        if (debug || Failure.isDebugging()) {
            wrong.printStackTrace();
        }
        CommandLine command = wrong.getCommandLine();
        Failure.say(Printable.escape(wrong.getMessage()));
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
        Failure.say(hint.append("\"").append(name).append(" --help\" says more").toString());
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
}
