package io.github.shm4j.cli;

import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.cli.list.Column;
import io.github.shm4j.cli.list.ListCommand;
import io.github.shm4j.cli.list.Listing;
import io.github.shm4j.cli.system.RawArguments;
import io.github.shm4j.cli.terminal.Output;
import io.github.shm4j.cli.terminal.StandardStreams;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Loads the classes that the usual commands need.
 *
 * <p>The launcher script runs this once after a build. The JVM stores those classes, parsed and linked, in a class-data
 * archive, and later starts take them from there. The only block that this creates is gone when it returns.
 */
final class ArchiveTraining {

    private static final String[][] COMMANDS = {
        {"list", "--json"},
        {"list", "--orphans", "--sort=size", "--older-than=1s", "--min-size=1", "--output=key,rss,ctime"},
        {"list", "--help"},
        {"limits"},
        {"ftok", "/", "r"},
        {"remove", "--dry-run", "--mine", "--orphans"},
        {"ring", "status", "--help"},
        {"ring", "send", "--help"},
        {"ring", "receive", "--help"},
    };

    private ArchiveTraining() {}

    /**
     * Runs the commands whose classes the archive shall hold.
     *
     * @param arguments none
     * @throws IOException if the blocks cannot be listed
     */
    public static void main(String[] arguments) throws IOException {
        StandardStreams.prepare();
        RawArguments.of(COMMANDS[0]);
        Output out = new Output(OutputStream.nullOutputStream(), StandardCharsets.UTF_8);
        new ListCommand().run(out);
        showBlock(out);
        for (String[] command : COMMANDS) {
            Main.run(command);
        }
    }

    /** Shows a block of its own, as the system may have none. Where none can be created, the archive lacks those classes. */
    private static void showBlock(Output out) throws IOException {
        SharedMemory block;
        try {
            block = SharedMemory.createPrivate(1);
        } catch (ShmException refused) {
            return;
        }
        Listing listing;
        try {
            listing = Listing.of(List.of(block.status()), false);
        } finally {
            block.remove();
        }
        new ListCommand().show(listing, listing.blocks(), out);
        out.line(ListCommand.json(listing.blocks(), Column.quick(), listing));
    }
}
