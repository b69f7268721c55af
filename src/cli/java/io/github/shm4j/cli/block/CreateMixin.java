package io.github.shm4j.cli.block;

import io.github.shm4j.CreateOption;
import io.github.shm4j.SharedMemory;
import io.github.shm4j.ShmAlreadyExistsException;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ShmPermissions;
import io.github.shm4j.ShmStatus;
import io.github.shm4j.cli.command.Advice;
import io.github.shm4j.cli.command.Arguments;
import io.github.shm4j.cli.command.BlockArgument;
import io.github.shm4j.cli.command.PlainArguments;
import io.github.shm4j.cli.command.RmidForced;
import io.github.shm4j.cli.command.Subcommand;
import io.github.shm4j.cli.list.Listing;
import io.github.shm4j.cli.terminal.JsonWriter;
import io.github.shm4j.cli.terminal.Output;
import io.github.shm4j.cli.terminal.Sizes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Stack;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The parameter and the options of the commands that create a block, except its size. */
public final class CreateMixin {

    // One random key in a million is taken at most: so many in a row are not chance.
    private static final int RANDOM_ROUNDS = 100;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "KEY",
            converter = Arguments.Key.class,
            description = "The key, as 0x33010024, decimal or octal.")
    private ShmKey key;

    @Option(
            names = "--ftok",
            paramLabel = "FILE",
            description = "Take the key that ftok(3) makes of a file, as \"shm4j ftok\" computes it.")
    private Path file;

    @Option(
            names = "--project",
            paramLabel = "PROJECT",
            description = "With --ftok: the project, one character; without, the number 1.")
    private String project;

    @Option(names = "--private", description = "Give the block no key; it is found by its id only.")
    private boolean withoutKey;

    @Option(
            names = {"-m", "--permissions"},
            paramLabel = "MODE",
            converter = Arguments.Permissions.class,
            description = "Who may read and write: octal, such as 0640, or rw-r-----; by default the owner only, 0600.")
    private ShmPermissions permissions = ShmPermissions.OWNER_ONLY;

    @Option(names = "--world-writable", description = "Accept permissions that let every user write.")
    private boolean worldWritable;

    @Option(
            names = "--huge-pages",
            arity = "0..1",
            paramLabel = "PAGESIZE",
            fallbackValue = "0",
            converter = Arguments.Size.class,
            preprocessor = Attached.class,
            description = "Use huge pages, of the system's default size or of one such as 2M, which is attached to the option:"
                    + " --huge-pages=2M.")
    private Long hugePages;

    @Option(names = "--no-reserve", description = "Do not reserve memory for the block.")
    private boolean noReserve;

    @Option(
            names = {"-J", "--json"},
            description = "Print JSON.")
    private boolean json;

    /** Takes a value only if it is attached to the option: the next argument may be the key. */
    private static final class Attached implements IParameterPreprocessor {
        @Override
        public boolean preprocess(
                Stack<String> words, CommandSpec command, ArgSpec option, Map<String, Object> information) {
            if (" ".equals(information.get("separator"))) {
                words.push(((OptionSpec) option).fallbackValue());
            }
            return false;
        }
    }

    public boolean takeOption(PlainArguments arguments) {
        if (arguments.is("--ftok")) {
            file = arguments.path();
        } else if (arguments.is("--project")) {
            project = arguments.value();
        } else if (arguments.is("--private")) {
            withoutKey = arguments.flag();
        } else if (arguments.is("-m", "--permissions")) {
            permissions = Arguments.permissions(arguments.value());
        } else if (arguments.is("--world-writable")) {
            worldWritable = arguments.flag();
        } else if (arguments.is("--huge-pages")) {
            hugePages = Sizes.parse(arguments.valueOr("0"));
        } else if (arguments.is("--no-reserve")) {
            noReserve = arguments.flag();
        } else if (arguments.is("-J", "--json")) {
            json = arguments.flag();
        } else {
            return false;
        }
        return true;
    }

    public boolean takeParameter(int index, String word) {
        if (index == 0) {
            key = ShmKey.parse(word);
            return true;
        }
        return false;
    }

    private record Created(ShmKey key, SharedMemory memory) {}

    /** Fills a new block. */
    @FunctionalInterface
    public interface Filling {
        void fill(SharedMemory memory) throws IOException;
    }

    /** Creates the block, fills it, and prints its key or id. If any of this fails, the block is removed. */
    public void create(Subcommand command, Output out, long size, Filling filling) throws IOException {
        if ((key != null ? 1 : 0) + (file != null ? 1 : 0) + (withoutKey ? 1 : 0) > 1) {
            throw command.usage("give one of KEY, --ftok and --private, not both");
        }
        if (project != null && file == null) {
            throw command.usage("--project is of use with --ftok only");
        }
        if (key != null && key.equals(ShmKey.PRIVATE)) {
            throw command.usage("key 0 is IPC_PRIVATE, which never names a block; say --private to create one without a"
                    + " key");
        }
        PermissionsCommand.requireMeant(permissions, worldWritable, command);
        ShmKey chosen = withoutKey ? ShmKey.PRIVATE : file != null ? FtokCommand.key(file, project, command) : key;
        RmidForced.requireThatTheyStay(
                "the block would be gone as soon as this command terminates; let the program create it that"
                        + " uses it");
        Created created;
        try {
            created = chosen != null ? create(chosen, size) : createRandom(size);
        } catch (IllegalArgumentException refused) {
            throw command.usage(refused.getMessage());
        } catch (ShmAlreadyExistsException taken) {
            throw new IOException(inTheWay(chosen, taken), taken);
        } catch (ShmException refused) {
            throw new IOException(Advice.creating(refused, hugePages != null), refused);
        }
        try {
            filling.fill(created.memory);
            print(out, created);
            out.flush();
        } catch (Throwable failure) {
            // Nobody has learned of the block, so nobody would remove it.
            try {
                created.memory.remove();
            } catch (ShmException left) {
                failure.addSuppressed(left);
            }
            throw failure;
        }
    }

    private Created createRandom(long size) throws ShmException {
        for (int round = 1;; round++) {
            try {
                return create(ShmKey.random(), size);
            } catch (ShmAlreadyExistsException taken) {
                if (round == RANDOM_ROUNDS) {
                    throw taken;
                }
            }
        }
    }

    private Created create(ShmKey chosen, long size) throws ShmException {
        return new Created(chosen, SharedMemory.create(chosen, size, permissions, options()));
    }

    /** {@return that another block has the key, and what to do} */
    public static String inTheWay(ShmKey key, ShmAlreadyExistsException taken) throws ShmException {
        String what = "no key is free";
        if (key != null) {
            Listing listing = Listing.take();
            ShmStatus block = listing.find(new BlockArgument("", key, -1));
            what = (block == null ? "another block" : listing.describe(block))
                    + " is in the way: choose another key, or, if nobody needs that block any more, remove it with \"shm4j"
                    + " remove " + key + "\"";
        }
        return Advice.with(what, taken);
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

    private void print(Output out, Created created) throws Output.Failed {
        if (json) {
            JsonWriter writer = new JsonWriter();
            writer.beginObject();
            writer.name("key");
            writer.value(created.key.toString());
            writer.name("id");
            writer.value(created.memory.id());
            writer.endObject();
            out.line(writer.toString());
        } else {
            // One word that every command takes, for variables of the shell and other commands.
            out.line(
                    created.key.equals(ShmKey.PRIVATE) ? BlockArgument.ID_PREFIX + created.memory.id()
                            : created.key.toString());
        }
    }
}
