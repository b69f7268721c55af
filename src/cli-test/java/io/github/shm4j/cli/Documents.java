package io.github.shm4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.codegen.docgen.manpage.ManPageGenerator;

/** Generates from the commands themselves the completion script and the sources of the man pages; the build runs it. */
final class Documents {

    private Documents() {}

    /**
     * Writes the files.
     *
     * @param arguments the completion script and the directory for the man pages' sources, in AsciiDoc
     * @throws IOException if they cannot be written
     */
    public static void main(String[] arguments) throws IOException {
        Path completion = Path.of(arguments[0]);
        Path manual = Path.of(arguments[1]);
        CommandLine all = Main.complete();
        Files.createDirectories(completion.getParent());
        Files.createDirectories(manual);
        Files.writeString(completion, BashCompletion.of(all));
        int exit = ManPageGenerator.generateManPage(
                manual.toFile(), null, new boolean[0], true, all.getCommandSpec());
        if (exit != 0) {
            throw new IOException("no man pages: exit code " + exit);
        }
    }
}
