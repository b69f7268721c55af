package io.github.shm4j.cli.block;

import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.cli.command.Arguments;
import io.github.shm4j.cli.command.PlainArguments;
import io.github.shm4j.cli.command.Subcommand;
import io.github.shm4j.cli.terminal.JsonWriter;
import io.github.shm4j.cli.terminal.Output;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code shm4j ftok}. */
@Command(
        name = "ftok",
        description = {
            "Computes the key that ftok(3) makes of a file and a project, and prints it in hexadecimal; with --json, also in"
                    + " decimal, as PHP shows it.",
            "PROJECT is one character and stands for its code, as in PHP: \"1\" is 49. Give numbers with --number, as C"
                    + " and Perl mean them. Without either, the number is 1, Perl's default."
        })
public final class FtokCommand extends Subcommand {

    private static final int DEFAULT_NUMBER = 1;

    @Parameters(index = "0", paramLabel = "FILE", description = "An existing file or directory.")
    private Path file;

    @Parameters(index = "1", arity = "0..1", paramLabel = "PROJECT", description = "One character.")
    private String project;

    @Option(
            names = {"-n", "--number"},
            paramLabel = "N",
            description = "The project as a number, of which ftok uses the low 8 bits.")
    private Integer number;

    @Option(
            names = {"-J", "--json"},
            description = "Print JSON.")
    private boolean json;

    @Override
    protected boolean takeOption(PlainArguments arguments) {
        if (arguments.is("-n", "--number")) {
            number = arguments.number();
        } else if (arguments.is("-J", "--json")) {
            json = arguments.flag();
        } else {
            return false;
        }
        return true;
    }

    @Override
    protected boolean takeParameter(int index, String word) {
        if (index == 0) {
            file = Arguments.path(word);
        } else {
            project = word;
        }
        return index <= 1;
    }

    @Override
    protected boolean isComplete() {
        return file != null;
    }

    @Override
    public int run(Output out) throws IOException {
        if (project != null && number != null) {
            throw usage("give PROJECT or --number, not both");
        }
        ShmKey key = number != null ? key(file, number, this) : key(file, project, this);
        if (json) {
            JsonWriter writer = new JsonWriter();
            writer.beginObject();
            writer.name("key");
            writer.value(key.toString());
            writer.name("number");
            writer.value(key.value());
            writer.endObject();
            out.line(writer.toString());
        } else {
            out.line(key.toString());
        }
        return DONE;
    }

    /** {@return the key of a file and a project of one character, which may be {@code null}} */
    static ShmKey key(Path file, String project, Subcommand command) throws ShmException {
        if (project == null) {
            return key(file, DEFAULT_NUMBER, command);
        }
        byte[] bytes = project.getBytes(StandardCharsets.UTF_8);
        if (bytes.length != 1) {
            throw command.usage("project \"" + project + "\" is not one ASCII character; \"shm4j ftok --number\" makes"
                    + " keys of numbers");
        }
        return key(file, bytes[0], command);
    }

    private static ShmKey key(Path file, int number, Subcommand command) throws ShmException {
        try {
            return ShmKey.ftok(file, number);
        } catch (IllegalArgumentException refused) {
            throw command.usage(refused.getMessage());
        }
    }
}
