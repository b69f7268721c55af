package io.github.shm4j.cli.ring;

import io.github.shm4j.cli.command.BlockArgument;
import io.github.shm4j.cli.command.BlockParameter;
import io.github.shm4j.cli.command.Failure;
import io.github.shm4j.cli.command.PlainArguments;
import io.github.shm4j.cli.command.Subcommand;
import io.github.shm4j.cli.terminal.Output;
import io.github.shm4j.cli.terminal.StandardStreams;
import io.github.shm4j.ring.RingException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code shm4j ring send}. */
@Command(
        name = "send",
        description = {
            "Sends messages: each MESSAGE as UTF-8, or else each line of standard input without its line end.",
            "Where the ring is full it waits, as a pipe does. A message that is too long, or for which no room is made in"
                    + " time, is an error: nothing of it is sent, nor of those behind it.",
            "Where it is interrupted it says on standard error how many messages it has sent."
        })
final class RingSendCommand extends Subcommand {

    @Mixin
    private BlockParameter parameter = new BlockParameter();

    @Parameters(index = "1..*", arity = "0..*", paramLabel = "MESSAGE", description = "The messages to send.")
    private List<String> messages = List.of();

    @Option(
            names = {"-t", "--type"},
            paramLabel = "N",
            description = "The type to give the messages, a number greater than 0; by default 1.")
    private int type = 1;

    @ArgGroup
    private Framing framing = new Framing();

    private static final class Framing {
        @Option(
                names = {"-0", "--null"},
                description = "Messages on standard input end with a zero byte, not with the line.")
        private boolean zero;

        @Option(
                names = "--length-prefixed",
                description = "Each message on standard input comes after its length in bytes, a number of 4 bytes, the"
                        + " highest one first.")
        private boolean prefixed;
    }

    @ArgGroup
    private Waiting waiting = new Waiting();

    @Option(
            names = "--take-over",
            description = {
                "In a ring of kind SPSC, become the producer in the place of a process that has the role and cannot be seen from"
                        + " here, as that of another container, although it has terminated or must not go on. One that is alive"
                        + " notices at its next message, and fails. If it is stopped in the middle of a message and goes on half a"
                        + " second later or more, messages can be lost or wrong."
            })
    private boolean takingOver;

    @Override
    protected boolean takeOption(PlainArguments arguments) {
        if (arguments.is("-t", "--type")) {
            type = arguments.number();
        } else if (arguments.is("-0", "--null")) {
            framing.zero = arguments.flagUnless(framing.prefixed);
        } else if (arguments.is("--length-prefixed")) {
            framing.prefixed = arguments.flagUnless(framing.zero);
        } else if (arguments.is("--take-over")) {
            takingOver = arguments.flag();
        } else {
            return waiting.takeOption(arguments) || parameter.takeOption(arguments);
        }
        return true;
    }

    @Override
    protected boolean takeParameter(int index, String word) {
        if (index == 0) {
            return parameter.takeParameter(index, word);
        }
        if (messages.isEmpty()) {
            messages = new ArrayList<>();
        }
        return messages.add(word);
    }

    @Override
    protected boolean isComplete() {
        return parameter.isGiven();
    }

    @Override
    public boolean takesText() {
        return true;
    }

    @Override
    public int run(Output out) throws IOException, InterruptedException {
        if (type <= 0) {
            throw usage("--type is " + type + "; it must be greater than 0");
        }
        if (!messages.isEmpty() && (framing.zero || framing.prefixed)) {
            throw usage(
                    "--null and --length-prefixed are about standard input, which is not read if there is a MESSAGE");
        }
        BlockArgument named = parameter.get();
        try (RingSession session = RingSession.open(named, takingOver, RingSendCommand::interrupted)) {
            if (takingOver && !session.isForOneProducer()) {
                throw new IOException(
                        named.text() + ": the ring is of kind MPSC, which any number of processes send to; there is"
                                + " no role to take over");
            }
            try {
                if (messages.isEmpty()) {
                    sendInput(session);
                } else {
                    sendArguments(session);
                }
            } catch (InterruptedException interrupted) {
                if (!session.isEnding()) {
                    throw interrupted;
                }
            }
        }
        return DONE;
    }

    /** Who goes on later has to know: of what was read from standard input, some may not have been sent. */
    private static void interrupted(long sent) {
        Failure.say("interrupted" + MessageReader.sent(sent));
    }

    private void sendArguments(RingSession session) throws IOException, InterruptedException {
        for (int i = 0; i < messages.size(); i++) {
            byte[] message = messages.get(i).getBytes(StandardCharsets.UTF_8);
            int sent = i;
            UnaryOperator<String> failing = what -> "message " + (sent + 1) + what + MessageReader.sent(sent);
            if (message.length > session.maxMessageLength()) {
                throw new IOException(failing.apply(" has " + message.length
                        + " bytes, and a message of this ring at most " + session.maxMessageLength()));
            }
            send(session, MemorySegment.ofArray(message), 0, message.length, failing);
        }
    }

    private void sendInput(RingSession session) throws IOException, InterruptedException {
        MessageReader.Framing form = framing.prefixed
                ? MessageReader.Framing.LENGTH_PREFIXED
                : framing.zero ? MessageReader.Framing.NULL : MessageReader.Framing.LINES;
        MessageReader reader = new MessageReader(
                StandardStreams.input(), form, session.maxMessageLength());
        UnaryOperator<String> failing = reader::failing;
        while (reader.next()) {
            send(session, reader.segment(), reader.begin(), reader.length(), failing);
        }
    }

    /**
     * Sends a message.
     *
     * @param failing says which message it is that something is wrong with
     */
    private void send(RingSession session, MemorySegment source, int offset, int length, UnaryOperator<String> failing)
            throws IOException, InterruptedException {
        boolean sent;
        try {
            sent = session.write(type, source, offset, length, waiting.get());
        } catch (IOException | RingException failed) {
            throw new IOException(failing.apply(": " + failed.getMessage()), failed);
        }
        if (!sent) {
            throw new IOException(failing.apply(
                    " finds the ring full" + (waiting.isNone() ? "" : ", and nobody has made room in time")));
        }
    }
}
