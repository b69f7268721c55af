package io.github.shm4j.cli.block;

import io.github.shm4j.cli.command.Arguments;
import io.github.shm4j.cli.command.PlainArguments;
import io.github.shm4j.cli.command.Subcommand;
import io.github.shm4j.cli.terminal.Output;
import io.github.shm4j.cli.terminal.Sizes;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code shm4j create}. */
@Command(
        name = "create",
        description = {
            "Creates a block, filled with zeros, and prints its key, or its id, as id:17, if it has none.",
            "It fails if a block has the key already. Without KEY, the key is a random one that no block has."
        })
public final class CreateCommand extends Subcommand {

    @Mixin
    private CreateMixin block = new CreateMixin();

    @Option(
            names = {"-s", "--size"},
            required = true,
            paramLabel = "SIZE",
            converter = Arguments.Size.class,
            description = "The size: bytes, or with a unit: 4K, 1.5GiB, 10MB.")
    private long size;

    private boolean sized;

    @Override
    protected boolean takeOption(PlainArguments arguments) {
        if (arguments.is("-s", "--size")) {
            size = Sizes.parse(arguments.value());
            sized = true;
        } else {
            return block.takeOption(arguments);
        }
        return true;
    }

    @Override
    protected boolean takeParameter(int index, String word) {
        return block.takeParameter(index, word);
    }

    @Override
    protected boolean isComplete() {
        return sized;
    }

    @Override
    public int run(Output out) throws IOException {
        if (size < 1) {
            throw usage("--size is " + size + "; it must be at least 1");
        }
        block.create(this, out, size, memory -> {});
        return DONE;
    }
}
