package io.github.shm4j.cli.ring;

import io.github.shm4j.cli.command.PlainArguments;
import io.github.shm4j.cli.command.Subcommand;
import io.github.shm4j.cli.terminal.Output;
import io.github.shm4j.cli.terminal.Terminal;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** The options of the commands that print messages: how. */
final class MessageOptions {

    @ArgGroup
    private Shape shape = new Shape();

    private static final class Shape {
        @Option(
                names = {"-0", "--null"},
                description = "End each message with a zero byte; one with a zero in it is an error.")
        private boolean zero;

        @Option(
                names = "--length-prefixed",
                description = "Write before each message its length in bytes, a number of 4 bytes, the highest one first,"
                        + " and nothing behind it.")
        private boolean prefixed;

        @Option(
                names = "--text",
                description = "Each message as UTF-8 and one line, with escapes for what is not text, as on a terminal.")
        private boolean text;

        @Option(
                names = "--raw",
                description = "Each message as it is and a line end, also to a terminal, and whatever is in it.")
        private boolean raw;
    }

    @Option(names = "--show-type", description = "Print the type of each message and a tab before it.")
    private boolean showType;

    boolean takeOption(PlainArguments arguments) {
        if (arguments.is("-0", "--null")) {
            shape.zero = arguments.flagUnless(shape.prefixed || shape.text || shape.raw);
        } else if (arguments.is("--length-prefixed")) {
            shape.prefixed = arguments.flagUnless(shape.zero || shape.text || shape.raw);
        } else if (arguments.is("--text")) {
            shape.text = arguments.flagUnless(shape.zero || shape.prefixed || shape.raw);
        } else if (arguments.is("--raw")) {
            shape.raw = arguments.flagUnless(shape.zero || shape.prefixed || shape.text);
        } else if (arguments.is("--show-type")) {
            showType = arguments.flag();
        } else {
            return false;
        }
        return true;
    }

    void requireSense(Subcommand command) {
        if (showType && shape.prefixed) {
            throw command.usage("--show-type goes with lines, not with --length-prefixed");
        }
        if ((shape.zero || shape.prefixed) && Terminal.is(Terminal.OUTPUT)) {
            throw command.usage("--null and --length-prefixed are for pipes and files, not for a terminal");
        }
    }

    MessageWriter writer(Output out, MessageWriter.Copying copying) {
        return new MessageWriter(out, form(), showType, copying);
    }

    private MessageWriter.Form form() {
        return shape.prefixed
                ? MessageWriter.Form.LENGTH_PREFIXED
                : shape.zero
                        ? MessageWriter.Form.NULL
                : shape.raw
                        ? MessageWriter.Form.RAW
                : shape.text || Terminal.is(Terminal.OUTPUT)
                        ? MessageWriter.Form.TEXT
                : MessageWriter.Form.LINES;
    }
}
