package io.github.shm4j.cli.terminal;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/**
 * Standard output, buffered, in UTF-8 whatever the locale is.
 *
 * <p>Unlike {@link System#out}, it does not swallow failures. They are a {@link Failed}, so callers can tell them from
 * failures to read.
 */
public final class Output extends OutputStream {

    private static final int BUFFER_SIZE = 1 << 16;

    private final OutputStream target;
    private final Charset charset;
    private final byte[] buffer = new byte[BUFFER_SIZE];
    private int filled;

    public Output(OutputStream target, Charset charset) {
        this.target = target;
        this.charset = charset;
    }

    /** Standard output could not be written. */
    public static final class Failed extends IOException {

        private static final long serialVersionUID = 1L;

        Failed(IOException cause) {
            super("cannot write to standard output: " + cause.getMessage(), cause);
        }

        /** {@return whether the reader has closed the pipe, as in {@code shm4j list | head}: that is not worth a message} */
        public boolean readerIsGone() {
            // The JVM has no type for EPIPE.
            String reason = getCause().getMessage();
            return reason != null && reason.contains("Broken pipe");
        }
    }

    public static Output standard() {
        return new Output(StandardStreams.output(), StandardCharsets.UTF_8);
    }

    public void print(CharSequence text) throws Failed {
        byte[] bytes = text.toString().getBytes(charset);
        write(bytes, 0, bytes.length);
    }

    public void line(CharSequence text) throws Failed {
        print(text);
        write('\n');
    }

    @Override
    public void write(int value) throws Failed {
        if (filled == buffer.length) {
            drain();
        }
        buffer[filled++] = (byte) value;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws Failed {
        int from = offset;
        int left = length;
        while (left > 0) {
            if (filled == buffer.length) {
                drain();
            }
            int part = Math.min(left, buffer.length - filled);
            System.arraycopy(bytes, from, buffer, filled, part);
            filled += part;
            from += part;
            left -= part;
        }
    }

    @Override
    public void flush() throws Failed {
        drain();
    }

    private void drain() throws Failed {
        int count = filled;
        // Dropped also if writing fails: close and flush do not try again.
        filled = 0;
        try {
            target.write(buffer, 0, count);
        } catch (IOException failed) {
            throw new Failed(failed);
        }
    }
}
