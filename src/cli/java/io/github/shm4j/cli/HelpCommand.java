package io.github.shm4j.cli;

import io.github.shm4j.cli.command.Subcommand;
import io.github.shm4j.cli.ring.RingCommand;
import io.github.shm4j.cli.terminal.Output;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command {@code shm4j help}. Picocli's own takes one word only, so it has no help for {@code ring send}. */
@Command(name = "help",
        description = "Shows how a command is used, as its option --help does; by default shm4j itself.")
final class HelpCommand extends Subcommand {

    @Spec
    private CommandSpec spec;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "COMMAND",
            completionCandidates = Commands.class,
            description = "The command.")
    private String command;

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "SUBCOMMAND",
            completionCandidates = CommandsOfRing.class,
            description = "The command of that command, as send of ring.")
    private List<String> subcommands = List.of();

    static final class Commands implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Arrays.asList(Main.SUBCOMMANDS).iterator();
        }
    }

    static final class CommandsOfRing implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Arrays.asList(RingCommand.SUBCOMMANDS).iterator();
        }
    }

    /** Picocli's own message would state the index of the word, counted from the named command and thus wrong. */
    private static final class NoSuchCommand extends UnmatchedArgumentException {

        private static final long serialVersionUID = 1L;

        NoSuchCommand(CommandLine line, String word) {
            super(line, List.of(word));
        }

        @Override
        public String getMessage() {
            return getCommandLine().getCommandSpec().qualifiedName() + " has no command \"" + getUnmatched().get(0)
                    + "\"";
        }
    }

    /** Help is picocli's. */
    @Override
    protected boolean isComplete() {
        return false;
    }

    @Override
    public int run(Output out) throws Output.Failed {
        List<String> words = new ArrayList<>(subcommands);
        if (command != null) {
            words.add(0, command);
        }
        CommandLine named = spec.commandLine().getParent();
        for (String word : words) {
            CommandLine next = named.getSubcommands().get(word);
            if (next == null) {
                throw new NoSuchCommand(named, word);
            }
            named = next;
        }
        out.print(named.getUsageMessage());
        return DONE;
    }
}
