package io.github.shm4j.cli.ring;

import io.github.shm4j.cli.terminal.Output;
import io.github.shm4j.cli.terminal.Text;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Writes messages to standard output. */
final class MessageWriter {

    /** How messages are written. */
    enum Form {
        /** The bytes and a line end, which must not be in a message. */
        LINES,
        /** The same for whatever is in a message. */
        RAW,
        /** One line each, with escapes for what is not text. */
        TEXT,
        /** The bytes and a zero, which must not be in a message. */
        NULL,
        /** The length in four bytes, the first one the highest, and the bytes. */
        LENGTH_PREFIXED
    }

    private static final int CHUNK = 1 << 16;

    private final Output out;
    private final Form form;
    private final boolean withType;
    private final Copying copying;
    private final Text text;
    private final byte[] chunk = new byte[CHUNK];

    MessageWriter(Output out, Form form, boolean withType, Copying copying) {
        this.out = out;
        this.form = form;
        this.withType = withType;
        this.copying = copying;
        text = new Text(out);
    }

    /** Copies from a message. */
    @FunctionalInterface
    interface Copying {
        void copy(MemorySegment source, long offset, byte[] target, int length) throws InterruptedException;
    }

    /** A message cannot be received in the way that was asked for. It is left in the ring. */
    static final class Unsuitable extends IOException {

        private static final long serialVersionUID = 1L;

        Unsuitable(String message) {
            super(message);
        }
    }

    /** Writes a message, or nothing of it if it is unsuitable. */
    void write(int type, MemorySegment memory, long offset, int length) throws IOException, InterruptedException {
        if (length > CHUNK) {
            // All of it has to be seen before a part of it is written.
            for (int at = 0; at < length; at += CHUNK) {
                copy(memory, offset, at, length);
            }
        }
        for (int at = 0; at == 0 || at < length; at += CHUNK) {
            int count = copy(memory, offset, at, length);
            if (at == 0) {
                begin(type, length);
            }
            if (form == Form.TEXT) {
                text.add(chunk, count);
            } else {
                out.write(chunk, 0, count);
            }
        }
        end();
    }

    /** Copies a part, which is then looked at and written as it was, whatever others do to the memory. */
    private int copy(MemorySegment memory, long offset, int at, int length)
            throws InterruptedException, Unsuitable {
        int count = Math.min(CHUNK, length - at);
        copying.copy(memory, offset + at, chunk, count);
        if (form == Form.LINES) {
            requireNone((byte) '\n', "a line end", "--null", at, count);
        } else if (form == Form.NULL) {
            requireNone((byte) 0, "a zero", "--raw", at, count);
        }
        return count;
    }

    private void requireNone(byte terminator, String name, String otherForm, int at, int count) throws Unsuitable {
        for (int i = 0; i < count; i++) {
            if (chunk[i] == terminator) {
                throw new Unsuitable("the next message has " + name + " in it, at byte " + (at + i)
                        + ", so that it would look like two; it stays in the ring: print it with --length-prefixed, "
                        + otherForm + " or --text");
            }
        }
    }

    private void begin(int type, int length) throws Output.Failed {
        if (form == Form.LENGTH_PREFIXED) {
            for (int shift = Integer.SIZE - Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
                out.write(length >>> shift);
            }
        }
        if (withType) {
            out.print(Integer.toString(type));
            out.write('\t');
        }
    }

    private void end() throws Output.Failed {
        if (form == Form.TEXT) {
            text.end();
        }
        if (form != Form.LENGTH_PREFIXED) {
            out.write(form == Form.NULL ? 0 : '\n');
        }
    }
}
