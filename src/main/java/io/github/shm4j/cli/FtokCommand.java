package io.github.shm4j.cli;

import io.github.shm4j.ShmKey;
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
            "Computes the key that ftok(3) makes of a file and a project, and prints it in hexadecimal and in decimal.",
            "PROJECT is one character and stands for its code, as in PHP: \"1\" is 49. Give numbers with --number, as C"
                    + " and Perl mean them. Without either, the number is 1, Perl's default."
        })
final class FtokCommand extends Subcommand {

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
    int run(Output out) throws IOException {
        if (project != null && number != null) {
            throw usage("give PROJECT or --number, not both");
        }
        int projectId = project != null ? code() : number != null ? number : DEFAULT_NUMBER;
        ShmKey key;
        try {
            key = ShmKey.ftok(file, projectId);
        } catch (IllegalArgumentException refused) {
            throw usage(refused.getMessage());
        }
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
            out.line(key + " " + key.value());
        }
        return DONE;
    }

    private int code() {
        byte[] bytes = project.getBytes(StandardCharsets.UTF_8);
        if (bytes.length != 1) {
            throw usage("project \"" + project + "\" is not one ASCII character; a number is given with --number");
        }
        return bytes[0];
    }
}
