package io.github.shm4j.cli.demo;

import io.github.shm4j.AttachMode;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmAlreadyExistsException;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.cli.block.CreateMixin;
import io.github.shm4j.cli.command.Advice;
import io.github.shm4j.cli.command.Failure;
import io.github.shm4j.cli.terminal.StandardStreams;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.security.SecureRandom;

/**
 * A child process of the demo: creates its block, writes a random word, and reports both on standard output.
 *
 * <p>The class has its own {@code main} so that a child loads neither the command line nor its parser.
 */
final class DemoChild {

    static final int BLOCK_SIZE = 1000;
    static final String CREATED = "created";
    static final String WROTE = "wrote";
    static final String WAIT = "wait";

    private static final String[] WORDS = {
        "amber", "anchor", "apple", "arrow", "autumn", "badger", "bamboo", "beacon", "birch", "breeze", "bridge",
        "canyon",
        "cedar", "cherry", "cliff", "cloud", "clover", "cobalt", "comet", "copper", "coral", "cricket", "crystal",
        "dawn",
        "delta", "desert", "dragon", "dune", "eagle", "echo", "ember", "falcon", "fern", "fjord", "flint", "forest",
        "garnet", "geyser", "glacier", "granite", "harbor", "hazel", "heron", "island", "ivory", "jasper", "juniper",
        "kestrel", "lagoon", "lantern", "lichen", "lotus", "maple", "marble", "meadow", "mosaic", "nectar", "nimbus",
        "oasis", "olive", "onyx", "orchid", "osprey", "pebble", "pepper", "pine", "plateau", "prairie", "quartz",
        "raven",
        "reef", "ridge", "river", "saffron", "sparrow", "spruce", "summit", "thistle", "tundra", "valley", "velvet",
        "violet", "walnut", "willow", "zephyr"
    };

    private DemoChild() {}

    /**
     * Runs the child.
     *
     * @param arguments the file, the project id, and optionally {@value #WAIT} to wait after creating the block
     * @throws IOException if a standard stream cannot be used
     */
    public static void main(String[] arguments) throws IOException {
        StandardStreams.prepare();
        Path file = Path.of(arguments[0]);
        int projectId = Integer.parseInt(arguments[1]);
        boolean wait = arguments.length > 2 && arguments[2].equals(WAIT);
        try {
            run(ShmKey.ftok(file, projectId), wait);
        } catch (ShmException refused) {
            System.err.println(Failure.message(refused));
            System.exit(1);
        }
    }

    private static SharedMemory create(ShmKey key) throws ShmException {
        try {
            return SharedMemory.create(key, BLOCK_SIZE);
        } catch (ShmAlreadyExistsException taken) {
            System.err.println(CreateMixin.inTheWay(key, taken));
        } catch (ShmException refused) {
            System.err.println(Advice.creating(refused, false));
        }
        System.exit(1);
        throw new AssertionError("the JVM has terminated");
    }

    private static void run(ShmKey key, boolean wait) throws IOException {
        SharedMemory memory = create(key);
        System.out.println(CREATED + " " + memory.id());
        if (wait) {
            // The parent is about to send SIGKILL. If the parent dies instead, the input ends, and this process finishes.
            System.in.read();
        }
        String word = WORDS[new SecureRandom().nextInt(WORDS.length)];
        try (Arena arena = Arena.ofConfined()) {
            memory.attach(AttachMode.READ_WRITE, arena).setString(0, word);
        }
        System.out.println(WROTE + " " + word);
    }
}
