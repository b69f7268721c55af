package io.github.shm4j.aeron;

import io.aeron.Aeron;
import io.aeron.exceptions.AeronException;

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
        try {
            return new AeronInlet(aeron.addSubscription(channel, stream), longest);
        } catch (AeronException refused) {
            throw refused("receive", channel, refused);
        }
    }

    /** Prepares to send frames up to a length. */
    static Outlet publish(Aeron aeron, String channel, int stream, long longest) {
        try {
            return new AeronOutlet(
                    aeron.addExclusivePublication(channel + "|term-length=" + termLength(longest), stream));
        } catch (AeronException refused) {
            throw refused("send", channel, refused);
        }
    }

    private static RelayException refused(String what, String channel, AeronException refused) {
        return new RelayException("Aeron cannot " + what + " on " + channel + ": " + refused.getMessage(), refused);
    }
}
