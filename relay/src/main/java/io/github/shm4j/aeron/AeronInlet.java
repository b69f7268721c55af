package io.github.shm4j.aeron;

import io.aeron.Image;
import io.aeron.Subscription;
import io.aeron.logbuffer.ControlledFragmentHandler;
import io.aeron.logbuffer.ControlledFragmentHandler.Action;
import io.aeron.logbuffer.FrameDescriptor;
import io.aeron.logbuffer.Header;
import io.aeron.protocol.DataHeaderFlyweight;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.agrona.BitUtil;
import org.agrona.DirectBuffer;

/**
 * Frames that come in through a subscription.
 *
 * <p>It puts the pieces of long frames together itself. Aeron's assembler would go on for as long as pieces come that are not
 * the last one, and take memory for all of them.
 */
final class AeronInlet implements Inlet {

    /** More than Aeron has in one packet. */
    private static final int LONGEST_PIECE = 64 * 1024;

    private final Subscription subscription;
    private final int longest;
    private final ControlledFragmentHandler pieces = this::onPiece;
    private final MemorySegment whole = Arena.ofAuto().allocate(LONGEST_PIECE, Long.BYTES);
    private final ByteBuffer wholeBuffer = whole.asByteBuffer();

    /** A frame of which there are pieces, in their order and without a gap. */
    private MemorySegment parts;
    private ByteBuffer partsBuffer;
    private boolean begun;
    private int session;
    private int length;
    private long position;

    private FrameHandler handler;
    private Throwable thrown;

    /**
     * Makes an inlet.
     *
     * @param subscription where the frames come from
     * @param longest how long a frame may be, and never more than Aeron takes from anybody; nobody who is in order sends longer
     *     ones, and they are passed over
     */
    AeronInlet(Subscription subscription, long longest) {
        this.subscription = subscription;
        this.longest = (int) Math.min(longest, FrameDescriptor.MAX_MESSAGE_LENGTH);
        allocate(Math.min(LONGEST_PIECE, this.longest));
    }

    private void allocate(int length) {
        MemorySegment more = Arena.ofAuto().allocate(length, Long.BYTES);
        if (parts != null) {
            MemorySegment.copy(parts, 0, more, 0, this.length);
        }
        parts = more;
        partsBuffer = more.asByteBuffer();
    }

    @Override
    public int poll(FrameHandler handler, int limit) {
        if (subscription.isClosed()) {
            throw new RelayDisconnectedException("the subscription on " + subscription.channel()
                    + " is closed: has its media driver terminated, or this process been stopped for long?");
        }
        this.handler = handler;
        int polled;
        try {
            polled = subscription.controlledPoll(pieces, limit);
        } catch (RuntimeException | InternalError failed) {
            // What the handler throws does not come this way.
            throw new RelayDisconnectedException(
                    "the subscription on " + subscription.channel() + " has failed: " + failed
                            + ". Has its media driver terminated, or its directory no memory left?",
                    failed);
        }
        Throwable failure = thrown;
        if (failure != null) {
            thrown = null;
            throw AeronInlet.<RuntimeException>unchecked(failure);
        }
        return polled;
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> T unchecked(Throwable failure) throws T {
        throw (T) failure;
    }

    private Action onPiece(DirectBuffer buffer, int offset, int pieceLength, Header header) {
        if (thrown != null) {
            return Action.ABORT;
        }
        try {
            return take(buffer, offset, pieceLength, header) ? Action.CONTINUE : Action.ABORT;
        } catch (Throwable failure) {
            // Aeron would give it to its error handler, and go on behind this piece.
            thrown = failure;
            return Action.ABORT;
        }
    }

    private boolean take(DirectBuffer buffer, int offset, int pieceLength, Header header) {
        byte flags = header.flags();
        boolean first = (flags & FrameDescriptor.BEGIN_FRAG_FLAG) != 0;
        boolean last = (flags & FrameDescriptor.END_FRAG_FLAG) != 0;
        if (first && last) {
            if (pieceLength > Math.min(longest, LONGEST_PIECE)) {
                return true;
            }
            // Who sends through the same driver may still write to the log, whatever it has promised: it is looked at in a copy.
            buffer.getBytes(offset, wholeBuffer, 0, pieceLength);
            return handler.onFrame(header.sessionId(), whole, pieceLength);
        }
        if (first) {
            begun = true;
            session = header.sessionId();
            length = 0;
        } else if (!begun || session != header.sessionId() || begin(pieceLength, header) != position) {
            // Its first piece has not come, or another one.
            return true;
        }
        if (pieceLength > longest - length) {
            begun = false;
            return true;
        }
        int end = length + pieceLength;
        if (end > parts.byteSize()) {
            allocate((int) Math.min(longest, Math.max(end, 2 * parts.byteSize())));
        }
        buffer.getBytes(offset, partsBuffer, length, pieceLength);
        if (!last) {
            length = end;
            position = header.position();
            return true;
        }
        // If it is not taken, its last piece comes again.
        boolean taken = handler.onFrame(session, parts, end);
        begun = !taken;
        return taken;
    }

    /** {@return the position at which a piece begins} */
    private static long begin(int pieceLength, Header header) {
        return header.position()
                - BitUtil.align(pieceLength + DataHeaderFlyweight.HEADER_LENGTH, FrameDescriptor.FRAME_ALIGNMENT);
    }

    @Override
    public boolean isConnected(int session) {
        Image image = subscription.imageBySessionId(session);
        // An image whose sender has gone stays as long as there is something in it that was not taken.
        return image != null && !image.isClosed() && !image.isEndOfStream() && image.activeTransportCount() > 0;
    }

    @Override
    public void close() {
        subscription.close();
    }
}
