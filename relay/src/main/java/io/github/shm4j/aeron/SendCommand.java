package io.github.shm4j.aeron;

import io.aeron.Aeron;
import io.github.shm4j.AttachMode;
import io.github.shm4j.ShmException;
import io.github.shm4j.ring.RingBuffer;
import io.github.shm4j.ring.RingConsumer;
import java.lang.foreign.Arena;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Takes the messages of a ring and sends them. */
@Command(
        name = "send",
        mixinStandardHelpOptions = true,
        description = {
            "Sends the messages of a ring to a receiver. It is the consumer of the ring.",
            "A message leaves the ring when it is in the receiver's ring."
        })
final class SendCommand extends SideCommand {

    private Endpoint to;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--to",
            required = true,
            paramLabel = "HOST:PORT",
            description = "Where the receiver is. Its answers come from the port after this one.")
    private void setTo(String text) {
        try {
            to = Endpoint.parse(text);
        } catch (IllegalArgumentException none) {
            throw new ParameterException(spec.commandLine(), none.getMessage(), none);
        }
        if (to.host().isEmpty()) {
            throw new ParameterException(spec.commandLine(), "'" + text + "' has no host: say where the receiver is");
        }
    }

    private int longest = Integer.MAX_VALUE;

    @Option(
            names = "--longest",
            paramLabel = "BYTES",
            description = "How long the messages in the ring are at most. By default it is what the ring takes, an eighth of its"
                    + " capacity, of which Aeron carries 16 MiB. A longer message than promised ends this program, and stays in"
                    + " the ring.")
    private void setLongest(int bytes) {
        if (bytes <= 0) {
            throw new ParameterException(
                    spec.commandLine(), "the longest message has " + bytes + " bytes; it must have 1 at least");
        }
        longest = bytes;
    }

    @Override
    String role() {
        return "send";
    }

    @Override
    Role takeRole() throws ShmException {
        Arena arena = Arena.ofShared();
        try {
            RingBuffer ring = RingBuffer.open(block(), AttachMode.READ_WRITE, arena);
            RingConsumer consumer = ring.consumer();
            return new Role() {
                @Override
                public Side connect(Aeron aeron) {
                    return Side.of(RelaySender.to(aeron, ring, longest, consumer, to, System::nanoTime));
                }

                @Override
                public void close() {
                    Closing.all(consumer, arena);
                }
            };
        } catch (Throwable failed) {
            Closing.after(failed, arena);
            throw failed;
        }
    }
}
