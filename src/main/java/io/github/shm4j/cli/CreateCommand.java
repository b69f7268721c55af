package io.github.shm4j.cli;

import io.github.shm4j.CreateOption;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmAlreadyExistsException;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmPermissions;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code shm4j create}. */
@Command(
        name = "create",
        description = {
            "Creates a block, filled with zeros, and prints its key and its id.",
            "It fails if a block has the key already. Without KEY, the key is a random one that no block has."
        })
final class CreateCommand extends Subcommand {

    // A random key is taken once in a million times at most: so many in a row are not chance.
    private static final int RANDOM_ROUNDS = 100;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "KEY",
            converter = Arguments.Key.class,
            description = "The key, as 0x33010024, decimal or octal.")
    private ShmKey key;

    @Option(
            names = {"-s", "--size"},
            required = true,
            paramLabel = "SIZE",
            converter = Arguments.Size.class,
            description = "The size: bytes, or with a unit: 4K, 1GiB, 10MB.")
    private long size;

    @Option(
            names = {"-m", "--permissions"},
            paramLabel = "MODE",
            converter = Arguments.Permissions.class,
            description = "Who may read and write: octal, such as 0640, or rw-r-----; by default the owner only, 0600.")
    private ShmPermissions permissions = ShmPermissions.OWNER_ONLY;

    @Option(names = "--world-writable", description = "Accept permissions that let every user write.")
    private boolean worldWritable;

    @Option(names = "--private", description = "Give the block no key; it is found by its id only.")
    private boolean withoutKey;

    @Option(
            names = "--huge-pages",
            arity = "0..1",
            paramLabel = "PAGESIZE",
            fallbackValue = "0",
            converter = Arguments.Size.class,
            description = "Use huge pages, of a size such as 2M or of the system's default one.")
    private Long hugePages;

    @Option(names = "--no-reserve", description = "Do not reserve memory for the block.")
    private boolean noReserve;

    @Option(
            names = {"-J", "--json"},
            description = "Print JSON.")
    private boolean json;

    @Override
    int run(Output out) throws ShmException, Output.Failed {
        if (withoutKey && key != null) {
            throw usage("give KEY or --private, not both");
        }
        if (key != null && key.equals(ShmKey.PRIVATE)) {
            throw usage("key 0 is IPC_PRIVATE, which never names a block; say --private to create one without a key");
        }
        PermissionsCommand.requireMeant(permissions, worldWritable, this);
        try {
            if (withoutKey || key != null) {
                create(out, withoutKey ? ShmKey.PRIVATE : key);
            } else {
                createRandom(out);
            }
        } catch (IllegalArgumentException refused) {
            throw usage(refused.getMessage());
        }
        return DONE;
    }

    private void createRandom(Output out) throws ShmException, Output.Failed {
        for (int round = 1;; round++) {
            try {
                create(out, ShmKey.random());
                return;
            } catch (ShmAlreadyExistsException taken) {
                if (round == RANDOM_ROUNDS) {
                    throw taken;
                }
            }
        }
    }

    private void create(Output out, ShmKey chosen) throws ShmException, Output.Failed {
        SharedMemory memory = SharedMemory.create(chosen, size, permissions, options());
        try {
            print(out, chosen, memory.id());
            out.flush();
        } catch (Output.Failed unheard) {
            // Nobody has learned of the block, so nobody would remove it.
            memory.remove();
            throw unheard;
        }
    }

    private CreateOption[] options() {
        List<CreateOption> options = new ArrayList<>();
        if (hugePages != null) {
            options.add(hugePages == 0 ? CreateOption.HUGE_PAGES : CreateOption.hugePages(hugePages));
        }
        if (noReserve) {
            options.add(CreateOption.NO_RESERVE);
        }
        return options.toArray(new CreateOption[0]);
    }

    private void print(Output out, ShmKey chosen, int id) throws Output.Failed {
        if (json) {
            JsonWriter writer = new JsonWriter();
            writer.beginObject();
            writer.name("key");
            writer.value(chosen.toString());
            writer.name("id");
            writer.value(id);
            writer.endObject();
            out.line(writer.toString());
        } else {
            out.line(chosen + " id:" + id);
        }
    }
}
