package io.github.shm4j.aeron;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * What the two sides of a relay tell each other, and where it stands in a frame.
 *
 * <pre>
 * offset  size
 *      0     4  mark 0x73346d72, in the byte order of its sender
 *      4     4  kind
 *      8        by kind:
 *
 * HELLO, from the sender, ten times a second
 *      8     4  version 1
 *     12     4  length of the longest message that the source ring takes
 *     16    16  boot id of the source ring's machine
 *     32     8  creator of the source ring
 *     40     4  id of its block
 *     44     4  IPC namespace of its block
 *     48     8  consumer position: what is before has left the source ring
 *     56     8  position up to which messages were sent before this frame
 *     64     8  episode that the sender knows of the receiver; 0 for none
 *
 * MESSAGES, from the sender
 *      8     4  how many; 0 if only the position has changed, behind claims that were aborted
 *     12     4  0
 *     16     8  stream: the number of the source ring
 *     24     8  position behind the message before the first one
 *     32     8  episode in which they are sent
 *     40        for each of them, aligned to 8 bytes:
 *               8  position behind it, in the source ring
 *               4  length
 *               4  type
 *                  message
 *            if there are none: 8 bytes, the position that the next one comes behind
 *
 * CONFIRMATION, from the receiver, when something has arrived and 200 microseconds have gone by since the last one or half of the
 * length of the longest message has gathered, and ten times a second
 *      8     4  version 1
 *     12     4  0
 *     16     8  stream
 *     24     8  position up to which all messages are in the destination ring, for good
 *     32     8  episode: a later one means that what was sent beyond that position has to be sent again
 *
 * REFUSAL, from the receiver
 *      8     4  reason
 *     12     4  0
 *     16     8  stream
 *     24     8  the sender's number
 *     32     8  the receiver's
 * </pre>
 *
 * <p>The upper half of an episode is the generation of the receiver, which its journal counts; the lower half counts how often
 * that receiver has missed something. So an answer that comes late is known for an old one. After the greatest generation comes
 * the first one again: of two episodes, that is the later one which comes within half of all of them behind the other.
 */
final class Frames {

    static final int MARK = 0x73346d72;
    static final int VERSION = 1;

    static final int HELLO = 1;
    static final int MESSAGES = 2;
    static final int CONFIRMATION = 3;
    static final int REFUSAL = 4;

    /** The source ring takes messages that the destination ring does not take. */
    static final int TOO_LONG = 1;

    /** The receiver is at work with another source ring, whose sender is alive. */
    static final int BUSY = 2;

    /** Another version of these frames. */
    static final int OTHER_VERSION = 3;

    /** Another byte order. */
    static final int OTHER_ORDER = 4;

    static final int HELLO_LENGTH = 72;
    static final int CONFIRMATION_LENGTH = 40;
    static final int REFUSAL_LENGTH = 40;
    static final int MESSAGES_HEADER = 40;
    static final int MESSAGE_HEADER = 16;

    /** The length of MESSAGES with no message. */
    static final int PASSED_LENGTH = MESSAGES_HEADER + Long.BYTES;

    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    static final int ALIGNMENT = 8;

    private static final int GENERATION_SHIFT = 32;

    private Frames() {}

    /** {@return the length of a message in a frame, and of nothing else that is there} */
    static long messageLength(long length) {
        return MESSAGE_HEADER + length + (ALIGNMENT - 1) & -ALIGNMENT;
    }

    /** {@return whether a position is one that a ring can have} */
    static boolean isPosition(long position) {
        return position >= 0 && (position & ALIGNMENT - 1) == 0;
    }

    /** {@return the first episode of a generation} */
    static long episode(long generation) {
        return generation << GENERATION_SHIFT;
    }

    static long generation(long episode) {
        return episode >>> GENERATION_SHIFT;
    }

    /** {@return whether an episode comes after another one} */
    static boolean isAfter(long episode, long other) {
        return episode - other > 0;
    }

    /** {@return whether a frame comes from a machine of another byte order} */
    static boolean isOfOtherOrder(MemorySegment frame, long length) {
        return length >= 2 * Integer.BYTES && frame.get(INT, 0) == Integer.reverseBytes(MARK);
    }

