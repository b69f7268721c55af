package io.github.shm4j.cli.ring;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.cli.block.CreateMixin;
import io.github.shm4j.cli.command.Arguments;
import io.github.shm4j.cli.command.PlainArguments;
import io.github.shm4j.cli.command.Subcommand;
import io.github.shm4j.cli.terminal.Output;
import io.github.shm4j.cli.terminal.Sizes;
import io.github.shm4j.ring.RingBuffer;
import io.github.shm4j.ring.RingKind;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code shm4j ring create}. */
@Command(
        name = "create",
        description = {
            "Creates a block with an empty ring in it, and prints its key, or its id, as id:17, if it has"
                    + " none.",
            "It fails if a block has the key already. Without KEY, the key is a random one that no block has."
        })
final class RingCreateCommand extends Subcommand {

    @Mixin
    private CreateMixin block = new CreateMixin();

    @Option(
            names = {"-c", "--capacity"},
            required = true,
            paramLabel = "SIZE",
            converter = Arguments.Size.class,
            description = "The room for messages: a power of two, such as 64K or 1M. A message can have an eighth of it.")
    private long capacity;

    private boolean hasCapacity;

    @Option(
            names = {"-k", "--kind"},
            paramLabel = "KIND",
            description = "mpsc, for any number of producers at the same time, which is the default, or spsc, for one.")
    private RingKind kind = RingKind.MPSC;

    @Override
    protected boolean takeOption(PlainArguments arguments) {
        if (arguments.is("-c", "--capacity")) {
            capacity = Sizes.parse(arguments.value());
            hasCapacity = true;
        } else if (arguments.is("-k", "--kind")) {
            kind = RingKind.valueOf(arguments.value().toUpperCase(Locale.ROOT));
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
        return hasCapacity;
    }

    @Override
    public int run(Output out) throws IOException {
        long size;
        try {
            size = kind.sizeFor(capacity);
        } catch (IllegalArgumentException refused) {
            throw usage(refused.getMessage());
        }
        block.create(this, out, size, this::fill);
        return DONE;
    }

    private void fill(SharedMemory memory) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            RingBuffer.create(memory.attach(AttachMode.READ_WRITE, arena), kind, capacity);
        }
    }
}
