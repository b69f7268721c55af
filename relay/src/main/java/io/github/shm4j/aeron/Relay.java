package io.github.shm4j.aeron;

import io.github.shm4j.ShmException;
import io.github.shm4j.ring.RingException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The program {@code relay/run}. */
@Command(
        name = "relay",
        mixinStandardHelpOptions = true,
        description = "Carries the messages of a ring to a ring of another machine, over Aeron.",
        subcommands = {SendCommand.class, ReceiveCommand.class})
public final class Relay {

    private static final int FAILED = 1;

    private Relay() {}

    /**
     * Runs the program.
     *
     * @param arguments {@code send --ring KEY --to HOST:PORT}, or {@code receive --ring KEY --at :PORT}
     */
    public static void main(String... arguments) {
        CommandLine line = new CommandLine(new Relay());
        line.setExpandAtFiles(false);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setExecutionExceptionHandler((failure, command, parsed) -> {
            if (failure instanceof RelayException || failure instanceof RingException
                    || failure instanceof ShmException) {
                command.getErr().println("relay: " + failure.getMessage());
                return FAILED;
            }
            throw failure;
        });
        System.exit(line.execute(arguments));
    }
}
