package io.github.shm4j.cli.block;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.cli.command.Arguments;
import io.github.shm4j.cli.command.BlockParameter;
import io.github.shm4j.cli.command.PlainArguments;
import io.github.shm4j.cli.command.RmidForced;
import io.github.shm4j.cli.command.Subcommand;
import io.github.shm4j.cli.terminal.HexDump;
import io.github.shm4j.cli.terminal.Output;
import io.github.shm4j.cli.terminal.Progress;
import io.github.shm4j.cli.terminal.Sizes;
import io.github.shm4j.cli.terminal.Terminal;
import io.github.shm4j.cli.terminal.Text;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code shm4j read}. */
@Command(
        name = "read",
        description = {
            "Copies the bytes of a block to standard output: as they are or, if that is a terminal, as a hex dump.",
            "Other processes may write meanwhile; the bytes are then those of no single moment."
        })
public final class ReadCommand extends Subcommand {

    private static final int CHUNK = 1 << 16;

    @Mixin
    private BlockParameter parameter = new BlockParameter();

    @Option(
            names = "--offset",
            paramLabel = "SIZE",
            converter = Arguments.Size.class,
            description = "Where to begin; by default 0.")
    private long offset;

    @Option(
            names = "--length",
            paramLabel = "SIZE",
            converter = Arguments.Size.class,
            description = "How many bytes to read; by default all from the offset on.")
    private Long length;

    @Option(
            names = "--even-if-removed",
            description = "Read the block also where that removes it, because kernel.shm_rmid_forced is set and nobody is"
                    + " attached.")
    private boolean evenIfRemoved;

    @ArgGroup
    private Form form = new Form();

    private static final class Form {
        @Option(names = "--raw", description = "The bytes as they are, also to a terminal.")
        private boolean raw;

        @Option(
                names = "--text",
                description = "The bytes before the first zero, as UTF-8 and one line, with escapes for what is not text.")
        private boolean text;

        @Option(names = "--hex", description = "A hex dump, as hexdump -C prints it.")
        private boolean hex;
    }

    @Override
    protected boolean takeOption(PlainArguments arguments) {
        if (arguments.is("--offset")) {
            offset = Sizes.parse(arguments.value());
        } else if (arguments.is("--length")) {
            length = Sizes.parse(arguments.value());
        } else if (arguments.is("--even-if-removed")) {
            evenIfRemoved = arguments.flag();
        } else if (arguments.is("--raw")) {
            form.raw = arguments.flagUnless(form.text || form.hex);
        } else if (arguments.is("--text")) {
            form.text = arguments.flagUnless(form.raw || form.hex);
        } else if (arguments.is("--hex")) {
            form.hex = arguments.flagUnless(form.raw || form.text);
        } else {
            return parameter.takeOption(arguments);
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
        SharedMemory memory = evenIfRemoved ? parameter.get().open()
                : RmidForced.open(parameter.get(), "; say --even-if-removed to read it for the last time");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = memory.attach(AttachMode.READ_ONLY, arena);
            MemorySegment range = block.asSlice(checkedOffset(block), checkedLength(block));
            if (form.text) {
                Text.showUntilZero(range, out);
                out.line("");
            } else {
                copy(out, range);
            }
        } catch (InternalError noMemory) {
            throw new IOException(unbacked(memory), noMemory);
        }
        return DONE;
    }

    private long checkedOffset(MemorySegment block) throws IOException {
        if (offset > block.byteSize()) {
            throw new IOException("--offset " + offset + " is past the end of the block, which has "
                    + Sizes.inBytes(block.byteSize()));
        }
        return offset;
    }

    private long checkedLength(MemorySegment block) throws IOException {
        long rest = block.byteSize() - offset;
        if (length == null) {
            return rest;
        }
        if (length > rest) {
            throw new IOException("--length " + length + " goes past the end of the block: from offset " + offset
                    + (rest == 1 ? " there is " : " there are ") + Sizes.inBytes(rest));
        }
        return length;
    }

    private void copy(Output out, MemorySegment range) throws IOException {
        boolean hex = form.hex || !form.raw && Terminal.is(Terminal.OUTPUT);
        HexDump dump = new HexDump(out, offset);
        byte[] chunk = new byte[CHUNK];
        // On a terminal the output itself shows the progress.
        try (Progress progress = new Progress("read", Terminal.is(Terminal.OUTPUT) ? 0 : range.byteSize())) {
            for (long at = 0; at < range.byteSize();) {
                int part = (int) Math.min(CHUNK, range.byteSize() - at);
                MemorySegment.copy(range, ValueLayout.JAVA_BYTE, at, chunk, 0, part);
                if (hex) {
                    dump.add(chunk, part);
                } else {
                    out.write(chunk, 0, part);
                }
                at += part;
                progress.reach(at);
            }
            dump.end();
            out.flush();
        }
    }

    public static String unbacked(SharedMemory memory) {
        return "block " + memory.id() + " has pages that the system cannot back with memory";
    }
}
