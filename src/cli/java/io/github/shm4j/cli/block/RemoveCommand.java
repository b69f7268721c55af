package io.github.shm4j.cli.block;

import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmNotFoundException;
import io.github.shm4j.ShmStatus;
import io.github.shm4j.cli.command.BlockArgument;
import io.github.shm4j.cli.command.Failure;
import io.github.shm4j.cli.command.PlainArguments;
import io.github.shm4j.cli.command.Subcommand;
import io.github.shm4j.cli.list.BlockFilter;
import io.github.shm4j.cli.list.BlocksMixin;
import io.github.shm4j.cli.list.Listing;
import io.github.shm4j.cli.list.RingSize;
import io.github.shm4j.cli.system.Attachments;
import io.github.shm4j.cli.system.Caller;
import io.github.shm4j.cli.terminal.Confirmation;
import io.github.shm4j.cli.terminal.Output;
import io.github.shm4j.cli.terminal.Printable;
import io.github.shm4j.cli.terminal.Terminal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code shm4j remove}. */
@Command(
        name = "remove",
        description = {
            "Removes blocks: those that are named, those that the options choose, or, with both, those named that the"
                    + " options choose.",
            "Asks before it removes a block that is in use or somebody else's, or one that is not named and whose creator is"
                    + " alive, or that is a ring with unread messages or may be one, unless --rings says that these are meant; without a"
                    + " terminal it leaves such a block alone. A block in use goes when the last process detaches from"
                    + " it."
        })
public final class RemoveCommand extends Subcommand {

    @Mixin
    private BlocksMixin blocks = new BlocksMixin();

    @Mixin
    private BlockFilter filter = new BlockFilter();

    @Option(
            names = {"-n", "--dry-run"},
            description = "Say what would be removed, and remove nothing.")
    private boolean dryRun;

    @Option(names = "--numeric", description = "Show the numbers of users and look up no names.")
    private boolean numeric;

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask.")
    private boolean yes;

    private boolean asked;

    @Override
    protected boolean takeOption(PlainArguments arguments) {
        if (arguments.is("-n", "--dry-run")) {
            dryRun = arguments.flag();
        } else if (arguments.is("--numeric")) {
            numeric = arguments.flag();
        } else if (arguments.is("-y", "--yes")) {
            yes = arguments.flag();
        } else {
            return blocks.takeOption(arguments) || filter.takeOption(arguments);
        }
        return true;
    }

    @Override
    protected boolean takeParameter(int index, String word) {
        return blocks.takeParameter(word);
    }

    @Override
    public int run(Output out) throws IOException {
        if (blocks.isEmpty() && filter.isEmpty()) {
            throw usage("name blocks to remove, or choose some with --orphans, --mine, --user or --older-than");
        }
        Listing listing = Listing.take(numeric);
        List<ShmStatus> chosen = filter.apply(listing);
        boolean good = true;
        if (!blocks.isEmpty()) {
            List<ShmStatus> found = new ArrayList<>();
            for (String text : blocks.named()) {
                good &= find(text, listing, chosen, found);
            }
            chosen = found;
        }
        for (ShmStatus block : chosen) {
            if (asked) {
                // Blocks may have changed while somebody thought about the question.
                asked = false;
                listing = listing.again();
            }
            ShmStatus now = listing.find(new BlockArgument("", null, block.id()));
            if (now == null) {
                Failure.say("block " + block.id() + " is gone already");
                good = false;
            } else {
                good &= remove(now, listing, out);
            }
        }
        Listing.sayIfNamesAreMissing();
        return good ? DONE : FAILED;
    }

    private boolean find(String text, Listing listing, List<ShmStatus> chosen, List<ShmStatus> found) {
        ShmStatus block = blocks.find(text, listing);
        if (block == null) {
            return false;
        }
        if (!hasBlock(chosen, block)) {
            Failure.say(listing.describe(block) + " is not what the options choose; not removed");
            return false;
        }
        if (!hasBlock(found, block)) {
            found.add(block);
        }
        return true;
    }

    private static boolean hasBlock(List<ShmStatus> blocks, ShmStatus wanted) {
        for (ShmStatus block : blocks) {
            if (block.id() == wanted.id()) {
                return true;
            }
        }
        return false;
    }

    private boolean remove(ShmStatus block, Listing listing, Output out) throws IOException {
        String description = listing.describe(block);
        Backlog backlog = Backlog.of(block, listing);
        String doubt = doubt(block, backlog, listing);
        String company = backlog.isEmpty() ? "" : ", and with it " + backlog;
        if (dryRun) {
            out.line("would remove " + description + company + (doubt == null ? "" : ", although " + doubt));
            return true;
        }
        if (doubt != null && !yes) {
            if (!Terminal.is(Terminal.INPUT)) {
                Failure.say(description + ": " + doubt
                        + "; not removed, as there is no terminal to ask on (see --yes)");
                return false;
            }
            out.flush();
            asked = true;
            if (!Confirmation.ask(description + ": " + doubt + ". Remove it?")) {
                out.line("kept " + description);
                return true;
            }
        }
        SharedMemory memory = SharedMemory.ofId(block.id());
        try {
            memory.remove();
        } catch (ShmNotFoundException gone) {
            Failure.say(description + " is gone already");
            return false;
        } catch (IOException refused) {
            Failure.say(description + ": " + Failure.message(refused));
            return false;
        }
        out.line(block.attachCount() == 0
                ? "removed " + description + company
                : "marked for removal " + description + company + "; " + Attachments.counted(block.attachCount()));
        return true;
    }

    /** {@return why somebody might not want this block to be removed, or {@code null}} */
    private String doubt(ShmStatus block, Backlog backlog, Listing listing) throws IOException {
        if (block.attachCount() > 0) {
            return "it is in use: " + Attachments.counted(block.attachCount());
        }
        long caller = Caller.uid();
        if (block.ownerUid() != caller && block.creatorUid() != caller) {
            return "it belongs to " + Printable.escape(listing.user(block.ownerUid()));
        }
        if (blocks.isEmpty() && listing.creatorMayBeAlive(block)) {
            String command = listing.creatorCommand(block);
            return "its creator, process " + block.creatorPid()
                    + (command == null ? "" : " (" + Printable.cut(Printable.escape(command), 60) + ")")
                    + ", may be alive";
        }
        if (blocks.isEmpty() && !filter.wantsRings()) {
            // A ring that a shell created is an orphan at once, so being one does not tell that nobody needs it.
            String messages = backlog.isEmpty() ? backlog.unknown() : "it is a ring with " + backlog;
            return messages == null ? null
                    : messages + (RingSize.is(block.size()) ? "; --rings chooses it" : "; name it to remove it");
        }
        return null;
    }
}
