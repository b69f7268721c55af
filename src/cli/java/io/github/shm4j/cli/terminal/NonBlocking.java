package io.github.shm4j.cli.terminal;

import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.locks.LockSupport;

/**
 * Streams that wait where the kernel does not.
 *
 * <p>A process that sets {@code O_NONBLOCK} on a standard stream sets it at that moment for all that have inherited the same
 * open file: those of one {@code { ...; }}, or of one terminal. From then on a read that would have to wait fails, and a write
 * takes what there is room for, or fails. A Java stream passes such a failure on, and does not tell how much of a write was
 * done before. A channel makes one call of the kernel at a time, and tells what came of it.
 *
 * <p>A channel is closed where its thread is interrupted. So nobody interrupts a thread that may be reading or writing here.
 */
final class NonBlocking {

    /** For how long one call waits. The next one follows at once. */
    private static final long WAIT_MILLIS = 10_000;

    /** How long to leave a descriptor alone that was ready, and yet refused. */
    private static final long PAUSE_NANOS = 10_000_000;

    private NonBlocking() {}

    /**
     * Waits for one event of a descriptor, or for its end.
     *
     * @param again whether the last event was of no use: another process has read first, or a terminal has room for one byte, and
     *     the end of a line takes two
     */
    private static void await(int descriptor, short event, boolean again) {
        if (again) {
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        while (Poll.events(descriptor, event, WAIT_MILLIS) == 0) {
            // Not yet.
        }
    }

    /** Standard input. */
    static final class Input extends InputStream {

        private final FileChannel source;

        Input(FileInputStream source) {
            this.source = source.getChannel();
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            ByteBuffer room = ByteBuffer.wrap(target, offset, length);
            int count = source.read(room);
            for (boolean again = false; count == 0 && length > 0; again = true) {
                await(0, Poll.POLLIN, again);
                count = source.read(room);
            }
            return count;
        }
    }

    /** Standard output or error. */
    static final class Output extends OutputStream {

        private final FileChannel target;
        private final int descriptor;

        Output(FileOutputStream target, int descriptor) {
            this.target = target.getChannel();
            this.descriptor = descriptor;
        }

        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            ByteBuffer left = ByteBuffer.wrap(bytes, offset, length);
            boolean again = false;
            while (left.hasRemaining()) {
                if (target.write(left) > 0) {
                    again = false;
                } else {
                    await(descriptor, Poll.POLLOUT, again);
                    again = true;
                }
            }
        }
    }
}
