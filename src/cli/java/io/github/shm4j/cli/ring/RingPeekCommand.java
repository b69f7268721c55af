package io.github.shm4j.cli.ring;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.cli.block.ReadCommand;
import io.github.shm4j.cli.command.BlockArgument;
import io.github.shm4j.cli.command.BlockParameter;
import io.github.shm4j.cli.command.PlainArguments;
import io.github.shm4j.cli.command.Subcommand;
import io.github.shm4j.cli.list.Listing;
import io.github.shm4j.cli.terminal.Output;
import io.github.shm4j.ring.RingBuffer;
import io.github.shm4j.ring.RingException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code shm4j ring peek}. */
@Command(
        name = "peek",
        description = {
            "Prints the messages that wait in a ring, as receive does, and leaves them there.",
            "It takes no role in the ring and only reads: whoever sends and receives does not notice, and it works beside"
                    + " them. A message that is received meanwhile may be printed or not."
        })
final class RingPeekCommand extends Subcommand {

    @Mixin
    private BlockParameter parameter = new BlockParameter();

    @Option(
            names = {"-n", "--limit"},
            paramLabel = "N",
            description = "Print so many messages at most, the oldest ones.")
    private int limit = Integer.MAX_VALUE;

    @Option(
            names = {"-t", "--type"},
            paramLabel = "N",
            description = "Print only messages of this type.")
    private Integer type;

    @Mixin
    private MessageOptions options = new MessageOptions();

    @Override
    protected boolean takeOption(PlainArguments arguments) {
        if (arguments.is("-n", "--limit")) {
            limit = arguments.number();
        } else if (arguments.is("-t", "--type")) {
            type = arguments.number();
        } else {
            return parameter.takeOption(arguments) || options.takeOption(arguments);
        }
        return true;
    }

    @Override
    protected boolean takeParameter(int index, String word) {
        return parameter.takeParameter(index, word);
    }

    @Override
    protected boolean isComplete() {
        return parameter.isGiven();
    }

    @Override
    public int run(Output out) throws IOException {
        if (limit <= 0) {
            throw usage("--limit is " + limit + "; it must be greater than 0");
        }
        if (type != null && type <= 0) {
            throw usage("--type is " + type + "; it must be greater than 0");
        }
        options.requireSense(this);
        BlockArgument named = parameter.get();
        SharedMemory block = named.open();
        if (!Listing.take().survivesALook(block.status())) {
            throw new IOException(named.text() + ": " + Listing.ENDED_BY_A_LOOK);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = block.attach(AttachMode.READ_ONLY, arena);
            try {
                show(RingBuffer.open(memory), out);
            } catch (RingException noRing) {
                throw NoRing.failure(named, memory, noRing);
            }
        } catch (UncheckedIOException failed) {
            throw failed.getCause();
        } catch (InternalError noMemory) {
            throw new IOException(ReadCommand.unbacked(block), noMemory);
        }
        return DONE;
    }

    private void show(RingBuffer ring, Output out) {
        MessageWriter writer = options.writer(out, (source, offset, target, length) -> MemorySegment.copy(
                source, ValueLayout.JAVA_BYTE, offset, target, 0, length));
        int[] shown = new int[1];
        ring.browse((found, source, offset, length) -> {
            if ((type == null || type == found) && shown[0] < limit) {
                shown[0]++;
                try {
                    writer.write(found, source, offset, length);
                } catch (IOException failed) {
                    throw new UncheckedIOException(failed);
                } catch (InterruptedException impossible) {
                    throw new AssertionError("copying does not wait", impossible);
                }
            }
        }, type == null ? limit : Integer.MAX_VALUE);
    }
}
