package io.github.shm4j.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command {@code shm4j}. */
@Command(
        name = "shm4j",
        description = "Shows, makes, reads, writes and removes System V shared memory.",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:failed; what could be done nevertheless is done",
            "2:wrong usage; nothing is done"
        })
public final class Main {

    static final String[] SUBCOMMANDS = {
        "list", "status", "limits", "ftok", "create", "write", "read", "permissions", "remove", "watch", "ring",
        "demo", "help"
    };

    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "On failure, print the stack trace too.")
    private boolean debug;

    private Main() {}

    /**
     * Runs the command and ends the JVM with its exit code: 0 done, 1 failed, 2 wrong usage.
     *
     * @param arguments the arguments of the command line
     */
    public static void main(String[] arguments) {
        int exit = run(arguments);
        if (exit != 0) {
            // Not for 0, which is what returning means: exit() sets up a logger to announce itself.
            System.exit(exit);
        }
    }

    static int run(String... arguments) {
        if (arguments.length == 1 && arguments[0].equals("list")) {
            // The most frequent command has nothing to parse, which would take longer than all the rest of it.
            return listAll();
        }
        return commandLine(arguments).execute(arguments);
    }

    private static int listAll() {
        try {
            return new ListCommand().call();
        } catch (Exception failure) {
            return Failure.report(failure, false);
        }
    }

    /** {@return the command line with the subcommand that the arguments begin with, or else with all of them} */
    static CommandLine commandLine(String... arguments) {
        Main main = new Main();
        CommandLine line = new CommandLine(main);
        Object named = arguments.length > 0 ? subcommand(arguments[0]) : null;
        if (named != null && !(named instanceof HelpCommand)) {
            add(line, named, arguments);
        } else {
            for (String name : SUBCOMMANDS) {
                add(line, subcommand(name));
            }
        }
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setParameterExceptionHandler((wrong, words) -> Failure.reportUsage(wrong, main.debug));
        line.setExecutionExceptionHandler((failure, command, parsed) -> Failure.report(failure, main.debug));
        return line;
    }

    /** Adds a subcommand with those of its own, of which the words that follow may name one. */
    private static void add(CommandLine line, Object command, String... arguments) {
        line.addSubcommand(command);
        if (command instanceof RingCommand) {
            CommandLine ring = line.getSubcommands().get("ring");
            Object named = arguments.length > 1 ? RingCommand.subcommand(arguments[1]) : null;
            if (named != null) {
                ring.addSubcommand(named);
            } else {
                for (String name : RingCommand.SUBCOMMANDS) {
                    ring.addSubcommand(RingCommand.subcommand(name));
                }
            }
        }
    }

    private static Object subcommand(String name) {
        return switch (name) {
            case "list" -> new ListCommand();
            case "status" -> new StatusCommand();
            case "limits" -> new LimitsCommand();
            case "ftok" -> new FtokCommand();
            case "create" -> new CreateCommand();
            case "write" -> new WriteCommand();
            case "read" -> new ReadCommand();
            case "permissions" -> new PermissionsCommand();
            case "remove" -> new RemoveCommand();
            case "watch" -> new WatchCommand();
            case "ring" -> new RingCommand();
            case "demo" -> new DemoCommand();
            case "help" -> new HelpCommand();
            default -> null;
        };
    }

    /** Takes the version from the jar's manifest. */
    static final class Version implements IVersionProvider {

        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"shm4j " + (version != null ? version : "(not from a jar)")};
        }
    }
}
