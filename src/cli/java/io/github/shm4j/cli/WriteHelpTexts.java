package io.github.shm4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine;

/** Makes the {@link HelpTexts} of the commands; the build runs it. */
final class WriteHelpTexts {

    private WriteHelpTexts() {}

    /**
     * Writes the files.
     *
     * @param arguments the directory of the classes
     * @throws IOException if they cannot be written
     */
    public static void main(String[] arguments) throws IOException {
        String path = HelpTexts.class.getPackageName().replace('.', '/');
        Path directory = Files.createDirectories(Path.of(arguments[0], path, HelpTexts.DIRECTORY));
        CommandLine all = Main.complete();
        Files.writeString(directory.resolve(HelpTexts.file()), text(all));
        for (Map.Entry<String, CommandLine> command : all.getSubcommands().entrySet()) {
            Files.writeString(directory.resolve(HelpTexts.file(command.getKey())), text(command.getValue()));
            for (Map.Entry<String, CommandLine> below : command.getValue().getSubcommands().entrySet()) {
                Files.writeString(
                        directory.resolve(HelpTexts.file(command.getKey(), below.getKey())), text(below.getValue()));
            }
        }
    }

    private static String text(CommandLine command) {
        return command.getUsageMessage(Main.styles(CommandLine.Help.Ansi.ON));
    }
}
