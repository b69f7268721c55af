package io.github.shm4j.cli;

import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.UnmatchedArgumentException;

/** Executes the last command that the arguments name, unless an argument is unknown. */
final class StrictRunLast {

    private StrictRunLast() {}

    /** Refuses unknown arguments, which picocli's RunLast ignores beside --help: -hello would be help. */
    static int execute(ParseResult parsed) {
        for (ParseResult command = parsed; command != null; command = command.subcommand()) {
            if (!command.unmatched().isEmpty()) {
                throw new UnmatchedArgumentException(command.commandSpec().commandLine(), command.unmatched());
            }
        }
        return new RunLast().execute(parsed);
    }
}
