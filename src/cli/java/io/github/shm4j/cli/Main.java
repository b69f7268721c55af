package io.github.shm4j.cli;

import io.github.shm4j.cli.block.CreateCommand;
import io.github.shm4j.cli.block.FtokCommand;
import io.github.shm4j.cli.block.PermissionsCommand;
import io.github.shm4j.cli.block.ReadCommand;
import io.github.shm4j.cli.block.RemoveCommand;
import io.github.shm4j.cli.block.WriteCommand;
import io.github.shm4j.cli.command.Arguments;
import io.github.shm4j.cli.command.Failure;
import io.github.shm4j.cli.command.PlainArguments;
import io.github.shm4j.cli.command.Subcommand;
import io.github.shm4j.cli.command.UsageFailure;
import io.github.shm4j.cli.command.WrongUsage;
import io.github.shm4j.cli.demo.DemoCommand;
import io.github.shm4j.cli.list.LimitsCommand;
import io.github.shm4j.cli.list.ListCommand;
import io.github.shm4j.cli.list.StatusCommand;
import io.github.shm4j.cli.list.WatchCommand;
import io.github.shm4j.cli.ring.RingCommand;
import io.github.shm4j.cli.system.RawArguments;
import io.github.shm4j.cli.terminal.Output;
import io.github.shm4j.cli.terminal.StandardStreams;
import io.github.shm4j.cli.terminal.Terminal;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

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
public final class Main implements Callable<Integer> {

