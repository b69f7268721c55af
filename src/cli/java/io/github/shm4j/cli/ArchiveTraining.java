package io.github.shm4j.cli;

import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmPermissions;
import io.github.shm4j.ShmStatus;
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
 * Loads the classes that the usual commands need, and changes nothing.
 *
 * <p>The launcher script runs this once, for the JVM to keep those classes, parsed and linked, in an archive from which every
 * later start takes them.
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
     * Runs what the archive shall hold.
     *
     * @param arguments none
     * @throws IOException if the blocks cannot be listed
     */
    public static void main(String[] arguments) throws IOException {
        StandardStreams.prepare();
        RawArguments.of(COMMANDS[0]);
        Output out = new Output(OutputStream.nullOutputStream(), StandardCharsets.UTF_8);
        new ListCommand().run(out);
        // There may be no block to show now.
        Listing listing = Listing.of(List.of(exampleBlock()), false);
        new ListCommand().show(listing, listing.blocks(), out);
        out.line(ListCommand.json(listing.blocks(), Column.quick(), listing));
        for (String[] command : COMMANDS) {
            Main.run(command);
        }
    }

    private static ShmStatus exampleBlock() {
        long self = ProcessHandle.current().pid();
        long now = System.currentTimeMillis() / 1000;
        return new ShmStatus(
                ShmKey.of(1), 1, 4096, 0, 0, 0, 0, ShmPermissions.OWNER_ONLY, 0, self, self, now, now, now, false,
                false,
                4096, 0);
    }
}
