package io.github.shm4j.cli.command;

import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The parameter of the commands that work on one block. */
public final class BlockParameter {

    @Parameters(
            index = "0",
            paramLabel = "KEY|ID",
            description = "The block: its key, as 0x33010024, decimal or octal, or its id, as id:17.")
    private String block;

    @Option(names = "--id", description = "Take a bare number for an id.")
    private boolean isId;

    public boolean takeOption(PlainArguments arguments) {
        if (arguments.is("--id")) {
            isId = arguments.flag();
            return true;
        }
        return false;
    }

    public boolean takeParameter(int index, String word) {
        if (index == 0) {
            block = word;
            return true;
        }
        return false;
    }

    /** {@return whether a block is named} */
    public boolean isGiven() {
        return block != null;
    }

    public BlockArgument get() {
        try {
            return BlockArgument.parse(block, isId);
        } catch (IllegalArgumentException malformed) {
            throw new WrongUsage(malformed.getMessage(), malformed);
        }
    }
}