    static final String[] SUBCOMMANDS = {
        "list", "status", "limits", "ftok", "create", "write", "read", "permissions", "remove", "watch", "ring",
        "demo", "help"
    };

    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "On failure, print the stack trace too.")
    private boolean debug;

    @Spec
    private CommandSpec spec;

    /** Words that the launcher script handles itself. */
    static final String[] PROGRAMS_OF_THE_JDK = {"java", "javac", "jshell"};

    private static final String[] FOOTER = {
        "",
        "The script shm4j also takes the words java, javac and jshell, and runs that program of the JDK that it has found,"
                + " with the arguments behind the word."
    };

    private Main() {}

    /**
     * Runs the command and ends the JVM with its exit code: 0 done, 1 failed, 2 wrong usage.
     *
     * @param arguments the arguments of the command line
     */
    public static void main(String[] arguments) {
        Thread.setDefaultUncaughtExceptionHandler(new Failure.OfThread());
        int exit;
        try {
            StandardStreams.prepare();
            exit = run(RawArguments.of(arguments));
        } catch (RawArguments.Unreadable unreadable) {
            Failure.say(unreadable.getMessage());
            exit = CommandLine.ExitCode.USAGE;
        } catch (IOException failed) {
            exit = Failure.report(failed, false);
        }
        if (exit != 0) {
            // Not for 0, with which a return ends too: System.exit sets up a logger.
            System.exit(exit);
        }
    }

    static int run(String... arguments) {
        Main main = new Main();
        try {
            Integer helped = help(arguments);
            if (helped != null) {
                return helped;
            }
            Subcommand plain = plain(arguments);
            return plain != null ? plain.call() : execute(main.commandLine(arguments), arguments);
        } catch (WrongUsage wrong) {
            return main.reportUsage(wrong, arguments);
        } catch (Throwable failure) {
            // Also an Error, which picocli lets through: users shall not see stack traces.
            return Failure.report(failure, main.debug);
        }
    }

    /** Shows how a command is used, or the version; {@return the exit code, or {@code null} if that is not what is wanted} */
    private static Integer help(String... arguments) throws IOException {
        if (HelpTexts.lackCommand(arguments)) {
            String text = HelpTexts.of(Terminal.ERROR, arguments);
            if (text != null) {
                System.err.print(text);
                return CommandLine.ExitCode.USAGE;
            }
            return null;
        }
        boolean version = arguments.length == 1 && (arguments[0].equals("--version") || arguments[0].equals("-V"));
        String[] command = HelpTexts.wanted(arguments);
        String text = version ? version() + System.lineSeparator()
                : command != null ? HelpTexts.of(Terminal.OUTPUT, command) : null;
        if (text == null) {
            return null;
        }
        Output out = Output.standard();
        out.print(text);
        out.flush();
        return Subcommand.DONE;
    }

    /** {@return the command, its arguments taken, or {@code null} if they are for picocli} */
    static Subcommand plain(String... arguments) {
        int words = 1;
        Object named = arguments.length > 0 ? subcommand(arguments[0]) : null;
        if (named instanceof RingCommand) {
            words = 2;
            named = arguments.length > 1 ? RingCommand.subcommand(arguments[1]) : null;
        }
        return named instanceof Subcommand command && PlainArguments.parse(command, arguments, words) ? command : null;
    }

    /** Reports as picocli would have, which has not parsed these arguments. */
    private int reportUsage(WrongUsage wrong, String... arguments) {
        ParseResult parsed = commandLine(arguments).parseArgs(arguments);
        while (parsed.hasSubcommand()) {
            parsed = parsed.subcommand();
        }
        return UsageFailure.report(in(parsed.commandSpec().commandLine(), wrong), arguments, debug);
    }

    private static ParameterException in(CommandLine command, WrongUsage wrong) {
        return new ParameterException(command, wrong.getMessage(), wrong);
    }

    private static int execute(CommandLine line, String... arguments) throws Output.Failed {
        // Picocli prints help and version to a PrintWriter, which swallows failures to write.
        StringWriter printed = new StringWriter();
        line.setOut(new PrintWriter(printed));
        int exit = line.execute(arguments);
        if (printed.getBuffer().length() > 0) {
            Output out = Output.standard();
            out.print(printed.getBuffer());
            out.flush();
        }
        return exit;
    }

    /** Prints the usage: no command is wrong usage. */
    @Override
    public Integer call() {
        return UsageFailure.withoutCommand(spec.commandLine());
    }

    /** {@return the command line with what these arguments need} */
    static CommandLine forPicocli(String... arguments) {
        return new Main().commandLine(arguments);
    }

    /** {@return the command line with all subcommands} */
    static CommandLine complete() {
        return new Main().commandLine();
    }

    /**
     * {@return the command line with the one subcommand that the arguments name, or else with all of them}
     *
     * <p>To set up all would load the classes of all.
     */
    private CommandLine commandLine(String... arguments) {
        CommandLine line = new CommandLine(this);
        Object named = arguments.length > 0 ? subcommand(arguments[0]) : null;
        if (named != null && !(named instanceof HelpCommand)) {
            add(line, named, arguments);
        } else {
            for (String name : SUBCOMMANDS) {
                add(line, subcommand(name));
            }
        }
        line.getCommandSpec().usageMessage().footer(FOOTER);
        line.setColorScheme(styles(CommandLine.Help.Ansi.AUTO));
        line.setCaseInsensitiveEnumValuesAllowed(true);
        // Arguments are data. Picocli would replace @FILE by the contents of a file.
        line.setExpandAtFiles(false);
        line.registerConverter(Path.class, Arguments.FileName.converter());
        line.setTrimQuotes(false);
        line.setExecutionStrategy(StrictRunLast::execute);
        line.setParameterExceptionHandler((wrong, words) -> UsageFailure.report(wrong, words, debug));
        line.setExecutionExceptionHandler((failure, command, parsed) -> failure instanceof WrongUsage wrong
                ? UsageFailure.report(in(command, wrong), arguments, debug)
                : Failure.report(failure, debug));
        return line;
    }

    /** {@return the styles of help on a terminal} No colours: picocli's yellow cannot be read on white. */
    static CommandLine.Help.ColorScheme styles(CommandLine.Help.Ansi ansi) {
        return new CommandLine.Help.ColorScheme.Builder(ansi)
                .commands(CommandLine.Help.Ansi.Style.bold)
                .options(CommandLine.Help.Ansi.Style.bold)
                .parameters(CommandLine.Help.Ansi.Style.bold)
                .optionParams(CommandLine.Help.Ansi.Style.italic)
                .build();
    }

    /** Adds a subcommand with its own subcommands, or with the one of them that the arguments name. */
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
            return new String[] {version()};
        }
    }

    private static String version() {
        String version = Main.class.getPackage().getImplementationVersion();
        return "shm4j " + (version != null ? version : "(not from a jar)");
    }
}
