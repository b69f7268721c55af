package io.github.shm4j.cli;

import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.UnmatchedArgumentException;

/** Executes the command that the arguments end with. */
final class StrictRunLast {

    private StrictRunLast() {}

    /** Refuses what picocli forgives beside --help: what it does not know, as in -hello, which is no help. */
    static int execute(ParseResult parsed) {
        for (ParseResult command = parsed; command != null; command = command.subcommand()) {
            if (!command.unmatched().isEmpty()) {
                throw new UnmatchedArgumentException(command.commandSpec().commandLine(), command.unmatched());
            }
        }
        return new RunLast().execute(parsed);
    }
}
