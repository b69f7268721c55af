package io.github.shm4j.aeron;

import io.aeron.Aeron;
import io.github.shm4j.AttachMode;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ring.RingBuffer;
import io.github.shm4j.ring.SpscRingBuffer;
import java.lang.foreign.Arena;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Receives messages and writes them to a ring. */
@Command(
        name = "receive",
        mixinStandardHelpOptions = true,
        description = {
            "Writes what a sender sends to a ring. It is the only producer of the ring, which is one for one producer.",
            "Each message comes into the ring once, whichever process is killed."
        })
final class ReceiveCommand extends SideCommand {

    /** The key's highest byte is the project id of ftok. */
    private static final int JOURNAL_BITS = 0x4a000000;

    /** What to do where messages of the source ring are lost. */
    enum OnNewSource {
        /** End with an error. */
        STOP,
        /** Go on, and count it. */
        CONTINUE
    }

    private Endpoint at;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--at",
            required = true,
            paramLabel = "[HOST]:PORT",
            description = "Where to listen. The port after it is used for answers.")
    private void setAt(String text) {
        try {
            at = Endpoint.parse(text);
        } catch (IllegalArgumentException none) {
            throw new ParameterException(spec.commandLine(), none.getMessage(), none);
        }
    }

    @Option(
            names = "--journal",
            paramLabel = "KEY",
            converter = Key.class,
            description = "The key of the block in which this program notes how far it is, and which has to be there when it"
                    + " is started again. By default it is the ring's, with its highest byte changed.")
    private ShmKey journal;

    @Option(
            names = "--on-new-source",
            paramLabel = "WHAT",
            description = "What to do where messages are lost since the source ring was made anew, or somebody else has"
                    + " consumed from it: stop (the default) or continue, which counts it.")
    private OnNewSource onNewSource = OnNewSource.STOP;

    @Override
    String role() {
        return "receive";
    }

    /** {@return the key of the journal where none is named} */
    static ShmKey journalOf(ShmKey ring) {
        return ShmKey.of(ring.value() ^ JOURNAL_BITS);
    }

    @Override
    Role takeRole() throws ShmException {
        Arena arena = Arena.ofShared();
        try {
            RingBuffer ring = RingBuffer.open(block(), AttachMode.READ_WRITE, arena);
            if (!(ring instanceof SpscRingBuffer destination)) {
                throw new RelayException("ring " + key() + " is one for many producers, and others could write to it"
                        + " between two messages of the relay: make one with --kind spsc");
            }
            Destination taken = Destination.open(destination, journal != null ? journal : journalOf(key()));
            return new Role() {
                @Override
                public Side connect(Aeron aeron) {
                    return Side.of(RelayReceiver.at(aeron, taken, at, onNewSource == OnNewSource.CONTINUE,
                            System::nanoTime));
                }

                @Override
                public void close() {
                    Closing.all(taken, arena);
                }
            };
        } catch (Throwable failed) {
            Closing.after(failed, arena);
            throw failed;
        }
    }
}
