package io.github.shm4j.cli.ring;

import io.github.shm4j.cli.command.BlockArgument;
import io.github.shm4j.cli.command.BlockParameter;
import io.github.shm4j.cli.command.PlainArguments;
import io.github.shm4j.cli.command.Subcommand;
import io.github.shm4j.cli.terminal.Output;
import io.github.shm4j.ring.MessageHandler;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code shm4j ring receive}. */
@Command(
        name = "receive",
        description = {
            "Receives messages and prints them, one a line, waiting for more as tail -f does, until a signal terminates it, or"
                    + " --count, --timeout or --no-wait ends it.",
            "A message leaves the ring when it has been written, so none is lost however this command terminates. If it is killed,"
                    + " the next one receives again some of the messages that it was writing.",
            "On a terminal, what is not text is shown with escapes. Elsewhere the bytes are written as they are, and a"
                    + " message with a line end in it is an error: it stays in the ring."
        })
final class RingReceiveCommand extends Subcommand {

    @Mixin
    private BlockParameter parameter = new BlockParameter();

    @Option(
            names = {"-n", "--count"},
            paramLabel = "N",
            description = "End after so many messages. If fewer come in time, that is a failure.")
    private Long count;

    @ArgGroup
    private Waiting waiting = new Waiting();

    @Mixin
    private MessageOptions options = new MessageOptions();

    @Option(
            names = {"-t", "--type"},
            paramLabel = "N",
            description = "Print only messages of this type. One of another type is an error, and stays in the ring.")
    private Integer type;

    @Option(names = "--discard-others",
            description = "With --type: take messages of other types out of the ring, unseen.")
    private boolean discardOthers;

    @Option(
            names = "--take-over",
            description = {
                "Become the consumer in the place of a process that has the role and cannot be seen from here, as that of another"
                        + " container, although it has terminated or must not go on. One that is alive notices at its next read, and"
                        + " fails; the message it is working on comes here again. If it is stopped in the middle of a read and goes"
                        + " on half a second later or more, messages can be lost, or come again."
            })
    private boolean takingOver;

    /** Messages that were taken out of the ring together, to be written together. */
    private static final class Batch implements MessageHandler {

        private static final int MOST = 1024;
        private static final long ENOUGH_BYTES = 1 << 15;

        private final int[] types = new int[MOST];
        private final long[] offsets = new long[MOST];
        private final int[] lengths = new int[MOST];
        private MemorySegment memory;
        private int count;
        private long bytes;

        @Override
        public void onMessage(int messageType, MemorySegment source, long offset, int length) {
            memory = source;
            types[count] = messageType;
            offsets[count] = offset;
            lengths[count] = length;
            count++;
            bytes += length;
        }

        void clear() {
            count = 0;
            bytes = 0;
        }

        boolean isFull() {
            return count == MOST || bytes >= ENOUGH_BYTES;
        }
    }

    @Override
    protected boolean takeOption(PlainArguments arguments) {
        if (arguments.is("-n", "--count")) {
            count = (long) arguments.number();
        } else if (arguments.is("-t", "--type")) {
            type = arguments.number();
        } else if (arguments.is("--discard-others")) {
            discardOthers = arguments.flag();
        } else if (arguments.is("--take-over")) {
            takingOver = arguments.flag();
        } else {
            return waiting.takeOption(arguments) || parameter.takeOption(arguments) || options.takeOption(arguments);
        }
        return true;
    }

    @Override
    protected boolean takeParameter(int index, String word) {
        return parameter.takeParameter(index, word);
    }

    @Override
    protected boolean isComplete() {
        return parameter.isGiven();
    }

    @Override
    public int run(Output out) throws IOException, InterruptedException {
        requireSense();
        BlockArgument named = parameter.get();
        try (RingSession session = RingSession.open(named, takingOver)) {
            try {
                receive(session, out);
            } catch (InterruptedException interrupted) {
                if (!session.isEnding()) {
                    throw interrupted;
                }
            }
        }
        return DONE;
    }

    private void requireSense() {
        if (count != null && count <= 0) {
            throw usage("--count is " + count + "; it must be greater than 0");
        }
        if (type != null && type <= 0) {
            throw usage("--type is " + type + "; it must be greater than 0");
        }
        if (discardOthers && type == null) {
            throw usage("--discard-others is of use with --type only");
        }
        options.requireSense(this);
    }

    private void receive(RingSession session, Output out) throws IOException, InterruptedException {
        MessageWriter writer = options.writer(out, session::copy);
        Batch batch = new Batch();
        Duration timeout = waiting.get();
        long wanted = count != null ? count : Long.MAX_VALUE;
        long written = 0;
        while (written < wanted) {
            batch.clear();
            while (!batch.isFull() && batch.count < wanted - written && session.peek(batch) != 0) {
                // The batch takes it.
            }
            if (batch.count != 0) {
                written += deliver(batch, session, writer, out);
                continue;
            }
            // There may have been room that nobody needs any more, which is to be given to the producers.
            session.consume();
            if (!session.awaitMessage(timeout)) {
                break;
            }
        }
        if (count != null && written < wanted) {
            throw new IOException(written + " of " + count + (count == 1 ? " message has" : " messages have")
                    + (waiting.isNone() ? " been there" : " come in time"));
        }
    }

    /** Writes messages and then takes them out of the ring; {@return how many were written} */
    private int deliver(Batch batch, RingSession session, MessageWriter writer, Output out)
            throws IOException, InterruptedException {
        int written = 0;
        for (int i = 0; i < batch.count; i++) {
            try {
                if (isWanted(batch.types[i])) {
                    writer.write(batch.types[i], batch.memory, batch.offsets[i], batch.lengths[i]);
                    written++;
                }
            } catch (MessageWriter.Unsuitable refused) {
                out.flush();
                session.consumeOnly(i);
                throw refused;
            }
        }
        out.flush();
        session.consume();
        return written;
    }

    private boolean isWanted(int found) throws MessageWriter.Unsuitable {
        if (type == null || type == found) {
            return true;
        }
        if (!discardOthers) {
            throw new MessageWriter.Unsuitable("the next message has type " + found + ", not " + type
                    + "; it stays in the ring: --discard-others would take it out unseen");
        }
        return false;
    }
}
