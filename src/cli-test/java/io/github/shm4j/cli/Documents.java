package io.github.shm4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.codegen.docgen.manpage.ManPageGenerator;

/** Generates from the commands themselves the completion script and the sources of the man pages; the build runs it. */
final class Documents {

    private static final String END = "// end::picocli-generated-full-manpage[]";

    private Documents() {}

    /**
     * Writes the files.
     *
     * @param arguments the completion script, the directory for the man pages' sources, in AsciiDoc, the directory with what
     *     is not generated of them, and the version
     * @throws IOException if they cannot be written
     */
    public static void main(String[] arguments) throws IOException {
        Path completion = Path.of(arguments[0]);
        Path manual = Path.of(arguments[1]);
        CommandLine all = Main.complete();
        // There is no jar yet to take it from.
        setVersion(all, arguments[3]);
        Files.createDirectories(completion.getParent());
        Files.createDirectories(manual);
        Files.writeString(completion, BashCompletion.of(all));
        int exit = ManPageGenerator.generateManPage(
                manual.toFile(), null, new boolean[0], true, all.getCommandSpec());
        if (exit != 0) {
            throw new IOException("no man pages: exit code " + exit);
        }
        complete(manual, Path.of(arguments[2]));
    }

    private static void setVersion(CommandLine command, String version) {
        command.getCommandSpec().versionProvider(() -> new String[] {"shm4j " + version});
        command.getSubcommands().values().forEach(sub -> setVersion(sub, version));
    }

    /** Adds what picocli does not know to the end of each page. */
    private static void complete(Path manual, Path additions) throws IOException {
        String environment = Files.readString(additions.resolve("environment"));
        try (Stream<Path> pages = Files.list(manual)) {
            for (Path page : pages.toList()) {
                String generated = Files.readString(page);
                String own = Files.readString(additions.resolve(page.getFileName()));
                Files.writeString(page, generated.replace(END, environment + own + "\n" + END));
            }
        }
    }
}