    /** {@return what to throw where that is so} */
    static RelayException otherOrder() {
        boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
        return new RelayException("this machine is " + (little ? "little" : "big") + "-endian, and the other one "
                + (little ? "big" : "little")
                + "-endian: messages are carried as they are, so both machines need the same"
                + " byte order");
    }

    /** {@return the kind of a frame of this byte order that is as long as its kind has to be; 0 if it is none} */
    static int kind(MemorySegment frame, long length) {
        if (length < 2 * Integer.BYTES || frame.get(INT, 0) != MARK) {
            return 0;
        }
        int kind = frame.get(INT, 4);
        int least = switch (kind) {
            case HELLO -> HELLO_LENGTH;
            case MESSAGES -> MESSAGES_HEADER;
            case CONFIRMATION -> CONFIRMATION_LENGTH;
            case REFUSAL -> REFUSAL_LENGTH;
            default -> Integer.MAX_VALUE;
        };
        return length >= least ? kind : 0;
    }

    private static void begin(MemorySegment frame, int kind) {
        frame.set(INT, 0, MARK);
        frame.set(INT, 4, kind);
    }

    static void hello(MemorySegment frame, RingIdentity source, int longest, long released, long sent, long episode) {
        begin(frame, HELLO);
        frame.set(INT, 8, VERSION);
        frame.set(INT, 12, longest);
        frame.set(LONG, 16, source.boot().getMostSignificantBits());
        frame.set(LONG, 24, source.boot().getLeastSignificantBits());
        frame.set(LONG, 32, source.creator());
        frame.set(LONG, 40, source.place());
        frame.set(LONG, 48, released);
        frame.set(LONG, 56, sent);
        frame.set(LONG, 64, episode);
    }

    /** {@return the source ring that a HELLO names} */
    static RingIdentity source(MemorySegment hello) {
        return RingIdentity.of(hello.get(LONG, 16), hello.get(LONG, 24), hello.get(LONG, 32), hello.get(LONG, 40));
    }

    static void messages(MemorySegment frame, int count, long stream, long from, long episode) {
        begin(frame, MESSAGES);
        frame.set(INT, 8, count);
        frame.set(INT, 12, 0);
        frame.set(LONG, 16, stream);
        frame.set(LONG, 24, from);
        frame.set(LONG, 32, episode);
    }

    /** MESSAGES with no message, where there is none between two positions. */
    static void passed(MemorySegment frame, long stream, long from, long episode, long to) {
        messages(frame, 0, stream, from, episode);
        frame.set(LONG, MESSAGES_HEADER, to);
    }

    static void confirmation(MemorySegment frame, long stream, long position, long episode) {
        begin(frame, CONFIRMATION);
        frame.set(INT, 8, VERSION);
        frame.set(INT, 12, 0);
        frame.set(LONG, 16, stream);
        frame.set(LONG, 24, position);
        frame.set(LONG, 32, episode);
    }

    static void refusal(MemorySegment frame, int reason, long stream, long theirs, long ours) {
        begin(frame, REFUSAL);
        frame.set(INT, 8, reason);
        frame.set(INT, 12, 0);
        frame.set(LONG, 16, stream);
        frame.set(LONG, 24, theirs);
        frame.set(LONG, 32, ours);
    }

    /**
     * {@return what a sender throws that is refused}
     *
     * @param reason why
     * @param ours the sender's number
     * @param theirs the receiver's
     */
    static RelayException refused(int reason, long ours, long theirs) {
        return new RelayException(switch (reason) {
            case TOO_LONG ->
                "the source ring takes messages of " + ours + " bytes, and the destination ring only of "
                        + theirs + ": make a destination ring that is as large as the source ring, or promise with"
                        + " --longest that no message is longer";
            case BUSY ->
                "the receiver is at work with another ring whose sender is alive: each receiver is for one"
                        + " sender";
            case OTHER_VERSION -> "the receiver speaks version " + theirs + ", and this sender version " + ours
                    + ": use the same version of shm4j-aeron on both sides";
            default -> "the receiver refuses, for a reason that this version does not know: " + reason;
        });
    }
}
