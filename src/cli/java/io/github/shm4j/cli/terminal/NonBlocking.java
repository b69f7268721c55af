package io.github.shm4j.cli.terminal;

import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Streams that wait where the kernel does not.
 *
 * <p>A process that sets {@code O_NONBLOCK} on a standard stream sets it for all that share the stream, as those of one
 * pipeline do. From then on a read from an empty pipe fails, and so does a write into a full one. Java's streams pass such a
 * failure on, and do not tell how much of a write was done before.
 */
final class NonBlocking {

    /** PIPE_BUF: where a pipe has room for anything, it has room for so much, and takes so much as a whole or not at all. */
    private static final int WHOLE = 4096;

    /** For how long one call waits. The next one follows at once. */
    private static final long WAIT_MILLIS = 10_000;

    private NonBlocking() {}

    /** Waits for one event of a descriptor, or for its end. */
    private static void await(int descriptor, short event) {
        while (Poll.events(descriptor, event, WAIT_MILLIS) == 0) {
            // Not yet.
        }
    }

    /** Standard input. */
    static final class Input extends InputStream {

        private final FileInputStream source;

        Input(FileInputStream source) {
            this.source = source;
        }

        @Override
        public int read() throws IOException {
            await(0, Poll.POLLIN);
            return source.read();
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            await(0, Poll.POLLIN);
            return source.read(target, offset, length);
        }
    }

    /** Standard output. */
    static final class Output extends OutputStream {

        private final FileOutputStream target;

        Output(FileOutputStream target) {
            this.target = target;
        }

        @Override
        public void write(int value) throws IOException {
            await(1, Poll.POLLOUT);
            target.write(value);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            for (int done = 0; done < length; done += WHOLE) {
                await(1, Poll.POLLOUT);
                target.write(bytes, offset + done, Math.min(WHOLE, length - done));
            }
        }
    }
}
