package io.github.shm4j.cli.list;

import io.github.shm4j.cli.command.PlainArguments;
import picocli.CommandLine.Option;

/** The option {@code --numeric} of the commands that show owners. */
final class NumericMixin {

    @Option(
            names = {"-n", "--numeric"},
            description = "Show the numbers of users and groups and look up no names.")
    private boolean numeric;

    boolean takeOption(PlainArguments arguments) {
        if (arguments.is("-n", "--numeric")) {
            numeric = arguments.flag();
        } else {
            return false;
        }
        return true;
    }

    boolean isSet() {
        return numeric;
    }
}
