package io.github.shm4j.cli;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmException;
import io.github.shm4j.cli.command.BlockArgument;
import io.github.shm4j.cli.command.Failure;
import io.github.shm4j.cli.list.Column;
import io.github.shm4j.cli.list.ListCommand;
import io.github.shm4j.cli.list.Listing;
import io.github.shm4j.cli.system.RawArguments;
import io.github.shm4j.cli.terminal.Output;
import io.github.shm4j.cli.terminal.StandardStreams;
import io.github.shm4j.ring.MpscRingBuffer;
import io.github.shm4j.ring.RingKind;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Loads the classes that commands need.
 *
 * <p>The launcher script runs this once after a build. The JVM stores those classes, parsed and linked, in a class-data
 * archive, and later starts take them from there. The only block that this creates is removed at once, while it is attached,
 * so that the kernel destroys it with this process at the latest.
 */
final class ArchiveTraining {

    private static final long CAPACITY = 4096;

    private static final String[][] COMMANDS = {
        {"list", "--json"},
        {"list", "--orphans", "--sort=size", "--older-than=1s", "--min-size=1", "--output=key,rss,ctime"},
        {"limits"},
        {"ftok", "/", "r"},
        {"remove", "--dry-run", "--mine", "--orphans"},
        {"watch", "--once"},
        // Each of these is refused, with the classes loaded that it would have needed first.
        {"create", "--size=0"},
        {"ring", "create", "--capacity=3"},
        // No processor has pages of this size, so the kernel refuses it.
        {"create", "--size=1", "--huge-pages=1T"},
        {"ring", "create", "--capacity=64", "--huge-pages=1T"},
        {"status", "id:none"},
        {"list", "-hV"},
        {"list", "--help"},
        {"list", "--nonsense"},
        {"ring", "receive", "--help"},
        {"--help"},
        {"--version"},
    };

    private static final String BLOCK = "BLOCK";

    /** Commands that work on the block. */
    private static final String[][] COMMANDS_FOR_A_BLOCK = {
        {"status", BLOCK},
        {"status", BLOCK, "--json"},
        {"permissions", BLOCK, "600"},
        {"ring", "send", BLOCK, "message"},
        {"ring", "status", BLOCK},
        {"ring", "peek", BLOCK, "--text"},
        {"ring", "receive", BLOCK, "--no-wait"},
        {"read", BLOCK, "--hex"},
        {"read", BLOCK, "--raw"},
        {"write", BLOCK, "text"},
        {"remove", BLOCK, "--dry-run"},
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
        Thread.setDefaultUncaughtExceptionHandler(new Failure.OfThread());
        Output out = new Output(OutputStream.nullOutputStream(), StandardCharsets.UTF_8);
        new ListCommand().run(out);
        useBlock(out);
        for (String[] command : COMMANDS) {
            Main.run(command);
        }
        // As a command ends that fails: this loads more than a return does.
        System.exit(0);
    }

    /** Uses a block of its own, as the system may have none. Where none can be created, the archive lacks those classes. */
    private static void useBlock(Output out) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            SharedMemory block = SharedMemory.createPrivate(RingKind.MPSC.sizeFor(CAPACITY));
            Listing listing;
            try {
                MpscRingBuffer.create(block.attach(AttachMode.READ_WRITE, arena), CAPACITY);
                listing = Listing.of(List.of(block.status()), false);
            } finally {
                block.remove();
            }
            new ListCommand().show(listing, listing.blocks(), out);
            out.line(ListCommand.json(listing.blocks(), Column.quick(), listing));
            for (String[] command : COMMANDS_FOR_A_BLOCK) {
                String[] words = command.clone();
                words[Arrays.asList(command).indexOf(BLOCK)] = BlockArgument.ID_PREFIX + block.id();
                Main.run(words);
            }
        } catch (ShmException refused) {
            return;
        }
    }
}
