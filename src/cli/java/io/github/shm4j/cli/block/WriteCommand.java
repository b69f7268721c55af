package io.github.shm4j.cli.block;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.cli.command.Arguments;
import io.github.shm4j.cli.command.BlockParameter;
import io.github.shm4j.cli.command.PlainArguments;
import io.github.shm4j.cli.command.RmidForced;
import io.github.shm4j.cli.command.Subcommand;
import io.github.shm4j.cli.terminal.Output;
import io.github.shm4j.cli.terminal.Sizes;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code shm4j write}. */
@Command(
        name = "write",
        description = {
            "Writes bytes into a block: TEXT as UTF-8 without a zero behind it, a file, or else standard input.",
            "What does not fit is refused as a whole: nothing is written. Bytes behind what is written stay as they are."
        })
public final class WriteCommand extends Subcommand {

    @Mixin
    private BlockParameter parameter = new BlockParameter();

    @Parameters(index = "1", arity = "0..1", paramLabel = "TEXT", description = "What to write.")
    private String text;

    @Option(names = "--file", paramLabel = "FILE", description = "Write the contents of a file.")
    private Path file;

    @Option(
            names = "--offset",
            paramLabel = "SIZE",
            converter = Arguments.Size.class,
            description = "Where to begin; by default 0.")
    private long offset;

    @Override
    public boolean takesText() {
        return true;
    }

    @Override
    protected boolean takeOption(PlainArguments arguments) {
        if (arguments.is("--file")) {
            file = arguments.path();
        } else if (arguments.is("--offset")) {
            offset = Sizes.parse(arguments.value());
        } else {
            return parameter.takeOption(arguments);
        }
        return true;
    }

    @Override
    protected boolean takeParameter(int index, String word) {
        if (index == 1) {
            text = word;
            return true;
        }
        return parameter.takeParameter(index, word);
    }

    @Override
    protected boolean isComplete() {
        return parameter.isGiven();
    }

    @Override
    public int run(Output out) throws IOException {
        if (text != null && file != null) {
            throw usage("give TEXT or --file, not both");
        }
        SharedMemory memory = RmidForced.open(parameter.get(), "");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = memory.attach(AttachMode.READ_WRITE, arena);
            if (offset > block.byteSize()) {
                throw new IOException("--offset " + offset + " is past the end of the block, which has "
                        + Sizes.inBytes(block.byteSize()) + "; nothing is written");
            }
            MemorySegment room = block.asSlice(offset);
            try (Input input = input(room.byteSize())) {
                if (input.length() > room.byteSize()) {
                    throw new IOException(tooLong(input, room, block));
                }
                input.copyTo(room);
            }
        } catch (InternalError noMemory) {
            throw new IOException(ReadCommand.unbacked(memory), noMemory);
        }
        return DONE;
    }

    private Input input(long room) throws IOException {
        return text != null ? Input.of(text.getBytes(StandardCharsets.UTF_8))
                : file != null ? Input.of(file, room) : Input.standardInput(room);
    }

    private String tooLong(Input input, MemorySegment room, MemorySegment block) {
        return (input.isCounted() ? Sizes.inBytes(input.length()) + (input.length() == 1 ? " does" : " do")
                : "the input does") + " not fit: the block has "
                + Sizes.inBytes(block.byteSize()) + ", " + room.byteSize() + " of them from offset " + offset
                + "; nothing is written";
    }
}
