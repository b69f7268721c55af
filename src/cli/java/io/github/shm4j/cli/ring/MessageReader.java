package io.github.shm4j.cli.ring;

import io.github.shm4j.cli.system.Program;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Cuts standard input into messages, and keeps no more of it than it must. */
final class MessageReader {

    /** What tells messages apart. */
    enum Framing {
        LINES,
        NULL,
        LENGTH_PREFIXED
    }

    private static final int CHUNK = 1 << 16;
    private static final int PREFIX = Integer.BYTES;

    private final InputStream in;
    private final Framing framing;
    private final int longest;

    private byte[] buffer = new byte[CHUNK];
    private MemorySegment segment = MemorySegment.ofArray(buffer);

    /** The byte of the input that the buffer begins with. */
    private long base;

    /** Where in the buffer the next message begins. */
    private int next;

    private int filled;
    private int begin;
    private int length;
    private long count;

    /**
     * @param longest how many bytes a message has at most; one that is longer is an error
     */
    MessageReader(InputStream in, Framing framing, int longest) {
        this.in = in;
        this.framing = framing;
        this.longest = longest;
    }

    /** Goes to the next message, which is to be sent before this is called again; {@return whether there is one} */
    boolean next() throws IOException {
        boolean found = framing == Framing.LENGTH_PREFIXED ? nextPrefixed() : nextTerminated();
        if (found) {
            count++;
        }
        return found;
    }

    /** {@return where the message is, from {@link #begin()} on} */
    MemorySegment segment() {
        return segment;
    }

    int begin() {
        return begin;
    }

    int length() {
        return length;
    }

    /** {@return what to call the message in an error, and how many have been sent before it} */
    String failing(String what) {
        return name(count) + what + sent(count - 1);
    }

    private String name(long number) {
        return (framing == Framing.LINES ? "line " : "message ") + number;
    }

    static String sent(long messages) {
        return messages == 0 ? "; nothing was sent"
                : messages == 1 ? "; 1 message was sent" : "; " + messages + " messages were sent";
    }

    private boolean nextTerminated() throws IOException {
        byte terminator = (byte) (framing == Framing.LINES ? '\n' : 0);
        int unseen = next;
        while (true) {
            int end = unseen;
            while (end < filled && buffer[end] != terminator) {
                end++;
            }
            int size = end - next;
            if (end < filled || size > longest) {
                take(next, size, end < filled);
                next = end + 1;
                return true;
            }
            if (!fill()) {
                // The last message need not be terminated.
                take(next, size, true);
                next = filled;
                return size != 0;
            }
            unseen = next + size;
        }
    }

    private boolean nextPrefixed() throws IOException {
        if (!hold(PREFIX)) {
            if (next == filled) {
                return false;
            }
            throw new IOException("standard input ends at byte " + (base + filled) + ", within the length of "
                    + name(count + 1) + ", which begins at byte " + (base + next) + sent(count));
        }
        long size = 0;
        for (int i = 0; i < PREFIX; i++) {
            size = size << Byte.SIZE | buffer[next + i] & 0xff;
        }
        if (size > longest) {
            throw tooLong(" at byte " + (base + next) + " has a length of " + size);
        }
        if (!hold(PREFIX + size)) {
            throw new IOException("standard input ends at byte " + (base + filled) + ", within " + name(count + 1)
                    + ", which begins at byte " + (base + next) + " and has a length of " + size + sent(count));
        }
        take(next + PREFIX, (int) size, true);
        next += PREFIX + (int) size;
        return true;
    }

    private void take(int from, int size, boolean whole) throws IOException {
        if (size > longest) {
            throw tooLong(whole ? " has " + size : " has more than " + longest);
        }
        begin = from;
        length = size;
    }

    private IOException tooLong(String size) {
        return new IOException(name(count + 1) + size + " bytes, and a message of this ring at most " + longest
                + sent(count));
    }

    /** Reads on until there are so many bytes; {@return whether there are} */
    private boolean hold(long bytes) throws IOException {
        while (filled - next < bytes) {
            if (!fill()) {
                return false;
            }
        }
        return true;
    }

    /** Reads on, having made room if there is none; {@return whether there was more} */
    private boolean fill() throws IOException {
        if (filled == buffer.length) {
            if (next == 0) {
                grow();
            } else {
                System.arraycopy(buffer, next, buffer, 0, filled - next);
                base += next;
                filled -= next;
                next = 0;
            }
        }
        int read;
        try {
            read = in.read(buffer, filled, buffer.length - filled);
        } catch (IOException failed) {
            throw new IOException("cannot read standard input: " + failed.getMessage() + sent(count), failed);
        }
        filled += Math.max(0, read);
        return read > 0;
    }

    private void grow() throws IOException {
        // With room for one byte more than there may be, since it takes that byte to know.
        long enough = Math.min(2L * buffer.length, (long) longest + PREFIX + 1);
        try {
            buffer = Arrays.copyOf(buffer, (int) enough);
        } catch (OutOfMemoryError tooMuch) {
            // What it is copied from is needed, too.
            throw new IOException(
                    name(count + 1) + " needs more memory than the JVM has" + sent(count) + ". One that has enough: "
                            + Program.commandWithHeapOf(3L * longest) + " ring send ...",
                    tooMuch);
        }
        segment = MemorySegment.ofArray(buffer);
    }
}
