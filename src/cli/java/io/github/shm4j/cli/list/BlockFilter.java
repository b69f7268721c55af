package io.github.shm4j.cli.list;

import io.github.shm4j.ShmStatus;
import io.github.shm4j.cli.command.Arguments;
import io.github.shm4j.cli.command.BlockArgument;
import io.github.shm4j.cli.command.PlainArguments;
import io.github.shm4j.cli.system.Caller;
import io.github.shm4j.cli.terminal.Ages;
import io.github.shm4j.cli.terminal.Sizes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** The options that choose blocks. A block must meet all that are given. */
public final class BlockFilter {

    @Option(names = "--mine", description = "Only blocks that the user who runs this owns.")
    private boolean mine;

    @Option(
            names = {"-u", "--user"},
            paramLabel = "USER",
            converter = Arguments.User.class,
            description = "Only blocks that this user owns, by name or number; can be given several times.")
    private List<Long> users;

    @Option(names = "--orphans", description = "Only blocks that nobody is attached to and whose creator is dead.")
    private boolean orphans;

    @Option(names = "--rings", description = "Only blocks that have the size of a ring for messages.")
    private boolean rings;

    @Option(
            names = "--key",
            paramLabel = "KEY|ID",
            converter = Arguments.Block.class,
            description = "Only blocks with this key, as 0x33010024, decimal or octal, or the one with this id, as id:17; can be"
                    + " given several times.")
    private List<BlockArgument> named;

    @Option(
            names = "--older-than",
            paramLabel = "AGE",
            converter = Arguments.Age.class,
            description = "Only blocks that were created or last changed longer ago: 30s, 10m, 1h30m, 2d, 1w.")
    private Long olderThan;

    @Option(
            names = "--min-size",
            paramLabel = "SIZE",
            converter = Arguments.Size.class,
            description = "Only blocks of at least this size: bytes, or 4K, 1G and so on.")
    private Long minimumSize;

    public boolean takeOption(PlainArguments arguments) {
        if (arguments.is("--mine")) {
            mine = arguments.flag();
        } else if (arguments.is("-u", "--user")) {
            users = List.of(Arguments.user(arguments.value()));
        } else if (arguments.is("--orphans")) {
            orphans = arguments.flag();
        } else if (arguments.is("--rings")) {
            rings = arguments.flag();
        } else if (arguments.is("--key")) {
            named = List.of(Arguments.block(arguments.value()));
        } else if (arguments.is("--older-than")) {
            olderThan = Ages.parse(arguments.value());
        } else if (arguments.is("--min-size")) {
            minimumSize = Sizes.parse(arguments.value());
        } else {
            return false;
        }
        return true;
    }

    public boolean isEmpty() {
        return !mine && users == null && !orphans && !rings && named == null && olderThan == null
                && minimumSize == null;
    }

    private boolean isNamed(ShmStatus block) {
        if (named == null) {
            return true;
        }
        for (BlockArgument each : named) {
            if (each.names(block)) {
                return true;
            }
        }
        return false;
    }

    public boolean wantsRings() {
        return rings;
    }

    public List<ShmStatus> apply(Listing listing) throws IOException {
        if (isEmpty()) {
            return listing.blocks();
        }
        long caller = mine ? Caller.uid() : -1;
        List<ShmStatus> chosen = new ArrayList<>();
        for (ShmStatus block : listing.blocks()) {
            if ((!mine || block.ownerUid() == caller)
                    && (users == null || users.contains(block.ownerUid()))
                    && (!rings || RingSize.is(block.size()))
                    && (minimumSize == null || block.size() >= minimumSize)
                    && (olderThan == null || listing.age(block) > olderThan)
                    && isNamed(block)
                    && (!orphans || listing.isOrphan(block))) {
                chosen.add(block);
            }
        }
        return chosen;
    }
}
