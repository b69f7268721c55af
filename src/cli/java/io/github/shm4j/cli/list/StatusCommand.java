package io.github.shm4j.cli.list;

import io.github.shm4j.ShmStatus;
import io.github.shm4j.cli.command.BlockArgument;
import io.github.shm4j.cli.command.BlockParameter;
import io.github.shm4j.cli.command.PlainArguments;
import io.github.shm4j.cli.command.Subcommand;
import io.github.shm4j.cli.terminal.Output;
import io.github.shm4j.cli.terminal.Printable;
import io.github.shm4j.cli.terminal.Table;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code shm4j status}. */
@Command(
        name = "status",
        description = {
            "Shows all that is known about one block, also if this user may not read it, and which processes are attached to"
                    + " it, as far as this user may see them.",
            "CONTENT goes by the size alone; \"shm4j ring status\" looks into a ring for messages."
        })
public final class StatusCommand extends Subcommand {

    @Mixin
    private BlockParameter parameter = new BlockParameter();

    @Mixin
    private NumericMixin numeric = new NumericMixin();

    @Option(
            names = {"-J", "--json"},
            description = "Print JSON, as list does.")
    private boolean json;

    @Override
    protected boolean takeOption(PlainArguments arguments) {
        if (arguments.is("-J", "--json")) {
            json = arguments.flag();
        } else {
            return parameter.takeOption(arguments) || numeric.takeOption(arguments);
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
        BlockArgument named = parameter.get();
        Listing listing = Listing.take(numeric.isSet());
        ShmStatus block = listing.find(named);
        if (block == null) {
            throw new IOException(named.missing(listing.blocks()));
        }
        if (json) {
            out.line(ListCommand.json(List.of(block), Column.values(), listing));
        } else {
            show(block, listing, out);
        }
        Listing.sayIfNamesAreMissing();
        return DONE;
    }

    private static void show(ShmStatus block, Listing listing, Output out) throws Output.Failed {
        Table table = new Table(new String[] {"", ""}, new boolean[2]);
        for (Column column : Column.quick()) {
            String value = column.show(block, listing, true);
            if (column.kind() == Column.Kind.SIZE && column.number(block, listing) >= 1024) {
                value += " (" + column.show(block, listing, false) + ")";
            }
            table.add(null, column.name(), value);
        }
        for (long pid : listing.attachedPids(block)) {
            String command = listing.command(pid);
            table.add(null, "ATTACHED", "process " + pid + (command == null ? "" : ": " + Printable.escape(command)));
        }
        long unseen = listing.unseenAttachments(block);
        if (unseen > 0) {
            table.add(null, "ATTACHED", unseen + (unseen == 1 ? " time" : " times")
                    + " to processes that this user may not see, or that are in other namespaces");
        }
        for (String line : table.lines(false, Table.UNLIMITED)) {
            out.line(line);
        }
    }
}
