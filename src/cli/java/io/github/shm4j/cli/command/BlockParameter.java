package io.github.shm4j.cli.command;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The parameter of the commands that work on one block. */
public final class BlockParameter {

    @Spec(Target.MIXEE)
    private CommandSpec command;

    @Parameters(
            index = "0",
            paramLabel = "KEY|ID",
            description = "The block: its key, as 0x33010024, decimal or octal, or its id, as id:17.")
    private String block;

    @Option(names = "--id", description = "Take a bare number for an id.")
    private boolean isId;

    public BlockArgument get() {
        try {
            return BlockArgument.parse(block, isId);
        } catch (IllegalArgumentException malformed) {
            throw new ParameterException(command.commandLine(), malformed.getMessage(), malformed);
        }
    }
}
