package io.github.shm4j.cli.block;

import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmPermissions;
import io.github.shm4j.ShmStatus;
import io.github.shm4j.cli.command.Arguments;
import io.github.shm4j.cli.command.BlockArgument;
import io.github.shm4j.cli.command.BlockParameter;
import io.github.shm4j.cli.command.PlainArguments;
import io.github.shm4j.cli.command.Subcommand;
import io.github.shm4j.cli.list.Listing;
import io.github.shm4j.cli.system.Accounts;
import io.github.shm4j.cli.terminal.Output;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code shm4j permissions}. */
@Command(
        name = "permissions",
        description = {
            "Sets who may read and write a block, and who owns it. Processes that are attached stay attached.",
            "Only the owner, the creator and root can do this."
        })
public final class PermissionsCommand extends Subcommand {

    @Mixin
    private BlockParameter parameter = new BlockParameter();

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "MODE",
            converter = Arguments.Permissions.class,
            description = "Octal, such as 640 or 0640, or rw-r-----.")
    private ShmPermissions permissions;

    @Option(
            names = "--owner",
            paramLabel = "USER[:GROUP]",
            description = "Give the block to a user and a group, by name or number.")
    private String owner;

    @Option(names = "--world-writable", description = "Accept permissions that let every user write.")
    private boolean worldWritable;

    @Override
    protected boolean takeOption(PlainArguments arguments) {
        if (arguments.is("--owner")) {
            owner = arguments.value();
        } else if (arguments.is("--world-writable")) {
            worldWritable = arguments.flag();
        } else {
            return parameter.takeOption(arguments);
        }
        return true;
    }

    @Override
    protected boolean takeParameter(int index, String word) {
        if (index == 1) {
            permissions = Arguments.permissions(word);
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
        if (permissions == null && owner == null) {
            throw usage("nothing to set; give MODE, --owner, or both");
        }
        if (permissions != null) {
            requireMeant(permissions, worldWritable, this);
        }
        BlockArgument named = parameter.get();
        long uid = -1;
        long gid = -1;
        if (owner != null) {
            int colon = owner.indexOf(':');
            try {
                uid = Accounts.users(false).number(colon < 0 ? owner : owner.substring(0, colon));
                gid = colon < 0 ? -1 : Accounts.groups(false).number(owner.substring(colon + 1));
            } catch (IllegalArgumentException unknown) {
                throw usage(unknown.getMessage());
            }
        }
        SharedMemory memory = named.open();
        if (permissions != null) {
            memory.setPermissions(permissions);
        }
        if (owner != null) {
            memory.setOwner(uid, gid >= 0 ? gid : groupOf(named));
        }
        return DONE;
    }

    private static long groupOf(BlockArgument named) throws IOException {
        Listing listing = Listing.take();
        ShmStatus block = listing.find(named);
        if (block == null) {
            throw new IOException(named.missing(listing.blocks()));
        }
        return block.ownerGid();
    }

    /** Refuses permissions that let every user write, unless an option confirms them. */
    static void requireMeant(ShmPermissions permissions, boolean worldWritable, Subcommand command) {
        if ((permissions.mode() & 0002) != 0 && !worldWritable) {
            throw command.usage("with permissions " + permissions
                    + " every user of the machine could change the memory; if that is meant, say --world-writable");
        }
    }
}
