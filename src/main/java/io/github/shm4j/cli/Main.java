package io.github.shm4j.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** The command {@code shm4j}. */
@Command(
        name = "shm4j",
        description = "Shows what System V shared memory can do.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {DemoCommand.class, CommandLine.HelpCommand.class})
public final class Main {

    private Main() {}

    /**
     * Runs the command and ends the JVM with its exit code: 0 done, 1 failed, 2 wrong usage.
     *
     * @param arguments the arguments of the command line
     */
    public static void main(String[] arguments) {
        CommandLine line = new CommandLine(new Main());
        line.setExecutionExceptionHandler((failure, command, parsed) -> {
            command.getErr().println("shm4j: " + Messages.of(failure));
            return command.getCommandSpec().exitCodeOnExecutionException();
        });
        System.exit(line.execute(arguments));
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
