package io.github.shm4j.aeron;

import io.aeron.Aeron;
import io.aeron.Subscription;
import io.aeron.exceptions.AeronException;
import io.aeron.exceptions.TimeoutException;
import java.util.function.Supplier;

/** The streams of a relay, and how large what carries them is. */
final class Streams {

    static final int MESSAGES = 0x73346d72;
    static final int ANSWERS = 0x73346d61;

    /** More than an answer has. */
    static final int LONGEST_ANSWER = 1024;

    /** More than a frame of short messages has, whatever the length of packets is. */
    static final int USUAL_FRAME = 64 * 1024;

    private static final int ANSWERS_TERM = 64 * 1024;

    /** Aeron's own default. With shorter terms it throttles. */
    private static final int USUAL_TERM = 16 << 20;

    private static final int GREATEST_TERM = 1 << 30;

    /** Aeron takes messages of an eighth of a term. */
    private static final int MESSAGES_PER_TERM = 8;

    private Streams() {}

    /** {@return how long terms have to be for frames of a length} */
    static int termLength(long longest) {
        if (longest <= LONGEST_ANSWER) {
            return ANSWERS_TERM;
        }
        long term = USUAL_TERM;
        while (term < longest * MESSAGES_PER_TERM && term < GREATEST_TERM) {
            term *= 2;
        }
        return (int) term;
    }

    /** Listens for frames up to a length. */
    static Inlet subscribe(Aeron aeron, String channel, int stream, long longest) {
        return typed(aeron, "receive on " + channel, () -> {
            Subscription subscription = aeron.addSubscription(channel, stream);
            try {
                return new AeronInlet(subscription, longest);
            } catch (Throwable failed) {
                Closing.after(failed, subscription);
                throw failed;
            }
        });
    }

    /** Prepares to send frames up to a length. */
    static Outlet publish(Aeron aeron, String channel, int stream, long longest) {
        return typed(aeron, "send on " + channel, () -> new AeronOutlet(
                aeron.addExclusivePublication(channel + "|term-length=" + termLength(longest), stream)));
    }

    /**
     * Asks something of Aeron, which throws all kinds of exceptions.
     *
     * @param what what is asked, for messages: Aeron cannot do it
     * @throws RelayDisconnectedException if the client or its driver has gone
     * @throws RelayException if that is refused
     */
    static <T> T typed(Aeron aeron, String what, Supplier<T> asking) {
        try {
            return asking.get();
        } catch (RelayException known) {
            throw known;
        } catch (Exception refused) {
            String message = "Aeron cannot " + what + ": " + describe(refused);
            if (refused instanceof TimeoutException || aeron.isClosed()) {
                throw new RelayDisconnectedException(message + ". Has its media driver terminated?", refused);
            }
            throw new RelayException(message, refused);
        }
    }

    /** {@return what one of Aeron's exceptions says, and of which kind it is, as not all of them say something} */
    static String describe(Exception failure) {
        return failure instanceof AeronException ? failure.getMessage() : failure.toString();
    }
}
