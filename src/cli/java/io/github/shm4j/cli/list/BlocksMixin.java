package io.github.shm4j.cli.list;

import io.github.shm4j.ShmStatus;
import io.github.shm4j.cli.command.BlockArgument;
import io.github.shm4j.cli.command.Failure;
import io.github.shm4j.cli.command.PlainArguments;
import io.github.shm4j.cli.terminal.Printable;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The parameters of the commands that work on any number of blocks, each of which fails on its own. */
public final class BlocksMixin {

    // Strings, because a converter would let one malformed argument keep the command from all other blocks.
    @Parameters(
            arity = "0..*",
            paramLabel = "KEY|ID",
            description = "Blocks: keys, as 0x33010024, decimal or octal, or ids, as id:17.")
    private List<String> named = List.of();

    @Option(names = "--id", description = "Take bare numbers for ids.")
    private boolean areIds;

    public boolean takeOption(PlainArguments arguments) {
        if (arguments.is("--id")) {
            areIds = arguments.flag();
        } else {
            return false;
        }
        return true;
    }

    /** Takes a word that names a block; {@return true, as any word does} */
    public boolean takeParameter(String word) {
        if (named.isEmpty()) {
            named = new ArrayList<>();
        }
        return named.add(word);
    }

    public boolean isEmpty() {
        return named.isEmpty();
    }

    /** {@return the arguments, each for {@link #find}} */
    public List<String> named() {
        return named;
    }

    /** {@return the block that an argument names, or {@code null} if there is none, which is then reported} */
    public ShmStatus find(String text, Listing listing) {
        BlockArgument argument;
        try {
            argument = BlockArgument.parse(text, areIds);
        } catch (IllegalArgumentException malformed) {
            Failure.say(Printable.escape(malformed.getMessage()));
            return null;
        }
        ShmStatus block = listing.find(argument);
        if (block == null) {
            Failure.say(argument.missing(listing.blocks()));
        }
        return block;
    }
}
