package io.github.shm4j.cli.command;

import io.github.shm4j.cli.terminal.Printable;
import io.github.shm4j.cli.terminal.Terminal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
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
        String unknown = wrong.getArgSpec() instanceof PositionalParamSpec ? unknownOption(words, command) : null;
        if (unknown != null) {
            // What would have been its value is no parameter, and to say that would not help.
            return report(new UnmatchedArgumentException(command, List.of(unknown)), words, debug);
        }
        Failure.say(Printable.escape(wrong.getMessage()));
        String name = command.getCommandSpec().qualifiedName();
        StringBuilder hint = new StringBuilder();
        if (wrong instanceof UnmatchedArgumentException unmatched) {
            List<String> meant = meant(unmatched.getUnmatched().get(0), command);
            if (!meant.isEmpty()) {
                hint.append("did you mean ").append(String.join(" or ", meant)).append("? ");
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

    /** {@return the first word that looks like an option and is none, or {@code null}} */
    private static String unknownOption(String[] words, CommandLine command) {
        for (String word : words) {
            if (word.equals("--")) {
                return null;
            }
            int end = word.indexOf('=');
            String name = end < 0 ? word : word.substring(0, end);
            if (word.startsWith("--") && command.getCommandSpec().findOption(name) == null) {
                return word;
            }
        }
        return null;
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

    /** {@return the commands or options that somebody may have meant by a word that is none} */
    private static List<String> meant(String word, CommandLine command) {
        if (word.startsWith("-")) {
            int end = word.indexOf('=');
            List<String> options = new ArrayList<>();
            for (OptionSpec option : command.getCommandSpec().options()) {
                options.add(option.longestName());
            }
            return NearMisses.of(end < 0 ? word : word.substring(0, end), options);
        }
        boolean first = command.getParent() == null;
        String same = first ? nameHere(word) : null;
        if (same != null) {
            return List.of(same);
        }
        Map<String, CommandLine> commands = command.getSubcommands();
        List<String> meant = NearMisses.of(word, commands.keySet());
        if (meant.isEmpty() && first) {
            // Nearly everybody has left out this word once.
            for (String below : NearMisses.of(word, commands.get("ring").getSubcommands().keySet())) {
                meant.add("ring " + below);
            }
        }
        return meant;
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
        // Picocli would ask the terminal that standard output is.
        CommandLine.Help.Ansi ansi =
                Terminal.hasColours(Terminal.ERROR) ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF;
        System.err.print(command.getUsageMessage(
                new CommandLine.Help.ColorScheme.Builder(command.getColorScheme()).ansi(ansi).build()));
        return CommandLine.ExitCode.USAGE;
    }
}
