package io.github.shm4j.aeron;

import static io.github.shm4j.aeron.Frames.MESSAGES_HEADER;
import static io.github.shm4j.aeron.Frames.MESSAGE_HEADER;

import io.aeron.Aeron;
import io.github.shm4j.aeron.BlockWatch.Watched;
import io.github.shm4j.ring.MessageHandler;
import io.github.shm4j.ring.RingBuffer;
import io.github.shm4j.ring.RingConsumer;
import io.github.shm4j.ring.RingKind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Carries the messages of a ring to a {@link RelayReceiver}: it is the consumer of the source ring.
 *
 * <p>A message leaves the source ring when the receiver has confirmed that it is in the destination ring, and not before. So
 * nothing is lost whichever process is killed: the next sender sends again what was not confirmed, and the receiver drops what
 * it has already.
 *
 * <p>{@link #poll()} never waits. It is for one thread, which calls it again and again, and pauses when there is nothing to do.
 */
public final class RelaySender implements AutoCloseable {

    /** How many frames one call sends at most. */
    private static final int MOST_FRAMES = 16;

    /** How many answers one call takes at most. */
    private static final int MOST_ANSWERS = 8;

    /** How many messages one call looks at at most that the receiver has already. */
    private static final int MOST_PASSED = 1024;

    private static final long HELLO_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long CONNECTED_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** For how long a receiver may say that it is at work with another sender: it takes some time to see that that one has gone. */
    private static final long BUSY_NANOS = TimeUnit.SECONDS.toNanos(15);

    private final RingBuffer ring;
    private final RingIdentity identity;
    private final long stream;
    private final Outlet outlet;
    private final Inlet inlet;
    private final LongSupplier clock;
    private final BlockWatch watch;
    private final Arena arena;
    private final MemorySegment hello;
    private final MemorySegment frame;
    private final int usualLength;
    private final MessageHandler hold = this::hold;
    private final Inlet.FrameHandler answer = this::onAnswer;
    private final RingConsumer consumer;

    /** How long the messages are that the ring holds, at most. */
    private final int longest;

    /** How much of the frame is used, and how many messages that is. */
    private long used;
    private int count;

    /** Position behind the last message that is in a frame, sent or not. */
    private long framed;

    /** Position behind the last message that was sent, or that the receiver had already. */
    private long sent;

    /** Position up to which everything has left the source ring. */
    private long released;

    /** Position up to which the receiver has confirmed everything. */
    private long confirmed;

    /** A message that was peeked at and is in no frame yet. It stays where it is. */
    private MemorySegment heldMemory;
    private long heldOffset;
    private int heldType;
    private int heldLength;
    private boolean held;

    /** Whether the receiver has answered. */
    private boolean welcome;

    /** The last one that was heard of. */
    private long episode;

    private boolean sendAgain;

    /** Since when the receiver has only said that it is busy. */
    private long busySince;

    private boolean busy;
    private long nextHello;
    private long lastHeard;
    private long messagesSent;
    private RelayException failure;

    /** Whether the last call has thrown: then this object does not know what it has done. */
    private boolean broken;

    /** Makes a sender of messages up to a length. */
    RelaySender(
            RingBuffer ring, int longest, RingIdentity identity, List<Watched> blocks, RingConsumer consumer,
            Outlet outlet, Inlet inlet, LongSupplier clock) {
        this.ring = ring;
        this.longest = Math.min(longest, ring.maxMessageLength());
        this.identity = identity;
        this.stream = identity.number();
        this.outlet = outlet;
        this.inlet = inlet;
        this.clock = clock;
        this.watch = new BlockWatch(blocks, clock);
        this.consumer = consumer;
        long longestFrame = frameLength(this.longest);
        if (longestFrame > outlet.longestFrame()) {
            throw new RelayException("the ring takes messages of " + this.longest + " bytes, and Aeron at most "
                    + (outlet.longestFrame() - MESSAGES_HEADER - MESSAGE_HEADER)
                    + " at once, an eighth of its term and 16 MiB: carry a smaller ring, which takes messages of an eighth of"
                    + " its capacity, or promise with --longest that all messages in this one are shorter");
        }
        this.usualLength = Math.min(outlet.longestWholeFrame(), Streams.USUAL_FRAME);
        this.arena = Arena.ofShared();
        try {
            this.hello = arena.allocate(Frames.HELLO_LENGTH, Long.BYTES);
            this.frame = arena.allocate(Math.max(longestFrame, usualLength), Long.BYTES);
            this.nextHello = clock.getAsLong();
            begin();
        } catch (Throwable failed) {
            arena.close();
            throw failed;
        }
    }

    private static long frameLength(int longest) {
        return MESSAGES_HEADER + Frames.messageLength(longest);
    }

    /**
     * Becomes the consumer of a ring and sends its messages through Aeron.
     *
     * @param aeron the client; it stays open
     * @param ring the source ring, opened by its key or block
     * @param to where the receiver is: {@code HOST:PORT}. Its answers come from the port after that one
     * @return the sender
     * @throws IllegalArgumentException if that is no endpoint
     * @throws io.github.shm4j.ring.RingOccupiedException if the ring has a consumer, another sender for one
     * @throws RelayException if the ring takes messages that are longer than what can be sent, or if Aeron cannot send there
     * @throws RelayDisconnectedException if the Aeron client or its driver has gone
     */
    public static RelaySender to(Aeron aeron, RingBuffer ring, String to) {
        return to(aeron, ring, to, ring.maxMessageLength());
    }

    /**
     * Becomes the consumer of a ring and sends its messages through Aeron, none of which is as long as the ring could take it. So
     * the ring may be of any size, and larger than the destination ring.
     *
     * @param aeron the client; it stays open
     * @param ring the source ring, opened by its key or block
     * @param to where the receiver is: {@code HOST:PORT}. Its answers come from the port after that one
     * @param longest how many bytes the longest message has. A longer one ends the sender, and stays in the ring
     * @return the sender
     * @throws IllegalArgumentException if that is no endpoint, or the longest message has no byte
     * @throws io.github.shm4j.ring.RingOccupiedException if the ring has a consumer, another sender for one
     * @throws RelayException if messages of this length are longer than what can be sent, or if Aeron cannot send there
     * @throws RelayDisconnectedException if the Aeron client or its driver has gone
     */
    public static RelaySender to(Aeron aeron, RingBuffer ring, String to, int longest) {
        Endpoint endpoint = Endpoint.parse(to);
        if (longest <= 0) {
            throw new IllegalArgumentException(
                    "the longest message has " + longest + " bytes; it must have 1 at least");
        }
        RingConsumer consumer = ring.consumer();
        try {
            return to(aeron, ring, longest, consumer, endpoint, System::nanoTime);
        } catch (Throwable failure) {
            Closing.after(failure, consumer);
            throw failure;
        }
    }

    /** Sends through Aeron what a consumer reads, which is closed by {@link #close()}. */
    static RelaySender to(
            Aeron aeron, RingBuffer ring, int longest, RingConsumer consumer, Endpoint endpoint, LongSupplier clock) {
        RingIdentity identity = RingIdentity.of(ring);
        List<Watched> blocks = List.of(new Watched("source ring", ring.block()));
        long longestFrame = frameLength(Math.min(longest, ring.maxMessageLength()));
        Outlet outlet = Streams.publish(aeron, endpoint.messages(), Streams.MESSAGES, longestFrame);
        Inlet inlet = null;
        try {
            inlet = Streams.subscribe(aeron, endpoint.answersIn(), Streams.ANSWERS, Streams.LONGEST_ANSWER);
            return new RelaySender(ring, longest, identity, blocks, consumer, outlet, inlet, clock);
        } catch (Throwable failed) {
            Closing.after(failed, inlet, outlet);
            throw failed;
        }
    }

    /** Begins at what has not left the source ring. */
    private void begin() {
        released = ring.consumerPosition();
        framed = released;
        sent = released;
        used = MESSAGES_HEADER;
        count = 0;
        held = false;
    }

    /**
     * Does what there is to do: takes confirmations, gives room back to the producers, sends messages. It is bounded: a number of
     * frames.
     *
     * @return how many frames were received and sent; 0 if there was nothing to do
     * @throws RelayDisconnectedException if the Aeron client or its driver has gone
     * @throws RelayException if the relay cannot go on
     * @throws io.github.shm4j.ring.RingException if the ring's memory was overwritten, or somebody has taken the role over
     */
    public int poll() {
        if (broken) {
            throw failure != null
                    ? failure
                    : new RelayException("an earlier call has thrown: close this sender and open another one");
        }
        broken = true;
        int work = inlet.poll(answer, MOST_ANSWERS);
        if (watch.isDue()) {
            requireBlock();
        }
        if (failure != null) {
            throw failure;
        }
        if (sendAgain) {
            sendAgain = false;
            consumer.peekAgain();
            begin();
        }
        release();
        greet();
        if (welcome) {
            work += send();
        }
        broken = false;
        return work;
    }

    private void requireBlock() {
        String lost = watch.look();
        if (lost != null) {
            fail(new RelayException(lost + ". What is in it from position " + released
                    + " on was not acknowledged, and is"
                    + " lost once the last process has detached. Make the ring anew, and start its producers and this"
                    + " sender again"));
        }
    }

    private void greet() {
        long now = clock.getAsLong();
        if (now - nextHello >= 0) {
            Frames.hello(hello, identity, longest, released, sent, welcome ? episode : 0);
            if (outlet.offer(hello, Frames.HELLO_LENGTH)) {
                nextHello = now + HELLO_NANOS;
            }
        }
    }

    private int send() {
        int frames = 0;
        while (frames < MOST_FRAMES && fill()) {
            Frames.messages(frame, count, stream, sent, episode);
            if (!outlet.offer(frame, used)) {
                break;
            }
            messagesSent += count;
            sent = framed;
            used = MESSAGES_HEADER;
            count = 0;
            frames++;
        }
        return frames + (sendPassed() ? 1 : 0);
    }

    /**
     * Has the receiver confirm what comes behind the last message, if that is claims that were aborted: it is no message, and the
     * next one, which would take it along, may find no room.
     */
    private boolean sendPassed() {
        if (count > 0 || held || framed != confirmed) {
            return false;
        }
        long position = consumer.peekPosition();
        if (position == framed) {
            return false;
        }
        Frames.passed(frame, stream, framed, episode, position);
        if (!outlet.offer(frame, Frames.PASSED_LENGTH)) {
            return false;
        }
        framed = position;
        sent = position;
        return true;
    }

    /** Puts into the frame what has room there, and returns whether there is anything. */
    private boolean fill() {
        int passed = 0;
        while (passed < MOST_PASSED) {
            if (!held && consumer.peek(hold, 1) == 0) {
                if (count == 0 && framed < confirmed) {
                    if (consumer.peekPosition() >= confirmed) {
                        passUpToConfirmed();
                    } else if (ring.kind() == RingKind.SPSC) {
                        // In a ring for many, a killed producer's claim can come before what was confirmed, and be looked at for
                        // some time.
                        throw confirmsTooMuch();
                    }
                }
                break;
            }
            long position = consumer.peekPosition();
            if (count == 0 && framed < confirmed) {
                if (position <= confirmed) {
                    // A predecessor has sent it, or this sender before it had to begin again.
                    framed = position;
                    sent = position;
                    held = false;
                    passed++;
                    continue;
                }
                if (position - Destination.recordLength(heldLength) < confirmed) {
                    throw confirmsTooMuch();
                }
                passUpToConfirmed();
            }
            if (heldLength > longest) {
                if (count > 0) {
                    break;
                }
                throw new RelayException("the message in front of position " + position + " of the " + identity
                        + " has "
                        + heldLength + " bytes, and --longest promises " + longest
                        + " at most. It is still there. Start a sender that takes it, or consume it by other means");
            }
            long length = Frames.messageLength(heldLength);
            if (used + length > usualLength && count > 0) {
                break;
            }
            frame.set(Frames.LONG, used, position);
            frame.set(Frames.INT, used + 8, heldLength);
            frame.set(Frames.INT, used + 12, heldType);
            MemorySegment.copy(heldMemory, heldOffset, frame, used + MESSAGE_HEADER, heldLength);
            used += length;
            count++;
            framed = position;
            held = false;
        }
        if (passed > 0) {
            release();
        }
        return count > 0;
    }

    /** Passes claims that were aborted, of which the receiver knows from a predecessor, or from this sender. */
    private void passUpToConfirmed() {
        framed = confirmed;
        sent = confirmed;
    }

    private RelayException confirmsTooMuch() {
        return new RelayException("the receiver confirms everything up to position " + confirmed + " of the " + identity
                + ", where no message ends: it is no receiver of a relay");
    }

    private void hold(int type, MemorySegment memory, long offset, int length) {
        heldMemory = memory;
        heldOffset = offset;
        heldType = type;
        heldLength = length;
        held = true;
    }

    private void release() {
        long position = Math.min(confirmed, framed);
        if (position > released) {
            consumer.releaseUpTo(position);
            released = position;
        }
    }

    private boolean onAnswer(int session, MemorySegment answered, long length) {
        if (Frames.isOfOtherOrder(answered, length)) {
            fail(Frames.otherOrder());
            return true;
        }
        int kind = Frames.kind(answered, length);
        if (kind != Frames.CONFIRMATION && kind != Frames.REFUSAL || answered.get(Frames.LONG, 16) != stream) {
            // For another sender, or nothing that this version knows.
            return true;
        }
        lastHeard = clock.getAsLong();
        if (kind == Frames.REFUSAL && isToTryAgain(answered.get(Frames.INT, 8))) {
            // The next HELLO asks again.
            return true;
        }
        busy = false;
        if (kind == Frames.REFUSAL) {
            fail(Frames.refused(answered.get(Frames.INT, 8), answered.get(Frames.LONG, 24),
                    answered.get(Frames.LONG, 32)));
        } else if (answered.get(Frames.INT, 8) != Frames.VERSION) {
            fail(Frames.refused(Frames.OTHER_VERSION, Frames.VERSION, answered.get(Frames.INT, 8)));
        } else {
            onConfirmation(answered.get(Frames.LONG, 24), answered.get(Frames.LONG, 32));
        }
        return true;
    }

    private boolean isToTryAgain(int reason) {
        if (reason != Frames.BUSY) {
            return false;
        }
        if (!busy) {
            busy = true;
            busySince = lastHeard;
        }
        return lastHeard - busySince < BUSY_NANOS;
    }

    private void onConfirmation(long position, long itsEpisode) {
        if (welcome && Frames.isAfter(episode, itsEpisode)) {
            // From a receiver that has a successor, or from before it has missed something.
            return;
        }
        // What this sender has not sent, a predecessor may have, and frames of a killed one can be under way for some time. All of
        // that is in the ring, as it has not left it.
        long most = released + ring.capacity();
        if (ring.kind() == RingKind.MPSC) {
            most = Math.min(most, ring.producerPosition());
        }
        if (!Frames.isPosition(position) || position > most) {
            fail(new RelayException(
                    "the receiver confirms everything up to position " + position + " of the " + identity
                            + ", and there can be messages up to " + most + " at most: it is no receiver of a relay"));
            return;
        }
        if (position < confirmed) {
            if (Frames.generation(itsEpisode) != Frames.generation(episode)) {
                fail(new RelayException("the receiver has lost what it had confirmed: everything up to position "
                        + confirmed
                        + " has left the " + identity + ", and it goes on behind " + position
                        + ". Was its journal removed, or its ring made anew? To begin anew, start this sender again"));
            }
            // Otherwise it has been overtaken by a later one.
            return;
        }
        confirmed = position;
        if (!welcome) {
            welcome = true;
        } else if (itsEpisode != episode) {
            sendAgain = true;
        }
        episode = itsEpisode;
    }

    private void fail(RelayException reason) {
        if (failure == null) {
            failure = reason;
        }
    }

    /** {@return whether the receiver has been heard of in the last second} */
    public boolean isConnected() {
        return welcome && clock.getAsLong() - lastHeard < CONNECTED_NANOS;
    }

    /** {@return how many messages this object has sent, those that it had to send again included} */
    public long messagesSent() {
        return messagesSent;
    }

    /** {@return up to which position of the source ring messages were sent} */
    public long sentPosition() {
        return sent;
    }

    /** {@return up to which position of the source ring the receiver has acknowledged messages} */
    public long acknowledgedPosition() {
        return Math.max(confirmed, released);
    }

    /** Gives the role of consumer back. What was not acknowledged stays in the source ring. */
    @Override
    public void close() {
        Closing.all(consumer, outlet, inlet, arena.scope().isAlive() ? arena : null);
    }
}
