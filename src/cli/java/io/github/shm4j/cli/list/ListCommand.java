package io.github.shm4j.cli.list;

import io.github.shm4j.ShmStatus;
import io.github.shm4j.cli.command.PlainArguments;
import io.github.shm4j.cli.command.Subcommand;
import io.github.shm4j.cli.terminal.JsonWriter;
import io.github.shm4j.cli.terminal.Output;
import io.github.shm4j.cli.terminal.Table;
import io.github.shm4j.cli.terminal.Terminal;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code shm4j list}. */
@Command(
        name = "list",
        description = {
            "Lists the System V shared memory blocks of all users in this IPC namespace.",
            "An orphan is a block that nobody is attached to and whose creator is dead. Columns fit the terminal.",
            "A ring for messages is recognised by its size alone, if it is not smaller than 4K and has the block to itself;"
                    + " \"shm4j ring status\" looks inside."
        })
public final class ListCommand extends Subcommand {

    @Mixin
    private BlockFilter filter = new BlockFilter();

    @Mixin
    private NumericMixin numeric = new NumericMixin();

    @Mixin
    private BlockTable layout = new BlockTable();

    @Option(
            names = {"-J", "--json"},
            description = "Print JSON: all columns but PIDS and UNSEEN unless --output chooses, sizes in bytes, ages in seconds, times in UTC.")
    private boolean json;

    @Override
    protected boolean takeOption(PlainArguments arguments) {
        if (arguments.is("-J", "--json")) {
            json = arguments.flag();
        } else {
            return filter.takeOption(arguments) || numeric.takeOption(arguments) || layout.takeOption(arguments);
        }
        return true;
    }

    @Override
    public int run(Output out) throws IOException {
        Listing listing = Listing.take(numeric.isSet());
        List<ShmStatus> blocks = layout.sort(filter.apply(listing), listing);
        if (json) {
            out.line(json(blocks, layout.allColumns(), listing));
        } else {
            show(listing, blocks, out);
        }
        Listing.sayIfNamesAreMissing();
        return DONE;
    }

    public void show(Listing listing, List<ShmStatus> blocks, Output out) throws Output.Failed {
        boolean colours = Terminal.hasColours();
        Table table = layout.table(blocks);
        for (ShmStatus block : blocks) {
            layout.add(table, colours ? BlockTable.style(block, listing) : null, block, listing);
        }
        if (!Terminal.is(Terminal.OUTPUT)) {
            out.print(table.text(layout.hasHeadings()));
            return;
        }
        for (String line : table.lines(layout.hasHeadings(), Terminal.width())) {
            out.line(line);
        }
    }

    /** {@return the blocks in JSON, below the name that lsipc uses} */
    public static String json(List<ShmStatus> blocks, Column[] columns, Listing listing) {
        JsonWriter json = new JsonWriter();
        json.beginObject();
        json.name("sharedmemory");
        json.beginArray();
        for (ShmStatus block : blocks) {
            json.beginObject();
            for (Column column : columns) {
                column.write(json, block, listing);
            }
            json.endObject();
        }
        json.endArray();
        json.endObject();
        return json.toString();
    }
}
