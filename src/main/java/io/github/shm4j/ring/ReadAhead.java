package io.github.shm4j.ring;

/**
 * Decides how a consumer follows a stream of messages: record by record, or from one look at the producer position to the
 * next.
 *
 * <p>A consumer that follows a fast stream record by record comes to the one that is just being written. That takes the cache
 * line away from the producer, and again for each message that follows, as the two are about equally fast. So it goes up to
 * the producer position instead, and if that was not far, pauses before it looks there again, so that there is more.
 *
 * <p>Whether a stream is that fast is found out by trying. If it is not, the next trial is after twice as many messages.
 */
final class ReadAhead extends StreamState {

    /** For how long the consumer leaves a stream of messages alone when it has caught up with it. */
    private static final long PAUSE_NANOS = 4_000;

    /** How many messages have to come during that time, or else they are not fast enough to be left alone. */
    private static final int FEWEST_OF_STREAM = 48;

    /** How many messages have to come without a look in vain to be worth a trial whether they are that fast. */
    static final int FEWEST_FOR_TRIAL = 16;

    /** For how many messages there is no further trial after several that have failed. */
    private static final int MOST_BETWEEN_TRIALS = 1 << 16;

    // Keeps what lies behind away from what this object writes.
    private long after0;
    private long after1;
    private long after2;
    private long after3;
    private long after4;
    private long after5;
    private long after6;
    private long after7;
    private long after8;
    private long after9;
    private long after10;
    private long after11;
    private long after12;
    private long after13;
    private long after14;
    private long after15;

    /** How far the producer is ahead in a stream that need not be left alone. */
    private final long far;

    /**
     * Makes a follower that goes record by record.
     *
     * @param far how many bytes the producer is ahead in a stream that need not be left alone
     */
    ReadAhead(long far) {
        this.far = far;
    }

    /** Whether the consumer goes by the producer position. */
    boolean isStreaming() {
        return streaming;
    }

    /** Begins behind the messages that predecessors have read. */
    void begin(long messagesRead) {
        readWhenSeen = messagesRead;
    }

    /** Takes note that there is no message at a position. */
    void caughtUp(long position, long messagesRead) {
        if (streaming) {
            // The next look is to be further off.
            seen = position;
            ahead = 0;
        } else {
            readWhenSeen = messagesRead;
        }
    }

    /** Takes note of what a call has read. Enough messages in a row are worth a trial. */
    void haveRead(long messagesRead) {
        if (!streaming && messagesRead - readWhenSeen >= FEWEST_FOR_TRIAL && messagesRead >= nextTrial) {
            streaming = true;
            trying = true;
        }
    }

    /** Whether the consumer is to look at the producer position before it goes on: if {@link #goesOn} says so, too. */
    boolean isAtEnd(long position) {
        return streaming && position >= seen;
    }

    /** Decides whether the stream is still one. If so, this pauses before the next look if it is to. */
    boolean goesOn(long messagesRead) {
        long read = messagesRead - readWhenSeen;
        readWhenSeen = messagesRead;
        if (trying) {
            trying = false;
        } else if (read >= FEWEST_OF_STREAM) {
            betweenTrials = FEWEST_FOR_TRIAL;
        } else {
            streaming = false;
            betweenTrials = Math.min(2 * betweenTrials, MOST_BETWEEN_TRIALS);
            nextTrial = messagesRead + betweenTrials;
            return false;
        }
        if (ahead < far) {
            pause();
        }
        return true;
    }

    /** Takes note of where the producer is. It is a hint: whether there is a message is said by its header alone. */
    void saw(long produced, long position) {
        seen = produced;
        ahead = produced - position;
    }

    private static void pause() {
        long begin = System.nanoTime();
        do {
            Thread.onSpinWait();
        } while (System.nanoTime() - begin < PAUSE_NANOS);
    }
}
