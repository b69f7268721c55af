package io.github.shm4j.cli.ring;

import io.github.shm4j.cli.command.UsageFailure;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The command {@code shm4j ring}, which does nothing itself. */
@Command(
        name = "ring",
        description = {
            "Makes rings for messages between processes, looks into them, and sends and receives messages.",
            "A ring is a block with room for messages, from one producer (SPSC) or many (MPSC) to one consumer. What a"
                    + " process was sending or receiving when it was killed harms nobody else."
        },
        synopsisSubcommandLabel = "COMMAND")
public final class RingCommand implements Callable<Integer> {

    public static final String[] SUBCOMMANDS = {"create", "status", "send", "receive", "peek"};

    @Spec
    private CommandSpec spec;

    /** Without a command, shows how it is used: as an error, since nothing is done. */
    @Override
    public Integer call() {
        return UsageFailure.withoutCommand(spec.commandLine());
    }

    public static Object subcommand(String name) {
        return switch (name) {
            case "create" -> new RingCreateCommand();
            case "status" -> new RingStatusCommand();
            case "send" -> new RingSendCommand();
            case "receive" -> new RingReceiveCommand();
            case "peek" -> new RingPeekCommand();
            default -> null;
        };
    }
}
