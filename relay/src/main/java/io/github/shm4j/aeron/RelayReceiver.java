package io.github.shm4j.aeron;

import static io.github.shm4j.aeron.Frames.MESSAGES_HEADER;
import static io.github.shm4j.aeron.Frames.MESSAGE_HEADER;

import io.aeron.Aeron;
import io.github.shm4j.ShmException;
import io.github.shm4j.ShmKey;
import io.github.shm4j.ring.SpscRingBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Writes what a {@link RelaySender} sends into a ring: it is the only producer of the destination ring.
 *
 * <p>Each message of the source ring comes into the destination ring exactly once and in order, as long as both blocks and the
 * journal exist, whichever process is killed. If the destination ring is full, nothing more is taken, until the sender cannot
 * send and the source ring is full, too.
 *
 * <p>{@link #poll()} never waits. It is for one thread, which calls it again and again, and pauses when there is nothing to do.
 */
public final class RelayReceiver implements AutoCloseable {

    /** How many pieces of frames one call takes at most. */
    private static final int MOST_PIECES = 64;

    private static final long CONFIRMATION_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** For how long a confirmation waits for more to confirm. One for each packet would cost as much as the packet. */
    private static final long GATHERING_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

    /** It does not wait where this part of the longest message that the source ring takes has gathered. */
    private static final int CONFIRMATIONS_PER_LONGEST = 2;

    /** After how long without a frame another ring's sender may come in the place of one. */
    private static final long AWAY_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** For how long a receiver that ends tries to say so to the sender. */
    private static final long FAREWELL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long CONNECTED_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Destination destination;
    private final AutoCloseable place;
    private final Inlet inlet;
    private final Outlet outlet;
    private final boolean takesNewSources;
    private final LongSupplier clock;
    private final BlockWatch watch;
    private final Arena arena;
    private final MemorySegment answer;
    private final MemorySegment refusal;
    private final Inlet.FrameHandler handler = this::onFrame;

    private long stream;
    private long episode;

    /** The sender's, once it has said who it is. */
    private int session;
    private boolean hasSession;

    private long lastHeard;

    /** Whether a frame of the sender waits for room in the destination ring, and all that comes behind it. */
    private boolean waiting;

    private long nextConfirmation;
    private boolean confirmNow;

    /** Position that was confirmed last. */
    private long confirmed;

    /** How many bytes behind that are confirmed at once. */
    private long confirmationStep;

    /** What had been noted when both blocks were last seen. */
    private long sure;

    private RelayException failure;
    private boolean refusing;
    private long refuseUntil;

    /** Whether the last call has thrown: then this object does not know what it has done. */
    private boolean broken;

    /**
     * Makes a receiver.
     *
     * @param place what is closed behind the streams, or null
     */
    RelayReceiver(
            Destination destination, boolean takesNewSources, AutoCloseable place, Inlet inlet, Outlet outlet,
            LongSupplier clock) {
        this.destination = destination;
        this.place = place;
        this.inlet = inlet;
        this.outlet = outlet;
        this.takesNewSources = takesNewSources;
        this.clock = clock;
        this.watch = new BlockWatch(destination.blocks(), clock);
        this.sure = destination.noted();
        this.stream = destination.source().number();
        this.episode = Frames.episode(destination.generation());
        this.nextConfirmation = clock.getAsLong();
        this.arena = Arena.ofShared();
        try {
            this.answer = arena.allocate(Frames.CONFIRMATION_LENGTH, Long.BYTES);
            this.refusal = arena.allocate(Frames.REFUSAL_LENGTH, Long.BYTES);
        } catch (Throwable failed) {
            arena.close();
            throw failed;
        }
    }

    /**
     * Becomes the producer of a ring and writes what a sender sends through Aeron.
     *
     * @param aeron the client; it stays open
     * @param ring the destination ring, opened by its key or block
     * @param at where to listen: {@code HOST:PORT}, or {@code :PORT} for all addresses. The port after it is used, too
     * @param journal the key of the block in which the receiver notes how far it is, and which its successor needs
     * @param takesNewSources whether to go on where messages of the source ring are lost, as it was made anew, or others have
     *     consumed them. A source ring that was left for another one may come again: it goes on where it was left, and the journal
     *     remembers that of the 104 first ones
     * @return the receiver
     * @throws IllegalArgumentException if that is no endpoint
     * @throws RelayException if the ring has a producer, if another one has written to it since this relay has, if the journal is of
     *     another ring, if another receiver listens there through the same media driver, or if Aeron cannot listen there
     * @throws RelayDisconnectedException if the Aeron client or its driver has gone
     * @throws ShmException if the journal cannot be created or opened
     */
    public static RelayReceiver at(Aeron aeron, SpscRingBuffer ring, String at, ShmKey journal, boolean takesNewSources)
            throws ShmException {
        Endpoint endpoint = Endpoint.parse(at);
        Destination destination = Destination.open(ring, journal);
        try {
            return at(aeron, destination, endpoint, takesNewSources, System::nanoTime);
        } catch (Throwable failure) {
            Closing.after(failure, destination);
            throw failure;
        }
    }

    /** Receives through Aeron what is for a destination, which is closed by {@link #close()}. */
    static RelayReceiver at(
            Aeron aeron, Destination destination, Endpoint endpoint, boolean takesNewSources, LongSupplier clock) {
        long longest = MESSAGES_HEADER
                + Math.max(Streams.USUAL_FRAME, Frames.messageLength(destination.maxMessageLength()));
        Place place = Place.take(aeron, endpoint, destination.identity());
        Inlet inlet = null;
        Outlet outlet = null;
        try {
            inlet = Streams.subscribe(aeron, endpoint.messages(), Streams.MESSAGES, longest);
            outlet = Streams.publish(aeron, endpoint.answersOut(), Streams.ANSWERS, Streams.LONGEST_ANSWER);
            return new RelayReceiver(destination, takesNewSources, place, inlet, outlet, clock);
        } catch (Throwable failed) {
            Closing.after(failed, outlet, inlet, place);
            throw failed;
        }
    }

    /**
     * Does what there is to do: takes messages, writes them, confirms them. It is bounded: a number of packets.
     *
     * @return how many packets were received; 0 if there was nothing to do
     * @throws RelayDisconnectedException if the Aeron client or its driver has gone
     * @throws RelayException if the relay cannot go on
     * @throws io.github.shm4j.ring.RingException if the ring's memory was overwritten, or somebody has taken the role over
     */
    public int poll() {
        if (broken) {
            throw failure != null
                    ? failure
                    : new RelayException("an earlier call has thrown: close this receiver and open another one");
        }
        broken = true;
        int work = failure == null ? inlet.poll(handler, MOST_PIECES) : 0;
        destination.note();
        if (watch.isDue()) {
            requireBlocks();
        }
        if (failure != null && !isRefusing()) {
            throw failure;
        }
        confirm();
        broken = false;
        return work;
    }

    private void requireBlocks() {
        String lost = watch.look();
        if (lost == null) {
            sure = destination.noted();
        } else if (failure == null) {
            failure = new RelayException(lost + ". Messages of the source ring from position " + sure
                    + " on, and what nobody"
                    + " has consumed yet from position " + destination.consumed()
                    + " of the destination ring on, may be"
                    + " lost or come again. Make the destination ring anew, remove the journal if it is there, and start this"
                    + " receiver and its sender again");
        }
    }

    /** Tries to tell the sender why this receiver ends; {@return whether that is still to be done} */
    private boolean isRefusing() {
        refusing = refusing && !outlet.offer(refusal, Frames.REFUSAL_LENGTH) && clock.getAsLong() - refuseUntil < 0;
        return refusing;
    }

    private void confirm() {
        long now = clock.getAsLong();
        long noted = destination.noted();
        if (stream == 0 || !confirmNow && !isToConfirm(noted, now)) {
            return;
        }
        Frames.confirmation(answer, stream, noted, episode);
        if (outlet.offer(answer, Frames.CONFIRMATION_LENGTH)) {
            confirmNow = false;
            confirmed = noted;
            nextConfirmation = now + CONFIRMATION_NANOS;
        }
    }

    private boolean isToConfirm(long noted, long now) {
        long behind = now - nextConfirmation;
        if (noted == confirmed) {
            return behind >= 0;
        }
        return behind >= GATHERING_NANOS - CONFIRMATION_NANOS || noted - confirmed >= confirmationStep;
    }

    private boolean onFrame(int from, MemorySegment frame, long length) {
        if (failure != null) {
            return false;
        }
        try {
            if (Frames.isOfOtherOrder(frame, length)) {
                refuse(Frames.OTHER_ORDER, 0, 0, 0);
                throw Frames.otherOrder();
            }
            switch (Frames.kind(frame, length)) {
                case Frames.HELLO -> onHello(from, frame);
                case Frames.MESSAGES -> {
                    // Who has not said which ring it sends is heard once it has: it sends all of it again then.
                    if (hasSession && from == session && frame.get(Frames.LONG, 16) == stream) {
                        waiting = !onMessages(frame, length);
                        if (!waiting) {
                            lastHeard = clock.getAsLong();
                        }
                        return !waiting;
                    }
                }
                default -> {
                    // Nothing that this version knows.
                }
            }
            return true;
        } catch (RelayException failed) {
            failure = failed;
            return false;
        }
    }

    private void onHello(int from, MemorySegment frame) {
        int version = frame.get(Frames.INT, 8);
        int longest = frame.get(Frames.INT, 12);
        RingIdentity its = Frames.source(frame);
        long released = frame.get(Frames.LONG, 48);
        long sent = frame.get(Frames.LONG, 56);
        long itsEpisode = frame.get(Frames.LONG, 64);
        if (version != Frames.VERSION) {
            refuse(Frames.OTHER_VERSION, its.number(), version, Frames.VERSION);
            throw new RelayException(
                    "the sender speaks version " + version + ", and this receiver version " + Frames.VERSION
                            + ": use the same version of shm4j-aeron on both sides");
        }
        if (longest <= 0 || its.equals(RingIdentity.NONE) || !Frames.isPosition(released) || !Frames.isPosition(sent)) {
            throw malformed("a longest message of " + longest + " bytes, positions " + released + " and " + sent);
        }
        boolean sameSource = its.equals(destination.source());
        if (stream != 0 && !sameSource && isHeard(from)) {
            refuse(Frames.BUSY, its.number(), 0, 0);
            refusing = false;
            return;
        }
        if (longest > destination.maxMessageLength()) {
            refuse(Frames.TOO_LONG, its.number(), longest, destination.maxMessageLength());
            throw new RelayException("the source ring takes messages of " + longest
                    + " bytes, and the destination ring only of "
                    + destination.maxMessageLength()
                    + ": make a destination ring that is as large as the source ring, or"
                    + " start the sender with --longest if no message is longer");
        }
        if (stream != 0 && !sameSource) {
            requireToTakeNewSources("the source is another ring than before, and what was left of that one is lost from"
                    + " position " + destination.next() + " on unless it comes again: it was the "
                    + destination.source()
                    + ", and is the " + its);
            begin(its, released);
        } else if (stream == 0) {
            begin(its, released);
        } else if (released > destination.next()) {
            requireToTakeNewSources("messages are missing from position " + destination.next() + " to " + released
                    + ": somebody else has consumed them from the " + its);
            begin(its, released);
        }
        if (session != from) {
            waiting = false;
        }
        session = from;
        confirmationStep = longest / CONFIRMATIONS_PER_LONGEST;
        hasSession = true;
        lastHeard = clock.getAsLong();
        confirmNow = true;
        if (itsEpisode != 0 && itsEpisode != episode && !Frames.isAfter(episode, itsEpisode)) {
            // It knows a receiver that this one's journal does not know, and would take this one's answers for old ones.
            destination.comeAfter(Frames.generation(itsEpisode));
            episode = Frames.episode(destination.generation());
        } else if (itsEpisode == episode && sent > destination.next()) {
            // What came before this frame has been lost, as after the network was cut off for long.
            askAgain();
        }
    }

    private void requireToTakeNewSources(String lost) {
        if (!takesNewSources) {
            throw new RelayException(lost + ". To go on with what there is, use --on-new-source continue");
        }
    }

    private void begin(RingIdentity its, long released) {
        destination.begin(its, released);
        stream = its.number();
    }

    private boolean isHeard(int other) {
        return hasSession && session != other && inlet.isConnected(session)
                && (waiting || clock.getAsLong() - lastHeard < AWAY_NANOS);
    }

    private void refuse(int reason, long itsStream, long theirs, long ours) {
        Frames.refusal(refusal, reason, itsStream, theirs, ours);
        refuseUntil = clock.getAsLong() + FAREWELL_NANOS;
        refusing = !outlet.offer(refusal, Frames.REFUSAL_LENGTH);
    }

    private boolean onMessages(MemorySegment frame, long length) {
        int count = frame.get(Frames.INT, 8);
        long before = frame.get(Frames.LONG, 24);
        long itsEpisode = frame.get(Frames.LONG, 32);
        if (count < 0 || !Frames.isPosition(before)) {
            throw malformed(count + " messages behind position " + before);
        }
        if (before > destination.next()) {
            if (itsEpisode == episode) {
                askAgain();
            }
            // Otherwise they were sent before the sender knew that it has to begin again.
            return true;
        }
        if (count == 0) {
            onPassed(frame, length, before);
            return true;
        }
        long offset = MESSAGES_HEADER;
        for (int i = 0; i < count; i++) {
            if (length - offset < MESSAGE_HEADER) {
                throw malformed(count + " messages in " + length + " bytes");
            }
            long end = frame.get(Frames.LONG, offset);
            int size = frame.get(Frames.INT, offset + 8);
            int type = frame.get(Frames.INT, offset + 12);
            if (size < 0 || size > destination.maxMessageLength() || size > length - offset - MESSAGE_HEADER
                    || type <= 0) {
                throw malformed("a message of type " + type + " with " + size + " bytes");
            }
            if (!Frames.isPosition(end) || end - before < Destination.recordLength(size)) {
                throw malformed("a message of " + size + " bytes from position " + before + " to " + end);
            }
            if (end > destination.next()) {
                // Behind what was passed, a message may have been sent again with what is before it.
                if (end - Destination.recordLength(size) < destination.next()) {
                    throw malformed("a message from position " + before + " to " + end + " where one ends at "
                            + destination.next());
                }
                if (!destination.write(type, frame, offset + MESSAGE_HEADER, size, end)) {
                    return false;
                }
            }
            before = end;
            offset += Frames.messageLength(size);
        }
        return true;
    }

    /** Goes on behind claims that were aborted. */
    private void onPassed(MemorySegment frame, long length, long before) {
        if (length < Frames.PASSED_LENGTH) {
            throw malformed("no message and no position in " + length + " bytes");
        }
        long end = frame.get(Frames.LONG, MESSAGES_HEADER);
        if (!Frames.isPosition(end) || end <= before) {
            throw malformed("no message from position " + before + " to " + end);
        }
        destination.passUpTo(end);
    }

    private static RelayException malformed(String what) {
        return new RelayException("what arrives is from no sender of a relay: " + what);
    }

    /** Has what is missing sent again. */
    private void askAgain() {
        episode++;
        confirmNow = true;
    }

    /** {@return whether the sender has been heard of in the last second} */
    public boolean isConnected() {
        return hasSession
                && (clock.getAsLong() - lastHeard < CONNECTED_NANOS || waiting && inlet.isConnected(session));
    }

    /** {@return how many messages were carried into the destination ring, those by predecessors included} */
    public long messagesCarried() {
        return destination.carried();
    }

    /** {@return up to which position of the source ring messages are in the destination ring} */
    public long carriedPosition() {
        return destination.noted();
    }

    /** {@return how often the source ring was another one than before, or messages were lost as others had consumed them} */
    public long gaps() {
        return destination.gaps();
    }

    /** Gives the role of producer back. */
    @Override
    public void close() {
        Closing.all(destination, inlet, outlet, place, arena.scope().isAlive() ? arena : null);
    }
}
