package io.github.shm4j.cli.ring;

import io.github.shm4j.ShmAccessDeniedException;
import io.github.shm4j.ShmNotFoundException;
import io.github.shm4j.ShmStatus;
import io.github.shm4j.cli.command.Failure;
import io.github.shm4j.cli.command.PlainArguments;
import io.github.shm4j.cli.command.Subcommand;
import io.github.shm4j.cli.list.BlocksMixin;
import io.github.shm4j.cli.list.Listing;
import io.github.shm4j.cli.list.RingSize;
import io.github.shm4j.cli.system.Processes;
import io.github.shm4j.cli.terminal.JsonWriter;
import io.github.shm4j.cli.terminal.Output;
import io.github.shm4j.cli.terminal.Table;
import io.github.shm4j.cli.terminal.Terminal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code shm4j ring status}. */
@Command(
        name = "status",
        description = {
            "Shows what is in rings and who uses them: those that are named, or all that list recognises and this user may"
                    + " read.",
            "Numbers are read one after the other while the ring is in use, so they may not fit together exactly."
        })
final class RingStatusCommand extends Subcommand {

    @Mixin
    private BlocksMixin blocks = new BlocksMixin();

    @Option(
            names = {"-J", "--json"},
            description = "Print JSON.")
    private boolean json;

    private final Processes processes = new Processes();

    @Override
    protected boolean takeOption(PlainArguments arguments) {
        if (arguments.is("-J", "--json")) {
            json = arguments.flag();
        } else {
            return blocks.takeOption(arguments);
        }
        return true;
    }

    @Override
    protected boolean takeParameter(int index, String word) {
        return blocks.takeParameter(word);
    }

    @Override
    public int run(Output out) throws IOException {
        Listing listing = Listing.take();
        List<RingReport> rings = new ArrayList<>();
        boolean good = true;
        if (blocks.isEmpty()) {
            for (ShmStatus block : listing.blocks()) {
                if (RingSize.is(block.size())) {
                    good &= look(block, listing, rings);
                }
            }
        } else {
            for (String text : blocks.named()) {
                ShmStatus block = blocks.find(text, listing);
                good &= block != null && look(block, listing, rings);
            }
        }
        if (json) {
            out.line(json(rings));
        } else {
            print(rings, out);
        }
        return good ? DONE : FAILED;
    }

    /** Looks into a block; {@return whether there is nothing to complain of} */
    private boolean look(ShmStatus block, Listing listing, List<RingReport> rings) {
        try {
            if (!listing.survivesALook(block)) {
                throw new IOException(Listing.ENDED_BY_A_LOOK);
            }
            rings.addAll(RingReport.of(block, !blocks.isEmpty()));
            return true;
        } catch (ShmAccessDeniedException | ShmNotFoundException notForUs) {
            if (blocks.isEmpty()) {
                // One of those that this user may not read, or one that has gone since the listing.
                return true;
            }
            return complain(block, listing, notForUs);
        } catch (IOException | RuntimeException failure) {
            return complain(block, listing, failure);
        }
    }

    private static boolean complain(ShmStatus block, Listing listing, Exception failure) {
        Failure.say(listing.describe(block) + ": " + Failure.message(failure));
        return false;
    }

    private void print(List<RingReport> rings, Output out) throws Output.Failed {
        if (rings.isEmpty() && blocks.isEmpty()) {
            out.line("there is no ring that list recognises and this user may read");
        }
        int width = Terminal.is(Terminal.OUTPUT) ? Terminal.width() : Table.UNLIMITED;
        boolean first = true;
        for (RingReport ring : rings) {
            if (!first) {
                out.line("");
            }
            first = false;
            Table table = new Table(new String[] {"", ""}, new boolean[2]);
            ring.addTo(table, processes);
            table.setFlexible(1);
            for (String line : table.lines(false, width)) {
                out.line(line);
            }
        }
    }

    private String json(List<RingReport> rings) {
        JsonWriter writer = new JsonWriter();
        writer.beginObject();
        writer.name("rings");
        writer.beginArray();
        for (RingReport ring : rings) {
            ring.write(writer, processes);
        }
        writer.endArray();
        writer.endObject();
        return writer.toString();
    }
}
